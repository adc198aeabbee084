"""A figure: words and a table for everybody, and a drawing that is made when it is asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any, Literal

from oncommons.client.figures.shapes import Shape
from oncommons.schema.errors_of_analyses import FiguresNeedPackage

Width = Literal["page", "column"]
"""174 mm, two columns of a journal, or 85 mm, one of them."""


@dataclass(frozen=True)
class Figure:
    """A figure of the result of a run.

    Attributes:
        name: What its files are called: lower case letters, digits and hyphens; told apart within a run.
        title: What it shows, in a few words.
        caption: What is seen, in sentences: groups, numbers, tests, who took part, how exact it is, what is missing.
        table: What it shows as rows, the first of which names the columns; ``None`` where there is no number.
        shape: What is drawn.
    """

    name: str
    title: str
    caption: str
    table: tuple[tuple[Any, ...], ...]
    shape: Shape = field(repr=False)

    def svg(self, width: Width = "page") -> bytes:
        """The drawing as SVG 1.1: text is text, identifiers are its own, and nothing outside is referred to.

        It has no style sheet, no ``style`` and no script, so that it can stand in a page whose policy allows neither.

        Args:
            width: For how wide a place it is drawn.

        Raises:
            FiguresNeedPackage: matplotlib is not installed.
        """
        return self._drawn("svg", width)

    def pdf(self, width: Width = "page") -> bytes:
        """The drawing as PDF, fonts embedded as TrueType (type 42).

        Args:
            width: For how wide a place it is drawn.

        Raises:
            FiguresNeedPackage: matplotlib is not installed.
        """
        return self._drawn("pdf", width)

    def _drawn(self, kind: str, width: Width) -> bytes:
        try:
            importlib.import_module("matplotlib")
        except ModuleNotFoundError:
            raise FiguresNeedPackage("Figures need matplotlib: python -m pip install 'oncommons[figures]'.") from None
        writing = importlib.import_module("oncommons.client.figures.drawing.writing")
        found: bytes = writing.written(self, kind, width)
        return found

    def _repr_svg_(self) -> str:
        """For notebooks."""
        return self.svg().decode()
