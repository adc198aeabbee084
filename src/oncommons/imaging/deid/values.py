"""What is written in the place of a value that may not stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from oncommons.imaging.deid.codes import is_scheme
from oncommons.imaging.deid.keys import Keys, label, moved
from oncommons.imaging.deid.rules import Action
from oncommons.imaging.deid.terms import clean_term, clean_version, is_number
from oncommons.imaging.deid.text import clean_text

_STANDARD_UIDS = re.compile(rb"1\.2\.840\.10008\.[0-9.]{1,50}")
_AGE = re.compile(rb"[0-9]{1,3}[DWMY]")
_OLDEST = 89
_DUMMIES: Mapping[str, bytes] = {
    "CS": b"UNKNOWN ",
    "DA": b"",
    "DT": b"",
    "TM": b"000000",
    "DS": b"0 ",
    "IS": b"0 ",
    "AS": b"000Y",
}
_REMOVED = b"REMOVED "
_OTHER_SCHEME = b"99OTHER "


@dataclass(frozen=True)
class Whose:
    """Whose values they are.

    Attributes:
        keys: How pseudonyms are made.
        identity: The patient's identifier, as the file has it; empty where it has none.
        days: How many days the dates of this patient move.
    """

    keys: Keys
    identity: bytes
    days: int


def new_value(action: Action, vr: str, value: bytes, whose: Whose) -> bytes | None:
    """The value that is written instead, of even length; None where the attribute goes.

    Args:
        action: What becomes of the attribute.
        vr: Its value representation.
        value: What it held.
        whose: The patient.
    """
    write = _WRITERS.get(action)
    if write is None:
        return None
    new = write(vr, value, whose)
    return new + (b"\0" if action is Action.UID else b" ") * (len(new) % 2)


def replaced(uid: bytes, keys: Keys) -> bytes:
    """The replacement of a UID; those of the standard stay."""
    return uid if not uid or _STANDARD_UIDS.fullmatch(uid) else keys.uid(uid)


def _dummy(vr: str, value: bytes, _whose: Whose) -> bytes:
    """A value that says nothing and is valid."""
    return _DUMMIES.get(vr, _REMOVED) if value.strip(b"\0 ") else b""


def _uids(_vr: str, value: bytes, whose: Whose) -> bytes:
    """UIDs, each with its own replacement."""
    return b"\\".join(replaced(part.strip(b"\0 "), whose.keys) for part in value.split(b"\\"))


def _dates(_vr: str, value: bytes, whose: Whose) -> bytes:
    """Dates, each moved by the days of this patient."""
    return b"\\".join(moved(one, whose.days) for one in value.split(b"\\"))


def _patient(_vr: str, value: bytes, whose: Whose) -> bytes:
    """The pseudonym, in the place of name and identifier."""
    return whose.keys.patient(whose.identity) if whose.identity or value.strip(b"\0 ") else b""


def _age(_vr: str, value: bytes, _whose: Whose) -> bytes:
    """An age of four characters, whatever many it had; all above 89 years are told as 90."""
    years = value.strip(b"\0 ")
    if not _AGE.fullmatch(years):
        return b""
    return b"090Y" if years[-1:] == b"Y" and int(years[:-1]) > _OLDEST else years.zfill(4)


def _text(vr: str, value: bytes, whose: Whose) -> bytes:
    """A description without what is not known to be harmless; of notes, something is left that says so."""
    return clean_text(value) or (_dummy(vr, value, whose) if vr == "ST" else b"")


def _device(_vr: str, value: bytes, whose: Whose) -> bytes:
    """A pseudonym of a thing, or of a code that no standard knows."""
    return label(value, whose.keys) if value.strip(b"\0 ") else b""


def _label(vr: str, value: bytes, whose: Whose) -> bytes:
    """A label that is kept if it is harmless; else a pseudonym, so that it still tells things apart."""
    return value if clean_term(value, vr) == value else _device(vr, value, whose)


_WRITERS: Mapping[Action, Callable[[str, bytes, Whose], bytes]] = {
    Action.EMPTY: lambda _vr, _value, _whose: b"",
    Action.DUMMY: _dummy,
    Action.UID: _uids,
    Action.DATE: _dates,
    Action.TEXT: _text,
    Action.NOTE: lambda vr, value, whose: clean_text(value) or _dummy(vr, value, whose),
    Action.PATIENT: _patient,
    Action.AGE: _age,
    Action.KEEP: lambda vr, value, _whose: value if is_number(value, vr) else b"",
    Action.TERM: lambda vr, value, _whose: clean_term(value, vr),
    Action.MEANING: lambda vr, value, whose: clean_term(value, vr) or _dummy(vr, value, whose),
    Action.VERSION: lambda vr, value, whose: clean_version(value) or _dummy(vr, value, whose),
    Action.LABEL: _label,
    Action.DEVICE: _device,
    Action.CODE: _device,
    Action.SCHEME: lambda _vr, value, _whose: value if is_scheme(value) or not value else _OTHER_SCHEME,
}
