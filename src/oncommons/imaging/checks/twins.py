"""The same images under several identifiers: sent twice, copied into another study, or of one person with two names.

Identifiers and dates are not looked at, since both may have been given anew; what is compared is where an image lies,
when on its day it was taken, and how.  Whether two images are the same in the end only their pixels can tell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations

from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.tags import Attributes, Tag

_COMPARED = (
    Tag.SOP_CLASS,
    Tag.IMAGE_TYPE,
    Tag.ROWS,
    Tag.COLUMNS,
    Tag.FRAMES,
    Tag.POSITION,
    Tag.ORIENTATION,
    Tag.PIXEL_SPACING,
    Tag.IMAGER_PIXEL_SPACING,
    Tag.ACQUISITION_TIME,
    Tag.ECHO_TIME,
    Tag.B_VALUE,
    Tag.GRADIENT,
    Tag.INVERSION_TIME,
    Tag.FLIP_ANGLE,
    Tag.KERNEL,
    Tag.KVP,
    Tag.TEMPORAL_POSITION,
    Tag.TRIGGER_TIME,
    Tag.FRAME_REFERENCE_TIME,
    Tag.SLICE_THICKNESS,
    Tag.CORRECTED,
    Tag.INTERCEPT,
    Tag.SLOPE,
)
_WITHOUT_PLACE = (Tag.CONTENT_TIME, Tag.SERIES_TIME, Tag.LATERALITY, Tag.IMAGE_LATERALITY)
_HALF = 0.5
_MOST = 16
"""What more series than this have in common tells nothing about any two of them."""


@dataclass(frozen=True)
class Twins:
    """Two series that have images in common.

    Attributes:
        first: One series.
        second: The other.
        shared: How many images they have in common.
        smaller: How many the smaller of the two has.
    """

    first: str
    second: str
    shared: int
    smaller: int


def fingerprint(one: Attributes) -> bytes | None:
    """What an image has in common with its copies; nothing for objects that say neither where nor when.

    Returns:
        16 bytes (BLAKE2b of the compared attributes).
    """
    if not one.get(Tag.ROWS):
        return None
    compared = _COMPARED if one.get(Tag.POSITION) else (*_COMPARED, *_WITHOUT_PLACE)
    times = (Tag.ACQUISITION_TIME, *_WITHOUT_PLACE[:2])
    if not one.get(Tag.POSITION) and not any(one.get(tag) for tag in times):
        return None
    text = "\n".join([one.get(tag, "") for tag in compared])
    return blake2b(text.encode(), digest_size=16).digest()


def twins(prints: Mapping[str, Sequence[bytes]]) -> list[Twins]:
    """Pairs of series of which one has at least half of its images in the other, in order of identifier.

    Args:
        prints: Series to the fingerprints of its images.
    """
    holders: defaultdict[bytes, set[str]] = defaultdict(set)
    for series, found in prints.items():
        for one in found:
            holders[one].add(series)
    pairs = Counter(
        pair for series in holders.values() if 1 < len(series) <= _MOST for pair in combinations(sorted(series), 2)
    )
    sizes = {series: len(set(found)) for series, found in prints.items()}
    return [
        Twins(first, second, shared, smaller)
        for (first, second), shared in sorted(pairs.items())
        if shared >= _HALF * (smaller := min(sizes[first], sizes[second]))
    ]


def twin_finding(pair: Twins, one: Attributes, other: Attributes) -> Finding:
    """What a pair of twins is called, by what their identifiers have in common.

    Args:
        pair: The twins; their pixels are the same.
        one: An object of the first series.
        other: An object of the second series.
    """
    rows = ((Tag.PATIENT, "twin-person"), (Tag.STUDY, "twin-study"))
    code = next((code for tag, code in rows if one.get(tag) != other.get(tag)), "twin-series")
    words = f"{pair.shared:,} of {pair.smaller:,} images are also in series {pair.second}, with the same pixels."
    return Finding(code, words, {"shared": pair.shared, "of": pair.smaller, "other": pair.second})
