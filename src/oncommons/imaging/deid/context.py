"""What the earlier attributes of an item say about the later ones: private creators, and what a value means."""

from __future__ import annotations

from dataclasses import dataclass, field

from oncommons.imaging.deid.content import CONCEPT_NAME, NUMBER, Concept
from oncommons.imaging.deid.elements import ITEM, UNDEFINED, Coding, Element
from oncommons.imaging.pieces import Data, Piece

NO_CODE: Concept = (b"", b"")
_VALUE, _SCHEME = 0x00080100, 0x00080102
_LONGEST = 64


@dataclass
class Block:
    """A reserved block of private attributes; its creator is written with the first of them that stays.

    Attributes:
        creator: Its private creator.
        element: The creator's bytes.
        parts: Where they are written.
        left: Where they are told to be left.
        place: Which of the parts is kept free for them; -1 once they are written.
    """

    creator: bytes
    element: bytes
    parts: list[Piece]
    left: list[Piece]
    place: int

    def claim(self) -> None:
        """Write the creator, once."""
        if self.place >= 0:
            self.parts[self.place] = self.element
            self.left.append(self.element)
            self.place = -1


@dataclass
class Scope:
    """One item of a sequence, or the top level.

    Attributes:
        outer: The item that holds the sequence.
        codes: What the sequences of :data:`CODED` say.
        blocks: Group and number of a block to the block.
    """

    outer: Scope | None = None
    codes: dict[int, Concept] = field(default_factory=dict)
    blocks: dict[tuple[int, int], Block] = field(default_factory=dict)

    def concept(self, tag: int) -> Concept:
        """What the value of an attribute means; that of a measured number is told one item further out."""
        item = self.outer if tag == NUMBER else self
        return item.codes.get(CONCEPT_NAME, NO_CODE) if item else NO_CODE

    def forget(self) -> None:
        """Keep no place free any more for creators that were not written; what is in their blocks goes."""
        self.blocks = {key: block for key, block in self.blocks.items() if block.place < 0}
        if self.outer:
            self.outer.forget()

    def block(self, tag: int) -> Block | None:
        """The block that a private attribute belongs to."""
        return self.blocks.get((tag >> 16, tag >> 8 & 0xFF))


def code_in(data: Data, sequence: Element, coding: Coding) -> Concept:
    """The code in the first item of a code sequence (PS3.3 section 8.8).

    Args:
        data: The bytes that hold it.
        sequence: The sequence, as :meth:`Coding.element` gives it.
        coding: How its elements are written.

    Raises:
        DamagedImage: it ends inside an element.
    """
    _, _, length, at = sequence
    end = len(data) if length == UNDEFINED else min(at + length, len(data))
    found = {_VALUE: b"", _SCHEME: b""}
    if at + 8 > end or coding.element(data, at)[0] != ITEM:
        return NO_CODE
    at += 8
    while at + 8 <= end:
        element = tag, _, _, value_at = coding.element(data, at)
        if tag > _SCHEME:
            break
        at = coding.after(data, element)
        if tag in found:
            found[tag] = data[value_at : min(at, value_at + _LONGEST)].strip(b"\0 ")
    return found[_VALUE], found[_SCHEME]
