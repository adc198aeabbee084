"""Frames of enhanced images as images of their own, so that the rules over stacks hold for them too (PS3.3 C.7.6.16).

What a frame says of itself stands in functional groups, of the frame or shared by all.  The table tells in which group
each attribute stands; where a group has it under another tag, because it may be finer there, it counts as the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from oncommons.imaging.checks.reading import whole
from oncommons.imaging.elements import NUMBERS, Dataset
from oncommons.imaging.tags import Attributes, Tag

VOLUMES = frozenset(
    f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("2.1", "2.2", "4.1", "4.3", "4.4", "13.1.3", "128.1", "130")
)
"""SOP classes whose frames are slices: enhanced and legacy converted CT, MR and PET, MR in colour, tomosynthesis.

Segmentations leave empty frames out, so that gaps in them say nothing.
"""
_CONTENT, _DIFFUSION = 0x00209111, 0x00189117
PLACES: tuple[tuple[Tag, tuple[int, ...]], ...] = (
    (Tag.POSITION, (0x00209113, 0x00200032)),
    (Tag.ORIENTATION, (0x00209116, 0x00200037)),
    (Tag.PIXEL_SPACING, (0x00289110, 0x00280030)),
    (Tag.SLICE_THICKNESS, (0x00289110, 0x00180050)),
    (Tag.TEMPORAL_POSITION, (_CONTENT, 0x00209128)),
    (Tag.ACQUISITION_NUMBER, (_CONTENT, 0x00209156)),
    (Tag.ACQUISITION_DATETIME, (_CONTENT, 0x00189074)),
    (Tag.ECHO_TIME, (0x00189114, 0x00189082)),
    (Tag.INVERSION_TIME, (0x00189115, 0x00189079)),
    (Tag.FLIP_ANGLE, (0x00189112, 0x00181314)),
    (Tag.B_VALUE, (_DIFFUSION, 0x00189087)),
    (Tag.GRADIENT, (_DIFFUSION, 0x00189076, 0x00189089)),
    (Tag.VELOCITY_DIRECTION, (0x00189197, 0x00189090)),
    (Tag.CARDIAC_PHASE, (0x00189118, 0x00209241)),
    (Tag.TRIGGER_TIME, (0x00189118, 0x00209153)),
    (Tag.RESPIRATORY_PHASE, (0x00209253, 0x00209245)),
    (Tag.COMPLEX_COMPONENT, (0x00189226, 0x00089208)),
    (Tag.KERNEL, (0x00189314, 0x00181210)),
    (Tag.IMAGE_TYPE, (0x00189226, 0x00089007)),
    (Tag.IMAGE_TYPE, (0x00189329, 0x00089007)),
    (Tag.IMAGE_TYPE, (0x00189751, 0x00089007)),
    (Tag.IMAGE_TYPE, (0x00189504, 0x00089007)),
)
"""Attribute to the sequences that it stands in, and its tag there (PS3.3 sections C.7.6.16.2, C.8.13.5, C.8.15.3)."""
_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_NOT_OF_FRAMES = frozenset({Tag.INSTANCE_NUMBER, Tag.PIXELS})
LAST = _PER_FRAME
"""The last tag that has to be read."""


def has_frames(one: Attributes) -> bool:
    """Whether an object holds several slices."""
    return one.get(Tag.SOP_CLASS, "") in VOLUMES and (whole(one, Tag.FRAMES) or 0) > 1


def frames_of(one: Attributes, dataset: Dataset) -> Iterator[Attributes]:
    """The frames of an object that holds several slices, each as an image.

    Args:
        one: The object's own attributes, which hold for each frame that says nothing else.
        dataset: The object, read to :data:`LAST` at least.
    """
    of_all: dict[str, str] = {tag: text for tag, text in one.items() if tag not in _NOT_OF_FRAMES}
    of_all[Tag.FRAMES] = "1"
    for group in dataset.items(_SHARED)[:1]:
        of_all |= _stated(group)
    for group in dataset.items(_PER_FRAME):
        yield MappingProxyType(of_all | _stated(group))


def _stated(group: Dataset) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag, path in PLACES:
        text = _text(group, path)
        if text:
            found[str(tag)] = text
    return found


def _text(group: Dataset, path: tuple[int, ...]) -> str:
    for sequence in path[:-1]:
        items = group.items(sequence)
        if not items:
            return ""
        group = items[0]
    element = group.elements.get(path[-1])
    if element is None:
        return ""
    if element.vr in NUMBERS:
        return "\\".join(f"{number:.17g}" for number in group.binary(element))
    return "\\".join(group.texts_of(element))
