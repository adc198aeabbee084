"""Codes of standard coding schemes: what they look like, so that nothing else is kept as a code (PS3.16 section 8)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from oncommons.imaging.deid.terms import clean_term, known

_SNOMED_RT = r"[A-Z]\d?-[0-9A-FX]{3,5}"
_FORMS: Mapping[str, str] = {
    "DCM": r"\d{4,6}",
    "SCT": r"\d{6,18}",
    "SRT": _SNOMED_RT,
    "SNM3": _SNOMED_RT,
    "99SDM": _SNOMED_RT,
    "LN": r"\d{1,5}-\d",
    "FMA": r"\d{3,6}",
    "NCIt": r"C\d{3,6}",
    "UMLS": r"C\d{7}",
    "RADLEX": r"RP?ID\d{1,6}",
    "RADELEMENT": r"RDES?\d{1,6}",
    "I9": r"[EV]?\d{2,3}(?:\.\d{1,2})?",
    "I9C": r"[EV]?\d{2,3}(?:\.\d{1,2})?",
    "I10": r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?",
    "I10C": r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?",
    "I10P": r"[0-9A-HJ-NP-Z]{7}",
    "ICDO3": r"\d{4}/\d|C\d\d(?:\.\d)?",
    "MDC": r"\d{1,8}|\d{1,2}: ?\d{1,5}|MDC(?:_[A-Z0-9]{1,12}){1,8}",
    "SCPECG": r"\d{1,2}(?:\.\d{1,2}){1,3}(?:-\d{1,3}){0,2}",
    "RXNORM": r"\d{2,8}",
    "PUBCHEM_CID": r"\d{2,9}",
    "ITIS_TSN": r"\d{3,7}",
    "MSH": r"[CD]\d{6,9}",
    "NDC": r"\d{4,5}-\d{3,4}-\d{2}",
    "NEU": r"\d{1,5}",
    "IBSI": r"[0-9A-Z]{4}",
    "ISO639_1": r"[a-z]{2}",
    "ISO639_2": r"[a-z]{3}",
    "ISO3166_1": r"[A-Z]{2,3}|\d{3}",
    "RFC3066": r"[a-z]{2,3}(?:-[A-Z]{2})?",
    "RFC5646": r"[a-z]{2,3}(?:-[A-Z]{2})?",
}
"""Coding Scheme Designator to the form of its codes."""
_UNIT = re.compile(r"[A-Za-z0-9/.*^%~'(){}\[\]_+-]{1,32}")
_LETTERS = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+")
_LONGEST_UNIT_PART = 4
_LONGEST = 1024


def is_code(value: bytes, scheme: bytes) -> bool:
    """Whether a value has the form of a code of a standard coding scheme.

    Args:
        value: Code Value or Long Code Value, its padding included.
        scheme: Coding Scheme Designator.
    """
    return _is_code(value, scheme) if len(value) + len(scheme) <= _LONGEST else False


@lru_cache(maxsize=4096)
def _is_code(value: bytes, scheme: bytes) -> bool:
    code, name = value.strip(b"\0 ").decode("latin-1"), scheme.strip(b"\0 ").decode("latin-1")
    if name == "UCUM":
        return _is_unit(code)
    if name == "DCM" and code.isalnum() and code.isupper():  # modalities
        return clean_term(code.encode(), "CS") == code.encode()
    form = _FORMS.get(name)
    return form is not None and re.fullmatch(form, code) is not None


def is_scheme(value: bytes) -> bool:
    """Whether a Coding Scheme Designator is one whose codes are known here."""
    name = value.strip(b"\0 ").decode("latin-1")
    return name == "UCUM" or name in _FORMS


def _is_unit(code: str) -> bool:
    """A unit of UCUM: short symbols, and in braces words that are known."""
    parts = _LETTERS.findall(code)
    fits = all(len(p) <= _LONGEST_UNIT_PART or p.lower().encode() in known() for p in parts)
    return _UNIT.fullmatch(code) is not None and fits
