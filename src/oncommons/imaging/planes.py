"""Where a frame lies in the patient (PS3.3 C.7.6.2.1.1): millimetres to pixels and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oncommons.imaging.elements import Dataset
from oncommons.imaging.picture import groups_of

Points = npt.NDArray[np.float64]
_POSITION, _ORIENTATION, _SPACING = 0x00200032, 0x00200037, 0x00280030
_PLANE_POSITION, _PLANE_ORIENTATION, _PIXEL_MEASURES = 0x00209113, 0x00209116, 0x00289110
_ROWS, _COLUMNS = 0x00280010, 0x00280011


@dataclass(frozen=True)
class Plane:
    """A frame in the patient.

    Attributes:
        origin: Centre of the first pixel in millimetres, of shape (3,).
        along_row: Direction in which the column number grows, of length 1.
        along_column: Direction in which the row number grows, of length 1.
        spacing: Millimetres between rows, and between columns.
        shape: Rows and columns.
    """

    origin: Points
    along_row: Points
    along_column: Points
    spacing: tuple[float, float]
    shape: tuple[int, int]

    @property
    def normal(self) -> Points:
        """Direction that is at right angles to the frame, of length 1."""
        return np.cross(self.along_row, self.along_column)

    def to_pixels(self, points: Points) -> tuple[Points, Points]:
        """Columns and rows of points, of shape (n, 2), and their distances from the plane in millimetres.

        Args:
            points: In the patient, in millimetres, of shape (n, 3).
        """
        apart = points - self.origin
        columns = apart @ self.along_row / self.spacing[1]
        rows = apart @ self.along_column / self.spacing[0]
        return np.stack((columns, rows), axis=-1), apart @ self.normal

    def centres(self) -> Points:
        """Centres of all pixels in the patient, in millimetres, of shape (rows, columns, 3)."""
        rows, columns = np.indices(self.shape, dtype=np.float64)
        down = rows[..., None] * self.spacing[0] * self.along_column
        across = columns[..., None] * self.spacing[1] * self.along_row
        return self.origin + down + across


def plane_of(dataset: Dataset, number: int = 1) -> Plane | None:
    """Where a frame lies; ``None`` where the object does not say.

    Args:
        dataset: The data set.
        number: Which frame, from 1 on.
    """
    position, orientation, measures = (
        groups_of(dataset, sequence, number) or dataset
        for sequence in (_PLANE_POSITION, _PLANE_ORIENTATION, _PIXEL_MEASURES)
    )
    return make_plane(
        position.numbers(_POSITION),
        orientation.numbers(_ORIENTATION),
        measures.numbers(_SPACING),
        (dataset.whole(_ROWS), dataset.whole(_COLUMNS)),
    )


def make_plane(
    position: Sequence[float], orientation: Sequence[float], spacing: Sequence[float], shape: tuple[int, int]
) -> Plane | None:
    """A plane from the values of Image Position, Image Orientation and Pixel Spacing; ``None`` where they make none."""
    if (len(position), len(orientation), len(spacing)) != (3, 6, 2) or not all(gap > 0 for gap in spacing):
        return None
    axes = np.asarray(orientation, np.float64).reshape(2, 3)
    lengths = np.linalg.norm(axes, axis=1)
    if not (lengths > 0).all():
        return None
    row, column = axes / lengths[:, None]
    return Plane(np.asarray(position, np.float64), row, column, (spacing[0], spacing[1]), shape)


def along_normal(position: Sequence[float], orientation: Sequence[float]) -> float:
    """How far along its normal a plane lies, in millimetres: the order of the slices of a series."""
    plane = make_plane(position, orientation, (1.0, 1.0), (0, 0))
    return 0.0 if plane is None else float(plane.origin @ plane.normal)
