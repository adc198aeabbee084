"""Rendered frames and thumbnails (PS3.18 sections 10.4.1.1.3 and .4); needs the extra ``[viewer]``."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain

import numpy as np

from oncommons.imaging.contours import Area, Outline, drawn_series, heights, marks_on
from oncommons.imaging.elements import Dataset, read_elements
from oncommons.imaging.frames import frame, layout_of, pixel_element
from oncommons.imaging.picture import Picture, Window, picture_of
from oncommons.imaging.planes import along_normal, make_plane, plane_of
from oncommons.imaging.png import to_png
from oncommons.imaging.syntax import open_file
from oncommons.imaging.thumbnail import fitted, thumbnail
from oncommons.node.share.dicomweb.extra import load_extra
from oncommons.node.share.dicomweb.kept import Kept, KeptInstance, KeptSeries
from oncommons.node.share.dicomweb.media import MULTIPART, RENDERED, THUMBNAIL, Offer, choose
from oncommons.node.share.dicomweb.objects import Object, address, decoding
from oncommons.node.share.dicomweb.parts import Message, Part
from oncommons.node.share.dicomweb.retrieve import Reply
from oncommons.schema.errors import BadRequest, NotFound, OncommonsError
from oncommons.schema.errors_of_protocols import NoPicture

log = logging.getLogger("oncommons.dicomweb")

DRAWINGS = frozenset({"RTSTRUCT", "SEG"})
"""Modalities of objects that are drawn over images."""
LARGEST = 4096
"""Most rows and columns of a picture that somebody asks for."""
_POSITION, _ORIENTATION, _NUMBER, _ROWS = "00200032", "00200037", "00200013", "00280010"
_SPACING = 0x00280030
_QUALITY = 90
_REACH = 0.505
"""How far from a slice, in distances of slices, something drawn still belongs to it."""
_SEEN: dict[str, frozenset[str]] = {}
_MOST_SEEN = 4096
_FORMATS: Mapping[str, str] = {"image/jpeg": "JPEG", "image/gif": "GIF"}


@dataclass(frozen=True)
class Wishes:
    """How a picture is wanted (PS3.18 section 8.3.5).

    Attributes:
        window: Values to show; empty for those that the header says.
        size: Most rows and columns; ``None`` for as they are.
        region: Column, row, width and height of the part to show; ``None`` for all.
        quality: Of JPEG, from 1 to 100.
    """

    window: Window | None = None
    size: tuple[int, int] | None = None
    region: tuple[int, int, int, int] | None = None
    quality: int = _QUALITY


def read_wishes(query: Mapping[str, str]) -> Wishes:
    """What a query asks of a picture; parameters that are not of pictures are passed over.

    Raises:
        BadRequest: a value cannot be read.
    """
    window, size, region = None, None, None
    if "window" in query:
        center, width, function = (
            [*query["window"].split(","), "linear"][:3] if "," in query["window"] else ("", "", "")
        )
        window = Window(_number("window", center), _number("window", width), function.strip().upper().replace("-", "_"))
    if "viewport" in query:
        numbers = [_number("viewport", n or "0") for n in query["viewport"].split(",")]
        if len(numbers) not in {2, 6} or not all(1 <= n <= LARGEST for n in numbers[:2]):
            raise BadRequest(
                f"viewport takes a width and a height up to {LARGEST}, and perhaps a region.", at="viewport"
            )
        size = int(numbers[1]), int(numbers[0])
        region = (int(numbers[2]), int(numbers[3]), int(numbers[4]), int(numbers[5])) if numbers[2:] else None
    quality = _number("quality", query["quality"]) if "quality" in query else _QUALITY
    return Wishes(window, size, region, min(max(int(quality), 1), 100))


def give_rendered(one: Object, number: int, accept: str, wishes: Wishes) -> Reply:
    """A frame as a picture.

    Args:
        one: The object.
        number: Which frame, from 1 on; 0 for the middle one.
        accept: The Accept header.
        wishes: How the picture is wanted.

    Raises:
        NotFound: it has no such frame.
        NoPicture: it cannot be shown.
        NotAcceptable: the client takes no kind of picture that can be given.
    """
    media = choose(accept, _possible(RENDERED)).offer.media
    return _encoded(_rendered(one, number, wishes), media, wishes.quality)


def give_rendered_all(rows: Sequence[KeptInstance], accept: str, base: str, wishes: Wishes) -> Reply:
    """The objects of a series or a study as pictures, a part each: slice by slice, of films the middle frame.

    Objects without pixels are left out, and so are those that cannot be decoded, unless it is the first.

    Args:
        rows: The objects.
        accept: The Accept header.
        base: Address of the service.
        wishes: How the pictures are wanted.

    Raises:
        NoPicture: nothing in it can be shown.
        NotAcceptable: the client takes no message of pictures.
    """
    offers = [Offer(MULTIPART, offer.media) for offer in _possible(RENDERED)]
    kind = choose(accept, offers).offer.of
    slices = sorted((row for row in rows if row.attributes.get(_ROWS)), key=lambda row: (row.series, *_place(row)))
    if not slices:
        raise NoPicture("There are no pixels to show.")
    first = _part(slices[0], kind, base, wishes)
    message = Message(kind, chain([first], _parts(slices[1:], kind, base, wishes)))
    return Reply(message.media, message.pieces())


def _parts(rows: Sequence[KeptInstance], kind: str, base: str, wishes: Wishes) -> Iterator[Part]:
    for row in rows:
        try:
            yield _part(row, kind, base, wishes)
        except OncommonsError as fault:
            log.warning("%s is left out of what is rendered: %s", row.sop, fault)


def _part(row: KeptInstance, kind: str, base: str, wishes: Wishes) -> Part:
    one = Object(row)
    found = _encoded(_rendered(one, 0, wishes), kind, wishes.quality)
    return Part(kind, found.pieces, place=f"{address(base, row)}/rendered")


def _rendered(one: Object, number: int, wishes: Wishes) -> Picture:
    """A frame as it is wanted."""
    picture = _picture(one, number, wishes.window)
    if wishes.region:
        column, row, width, height = wishes.region
        picture = picture[max(row, 0) : row + abs(height) or None, max(column, 0) : column + abs(width) or None]
        if not picture.size:
            raise BadRequest("The region lies outside the picture.", at="viewport")
    return fitted(picture, wishes.size) if wishes.size else picture


def give_thumbnail(kept: Kept, rows: Sequence[KeptInstance], number: int, accept: str, wishes: Wishes) -> Reply:
    """A small picture of a series or an object, with what was drawn on it.

    Of a series it shows the middle slice, or the nearest to it that something was drawn on.

    Args:
        kept: The node's images, to look for what was drawn.
        rows: The objects of the series, or the one object.
        number: Which frame, from 1 on; 0 for the middle one.
        accept: The Accept header.
        wishes: How the picture is wanted.

    Raises:
        NoPicture: nothing in it can be shown.
        NotAcceptable: the client takes no kind of picture that can be given.
    """
    media = choose(accept, _possible(THUMBNAIL)).offer.media
    slices = sorted((row for row in rows if row.attributes.get(_ROWS)), key=_place)
    if not slices:
        raise NoPicture("There are no pixels to show.")
    drawings = [_dataset(one) for one in _drawings(kept, slices[0])]
    chosen = _most_telling(slices, drawings)
    one = Object(chosen)
    frame_number = number or _middle(one)
    plane = plane_of(one.dataset, frame_number)
    marks: list[Outline | Area] = []
    if plane is not None:
        for drawing in drawings:
            marks += marks_on(drawing, plane, _gap(slices, one.dataset) * _REACH)
    picture = _picture(one, frame_number, wishes.window)
    size = max(wishes.size) if wishes.size else 256
    return _encoded(thumbnail(picture, marks, size, _aspect(one.dataset)), media, wishes.quality)


def shown_series(series: Sequence[KeptSeries]) -> KeptSeries:
    """The series that stands for a study: the first with pictures.

    Raises:
        NoPicture: there is none.
    """
    for row in series:
        if row.attributes.get(_ROWS) and row.attributes.get("00080060") not in DRAWINGS:
            return row
    raise NoPicture("The study has nothing that can be shown.")


def _possible(offers: Sequence[Offer]) -> Sequence[Offer]:
    """Without Pillow, only what we write ourselves."""
    return offers if find_spec("PIL") else [offer for offer in offers if offer.media not in _FORMATS]


def _picture(one: Object, number: int, window: Window | None) -> Picture:
    dataset = one.dataset
    pixel_element(dataset)
    number = number or _middle(one)
    if number > layout_of(dataset).frames:
        raise NotFound(f"The object has {layout_of(dataset).frames} frames; there is no frame {number}.")
    if one.is_native:
        return picture_of(dataset, frame(dataset, number), layout_of(dataset), number, window)
    pixels, layout = decoding().decode_frame(dataset, one.row.syntax, number)
    return picture_of(dataset, pixels, layout, number, window)


def _middle(one: Object) -> int:
    return (layout_of(one.dataset).frames + 1) // 2


def _place(row: KeptInstance) -> tuple[float, int]:
    """Where a slice stands in its series: along the normal, else by number."""
    position, orientation = _numbers(row, _POSITION), _numbers(row, _ORIENTATION)
    number = _numbers(row, _NUMBER)
    return along_normal(position, orientation), int(number[0]) if number else 0


def _numbers(row: KeptInstance, tag: str) -> list[float]:
    try:
        return [float(part) for part in row.attributes.get(tag, "").split("\\") if part]
    except ValueError:
        return []


def _gap(slices: Sequence[KeptInstance], dataset: Dataset) -> float:
    """Millimetres from slice to slice; what the header says where there is one."""
    places = np.unique([_place(row)[0] for row in slices])
    if len(places) > 1:
        return float(np.median(np.diff(places)))
    return dataset.number(0x00180088) or dataset.number(0x00180050) or 1.0


def _drawings(kept: Kept, image: KeptInstance) -> list[Object]:
    """Objects of the same patient that were drawn on a series."""
    found = []
    for row in kept.series():
        if row.patient == image.patient and row.attributes.get("00080060") in DRAWINGS:
            found += [one for one in kept.instances(row.study, row.series) if image.series in _drawn_on(one)]
    return [Object(one) for one in found]


def _drawn_on(row: KeptInstance) -> frozenset[str]:
    """Series that an object was drawn on; what is kept never changes."""
    if row.sop not in _SEEN:
        if len(_SEEN) >= _MOST_SEEN:
            _SEEN.clear()
        _SEEN[row.sop] = drawn_series(Object(row).dataset)
    return _SEEN[row.sop]


def _dataset(one: Object) -> Dataset:
    return one.dataset if one.is_native else read_elements(open_file(one.explicit()))


def _most_telling(slices: Sequence[KeptInstance], drawings: Sequence[Dataset]) -> KeptInstance:
    """The middle slice, or the nearest to it that something was drawn on."""
    middle = len(slices) // 2
    plane = make_plane(_numbers(slices[0], _POSITION), _numbers(slices[0], _ORIENTATION), (1.0, 1.0), (0, 0))
    if plane is None or not drawings or len(slices) == 1:
        return slices[middle]
    start = _place(slices[0])[0]
    places = np.asarray([_place(row)[0] - start for row in slices])
    drawn = {int(np.abs(places - height).argmin()) for drawing in drawings for height in heights(drawing, plane)}
    return slices[min(drawn, key=lambda n: abs(n - middle), default=middle)]


def _aspect(dataset: Dataset) -> float:
    """Height of a pixel in widths of a pixel."""
    spacing = dataset.numbers(_SPACING)
    return spacing[0] / spacing[1] if len(spacing) == 2 and min(spacing) > 0 else 1.0  # noqa: PLR2004


def _encoded(picture: Picture, media: str, quality: int) -> Reply:
    if media == "image/png":
        content = to_png(picture)
    else:
        file = io.BytesIO()
        load_extra("PIL.Image").fromarray(picture).save(file, _FORMATS[media], quality=quality)
        content = file.getvalue()
    return Reply(media, [content], len(content))


def _number(name: str, text: str) -> float:
    with suppress(ValueError):
        if math.isfinite(number := float(text)):
            return number
    raise BadRequest(f"{name} takes numbers, separated by commas.", at=name)
