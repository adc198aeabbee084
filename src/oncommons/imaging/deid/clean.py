"""De-identify one DICOM file: open, rewrite, look again, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.rewrite import Order, Rewritten, replaced, rewrite
from oncommons.imaging.deid.rules import Profile
from oncommons.imaging.deid.sweep import left_over, tokens_of
from oncommons.imaging.syntax import open_file, write_file
from oncommons.schema.errors import DamagedImage, MayShowText, StillIdentifies, UnknownKind

FACTS: Mapping[str, int] = MappingProxyType(
    {
        "sop_class": 0x00080016,
        "sop": 0x00080018,
        "modality": 0x00080060,
        "image_type": 0x00080008,
        "manufacturer": 0x00080070,
        "patient": 0x00100020,
        "sex": 0x00100040,
        "age": 0x00101010,
        "body_part": 0x00180015,
        "study": 0x0020000D,
        "series": 0x0020000E,
        "burned_in": 0x00280301,
    },
)
"""Attributes that the node needs to place, judge and index an object (PS3.6)."""
_WANTED = frozenset(FACTS.values())
_INDEXED = ("modality", "manufacturer", "sex", "age", "body_part")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
_SHOWING = frozenset({"US", "SC", "OT", "XC", "ES", "GM", "SM", "OP", "XA", "RF"})
"""Modalities whose pixels often show names; they wait for text recognition."""
_CLEANABLE = frozenset({"CT", "MR", "PT", "NM", "CR", "DX", "MG", "RTSTRUCT", "RTDOSE", "RTPLAN", "SEG", "REG", "KO"})


@dataclass(frozen=True)
class Cleaned:
    """An object that may be kept.

    Attributes:
        content: The new file.
        sop: New SOP Instance UID.
        series: New Series Instance UID.
        study: New Study Instance UID.
        patient: The patient's pseudonym.
        facts: Modality, maker, sex, age and body part for the index, as the new file has them.
    """

    content: bytes
    sop: str
    series: str
    study: str
    patient: str
    facts: Mapping[str, str]


def deidentify(raw: bytes, profile: Profile, keys: Keys) -> Cleaned:
    """De-identify one file.

    Args:
        raw: The file.
        profile: Which attributes stay.
        keys: How pseudonyms are made.

    Raises:
        ImageError: the file cannot be kept; the message says why.
    """
    opened = open_file(raw)
    order = Order(profile, keys, _WANTED)
    first = rewrite(opened.data, opened.start, opened.syntax, order)
    facts = {name: first.facts.get(tag, b"").decode("latin-1") for name, tag in FACTS.items()}
    _check(facts, first.told)
    done = _swept(opened.data, opened.start, opened.syntax, order, first)
    sop = keys.uid(facts["sop"].encode("latin-1"))
    return Cleaned(
        content=write_file(opened.syntax, replaced(facts["sop_class"].encode("latin-1"), keys), sop, done.parts),
        sop=sop.decode("ascii"),
        series=keys.uid(facts["series"].encode("latin-1")).decode("ascii"),
        study=keys.uid(facts["study"].encode("latin-1")).decode("ascii"),
        patient=keys.patient(facts["patient"].encode("latin-1")).decode("ascii"),
        facts={name: done.told.get(FACTS[name], b"").decode("latin-1") for name in _INDEXED},
    )


def _check(facts: Mapping[str, str], told: Mapping[int, bytes]) -> None:
    for name, words in (
        ("sop", "SOP Instance UID"),
        ("study", "Study Instance UID"),
        ("series", "Series Instance UID"),
    ):
        if not told.get(FACTS[name]):
            raise DamagedImage(f"It has no {words}.")
    if not told.get(FACTS["patient"]):
        raise DamagedImage("It has no Patient ID, so it cannot be told whose it is.")
    modality = facts["modality"]
    captured = "SCREEN SAVE" in facts["image_type"] or f"{facts['sop_class']}.".startswith(f"{_SECONDARY_CAPTURE}.")
    if facts["burned_in"] == "YES" or modality in _SHOWING or captured:
        raise MayShowText("Its pixels may show who the patient is; text recognition is not built yet.")
    if modality not in _CLEANABLE:
        raise UnknownKind(f"Objects of modality {modality or 'none'} cannot be cleaned yet.")


def _swept(data: bytes, start: int, syntax: bytes, order: Order, first: Rewritten) -> Rewritten:
    """What was rewritten if nothing of the patient is left in it; else rewritten once more without what is."""
    tokens = tokens_of(first.seen, first.made)
    if not left_over(first.kept(), first.pixels, tokens):
        return first
    second = rewrite(data, start, syntax, replace(order, tokens=tokens))
    left = left_over(second.kept(), second.pixels, tokens)
    if left:
        raise StillIdentifies(
            "Something of the patient is left after cleaning.",
            detail=", ".join(sorted(t.decode("latin-1") for t in left)),
        )
    return second
