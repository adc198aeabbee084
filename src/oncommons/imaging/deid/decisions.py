"""What is done to an element, decided once for each header that occurs.

The images of a series, and of a hospital, have the same few hundred headers (tag, value representation, length) and
mostly the same values.  What was decided is remembered by the bytes themselves, so that an element that stays costs
one look into a dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from oncommons.imaging.deid.content import CODED, VALUES
from oncommons.imaging.deid.elements import ITEM_END, UNDEFINED, Coding
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.private import may_be_safe
from oncommons.imaging.deid.rules import Action, Profile, action_of
from oncommons.imaging.deid.sweep import tokens_in
from oncommons.imaging.deid.terms import can_hide_text, is_image_type
from oncommons.imaging.deid.values import Whose, new_value
from oncommons.imaging.dictionary import vr_of
from oncommons.imaging.pieces import Data
from oncommons.imaging.syntax import LONG_VRS
from oncommons.schema.errors import DamagedImage

LONGEST_TEXT = 1024
"""Bytes of the longest value that is remembered, or that can tell who the patient is."""
BEHIND_ALL = 1 << 32
"""Takes the place of a tag where the data set ends before the file does."""
_PADDING = 0xFFFCFFFC
_SEEN = frozenset({"PN", "LO", "SH", "UI", "DA", "DT", "ST", "LT", "UT", "UC", "AE"})
NUMBERS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "AT", "SV", "UV", "OW", "OB", "OF", "OD", "OL"})
_LONGEST_SHORT = 0xFFFF
_MOST_HEADERS, _MOST_VALUES, _MOST_PEOPLE = 8192, 1024, 16
_MOST_OF_VALUES = 512 * 1024
_NO_TOKENS: frozenset[bytes] = frozenset()
_IMAGE_TYPE = frozenset({0x00080008, 0x00089007})
"""Image Type and Frame Type."""
_OF_THE_FILE = frozenset(
    {Action.TEXT, Action.NOTE, Action.TERM, Action.MEANING, Action.VERSION, Action.LABEL, Action.SCHEME, Action.KEEP}
)
"""What is written for these may hold something that was in the file."""


@dataclass(frozen=True)
class Order:
    """What is to be done to a data set.

    Attributes:
        profile: Which attributes stay.
        keys: How pseudonyms are made.
        wanted: Tags of the top level whose values are given back in :attr:`~oncommons.imaging.deid.rewritten.Rewritten.facts`.
        tokens: Values of this patient, in small letters; a text that would stay and holds one of them is emptied.
    """

    profile: Profile
    keys: Keys
    wanted: frozenset[int]
    tokens: frozenset[bytes] = frozenset()


class Step(Enum):
    """How to go on at an element."""

    KEEP = auto()  # it stays
    TELL = auto()  # it stays, and its value is wanted
    CHECK = auto()  # it stays if it is what it should be and holds nothing of the patient's
    REPLACE = auto()  # written anew, or left out
    CONTEXT = auto()  # what becomes of it is said by other attributes of the same item
    OPEN = auto()  # of undefined length; written without its value, or left out
    ENTER = auto()  # a sequence, whose items are rewritten
    LEAVE = auto()  # a sequence that is read for what it tells of the patient, and left out
    PIXELS = auto()
    OMIT = auto()  # left out unread
    ITEM_END = auto()
    STOP = auto()  # padding, up to the end


class Found(NamedTuple):
    """An element's header and what is decided.

    Attributes:
        step: How to go on.
        action: What becomes of the attribute.
        tag: Its tag.
        vr: Value representation in the file; empty where it does not give it.
        name: Value representation in the file or in the dictionary.
        head: Bytes of the header.
        length: Bytes of the value, or :data:`UNDEFINED`.
    """

    step: Step
    action: Action
    tag: int
    vr: bytes
    name: str
    head: int
    length: int


def is_short_sequence(found: Found) -> bool:
    """Whether what becomes of a sequence is remembered as a whole; not if it says what other attributes mean."""
    is_sequence = found.step is Step.ENTER or found.step is Step.LEAVE
    return is_sequence and found.head + found.length <= LONGEST_TEXT and found.tag not in CODED


Known = tuple[Step, int, int, bool, Found]
"""Step (REPLACE for all that is remembered by its bytes), tag, size, and whether the value is wanted, for speed."""


class Made(NamedTuple):
    """What is written in the place of an element.

    Attributes:
        written: Its bytes; none where it is left out.
        left: Those of them that were in the file.
        tokens: What it told of the patient.
        values: New values, in small letters.
        fact: The value, as it was.
        told: The value, as it is now.
        stays: Whether it stays as it is.
    """

    written: bytes
    left: bytes
    tokens: frozenset[bytes]
    values: frozenset[bytes]
    fact: bytes = b""
    told: bytes = b""
    stays: bool = False


NOTHING = Made(b"", b"", _NO_TOKENS, _NO_TOKENS)
"""Nothing is written."""


class Values(dict[bytes, Made]):
    """What is written in the place of elements, by their bytes."""

    _size = 0

    def remember(self, raw: bytes, made: Made) -> None:
        """Remember what is written in the place of an element, if it is not too long."""
        if len(raw) > LONGEST_TEXT:
            return
        size = len(raw) + len(made.written)
        self._size += size
        if len(self) >= _MOST_VALUES or self._size > _MOST_OF_VALUES:
            self.clear()
            self._size = size
        self[raw] = made


class Memory:
    """What was decided under one profile in one way of writing, and the values that were made.

    Attributes:
        top: Header to decision, at the top level.
        inner: Header to decision, inside sequences.
        people: Identifier of a patient to the days of this patient, and to what is written for each element.
    """

    def __init__(self, coding: Coding, profile: Profile, wanted: frozenset[int], *, careful: bool) -> None:
        self.coding, self.profile, self.wanted, self.careful = coding, profile, wanted, careful
        self.top: dict[bytes, Known] = {}
        self.inner: dict[bytes, Known] = {}
        self.people: dict[bytes, tuple[int, Values]] = {}
        self._actions: dict[tuple[int, bytes], tuple[Action, str]] = {}

    def learn(self, data: Data, at: int, *, top: bool) -> Known:
        """The decision on the element at a place, remembered.

        Raises:
            DamagedImage: there is no element.
        """
        known = self.top if top else self.inner
        key = data[at : at + 12] if self.coding.explicit and data[at + 4 : at + 6] in LONG_VRS else data[at : at + 8]
        decided = known.get(key)
        if decided is None:
            tag, vr, length, value_at = self.coding.element(data, at)
            found = self._decide(tag, vr, length, value_at - at, top=top)
            if len(known) >= _MOST_HEADERS:
                known.clear()
            size = 0 if length == UNDEFINED else value_at - at + length
            step = found.step
            if top and is_short_sequence(found):
                step = Step.REPLACE
            elif step is Step.REPLACE and size > LONGEST_TEXT:
                step = Step.OPEN  # nothing is looked up by so many bytes
            decided = known[key] = (step, found.tag, size, top and tag in self.wanted, found)
        return decided

    def of(self, identity: bytes, keys: Keys) -> tuple[int, Values]:
        """The days of a patient, and what is written for each element of this patient."""
        own = self.people.get(identity)
        if own is None:
            if len(self.people) >= _MOST_PEOPLE:
                self.people.clear()
            own = self.people[identity] = (keys.days(identity), Values())
        return own

    def _decide(self, tag: int, vr: bytes, length: int, head: int, *, top: bool) -> Found:
        action, name = self._action(tag, vr)
        if top and tag in {_PADDING, 0}:
            step, tag = Step.STOP, BEHIND_ALL
        elif tag == ITEM_END and not top:
            step = Step.ITEM_END
        elif name == "SQ":
            step = Step.ENTER if action is Action.SEQUENCE else Step.LEAVE
        elif action is Action.PIXELS:
            step = Step.PIXELS if top else Step.OMIT
        elif length == UNDEFINED:
            step = Step.OPEN
        elif tag in VALUES or may_be_safe(tag, self.profile):
            step = Step.CONTEXT
        elif action is Action.CODE:
            step = Step.CHECK
        elif action is not Action.KEEP:
            step = Step.OMIT if action is Action.REMOVE and length > LONGEST_TEXT else Step.REPLACE
        else:
            step = self._keep(tag, name, length, top=top)
        return Found(step, action, tag, vr, name, head, length)

    def _keep(self, tag: int, name: str, length: int, *, top: bool) -> Step:
        if can_hide_text(name, length) or (self.careful and name[:2] not in NUMBERS):
            return Step.CHECK
        return Step.TELL if top and tag in self.wanted and length <= _LONGEST_SHORT else Step.KEEP

    def _action(self, tag: int, vr: bytes) -> tuple[Action, str]:
        known = self._actions.get((tag, vr))
        if known is None:
            if len(self._actions) >= _MOST_HEADERS:
                self._actions.clear()
            text = vr.decode("latin-1")
            if text == "UN" and (action := self._unknown(tag)) is not None:
                known = action, vr_of(tag)
            else:
                known = action_of(tag, text, self.profile), text or vr_of(tag)
            self._actions[tag, vr] = known
        return known

    def _unknown(self, tag: int) -> Action | None:
        """What becomes of an attribute of unknown kind that the dictionary knows (PS3.5 section 6.2.2)."""
        name = vr_of(tag)
        if not name or (self.coding.big and name == "SQ"):
            return None
        action = action_of(tag, "", self.profile)
        return Action.REMOVE if action is Action.PIXELS else action


@lru_cache(maxsize=8)
def memory_of(coding: Coding, profile: Profile, _keys: Keys, wanted: frozenset[int], *, careful: bool) -> Memory:
    """What is remembered between data sets.

    Args:
        coding: How elements are written.
        profile: Which attributes stay.
        wanted: Tags of the top level whose values are told.
        careful: Whether values that would stay are weighed.
    """
    return Memory(coding, profile, wanted, careful=careful)


def make(found: Found, value: bytes, whose: Whose, coding: Coding) -> Made:
    """What is written in the place of an element.

    Raises:
        DamagedImage: the new value is longer than its kind of attribute can hold.
    """
    new = new_value(found.action, found.name, value, whose)
    shown = 0 < len(value) <= LONGEST_TEXT and (found.name in _SEEN or not found.name)
    tokens = tokens_in(found.tag, found.name, value) if shown else _NO_TOKENS
    if new is None:
        return Made(b"", b"", tokens, _NO_TOKENS, value)
    if len(new) > _LONGEST_SHORT and coding.explicit and found.vr not in LONG_VRS:
        raise DamagedImage("A value is longer than its kind of attribute can hold.")
    written = coding.header(found.tag, found.vr, len(new)) + new
    in_the_file = found.action in _OF_THE_FILE and not (found.tag in _IMAGE_TYPE and is_image_type(new))
    says = new.strip(b"\0 ").lower() if not in_the_file or found.action is Action.TEXT else b""
    values = frozenset((says,)) if 0 < len(says) <= LONGEST_TEXT else _NO_TOKENS
    if in_the_file:
        return Made(written, written, tokens, values, value, new, stays=new == value and not tokens and not values)
    return Made(written, b"", tokens, values, value, new)
