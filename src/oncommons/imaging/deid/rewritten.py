"""What a data set has become, in pieces, and what it told of the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from oncommons.imaging.pieces import Piece, Span, joined
from oncommons.schema.errors import ImageTooLarge

_MOST_PIECES, _MANY_IN_AN_ITEM, _MOST_TOKENS = 8192, 65_536, 65_536
_MOST_HELD = 64 * 1024 * 1024
_SPAN_BYTES = 128


@dataclass(frozen=True)
class PixelData:
    """Pixel data.

    Attributes:
        source: Where they lie in the file; of encapsulated ones all items, from the basic offset table to the sequence
            delimiter.
        pieces: Their bytes, as they are kept.
        encapsulated: Whether they are (PS3.5 annex A.4).
    """

    source: Span
    pieces: Sequence[Piece]
    encapsulated: bool


@dataclass
class Rewritten:
    """A data set after its attributes were replaced.

    Attributes:
        parts: Its bytes, in pieces.
        left: Those of its bytes that were in the file, in pieces; without pixel data.
        pixels: Each attribute with pixel data.
        facts: Wanted attributes of the top level, as they were.
        told: The same attributes, as they are now.
        tokens: What told of the patient, and was replaced or removed; in small letters.
        made: Values that were written instead, in small letters.
        dropped: Whether it will not be written at all.
        full: How many pieces make it worth while to join them when an item ends.
        most: How many are joined before it ends.
    """

    parts: list[Piece] = field(default_factory=list)
    left: list[Piece] = field(default_factory=list)
    pixels: list[PixelData] = field(default_factory=list)
    facts: dict[int, bytes] = field(default_factory=dict)
    told: dict[int, bytes] = field(default_factory=dict)
    tokens: set[bytes] = field(default_factory=set)
    made: set[bytes] = field(default_factory=set)
    dropped: bool = False
    full: int = _MOST_PIECES
    most: int = _MANY_IN_AN_ITEM
    _packed: tuple[int, int] = (0, 0)
    _held: int = 0

    def pack(self) -> None:
        """Join the pieces that were added since the last time, so that many small ones take no more than their bytes.

        Raises:
            ImageTooLarge: it holds or tells more than may be in memory.
        """
        self._packed = self._pack(self.parts, self._packed[0]), self._pack(self.left, self._packed[1])
        self.full, self.most = len(self.parts) + _MOST_PIECES, len(self.parts) + _MANY_IN_AN_ITEM
        if self._held > _MOST_HELD or len(self.tokens) > _MOST_TOKENS:
            raise ImageTooLarge(f"Without its pixels, it is larger than {_MOST_HELD // 1024**2 // 2} MiB.")

    def _pack(self, pieces: list[Piece], since: int) -> int:
        fewer = [] if self.dropped else list(joined(pieces[since:]))
        pieces[since:] = fewer
        self._held += sum(len(piece) if isinstance(piece, bytes) else _SPAN_BYTES for piece in fewer)
        return len(pieces)
