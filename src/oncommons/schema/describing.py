"""What describes a series of images: segmentations, contours, doses and reports, as one code list.

A series may be described by several kinds at once, so there is a code for each combination; a question for one kind
finds the series that have others, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations
from types import MappingProxyType

from oncommons.schema.codelist import Vocabulary

DESCRIBED_BY = "described_by"
"""The field and its code list."""
NOTHING = "NONE"
KINDS: Mapping[str, str] = MappingProxyType(
    {"segmentation": "SEGMENTATION", "contours": "CONTOURS", "dose": "DOSE", "report": "REPORT"}
)
"""What an object is to the images that it describes, and its code."""
_AND = "_AND_"
_COMBINATIONS = [kinds for size in range(1, len(KINDS) + 1) for kinds in combinations(KINDS, size)]


def code_of(kinds: Collection[str]) -> str:
    """The code of a series that is described by some kinds; others than those of :data:`KINDS` do not count.

    Args:
        kinds: Such as ``contours`` and ``dose``.
    """
    return _AND.join(code for kind, code in KINDS.items() if kind in kinds) or NOTHING


def codes_by_kinds() -> Mapping[str, str]:
    """Every combination of kinds, in order of the alphabet and parted by commas, and its code; the empty one included."""
    return {",".join(sorted(kinds)): code_of(kinds) for kinds in [(), *_COMBINATIONS]}


def _label(kinds: Collection[str]) -> str:
    *first, last = kinds
    return f"{', '.join(first)} and {last}" if first else last


DESCRIPTION = Vocabulary(
    name=DESCRIBED_BY,
    source="oncommons: kinds of the objects that refer to images of the series; DICOM PS3.3 A.51 Segmentation, A.19 RT "
    "Structure Set, A.18 RT Dose, A.35 Structured Report",
    codes=MappingProxyType(
        dict(sorted([(NOTHING, "nothing that is here"), *((code_of(kinds), _label(kinds)) for kinds in _COMBINATIONS)]))
    ),
    example="CONTOURS",
    parents=MappingProxyType(
        {
            code_of(kinds): tuple(
                code_of(fewer) for size in range(1, len(kinds)) for fewer in combinations(kinds, size)
            )
            for kinds in _COMBINATIONS
            if len(kinds) > 1
        }
    ),
)
