"""Whether a face could be rebuilt from a series: thin slices of a head that nobody has removed the face from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.reading import number, whole
from oncommons.imaging.deid.pixels.face import shows_face
from oncommons.imaging.tags import Attributes, Tag


def recognizable_face(volume: Sequence[Attributes]) -> Iterator[Finding]:
    """Tell of a series from which a face could be rebuilt.

    Args:
        volume: Its images, without those that were made to plan others.
    """
    if not volume:
        return
    first = volume[0]
    words = (first.get(tag, "") for tag in (Tag.STUDY_DESCRIPTION, Tag.SERIES_DESCRIPTION, Tag.PROTOCOL))
    facts = {
        "modality": first.get(Tag.MODALITY, ""),
        "body_part": first.get(Tag.BODY_PART, ""),
        "description": " ".join(words),
        "features": first.get(Tag.FEATURES, ""),
    }
    slices = sum(whole(one, Tag.FRAMES) or 1 for one in volume)
    thickness = number(first, Tag.SPACING_BETWEEN_SLICES) or number(first, Tag.SLICE_THICKNESS)
    if shows_face(facts, slices, thickness):
        apart = f" of {thickness:g} mm" if thickness else ""
        yield Finding("recognizable-face", f"{slices:,} slices{apart} with a head.", {"slices": slices})
