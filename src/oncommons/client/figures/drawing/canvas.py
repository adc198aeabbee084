"""Paper, pens and letters: sizes in millimetres, a palette for everybody, text that is measured before it is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

MM = 72 / 25.4
"""Points in a millimetre."""
WIDTHS: Mapping[str, float] = MappingProxyType({"page": 174.0, "column": 85.0})
"""Millimetres: two columns of most journals, and one."""
INK, SOFT, FAINT = "#1a1a1a", "#5a5a5a", "#d0d0d0"
PALETTE = ("#0072b2", "#c84b00", "#117733", "#7b3294", "#000000", "#a8641a", "#4a6b7c", "#a01c5b")
"""After Okabe and Ito 2008 and Tol 2021, dark enough for white paper (3:1, WCAG 2.2, 1.4.11)."""
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.6)),
    (0, (1.2, 1.4)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2)),
    (0, (3, 1.2, 1, 1.2, 1, 1.2)),
    (0, (2.5, 2.5)),
    (0, (8, 1.5, 2.5, 1.5)),
)
"""Lines that are told apart in black and white."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
SIZE, SMALL = 7.0, 6.5
"""Points, of letters."""
RULES: Mapping[Any, Any] = MappingProxyType(
    {
        "font.family": ["DejaVu Sans"],
        "font.size": SIZE,
        "text.parse_math": False,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.6,
        "axes.labelsize": SIZE,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "xtick.labelsize": SIZE,
        "ytick.labelsize": SIZE,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.major.size": 2.5,
        "ytick.major.size": 2.5,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "lines.linewidth": 1.2,
        "svg.fonttype": "none",
        "svg.hashsalt": "oncommons",
        "pdf.fonttype": 42,
        "pdf.compression": 6,
        "path.simplify": True,
    }
)
"""What is set for the time of a drawing, whatever the settings of whoever draws are."""


def colour(place: int) -> str:
    """The colour of a curve by its place."""
    return PALETTE[place % len(PALETTE)]


def dashes(place: int) -> Any:
    """The line of a curve by its place; beyond the palette, no pair of colour and line comes twice."""
    return DASHES[(place + place // len(PALETTE)) % len(DASHES)]


def marker(place: int) -> str:
    """The marker of a line by its place."""
    return MARKERS[place % len(MARKERS)]


def wide(text: str, size: float = SIZE, weight: str = "normal") -> float:
    """How wide a text is, in millimetres.

    Args:
        text: On one line.
        size: Of its letters, in points.
        weight: ``normal`` or ``bold``.
    """
    found = text_to_path.get_text_width_height_descent(
        text, FontProperties(family=["DejaVu Sans"], size=size, weight=weight), ismath=False
    )
    return float(found[0]) / MM


@dataclass(frozen=True)
class Canvas:
    """A white sheet whose places are told in millimetres from its upper left corner.

    Attributes:
        figure: What is drawn on.
        width: In millimetres.
        height: In millimetres.
    """

    figure: Figure
    width: float
    height: float

    @classmethod
    def of(cls, width: float, height: float) -> Canvas:
        """A new one."""
        return cls(Figure(figsize=(width / 25.4, height / 25.4), dpi=72, facecolor="white"), width, height)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at a place."""
        bottom = self.height - top - height
        place = (left / self.width, bottom / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(place)

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """A text at a place, its middle at ``y``."""
        look = {"va": "center", "ha": "left", "fontsize": SIZE, **look}
        self.figure.text(x / self.width, 1 - y / self.height, text, **look)
