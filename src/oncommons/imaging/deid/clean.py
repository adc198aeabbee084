"""De-identify one DICOM file: open, rewrite, look again, close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from oncommons.imaging.attributes import ATTRIBUTES, TAGS, text_of, told
from oncommons.imaging.deid.decisions import Order
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.pixels.face import FEATURES
from oncommons.imaging.deid.pixels.found import Recogniser
from oncommons.imaging.deid.pixels.loader import clean_pixels
from oncommons.imaging.deid.pixels.risk import Reason, needs_look
from oncommons.imaging.deid.rewrite import rewrite
from oncommons.imaging.deid.rewritten import Rewritten
from oncommons.imaging.deid.rules import Profile
from oncommons.imaging.deid.sweep import left_over
from oncommons.imaging.deid.values import replaced
from oncommons.imaging.extent import Held, fragments, shortage
from oncommons.imaging.pieces import Data, Piece, chunks_of
from oncommons.imaging.syntax import EXPLICIT_BIG, file_pieces, open_file
from oncommons.schema.errors import DamagedImage, MayShowText, StillIdentifies, UnknownKind
from oncommons.schema.errors_of_pixels import DocumentInside, ShowsFace, TooMuchToLook, UnreadablePixels

_SOP = ATTRIBUTES["SOPInstanceUID"]
FACTS: Mapping[str, int] = MappingProxyType(
    {
        "sop_class": ATTRIBUTES["SOPClassUID"],
        "modality": ATTRIBUTES["Modality"],
        "image_type": ATTRIBUTES["ImageType"],
        "manufacturer": ATTRIBUTES["Manufacturer"],
        "patient": ATTRIBUTES["PatientID"],
        "sex": ATTRIBUTES["PatientSex"],
        "age": ATTRIBUTES["PatientAge"],
        "body_part": ATTRIBUTES["BodyPartExamined"],
        "study": ATTRIBUTES["StudyInstanceUID"],
        "series": ATTRIBUTES["SeriesInstanceUID"],
        "burned_in": ATTRIBUTES["BurnedInAnnotation"],
        "conversion": ATTRIBUTES["ConversionType"],
        "description": ATTRIBUTES["SeriesDescription"],
        "orientation": ATTRIBUTES["ImageOrientationPatient"],
    },
)
"""Attributes that the node needs to place and judge an object, beside its SOP Instance UID."""
_OVERLAY_BIT = 0x60000102
_PIXELS: Mapping[str, int] = MappingProxyType(
    {
        "samples": ATTRIBUTES["SamplesPerPixel"],
        "photometric": ATTRIBUTES["PhotometricInterpretation"],
        "frames": ATTRIBUTES["NumberOfFrames"],
        "rows": ATTRIBUTES["Rows"],
        "columns": ATTRIBUTES["Columns"],
        "bits": ATTRIBUTES["BitsAllocated"],
    }
)
"""Attributes that say how many pixels there are."""
_INDEXED = ("modality", "manufacturer", "sex", "age", "body_part")
_CAPTURED = frozenset({"US", "IVUS", "SC", "OT", "ES", "XA", "RF", "IO", "PX"})
"""Modalities that are kept when text recognition or a person has looked at their pixels."""
_PHOTOGRAPHS = frozenset({"XC", "GM", "SM", "OP"})
"""Modalities whose pixels may show more than text, such as faces and labels; a person must look at them."""
_CLEANABLE = frozenset(
    {
        *("CT", "MR", "PT", "NM", "CR", "DX", "MG", "RTSTRUCT", "RTDOSE", "RTPLAN", "RTRECORD", "SEG", "REG", "KO"),
        *("SR", "PR", "RWV", "FID", "ECG", "EPS", "HD", "RESP", "EEG", "EMG", "EOG"),
    },
)
_KEPT = _CLEANABLE | _CAPTURED | _PHOTOGRAPHS
WANTED = TAGS | {_OVERLAY_BIT}
"""Attributes whose values are told of an object while it is rewritten."""
_LONGEST_REMEMBERED = 4096
_DOCUMENTS = "1.2.840.10008.5.1.4.1.1.104."
_VOICES = "1.2.840.10008.5.1.4.1.1.9.4."


@dataclass(frozen=True)
class Cleaned:
    """An object that may be kept.

    Attributes:
        pieces: The new file.
        sop: New SOP Instance UID.
        series: New Series Instance UID.
        study: New Study Instance UID.
        patient: The patient's pseudonym.
        syntax: UID of its transfer syntax.
        attributes: Those of ``oncommons.imaging.attributes``, as the new file has them.
        facts: Modality, maker, sex, age and body part for the index, as the new file has them.
    """

    pieces: Sequence[Piece]
    sop: str
    series: str
    study: str
    patient: str
    syntax: str
    attributes: Mapping[str, str]
    facts: Mapping[str, str]

    @property
    def content(self) -> bytes:
        """The new file, in one; a large one is better written piece by piece."""
        return b"".join(chunks_of(self.pieces))


def deidentify(
    raw: Data, profile: Profile, keys: Keys, *, looked: bool = False, recogniser: Recogniser | None = None
) -> Cleaned:
    """De-identify one file.

    Args:
        raw: The file.
        profile: Which attributes stay.
        keys: How pseudonyms are made.
        looked: Whether a person has looked at the pixels and found nothing that tells who the patient is.
        recogniser: Finds text in pixels; without one, objects that may show text are not kept.

    Raises:
        ImageError: the file cannot be kept; the message says why.
    """
    opened = open_file(raw)
    order = Order(profile, keys, WANTED)
    done = rewrite(opened.data, opened.start, opened.syntax, order)
    facts, reason = _facts(opened.syntax, done)
    reason = None if looked else reason
    _check(facts, done.told)
    if profile.faces == "refuse" and not looked and done.told.get(FEATURES, b"").startswith(b"YES"):
        raise ShowsFace("A face could be rebuilt from it, and the profile of this node keeps no faces.")
    _check_pixels(facts, reason, looked=looked, can_look=recogniser is not None)
    _count(facts, opened.syntax, done)
    tokens = frozenset(done.tokens - done.made)
    if _left(done, tokens):
        del done  # it may be large, and is made once more, without what was found
        done = rewrite(opened.data, opened.start, opened.syntax, replace(order, tokens=tokens))
        if left := _left(done, tokens):
            raise StillIdentifies(
                "Something of the patient is left after cleaning.",
                detail=", ".join(sorted(t.decode("latin-1") for t in left)),
            )
    sop, shown = keys.uid(done.facts[_SOP]), dict(done.told)
    shown.pop(_OVERLAY_BIT, None)
    cleaned = Cleaned(
        pieces=file_pieces(opened.syntax, replaced(facts["sop_class"].encode("latin-1"), keys), sop, done.parts),
        sop=sop.decode("ascii"),
        series=keys.uid(facts["series"].encode("latin-1")).decode("ascii"),
        study=keys.uid(facts["study"].encode("latin-1")).decode("ascii"),
        patient=keys.patient(facts["patient"].encode("latin-1")).decode("ascii"),
        syntax=opened.syntax.decode("ascii"),
        attributes=told(shown, big=opened.syntax == EXPLICIT_BIG),
        facts={name: text_of(FACTS[name], done.told.get(FACTS[name], b"")) for name in _INDEXED},
    )
    return cleaned if reason is None or recogniser is None else _looked_at(cleaned, reason, recogniser, tokens)


def _facts(syntax: bytes, done: Rewritten) -> tuple[Mapping[str, str], Reason | None]:
    """What an object said of itself, as text, and why its pixels must be looked at."""
    big, overlay = syntax == EXPLICIT_BIG, done.facts.get(_OVERLAY_BIT, b"")
    asked = (*map(done.facts.get, FACTS.values()), *map(done.told.get, _PIXELS.values()))
    judge = _remembered if sum(map(len, filter(None, asked))) + len(overlay) <= _LONGEST_REMEMBERED else _judged
    return judge(asked, overlay, big)


def _judged(
    asked: tuple[bytes | None, ...],
    overlay: bytes,
    big: bool,  # noqa: FBT001
) -> tuple[Mapping[str, str], Reason | None]:
    said, pixels = asked[: len(FACTS)], asked[len(FACTS) :]
    facts = {name: text_of(tag, value or b"") for (name, tag), value in zip(FACTS.items(), said, strict=True)}
    facts |= {n: text_of(tag, value or b"", big=big) for (n, tag), value in zip(_PIXELS.items(), pixels, strict=True)}
    facts["overlay_bit"] = str(int.from_bytes(overlay, "big" if big else "little"))
    return MappingProxyType(facts), needs_look(facts)


_remembered = lru_cache(maxsize=256)(_judged)
"""The images of a series say the same of themselves, and are judged once."""


def _left(done: Rewritten, tokens: frozenset[bytes]) -> frozenset[bytes]:
    return left_over(done.left, [pixels.pieces for pixels in done.pixels], tokens)


def _looked_at(cleaned: Cleaned, reason: Reason, recogniser: Recogniser, tokens: frozenset[bytes]) -> Cleaned:
    """An object whose pixels were looked at, and whose text is black; as it was where no look is needed or possible."""
    try:
        done = clean_pixels(cleaned.pieces, recogniser, tokens)
    except (UnreadablePixels, TooMuchToLook):
        if reason.needed:
            raise
        return cleaned
    attributes = {**cleaned.attributes, **{f"{tag:08X}": text for tag, text in done.told.items()}}
    return replace(cleaned, pieces=done.pieces, syntax=done.syntax, attributes=attributes)


def _check(facts: Mapping[str, str], now: Mapping[int, bytes]) -> None:
    for tag, words in (
        (_SOP, "SOP Instance UID"),
        (FACTS["study"], "Study Instance UID"),
        (FACTS["series"], "Series Instance UID"),
    ):
        if not now.get(tag, b"").strip(b"\0 "):
            raise DamagedImage(f"It has no {words}.")
    if not now.get(FACTS["patient"], b"").strip(b"\0 "):
        raise DamagedImage("It has no Patient ID, so it cannot be told whose it is.")
    if facts["sop_class"].startswith((_DOCUMENTS, _VOICES)):
        raise DocumentInside("It holds a document or a voice, and no rule can clean that.")
    if facts["modality"] not in _KEPT:
        raise UnknownKind(f"Objects of modality {facts['modality'] or 'none'} cannot be cleaned yet.")


def _check_pixels(facts: Mapping[str, str], reason: Reason | None, *, looked: bool, can_look: bool) -> None:
    """Refuse an object whose pixels must be looked at by a person, or by a recogniser that is not here."""
    if facts["modality"] in _PHOTOGRAPHS and not looked:
        raise MayShowText("It is a photograph, which may show more than text; a person must look at it.")
    if reason is not None and reason.needed and not can_look:
        remedy = "pip install 'oncommons[ocr]' lets the node look"
        raise MayShowText(f"Its pixels may show who the patient is, since {reason.words}; {remedy}.")


def _count(facts: Mapping[str, str], syntax: bytes, found: Rewritten) -> None:
    """Refuse an object that holds fewer pixels than it says."""
    held = None
    for pixels in found.pixels:
        held = Held(fragments(pixels.source) if pixels.encapsulated else len(pixels.source), pixels.encapsulated)
    if lacking := shortage(facts["sop_class"], syntax.decode("ascii"), facts, held):
        raise DamagedImage(lacking)
