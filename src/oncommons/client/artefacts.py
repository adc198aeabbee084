"""What can be made of what came of a run, in a script or a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oncommons.client.crate import crate
from oncommons.client.figures import Figure, figures_of
from oncommons.client.figures.figure import Width
from oncommons.client.saving import part_of, save


class Artefacts:
    """Figures and files of a record.

    Attributes:
        record: Of the run.
    """

    record: Mapping[str, Any]

    def figures(self) -> tuple[Figure, ...]:
        """Its figures; a notebook shows each of them."""
        return figures_of(self.record)

    def save(self, folder: Path, width: Width = "page") -> None:
        """Write the record, each table as CSV and Parquet, each figure as SVG and PDF.

        Args:
            folder: Where to; it is made where it is not there.
            width: For how wide a place figures are drawn.

        Raises:
            StorageFailed: the folder cannot be written.
            FiguresNeedPackage: matplotlib is not installed; record and tables are written then.
        """
        save(self.record, folder, width)

    def crate(self) -> bytes:
        """All of it as a research object, see :func:`oncommons.client.crate.crate`.

        Raises:
            FiguresNeedPackage: matplotlib is not installed.
        """
        return crate(self.record)

    def _repr_html_(self) -> str:
        """For notebooks."""
        return part_of(self.record)
