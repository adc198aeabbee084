"""Coded and technical attributes: a value stays as far as it is made of known words, short codes and numbers.

Makers put names and numbers of patients where a table expects a filter or a software version.  So what is not in Table
E.1-1 of PS3.15 is not trusted either: text must consist of words that are known, numbers must be numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import resources

from oncommons.imaging.deid.text import allowed

_TOKEN = re.compile(rb"[A-Za-z0-9.\x80-\xff]+")
_SHORT_CODE = re.compile(rb"(?=.{2,5}$)(?=.*[a-z])(?=.*\d)(?!.*\d{4})[a-z0-9]+")
"""B30f, VB17A, fl3d1: letters and digits, too short for a name or a date."""
_NUMBERED = re.compile(rb"([a-z]{2,})\d{1,4}([a-z]{0,2})")
"""Biograph128, MR750w: a known word, a number and at most two letters."""
_NUMBER = re.compile(rb"\d{1,4}(?:[a-z]|mm|cm|ms|kv|kvp|mas|hz|min|sec|mev|kev|mv)?")
_SIZE = re.compile(rb"\d{1,3}(?:mm|cm|in)?x\d{1,3}(?:mm|cm|in)?")
_VERSION = re.compile(rb"\d?[vnx][a-e]\d\d[a-z]?")
"""VB17A, 4VB11D."""
_DECIMAL = re.compile(rb"\d{1,3}\.\d{1,4}0*")
"""0.096000: a number with few digits of its own."""
_OF_SOFTWARE = re.compile(rb"(?=.*\d)(?!.*\d{5})(?!.*[a-z]{5})[a-z0-9]{1,10}")
"""07MWHL36, hl2sp1: letters and digits that take turns."""
_IMAGE_TYPES = frozenset(
    b"""ORIGINAL DERIVED MIXED PRIMARY SECONDARY AXIAL LOCALIZER ANGIO CARDIAC CARDIAC_GATED CARDRESP_GATED DYNAMIC
    FLUOROSCOPY MOTION PERFUSION PRE_CONTRAST POST_CONTRAST RESP_GATED REST STATIC STRESS VOLUME NON_PARALLEL
    WHOLE_BODY ATTENUATION DIFFUSION DIXON ANGIO_TIME NONE OTHER ADDITION DIVISION MAXIMUM MEAN
    MEDIAN MINIMUM MULTIPLICATION RESAMPLED STD_DEVIATION SUBTRACTION QUANTITY FILTERED RCBF RCBV MTT TTP""".split()
)
"""Defined terms of Image Type and Frame Type (PS3.3 sections C.7.6.1.1.2 and C.8.16.1 and what refers to them)."""
_CAMEL = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+|\d+|.")
_DOTTED_DATE = re.compile(
    rb"[0-3]?\d\.[01]?\d\.(?:18|19|20)\d\d|[0-3]\d\.[01]\d\.\d\d|(?:18|19|20)\d\d\.[01]?\d\.[0-3]?\d"
)
_IN_A_ROW = re.compile(rb"[0-9]+(?:[^A-Za-z0-9.\x80-\xff]+[0-9]+){2,}")
"""Three numbers and more in a row may be a date or a telephone number."""
_FORMS = (_NUMBER, _SHORT_CODE, _SIZE, _VERSION)
_SPACES = re.compile(rb"[\s_^,;:/+-]{2,}")
_MOST_PARTS = 4
_LETTERS_OF_A_TEXT, _SHORTEST_TEXT = 4, 8
_TEN_DIGITS, _LARGEST = 10, 2**31 - 1
_REMEMBERED = 4096
_LONGEST_REMEMBERED = 256
_OF_A_NUMBER = b"0123456789.+-eE \\\0"
_OF_A_TIME = b"0123456789.:- \\\0"
_OF_AN_AGE = b"0123456789DWMY \\\0"
_WRITTEN = {"DS": _OF_A_NUMBER, "IS": _OF_A_NUMBER, "TM": _OF_A_TIME, "AS": _OF_AN_AGE}
_BINARY = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV", "OW", "OB", "OF", "OD", "OL", "OV"})
_ALPHABET = bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B))
_OF_A_TEXT = _ALPHABET + b"0123456789 ^=.,'_-\0"


@lru_cache(maxsize=1)
def known() -> frozenset[bytes]:
    """The words that may stay, in small letters."""
    text = resources.files("oncommons.imaging.deid").joinpath("terms.txt").read_text("ascii")
    words = (word.encode() for line in text.splitlines() if not line.startswith("#") for word in line.split())
    return allowed() | frozenset(words)


def clean_term(value: bytes, vr: str) -> bytes:
    """A value of a coded or technical attribute without what is not known to be harmless.

    Of Code Strings each value stays or goes as a whole; of other text word by word.  What stays whole is given back as
    it is, its padding too; anything else is of even length.

    Args:
        value: Text in any character set of DICOM (PS3.5 section 6.1); only ASCII words can stay.
        vr: Its value representation.
    """
    return _remembered(value, vr == "CS") if len(value) <= _LONGEST_REMEMBERED else _of_kind(value, vr == "CS")


def clean_version(value: bytes) -> bytes:
    """Versions of software, each as it is where it is known or looks like a version, else without what does not.

    Args:
        value: Of Software Versions (0018,1020).
    """
    return _clean(value, _in_version, whole=False)


def is_image_type(value: bytes) -> bool:
    """Whether every value is a defined term of Image Type; such tell nothing of a patient, whatever his or her name.

    Args:
        value: Of Image Type (0008,0008) or Frame Type (0008,9007).
    """
    return all(one.strip(b"\0 ") in _IMAGE_TYPES for one in value.split(b"\\"))


def is_known(word: bytes) -> bool:
    """Whether a word in small letters is known, alone or with a number behind it.

    Args:
        word: Letters and digits.
    """
    if word in known():
        return True
    numbered = _NUMBERED.fullmatch(word)
    return numbered is not None and numbered[1] in known()


def is_number(value: bytes, vr: str) -> bool:
    """Whether a value that should be a number, time or age is one, as far as text could hide in it; text itself is.

    Args:
        value: As it is in the file.
        vr: Its value representation: DS, IS, TM, AS or one of binary numbers.
    """
    written = _WRITTEN.get(vr)
    if written is not None:
        return not value.translate(None, written) and (vr != "IS" or len(value) < _TEN_DIGITS or _fits_integer(value))
    if vr[:2] not in _BINARY or len(value) < _SHORTEST_TEXT or value.translate(None, _OF_A_TEXT):
        return True
    return len(value) - len(value.translate(None, _ALPHABET)) < _LETTERS_OF_A_TEXT


def are_numbers(chunks: Iterable[bytes], vr: str) -> bool:
    """The same of a long value, of which one chunk after the other is looked at."""
    written = _WRITTEN.get(vr)
    if written is not None:
        return all(not chunk.translate(None, written) for chunk in chunks)
    letters = 0
    for chunk in chunks:
        if chunk.translate(None, _OF_A_TEXT):
            return True
        letters += len(chunk) - len(chunk.translate(None, _ALPHABET))
    return letters < _LETTERS_OF_A_TEXT


def can_hide_text(vr: str, length: int) -> bool:
    """Whether text could stand in the place of a number; what is shorter than eight bytes holds no name.

    Args:
        vr: Value representation.
        length: Bytes of the value.
    """
    return vr in _WRITTEN or (vr[:2] in _BINARY and length >= _SHORTEST_TEXT)


def _fits_integer(value: bytes) -> bool:
    """Whether each integer is in the range of IS (PS3.5 section 6.2); a longer number is a record's."""
    numbers = [one.strip(b"\0 ") for one in value.split(b"\\")]
    try:
        return all(-_LARGEST - 1 <= float(one) <= _LARGEST for one in numbers if len(one) >= _TEN_DIGITS)
    except ValueError:
        return False


def _of_kind(value: bytes, whole: bool) -> bytes:  # noqa: FBT001
    return _clean(value, _in_code if whole else _in_text, whole=whole)


_remembered = lru_cache(maxsize=_REMEMBERED)(_of_kind)


def _clean(value: bytes, harmless: Callable[[bytes], bool], *, whole: bool) -> bytes:
    before = value.strip(b"\0 ")
    cleaned = b"\\".join(_clean_one(one, harmless, whole=whole) for one in before.split(b"\\"))
    if cleaned == before:
        return value
    cleaned = cleaned.rstrip(b"\\ ")
    return cleaned + b" " * (len(cleaned) % 2)


def _clean_one(value: bytes, harmless: Callable[[bytes], bool], *, whole: bool) -> bytes:
    text = value.partition(b"\x1b")[0]  # what follows an escape is in another alphabet
    kept = _TOKEN.sub(lambda found: found[0] if _may_stay(found[0], harmless) else b"", text)
    kept = _IN_A_ROW.sub(b"", kept)
    if kept == value:
        return value
    return b"" if whole else _SPACES.sub(lambda found: found[0][:1], kept).strip(b" _^,;:/+-().[]{}#&*'\"@")


def _may_stay(token: bytes, harmless: Callable[[bytes], bool]) -> bool:
    if _DECIMAL.fullmatch(token):
        return True
    if _DOTTED_DATE.fullmatch(token):
        return False
    parts = [part for part in token.split(b".") if part]
    return len(parts) <= _MOST_PARTS and all(harmless(part) for part in parts)


def _in_code(part: bytes) -> bool:
    return _harmless(part, shortest=3)


def _in_text(part: bytes) -> bool:
    return _harmless(part, shortest=2)


def _in_version(part: bytes) -> bool:
    return _in_text(part) or _OF_SOFTWARE.fullmatch(part.lower()) is not None


def _harmless(part: bytes, shortest: int) -> bool:
    small = part.lower()
    if is_known(small) or (len(part) <= shortest and part.isascii()):
        return True
    if any(form.fullmatch(small) for form in _FORMS):
        return True
    return _several_words(part)


def _several_words(part: bytes) -> bool:
    """Whether it is made of known words that each begin with a capital, such as ImagePositionPatient."""
    words = _CAMEL.findall(part)
    return len(words) > 1 and all(len(word) > 1 and word.lower() in known() for word in words)
