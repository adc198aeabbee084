"""A drawing as SVG and PDF: the same bytes each time, and nothing in them but what is drawn."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from threading import Lock
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl

from oncommons.client.figures.drawing.bars import draw_bars
from oncommons.client.figures.drawing.canvas import RULES, Canvas
from oncommons.client.figures.drawing.curves import draw_curves
from oncommons.client.figures.drawing.forest import draw_forest
from oncommons.client.figures.drawing.grids import draw_grid
from oncommons.client.figures.drawing.lines import draw_lines
from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Bars, Curves, Forest, Grid, Lines, Shape

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_FAMILIES = "'DejaVu Sans', Verdana, sans-serif"
"""Where the first is not there, the second is as wide."""
_FONT = re.compile(r"(?:(?P<style>italic) )?(?:(?P<weight>bold|\d{3}) )?(?P<size>[\d.]+)px .*")
_DRAWING = Lock()
"""Settings of matplotlib are those of the process: one drawing at a time."""
_HREF = f"{{{XLINK}}}href"
_LONG = re.compile(r"(\d+\.\d\d)\d+")
"""Places of more than a hundredth of a point, which nobody sees."""


def written(figure: Figure, kind: str, width: str) -> bytes:
    """A figure as a file.

    Args:
        figure: What is drawn.
        kind: ``svg`` or ``pdf``.
        width: ``page`` or ``column``.
    """
    file = BytesIO()
    with _DRAWING, mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # in SVG the reader's fonts have it
        mpl.rcdefaults()
        mpl.rcParams.update(RULES)
        canvas = drawn(figure.shape, width)
        said = {"Title": figure.title, "Subject": figure.caption, "Creator": "oncommons", "Producer": None}
        about = {"CreationDate": None, **said} if kind == "pdf" else {"Date": None}
        canvas.figure.savefig(file, format=kind, metadata=about)
    return file.getvalue() if kind == "pdf" else accessible(file.getvalue(), figure)


DRAWN_BY: Mapping[type[Any], Callable[[Any, str], Canvas]] = MappingProxyType(
    {Bars: draw_bars, Curves: draw_curves, Forest: draw_forest, Grid: draw_grid, Lines: draw_lines}
)
"""What draws each shape."""


def drawn(shape: Shape, width: str) -> Canvas:
    """A shape on a canvas."""
    return DRAWN_BY[type(shape)](shape, width)


def accessible(svg: bytes, figure: Figure) -> bytes:
    """A drawing with title and description, that can stand within a page beside others.

    Identifiers begin with the figure's name and a sum of its content, those that nothing refers to are gone; so are styles,
    which are attributes instead, what matplotlib says of itself, and the type of the document.

    Args:
        svg: As matplotlib writes it.
        figure: What it shows.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(svg)  # noqa: S314  our own bytes
    start = f"{figure.name}-{hashlib.sha256(svg + figure.title.encode()).hexdigest()[:8]}"
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}:
                parent.remove(child)
    _attributes(root)
    _identifiers(root, start)
    title, caption = ET.Element(f"{{{SVG}}}title"), ET.Element(f"{{{SVG}}}desc")
    for at, (one, name, text) in enumerate(((title, "title", figure.title), (caption, "desc", figure.caption))):
        one.set("id", f"{start}-{name}")
        one.text = text
        root.insert(at, one)
    root.set("role", "img")
    root.set("aria-labelledby", f"{start}-title")
    root.set("aria-describedby", f"{start}-desc")
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return found


def _attributes(root: ET.Element) -> None:
    """Styles as attributes: a page that allows no styles within it still shows them; and places without needless digits."""
    for one in root.iter():
        for name in {"d", "transform", "x", "y", "width", "height"} & one.attrib.keys():
            one.set(name, _LONG.sub(r"\1", one.attrib[name]))
        for rule in one.attrib.pop("style", "").split(";"):
            name, _, value = (part.strip() for part in rule.partition(":"))
            if name == "font":
                _font(one, value)
            elif name and name != "text-align":
                one.set(name, value)


def _font(one: ET.Element, value: str) -> None:
    if found := _FONT.fullmatch(value):
        one.set("font-size", found["size"])
        one.set("font-family", _FAMILIES)
        for part in ("style", "weight"):
            if found[part]:
                one.set(f"font-{part}", found[part])


def _identifiers(root: ET.Element, start: str) -> None:
    """Each identifier that something refers to gets a number of its own."""
    used = set(re.findall(r"#([^)\s]+)", " ".join(v for one in root.iter() for v in one.attrib.values())))
    known = [one.attrib["id"] for one in root.iter() if one.get("id") in used]
    named = {old: f"{start}-{number}" for number, old in enumerate(dict.fromkeys(known), 1)}
    for one in root.iter():
        for name, value in list(one.attrib.items()):
            if name == "id" and value not in named:
                del one.attrib[name]
            elif name == "id":
                one.set(name, named[value])
            elif name == _HREF or "url(#" in value:
                one.set(name, re.sub(r"#([^)]+)", lambda at: f"#{named.get(at[1], at[1])}", value))
