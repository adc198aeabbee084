"""Which objects must be looked at before they may be kept, as a table.

No attribute proves that an image shows no text: Burned In Annotation NO is often wrong, so it is not believed, while
YES is.  What a scanner computes as a slice (CT, MR, PT with a place in the patient) carries no text; what a screen, a
camera or a film digitiser made does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_STORAGE = r"1\.2\.840\.10008\.5\.1\.4\.1\.1\."


@dataclass(frozen=True)
class Reason:
    """Why an object must be looked at.

    Attributes:
        words: In words.
        source: Where the rule comes from.
        needed: Whether it may not be kept without a look; otherwise a look is taken where one is possible.
    """

    words: str
    source: str
    needed: bool


@dataclass(frozen=True)
class Rule:
    """A reason and the facts that call for it: each pattern must be found in its fact, in capitals."""

    reason: Reason
    when: Mapping[str, str]


def _rule(words: str, source: str, *, needed: bool, **when: str) -> Rule:
    return Rule(Reason(words, source, needed), when)


_PICTURES = rf"^{_STORAGE}(?!481\.|66\.|88\.|11\.|9\.|104\.)"
"""Objects that are images and not doses, masks, reports, presentations or waveforms."""
_SLICES = rf"^{_STORAGE}(2|4|128)$"
"""CT, MR and PT Image Storage, one slice each."""

RULES: tuple[Rule, ...] = (
    _rule("it says that text is burned in", "PS3.3 C.7.6.1, Burned In Annotation", needed=True, burned_in="^YES$"),
    _rule(
        "it is an ultrasound image",
        "PS3.4 B.5; CTP pixel script",
        needed=True,
        sop_class=rf"^{_STORAGE}(3|3\.1|6|6\.1|6\.2)$",
    ),
    _rule("it is a secondary capture", "PS3.3 A.8", needed=True, sop_class=rf"^{_STORAGE}7(\.\d)?$"),
    _rule("it is a photograph or video", "PS3.3 A.32", needed=True, sop_class=rf"^{_STORAGE}77\."),
    _rule("it is fluoroscopy or angiography", "PS3.3 A.14, A.16", needed=True, sop_class=rf"^{_STORAGE}12\."),
    _rule("it was hard copy", "PS3.3 A.22 (retired)", needed=True, sop_class=rf"^{_STORAGE}(29|30)$"),
    _rule(
        "images of its modality often show names",
        "PS3.3 C.7.3.1.1.1; CTP pixel script",
        needed=True,
        modality=r"^(US|IVUS|SC|OT|XC|ES|GM|SM|OP|XA|RF|HC|BI|DG|EC|DS|CF|DF|AR|LS|TG|VF)$",
    ),
    _rule(
        "it was digitised or captured",
        "PS3.3 C.8.6.1, Conversion Type",
        needed=True,
        conversion=r"^(DV|DI|DF|WSD|SD|SI|DRW)$",
    ),
    _rule(
        "it is a screen, a report or a dose sheet",
        "PS3.3 C.7.6.1.1.2; rules of CTP, deid",
        needed=True,
        sop_class=_PICTURES,
        image_type=r"SCREEN|DOSE|REPORT|PROTOCOL|CT_SOM5 PROT|(^|\\)LABEL(\\|$)|VOLREN|ENHANCEMENT CURVE",
    ),
    _rule(
        "its description is that of a report",
        "rules of CTP and deid for dose sheets",
        needed=True,
        sop_class=_PICTURES,
        description=r"DOSE (REPORT|RECORD|INFO|SUMMARY|SHEET)|PATIENT PROTOCOL|SCREEN ?(SAVE|SHOT|CAPTURE)|\bREPORT\b",
    ),
    _rule(
        "an overlay lies in unused bits of its pixels",
        "PS3.3 C.9.2 of 2004, Overlay Bit Position",
        needed=True,
        overlay_bit="[1-9]",
    ),
    _rule("it is a colour image", "fused and rendered screens", needed=True, sop_class=_SLICES, samples="^3$"),
    _rule(
        "it is a projection X-ray, where names and side marks are exposed or printed",
        "PS3.3 A.2, A.26; CTP pixel script",
        needed=False,
        modality=r"^(CR|DX|MG|IO|PX|RG|RTIMAGE)$",
    ),
    _rule("it is a localiser", "rules of deid for localisers", needed=False, image_type=r"LOCALI[SZ]ER|SCOUT|TOPOGRAM"),
    _rule("it has 8 bits, as screens have", "fused and rendered screens", needed=False, sop_class=_SLICES, bits="^8$"),
    _rule(
        "it is derived and has no place in the patient",
        "curves, renderings, summaries",
        needed=False,
        sop_class=_SLICES,
        image_type=r"DERIVED|SECONDARY",
        orientation="^$",
    ),
    _rule(
        "it is a screen of nuclear medicine",
        "CTP pixel script, Siemens and ADAC",
        needed=False,
        sop_class=rf"^{_STORAGE}20$",
        image_type=r"SECONDARY|DERIVED",
    ),
)
"""The first that fits counts; those that must be looked at stand first."""

_COMPILED = tuple((rule.reason, [(fact, re.compile(p)) for fact, p in rule.when.items()]) for rule in RULES)


def needs_look(facts: Mapping[str, str]) -> Reason | None:
    """Why an object must be looked at; None where its risk is low.

    Args:
        facts: Values of attributes as text, as they were before cleaning: ``sop_class``, ``modality``, ``image_type``,
            ``burned_in``, ``conversion``, ``description``, ``rows``, ``samples``, ``bits``, ``orientation``,
            ``overlay_bit``.  One that is not told counts as empty; what has no rows has no pixels.
    """
    if not facts.get("rows"):
        return None
    return _first(tuple(facts.get(name, "").upper() for name in _JUDGED))


_JUDGED = tuple(sorted({fact for rule in RULES for fact in rule.when}))


@lru_cache(maxsize=1024)
def _first(values: tuple[str, ...]) -> Reason | None:
    """The first rule that fits; the images of a series are alike, so it is asked once for all of them."""
    facts = dict(zip(_JUDGED, values, strict=True))
    for reason, patterns in _COMPILED:
        if all(pattern.search(facts[fact]) for fact, pattern in patterns):
            return reason
    return None
