"""Images of a series sorted into stacks and volumes by where they lie (PS3.3 C.7.6.2).

A *stack* holds the images of one orientation.  Where several images lie at one position, they are told apart by what
legitimately differs between volumes of a series: time points, echoes, b-values, phases, acquisitions and the like.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import median_low

from oncommons.imaging.checks.reading import numbers, whole
from oncommons.imaging.tags import Attributes, Tag

Vector = tuple[float, float, float]
SAME_PLACE = 0.01
"""Millimetres within which two images lie at the same place; positions are written with at least two decimals."""
SAME_DIRECTION = 0.001
DISCRIMINATORS = (
    Tag.TEMPORAL_POSITION,
    Tag.ECHO_TIME,
    Tag.ECHO_NUMBERS,
    Tag.B_VALUE,
    Tag.GRADIENT,
    Tag.VELOCITY_DIRECTION,
    Tag.CARDIAC_PHASE,
    Tag.RESPIRATORY_PHASE,
    Tag.IMAGE_TYPE,
    Tag.COMPLEX_COMPONENT,
    Tag.INVERSION_TIME,
    Tag.FLIP_ANGLE,
    Tag.KERNEL,
    Tag.ACQUISITION_NUMBER,
    Tag.FRAME_REFERENCE_TIME,
    Tag.TRIGGER_TIME,
    Tag.ACQUISITION_TIME,
    Tag.ACQUISITION_DATETIME,
    Tag.SLICE_THICKNESS,
)
"""What tells images at one position apart, the clearest first."""
_ORIENTATION, _POSITION = 6, 3
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7."


@dataclass(frozen=True)
class Slice:
    """An image and where it lies.

    Attributes:
        one: Its attributes.
        offset: Where it lies along the normal of its plane, in millimetres.
        place: Which of the different places of its stack it lies at.
        position: Its first pixel, in millimetres.
        number: Its instance number, if it has one.
    """

    one: Attributes
    offset: float
    place: int
    position: Vector
    number: int | None


@dataclass(frozen=True)
class Stack:
    """Images of one orientation, in order of place.

    Attributes:
        normal: The direction in which they are stacked.
        slices: The images.
        volumes: The same images, sorted into volumes that have one image at a place each, where that could be done.
    """

    normal: Vector
    slices: tuple[Slice, ...]
    volumes: tuple[tuple[Slice, ...], ...]

    @property
    def crowds(self) -> Mapping[int, int]:
        """Place to number of images there."""
        return Counter(one.place for one in self.slices)


def is_single(one: Attributes) -> bool:
    """Whether an object is an image of one frame that says where it lies; pictures of screens do not lie anywhere."""
    return (
        one.get(Tag.FRAMES, "") in {"", "1"}
        and not f"{one.get(Tag.SOP_CLASS, '')}.".startswith(_SECONDARY_CAPTURE)
        and len(numbers(one, Tag.POSITION)) == _POSITION
        and len(numbers(one, Tag.ORIENTATION)) == _ORIENTATION
    )


def is_localizer(one: Attributes) -> bool:
    """Whether an image was made to plan others (PS3.3 C.7.6.1.1.2, value 3 of Image Type)."""
    return "LOCALIZER" in one.get(Tag.IMAGE_TYPE, "").split("\\")


def stacks(instances: Sequence[Attributes]) -> list[Stack]:
    """The stacks of a series; objects of several frames and those that do not say where they lie are left out."""
    groups: list[tuple[tuple[float, ...], list[Attributes]]] = []
    for one in instances:
        if not is_single(one):
            continue
        orientation = numbers(one, Tag.ORIENTATION)
        for first, members in groups:
            if max(abs(a - b) for a, b in zip(first, orientation, strict=True)) < SAME_DIRECTION:
                members.append(one)
                break
        else:
            groups.append((orientation, [one]))
    return [_stack(members, _normal(orientation)) for orientation, members in groups]


def spacing(places: Sequence[float]) -> float:
    """The usual distance between neighbours, in millimetres; 0 for fewer than two.

    Args:
        places: Along the normal, in ascending order.
    """
    return median_low([after - before for before, after in pairwise(places)]) if len(places) > 1 else 0.0


def offsets(slices: Sequence[Slice]) -> list[float]:
    """The different places along the normal, in ascending order."""
    found: list[float] = []
    for one in sorted(slices, key=lambda one: one.offset):
        if not found or one.offset - found[-1] > SAME_PLACE:
            found.append(one.offset)
    return found


def _normal(orientation: Sequence[float]) -> Vector:
    ax, ay, az, bx, by, bz = orientation
    x, y, z = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    length = sqrt(x * x + y * y + z * z) or 1.0
    return x / length, y / length, z / length


def _stack(members: Sequence[Attributes], normal: Vector) -> Stack:
    found = []
    for one in members:
        x, y, z = numbers(one, Tag.POSITION)
        found.append((x * normal[0] + y * normal[1] + z * normal[2], (x, y, z), one))
    found.sort(key=lambda item: item[:2])
    slices: list[Slice] = []
    recent: list[Slice] = []
    places = 0
    for offset, position, one in found:
        recent = [other for other in recent if offset - other.offset <= SAME_PLACE]
        near = next((other for other in recent if _close(other.position, position)), None)
        place = near.place if near else places
        places += near is None
        slices.append(Slice(one, offset, place, position, whole(one, Tag.INSTANCE_NUMBER)))
        if near is None:
            recent.append(slices[-1])
    return Stack(normal, tuple(slices), _volumes(slices))


def _close(one: Vector, other: Vector) -> bool:
    return all(abs(a - b) <= SAME_PLACE for a, b in zip(one, other, strict=True))


def _crowded(slices: Sequence[Slice]) -> int:
    return max(Counter(one.place for one in slices).values(), default=0)


def _volumes(slices: Sequence[Slice]) -> tuple[tuple[Slice, ...], ...]:
    """Split by one discriminator after the other, as long as images of one group lie at the same place.

    An attribute that has many more values than there are images at any place differs from slice to slice, not from
    volume to volume, and is passed over.
    """
    groups = [list(slices)]
    for tag in DISCRIMINATORS:
        split: list[list[Slice]] = []
        for group in groups:
            split += _split(group, tag)
        groups = split
    return tuple(tuple(group) for group in groups)


def _split(group: list[Slice], tag: Tag) -> list[list[Slice]]:
    most = _crowded(group)
    if most <= 1:
        return [group]
    parts: defaultdict[str, list[Slice]] = defaultdict(list)
    for one in group:
        parts[one.one.get(tag, "")].append(one)
    helps = max(_crowded(part) for part in parts.values()) < most
    return list(parts.values()) if helps and len(parts) <= 2 * most else [group]
