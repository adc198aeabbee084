"""The fast path: a data set rewritten byte by byte, without decoding what stays.

Runs of attributes that stay are copied as they are; the others are replaced one by one.  Sequences are always entered,
and written with undefined lengths (PS3.5 section 7.5), so that nothing has to be counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from oncommons.imaging.deid.codes import is_code
from oncommons.imaging.deid.codestream import blanked
from oncommons.imaging.deid.content import CODED, NUMBER, UNITS, capped, content_action
from oncommons.imaging.deid.context import NO_CODE, Block, Scope, code_in
from oncommons.imaging.deid.decisions import (
    BEHIND_ALL,
    LONGEST_TEXT,
    NOTHING,
    NUMBERS,
    Found,
    Made,
    Memory,
    Order,
    Step,
    Values,
    is_short_sequence,
    make,
    memory_of,
)
from oncommons.imaging.deid.elements import DEEPEST, UNDEFINED, Coding, coding_of
from oncommons.imaging.deid.pixels.face import FEATURES, slice_shows_face
from oncommons.imaging.deid.private import is_creator, private_action, safe_creators, safe_vr
from oncommons.imaging.deid.rewritten import PixelData, Rewritten
from oncommons.imaging.deid.rules import Action
from oncommons.imaging.deid.statement import BEHIND_FEATURES, written
from oncommons.imaging.deid.stretches import Stretch, fitting, stretches_of, units
from oncommons.imaging.deid.sweep import grouped, holds
from oncommons.imaging.deid.terms import are_numbers, is_number
from oncommons.imaging.deid.values import Whose
from oncommons.imaging.pieces import Data, Span, chunks_of
from oncommons.imaging.syntax import IMPLICIT_LITTLE
from oncommons.schema.errors import DamagedImage, ImageTooLarge

_PATIENT_ID, _SCHEME, _SERIES = 0x00100020, 0x00080102, 0x0020000E
_NEVER = BEHIND_ALL + 1
_LONGEST_VALUE = 1024 * 1024
_UNREAD = (Action.REMOVE, Action.EMPTY, Action.KEEP)
"""What becomes of a long value of these does not depend on it; of those that stay, only one that is none comes here."""
_LONGEST_RUN, _LONGEST_RUN_ON_DISK = 65_536, 4096
"""Bytes up to which a run of attributes that stay is copied; a longer one is given on as a place in the file."""
_KEEP, _TELL, _CHECK, _REPLACE = Step.KEEP, Step.TELL, Step.CHECK, Step.REPLACE
_ENTER, _LEAVE, _PIXELS, _ITEM_END, _STOP = Step.ENTER, Step.LEAVE, Step.PIXELS, Step.ITEM_END, Step.STOP


def rewrite(data: Data, start: int, syntax: bytes, order: Order) -> Rewritten:
    """De-identify a data set.

    Args:
        data: Bytes that hold it.
        start: Where it begins.
        syntax: UID of its transfer syntax; a deflated one must have been inflated.
        order: What is to be done.

    Raises:
        DamagedImage: it cannot be read to its end.
        ImageTooLarge: what is not pixels is more than may be in memory.
    """
    walk = _Walk(data, start, coding_of(syntax), order)
    walk.all(start)
    return walk.result


class _Walk:
    """One pass over one data set."""

    def __init__(self, data: Data, start: int, coding: Coding, order: Order, whose: Whose | None = None) -> None:
        self.data = data
        self.longest_run = _LONGEST_RUN if isinstance(data, bytes) else _LONGEST_RUN_ON_DISK
        self.order, self.scope = order, Scope()
        self.tokens = grouped(order.tokens)
        self.result, self.coding = Rewritten(), coding
        self.memory = self.remembered(coding)
        identity = whose.identity if whose else self.identity(start).strip(b"\0 ")
        days, values = self.memory.of(identity, order.keys)
        self.whose = Whose(order.keys, identity, days)
        self.values = Values() if order.tokens else values  # what becomes of a text depends on them
        self.statement: Sequence[tuple[int, bytes]] = ()
        self.stretches: Mapping[bytes, Sequence[Stretch]] = {}

    def all(self, start: int) -> None:
        """Rewrite a data set and state what was done to it."""
        self.statement = statement = written(self.order.profile, self.coding)
        remembered = stretches_of(self.memory, self.whose.identity)
        remembers = isinstance(self.data, bytes) and not self.tokens
        self.stretches = remembered.found if remembers else {}
        self.top(start)
        if remembers:
            data, ends = cast("bytes", self.data), [tag for tag, _ in statement]
            series = self.result.facts.get(_SERIES, b"")
            remembered.seen(series, (data, start), lambda head: units(head, self.coding, self.memory, ends), self.alone)
        self.state(BEHIND_ALL)
        self.result.told = {**self.result.facts, **self.result.told}

    def alone(self, raw: bytes) -> Rewritten:
        """What becomes of some attributes of the same patient."""
        walk = _Walk(raw, 0, self.coding, self.order, self.whose)
        walk.top(0)
        return walk.result

    def remembered(self, coding: Coding) -> Memory:
        """What is remembered of one coding."""
        order = self.order
        return memory_of(coding, order.profile, order.keys, order.wanted, careful=bool(order.tokens))

    def identity(self, at: int) -> bytes:
        """The identifier of the patient, which stands after the first dates."""
        data, known, end = self.data, self.memory.top, len(self.data)
        while at < end:
            _, tag, size, _, found = known.get(data[at : at + 8]) or self.memory.learn(data, at, top=True)
            if tag >= _PATIENT_ID:
                told = tag == _PATIENT_ID and found.step is _REPLACE and size <= _LONGEST_VALUE
                return data[at + found.head : at + size] if told else b""
            at = at + size if size else self.coding.after(data, (tag, found.vr, UNDEFINED, at + found.head))
        return b""

    def top(self, at: int) -> None:
        """Rewrite the elements of the top level."""
        data, known, values, result = self.data, self.memory.top, self.values, self.result
        run, end, last, stretches = at, len(data), -1, self.stretches
        due = self.statement[0][0] if self.statement else _NEVER
        while at < end:
            head = data[at : at + 8]
            begins = stretches.get(head)
            if begins and (same := fitting(begins, cast("bytes", data), at, last)):
                self.copy(run, at)
                due = due if same.first < due else self.state(same.first)
                last, run = self.follow(same), at + len(same.raw)
                at = run
                continue
            step, tag, size, wanted, found = known.get(head) or self.memory.learn(data, at, top=True)
            if tag <= last:
                raise DamagedImage("Its attributes are not in ascending order.")
            last = tag
            if tag >= due:
                self.copy(run, at)
                run, due = at, self.state(tag)
            if step is _KEEP:
                at += size
                continue
            if step is _STOP:
                break
            made = values.get(data[at : at + size]) if step is _REPLACE else None
            if step is _TELL or (made.stays if made else step is _CHECK and self.checks(at, size, found)):
                if wanted and size <= _LONGEST_VALUE:
                    result.facts[tag] = data[at + found.head : at + size]
                at += size
                continue
            self.copy(run, at)
            if made is None:
                made, size = self.meet(at, found, 0)
            self.put(made, tag if wanted else _NEVER)
            run = at = at + size
        self.end(run, at, end)

    def item(self, at: int, end: int, depth: int, *, open_ended: bool) -> int:
        """Rewrite the elements of an item up to a place, or up to its delimiter; returns where it stopped."""
        data, known, values, run = self.data, self.memory.inner, self.values, at
        while at < end:
            step, _, size, _, found = known.get(data[at : at + 8]) or self.memory.learn(data, at, top=False)
            made = values.get(data[at : at + size]) if step is _REPLACE else None
            if step is _KEEP or (made.stays if made else step is _CHECK and self.checks(at, size, found)):
                at += size
                continue
            self.copy(run, at)
            if step is _ITEM_END and open_ended:
                return at + found.head
            if made is None:
                made, size = self.meet(at, found, depth)
            self.put(made)
            run = at = at + size
        self.end(run, at, end)
        if open_ended and at >= end:
            raise DamagedImage("An item of a sequence does not end.")
        return end

    def checks(self, at: int, size: int, found: Found) -> bool:
        """Whether a value is what it should be, and holds nothing of the patient's."""
        if size > _LONGEST_VALUE:
            chunks = Span(self.data, at + found.head, min(at + size, len(self.data))).chunks()
            return found.action is not Action.CODE and are_numbers(map(bytes, chunks), found.name)
        value = self.data[at + found.head : at + size]
        fits = is_code(value, self.scheme(at + size)) if found.action is Action.CODE else is_number(value, found.name)
        return fits and not (self.tokens and found.name[:2] not in NUMBERS and self.tells(value))

    def tells(self, value: bytes) -> bool:
        """Whether a value holds something of the patient's."""
        return len(value) <= LONGEST_TEXT and holds(self.tokens, value.lower())

    def follow(self, same: Stretch) -> int:
        """Write a stretch that is remembered; returns the tag of its last element."""
        self.put(same.made)
        self.result.facts.update(same.facts)
        self.result.told.update(same.told)
        return same.last

    def copy(self, start: int, end: int) -> None:
        """Keep a run of bytes."""
        if start == end:
            return
        run = self.data[start:end] if end - start <= self.longest_run else Span(self.data, start, end)
        result = self.result
        result.parts.append(run)
        result.left.append(run)

    def end(self, run: int, at: int, end: int) -> None:
        """Keep the last run of bytes."""
        if at > len(self.data):
            raise DamagedImage("An element is longer than the file.")
        if at > end:
            raise DamagedImage("An item of a sequence does not end.")
        self.copy(run, at)

    def put(self, made: Made, wanted: int = _NEVER) -> None:
        """Write an element, and tell of it if it is wanted."""
        written, left, tokens, values, fact, told, _ = made
        result = self.result
        if written:
            result.parts.append(written)
        if left:
            result.left.append(left)
        if tokens:
            result.tokens |= tokens
        if values:
            result.made |= values
        if wanted != _NEVER:
            result.facts[wanted], result.told[wanted] = fact, told
        if len(result.parts) > result.most:
            self.pack()

    def pack(self) -> None:
        """Join what was written so far."""
        self.scope.forget()
        self.result.pack()

    def state(self, before: int) -> int:
        """Write what an object says about its de-identification, as far as it belongs before a tag.

        Returns the tag at which there is more to write.
        """
        for i, (tag, element) in enumerate(self.statement):
            if tag > before:
                self.statement = self.statement[i:]
                return tag
            if tag == BEHIND_FEATURES and FEATURES not in self.result.facts and slice_shows_face(self.result.facts):
                self.result.parts.append(self.coding.header(FEATURES, b"CS", 4) + b"YES ")
                self.result.told[FEATURES] = b"YES"
            self.result.parts.append(element)
        self.statement = ()
        return _NEVER

    def meet(self, at: int, found: Found, depth: int) -> tuple[Made, int]:
        """What is written in the place of an element that is not remembered, and how long the element is."""
        step = found.step
        if step is _ENTER or step is _LEAVE:
            return self.sequence(at, found, depth)
        following = self.coding.after(self.data, (found.tag, found.vr, found.length, at + found.head))
        if step is _PIXELS:
            self.pixels(at, found, following)
            return NOTHING, following - at
        raw = b""
        if found.length <= _LONGEST_VALUE:
            raw = self.data[at:following]
        elif found.length != UNDEFINED and step is not Step.OMIT and found.action not in _UNREAD:
            raise ImageTooLarge(f"A value that must be cleaned is longer than {_LONGEST_VALUE // 1024**2} MiB.")
        if step is Step.OMIT:
            made = NOTHING
        elif step is Step.CONTEXT:
            made = self.private(raw, found) if found.tag >> 16 & 1 else self.content(raw, found)
        else:
            made = self.make(raw, found)
            if step is _REPLACE:
                self.values.remember(raw, made)
        return made, following - at

    def content(self, raw: bytes, found: Found) -> Made:
        """The value of a content item, by what it means."""
        concept, value = self.scope.concept(found.tag), raw[found.head :]
        if found.tag == NUMBER and capped(value, concept, self.scope.codes.get(UNITS, NO_CODE)) != value:
            raw = raw[: found.head] + capped(value, concept, self.scope.codes.get(UNITS, NO_CODE))
        found = found._replace(action=content_action(found.tag, concept, self.order.profile))
        made = self.make(raw, found)
        if found.action is Action.TEXT and value.strip(b"\0 ") and not made.told:
            made = self.make(raw, found._replace(action=Action.DUMMY))
        return made

    def private(self, raw: bytes, found: Found) -> Made:
        """A private attribute, if it is safe; its creator stays with it."""
        value = raw[found.head :].strip(b"\0 ")
        if is_creator(found.tag):
            if (found.tag >> 16, value) in safe_creators():
                parts, left = self.result.parts, self.result.left
                self.scope.blocks[found.tag >> 16, found.tag & 0xFF] = Block(value, raw, parts, left, len(parts))
                parts.append(b"")
            return NOTHING
        block = self.scope.block(found.tag)
        vr = safe_vr(found.tag, block.creator, found.vr.decode("latin-1")) if block else ""
        if block and vr:
            made = self.make(raw, found._replace(action=private_action(vr), name=vr))
            if made.told:
                block.claim()
                return made
        return self.make(raw, found)

    def make(self, raw: bytes, found: Found) -> Made:
        """What is written in the place of an element; nothing that holds something of the patient's."""
        made = make(found, raw[found.head :], self.whose, self.coding)
        if self.tokens and made.left and self.tells(made.told):
            made = make(found._replace(action=Action.EMPTY), raw[found.head :], self.whose, self.coding)
        return made

    def scheme(self, at: int) -> bytes:
        """The coding scheme, if the element at a place tells one."""
        if at + 8 > len(self.data):
            return b""
        known = self.memory.inner.get(self.data[at : at + 8]) or self.memory.learn(self.data, at, top=False)
        told = known[1] == _SCHEME and known[2] <= LONGEST_TEXT
        return self.data[at + known[-1].head : at + known[2]] if told else b""

    def sequence(self, at: int, found: Found, depth: int) -> tuple[Made, int]:
        """Rewrite a sequence, or read it for what it tells of the patient and leave its items out."""
        if found.tag in CODED:
            element = (found.tag, found.vr, found.length, at + found.head)
            self.scope.codes[found.tag] = code_in(self.data, element, self.coding)
        leave, short = found.step is _LEAVE, not depth and is_short_sequence(found)
        if not (leave or short):
            return NOTHING, self.enter(at, found, depth) - at
        outer, self.result = self.result, Rewritten(dropped=leave)
        following = self.enter(at, found, depth)
        inner, self.result = self.result, outer
        if leave:
            written = left = b"" if found.action is Action.REMOVE else self.coding.header(found.tag, found.vr, 0)
        else:
            written, left = b"".join(chunks_of(inner.parts)), b"".join(chunks_of(inner.left))
        made = Made(written, left, frozenset(inner.tokens), frozenset(inner.made))
        raw = self.data[at:following] if short else b""
        if short and self.coding.header(NUMBER, b"", 0)[:4] not in raw:  # what a number means is told outside
            self.values.remember(raw, made)
        return made, following - at

    def enter(self, at: int, found: Found, depth: int) -> int:
        """Rewrite the items of a sequence; one of unknown kind is in implicit little endian (PS3.5 section 6.2.2)."""
        self.add(self.coding.header(found.tag, found.vr, UNDEFINED))
        if found.vr != b"UN":
            return self.items(at, found, depth)
        outer = self.coding, self.memory, self.values
        self.coding = coding_of(IMPLICIT_LITTLE)
        self.memory = self.remembered(self.coding)
        self.values = Values() if self.tokens else self.memory.of(self.whose.identity, self.whose.keys)[1]
        following = self.items(at, found, depth)
        self.coding, self.memory, self.values = outer
        return following

    def items(self, at: int, found: Found, depth: int) -> int:
        """Rewrite the items of a sequence (PS3.5 section 7.5.2); returns where the sequence ends."""
        if depth >= DEEPEST:
            raise DamagedImage(f"Sequences lie in one another deeper than {DEEPEST} levels.")
        data, coding, open_ended = self.data, self.coding, found.length == UNDEFINED
        at += found.head
        end = len(data) if open_ended else coding.after(data, (found.tag, found.vr, found.length, at))
        while at < end:
            head = data[at : at + 8]
            if open_ended and head[:4] == coding.sequence_end[:4] and len(head) == len(coding.sequence_end):
                at += 8
                break
            self.add(coding.item)
            inside = 0 if head == coding.item else coding.after_item(data, at, end)
            outer, self.scope = self.scope, Scope(self.scope)
            at = self.item(at + 8, inside or end, depth + 1, open_ended=not inside)
            self.scope = outer
            self.add(coding.item_end)
            if len(self.result.parts) > self.result.full:
                self.pack()
        else:
            if open_ended:
                raise DamagedImage("A sequence does not end.")
        self.add(coding.sequence_end)
        return at

    def add(self, delimiter: bytes) -> None:
        """Write the beginning or the end of an item or a sequence."""
        self.result.parts.append(delimiter)
        self.result.left.append(delimiter)

    def pixels(self, at: int, found: Found, end: int) -> None:
        """Give on pixel data as they are, native or encapsulated (PS3.5 annex A.4)."""
        source, encapsulated = Span(self.data, at + found.head, end), found.length == UNDEFINED
        pieces = blanked(source) if encapsulated else [source]
        self.result.parts += [self.coding.header(found.tag, found.vr, found.length), *pieces]
        self.result.pixels.append(PixelData(source, pieces, encapsulated))
