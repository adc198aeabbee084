"""The fast path: a data set rewritten byte by byte, without decoding what stays.

Runs of attributes that stay are copied as they are; the others are replaced one by one.  Sequences are always entered,
and written with undefined lengths (PS3.5 section 7.5), so that nothing has to be counted twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from struct import Struct, error

from oncommons.imaging.deid.codestream import blanked
from oncommons.imaging.deid.keys import Keys, moved
from oncommons.imaging.deid.rules import Action, Profile, action_of
from oncommons.imaging.deid.statement import statement
from oncommons.imaging.deid.sweep import Seen, occurs
from oncommons.imaging.deid.text import clean_text
from oncommons.imaging.dictionary import vr_of
from oncommons.imaging.syntax import EXPLICIT_BIG, IMPLICIT_LITTLE, LONG_VRS
from oncommons.schema.errors import DamagedImage

DEEPEST = 64
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_DELIMITERS = 0xFFFE
_PADDING = 0xFFFCFFFC
_PATIENT_ID = 0x00100020
_STANDARD_UIDS = re.compile(rb"1\.2\.840\.10008\.[0-9.]{1,50}")
_AGE = re.compile(rb"[0-9]{3}[DWMY]")
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
_SEEN = frozenset({"PN", "LO", "SH", "UI", "DA", "DT", "ST", "LT", "UT", "UC", "AE"})
_NUMBERS = frozenset({b"US", b"SS", b"UL", b"SL", b"FL", b"FD", b"AT", b"SV", b"UV", b"OW", b"OB", b"OF", b"OD", b"OL"})
_LONGEST_TEXT = 1024
_LONGEST_SHORT = 0xFFFF
_LAST = 0xFFFFFFFF


@dataclass
class Rewritten:
    """A data set after its attributes were replaced.

    Attributes:
        parts: Its bytes, in pieces.
        pixels: Which of the pieces hold pixel data.
        facts: Wanted attributes of the top level, as they were.
        told: The same attributes, as they are now.
        seen: What was replaced or removed.
        made: Values that were written instead.
        ours: Which of the pieces hold nothing that was in the file.
    """

    parts: list[bytes] = field(default_factory=list)
    pixels: set[int] = field(default_factory=set)
    facts: dict[int, bytes] = field(default_factory=dict)
    told: dict[int, bytes] = field(default_factory=dict)
    seen: set[Seen] = field(default_factory=set)
    made: set[bytes] = field(default_factory=set)
    ours: set[int] = field(default_factory=set)

    def kept(self) -> list[bytes]:
        """The pieces, those empty that hold nothing that was in the file."""
        return [b"" if i in self.ours else part for i, part in enumerate(self.parts)]


@dataclass(frozen=True)
class Order:
    """What is to be done to a data set.

    Attributes:
        profile: Which attributes stay.
        keys: How pseudonyms are made.
        wanted: Tags of the top level whose values are given back in :attr:`Rewritten.facts`.
        tokens: Values of this patient, in small letters; a text that would stay and holds one of them is emptied.
    """

    profile: Profile
    keys: Keys
    wanted: frozenset[int]
    tokens: frozenset[bytes] = frozenset()


def rewrite(data: bytes, start: int, syntax: bytes, order: Order) -> Rewritten:
    """De-identify a data set.

    Args:
        data: Bytes that hold it.
        start: Where it begins.
        syntax: UID of its transfer syntax; a deflated one must have been inflated.
        order: What is to be done.

    Raises:
        DamagedImage: it cannot be read to its end.
    """
    walk = _Walk(data, syntax, order)
    walk.identity = _patient(walk, start).strip(b"\0 ")
    walk.days = order.keys.days(walk.identity)
    walk.dataset(start, len(data), 0)
    walk.state(_LAST)
    return walk.result


def replaced(uid: bytes, keys: Keys) -> bytes:
    """The replacement of a UID; those of the standard stay."""
    return uid if not uid or _STANDARD_UIDS.fullmatch(uid) else keys.uid(uid)


def _patient(walk: _Walk, at: int) -> bytes:
    """The identifier of the patient, which stands after the first dates."""
    while at < len(walk.data):
        tag, vr, length, value_at = walk.element(at)
        if tag >= _PATIENT_ID:
            return walk.data[value_at : value_at + length] if tag == _PATIENT_ID else b""
        at = walk.after(value_at, length, vr)
    return b""


@lru_cache(maxsize=8)
def _decisions(_profile: Profile) -> dict[tuple[int, bytes], Action]:
    """What was decided under a profile so far; the same few hundred attributes come in every file."""
    return {}


class _Walk:
    """One pass over one data set."""

    def __init__(self, data: bytes, syntax: bytes, order: Order) -> None:
        self.data = data
        self.order = order
        self.explicit = syntax != IMPLICIT_LITTLE
        self.big = syntax == EXPLICIT_BIG
        end = ">" if self.big else "<"
        self.pair, self.short, self.long = Struct(end + "HH"), Struct(end + "H"), Struct(end + "I")
        self.days, self.identity = 0, b""
        self.statement = list(statement(order.profile))
        self.result = Rewritten()
        self.known = _decisions(order.profile)
        self.writers: Mapping[Action, Callable[[int, bytes, bytes], bytes]] = {
            Action.EMPTY: lambda _tag, _vr, _value: b"",
            Action.DUMMY: self.dummy,
            Action.UID: self.uid,
            Action.DATE: self.date,
            Action.TEXT: self.text,
            Action.PATIENT: self.patient,
            Action.AGE: self.age,
        }

    def element(self, at: int) -> tuple[int, bytes, int, int]:
        """Tag, value representation, length and place of the value of the element at a place."""
        try:
            group, element = self.pair.unpack_from(self.data, at)
            tag = group << 16 | element
            if not self.explicit or group == _DELIMITERS:
                return tag, b"", self.long.unpack_from(self.data, at + 4)[0], at + 8
            vr = self.data[at + 4 : at + 6]
            if vr in LONG_VRS:
                return tag, vr, self.long.unpack_from(self.data, at + 8)[0], at + 12
            length = self.short.unpack_from(self.data, at + 6)[0]
        except error as fault:
            raise DamagedImage("The data set ends inside an element.") from fault
        if tag and not (vr.isalpha() and vr.isupper()):
            raise DamagedImage(f"There is no value representation at byte {at + 4:,}.")
        return tag, vr, length, at + 8

    def after(self, value_at: int, length: int, vr: bytes = b"", depth: int = 0) -> int:
        """Where the next element begins."""
        if length == _UNDEFINED:
            walk = _Walk(self.data, IMPLICIT_LITTLE, self.order) if vr == b"UN" else self  # PS3.5 section 6.2.2
            return walk.skip_items(value_at, depth)
        if value_at + length > len(self.data):
            raise DamagedImage("An element is longer than the file.")
        return value_at + length

    def dataset(self, at: int, end: int, depth: int, *, open_ended: bool = False) -> int:
        """Rewrite the elements up to a place, or up to the end of an item; returns where it stopped."""
        run, known, tokens, last = at, self.known, self.order.tokens, -1
        while at < end:
            tag, vr, length, value_at = self.element(at)
            if tag == _ITEM_END and open_ended:
                self.copy(run, at)
                return value_at
            if tag == _PADDING or (depth == 0 and tag == 0):  # padding of old media
                break
            action = known.get((tag, vr))
            if action is None:
                action = known[tag, vr] = action_of(tag, vr.decode("ascii"), self.order.profile)
            if not depth:
                if tag <= last:
                    raise DamagedImage("Its attributes are not in ascending order.")
                last = tag
                run = self.top(tag, run, at, value_at, length)
            if action is Action.KEEP and length != _UNDEFINED:
                following = self.after(value_at, length)
                if not tokens or not self.holds(tag, vr, value_at, following):
                    at = following
                    continue
                action = Action.EMPTY
            self.copy(run, at)
            run = at = self.replace(tag, vr, length, value_at, action, depth)
        self.copy(run, min(at, end))
        if at > end or (open_ended and at >= end):
            raise DamagedImage("An item of a sequence does not end.")
        return end

    def top(self, tag: int, run: int, at: int, value_at: int, length: int) -> int:
        """What is special at the top level; returns where the run of bytes begins that is still to be copied."""
        if tag in self.order.wanted:
            self.result.facts[tag] = self.result.told[tag] = self.data[value_at : value_at + length]
        if not self.statement or tag < self.statement[0][0]:
            return run
        self.copy(run, at)
        self.state(tag)
        return at

    def holds(self, tag: int, vr: bytes, start: int, end: int) -> bool:
        """Whether a value that would stay holds something of the patient's."""
        if end - start > _LONGEST_TEXT or (vr or vr_of(tag)[:2].encode("ascii")) in _NUMBERS:
            return False
        return self.tells(self.data[start:end])

    def tells(self, value: bytes) -> bool:
        """Whether a value holds something of the patient's."""
        small = value.lower()
        return any(occurs(token, small) for token in self.order.tokens)

    def state(self, before: int) -> None:
        """Write what an object says about its de-identification, as far as it belongs before a tag."""
        first = len(self.result.parts)
        while self.statement and self.statement[0][0] <= before:
            tag, vr, value = self.statement.pop(0)
            if isinstance(value, bytes):
                self.put(tag, vr, value)
                continue
            self.result.parts.append(self.header(tag, vr, _UNDEFINED))
            for item in value:
                self.result.parts.append(self.header(_ITEM, b"", _UNDEFINED))
                for inner, inner_vr, text in item:
                    self.put(inner, inner_vr, text)
                self.result.parts.append(self.header(_ITEM_END, b"", 0))
            self.result.parts.append(self.header(_SEQUENCE_END, b"", 0))
        self.result.ours.update(range(first, len(self.result.parts)))

    def replace(self, tag: int, vr: bytes, length: int, value_at: int, action: Action, depth: int) -> int:
        """Write one element anew, or leave it out; returns where the next one begins."""
        if action is Action.SEQUENCE:
            return self.sequence(tag, vr, length, value_at, depth)
        if vr == b"SQ" or (not vr and vr_of(tag) == "SQ"):
            return self.leave_out(tag, vr, length, value_at, action, depth)
        following = self.after(value_at, length, vr)
        if action is Action.PIXELS:
            return self.pixels(tag, vr, length, value_at, following) if depth == 0 else following
        value = b"" if length == _UNDEFINED else self.data[value_at:following]
        name = vr.decode("ascii") or vr_of(tag)
        if value and len(value) <= _LONGEST_TEXT and (name in _SEEN or not name):
            self.result.seen.add((tag, name, value))
        write = self.writers.get(action)
        new = b"" if write is None else write(tag, vr, value)
        if not depth and tag in self.order.wanted:
            self.result.told[tag] = new
        if write is not None:
            self.result.made.add(new.strip(b"\0 "))
            if action is not Action.TEXT:
                self.result.ours.add(len(self.result.parts))
            self.put(tag, vr, new + (b"\0" if action is Action.UID else b" ") * (len(new) % 2))
        return following

    def sequence(self, tag: int, vr: bytes, length: int, at: int, depth: int) -> int:
        """Rewrite the items of a sequence (PS3.5 section 7.5.2)."""
        if depth >= DEEPEST:
            raise DamagedImage(f"Sequences lie in one another deeper than {DEEPEST} levels.")
        end = len(self.data) if length == _UNDEFINED else self.after(at, length)
        self.result.parts.append(self.header(tag, vr, _UNDEFINED))
        while at < end:
            inner, _, size, value_at = self.element(at)
            if inner == _SEQUENCE_END and length == _UNDEFINED:
                at = value_at
                break
            if inner != _ITEM:
                raise DamagedImage("A sequence holds something that is not an item.")
            self.result.parts.append(self.header(_ITEM, b"", _UNDEFINED))
            if size == _UNDEFINED:
                at = self.dataset(value_at, end, depth + 1, open_ended=True)
            else:
                if value_at + size > end:
                    raise DamagedImage("An item is longer than its sequence.")
                at = self.dataset(value_at, value_at + size, depth + 1)
            self.result.parts.append(self.header(_ITEM_END, b"", 0))
        else:
            if length == _UNDEFINED:
                raise DamagedImage("A sequence does not end.")
        self.result.parts.append(self.header(_SEQUENCE_END, b"", 0))
        return at

    def leave_out(self, tag: int, vr: bytes, length: int, value_at: int, action: Action, depth: int) -> int:
        """Read a sequence for what it tells of the patient, and leave its items out."""
        first = len(self.result.parts)
        following = self.sequence(tag, vr, length, value_at, depth)
        del self.result.parts[first:]
        self.result.ours = {i for i in self.result.ours if i < first}
        if action is not Action.REMOVE:
            self.put(tag, vr, b"")
        return following

    def pixels(self, tag: int, vr: bytes, length: int, value_at: int, end: int) -> int:
        """Copy pixel data as they are, native or encapsulated (PS3.5 annex A.4)."""
        self.result.parts.append(self.header(tag, vr, length))
        self.result.pixels.add(len(self.result.parts))
        pixels = self.data[value_at:end]
        self.result.parts.append(blanked(pixels) if length == _UNDEFINED else pixels)
        return end

    def skip_items(self, at: int, depth: int) -> int:
        """The end of a sequence or of encapsulated pixel data of undefined length."""
        if depth >= DEEPEST:
            raise DamagedImage(f"Sequences lie in one another deeper than {DEEPEST} levels.")
        while True:
            tag, _, size, value_at = self.element(at)
            if tag == _SEQUENCE_END:
                return value_at
            if tag != _ITEM:
                raise DamagedImage("A sequence holds something that is not an item.")
            at = self.skip_item(value_at, depth) if size == _UNDEFINED else self.after(value_at, size)

    def skip_item(self, at: int, depth: int) -> int:
        """The end of an item of undefined length."""
        while True:
            tag, vr, length, value_at = self.element(at)
            if tag == _ITEM_END:
                return value_at
            at = self.after(value_at, length, vr, depth + 1)

    def copy(self, start: int, end: int) -> None:
        """Keep a run of bytes."""
        if start < end:
            self.result.parts.append(self.data[start:end])

    def put(self, tag: int, vr: bytes, value: bytes) -> None:
        """Write an element."""
        if len(value) > _LONGEST_SHORT and self.explicit and vr not in LONG_VRS:
            raise DamagedImage("A value is longer than its kind of attribute can hold.")
        self.result.parts.append(self.header(tag, vr, len(value)) + value)

    def header(self, tag: int, vr: bytes, length: int) -> bytes:
        """Tag, value representation and length of an element."""
        head = self.pair.pack(tag >> 16, tag & 0xFFFF)
        if not vr or not self.explicit:
            return head + self.long.pack(length)
        if vr in LONG_VRS:
            return head + vr + b"\0\0" + self.long.pack(length)
        return head + vr + self.short.pack(length)

    def text(self, _tag: int, _vr: bytes, value: bytes) -> bytes:
        """A description without what is not known to be harmless; nothing if even that is this patient's."""
        cleaned = clean_text(value)
        return b"" if self.tells(cleaned) else cleaned

    def dummy(self, tag: int, vr: bytes, value: bytes) -> bytes:
        """A value that says nothing and is valid."""
        return _DUMMIES.get(vr.decode("ascii") or vr_of(tag), _REMOVED) if value.strip(b"\0 ") else b""

    def uid(self, _tag: int, _vr: bytes, value: bytes) -> bytes:
        """UIDs, each with its own replacement; those of the standard stay."""
        return b"\\".join(replaced(part.strip(b"\0 "), self.order.keys) for part in value.split(b"\\"))

    def date(self, _tag: int, _vr: bytes, value: bytes) -> bytes:
        """Dates, each moved by the days of this patient."""
        return b"\\".join(moved(one, self.days) for one in value.split(b"\\"))

    def patient(self, _tag: int, _vr: bytes, value: bytes) -> bytes:
        """The pseudonym, in the place of name and identifier."""
        return self.order.keys.patient(self.identity) if self.identity or value.strip(b"\0 ") else b""

    def age(self, _tag: int, _vr: bytes, value: bytes) -> bytes:
        """An age; all above 89 years are told as 90."""
        years = value.strip(b"\0 ")
        if not _AGE.fullmatch(years):
            return b""
        return b"090Y" if years[3:] == b"Y" and int(years[:3]) > _OLDEST else years
