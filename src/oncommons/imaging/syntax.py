"""The outside of a DICOM file: preamble, file meta information, transfer syntax (PS3.10 section 7, PS3.5 annex A)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from struct import pack, unpack_from
from typing import Generic, TypeVar

from oncommons.imaging.pieces import Data, Piece, chunks_of
from oncommons.schema.errors import DamagedImage, ImageTooLarge, NotDicom, UnknownKind

IMPLICIT_LITTLE = b"1.2.840.10008.1.2"
EXPLICIT_LITTLE = b"1.2.840.10008.1.2.1"
DEFLATED_LITTLE = b"1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = b"1.2.840.10008.1.2.2"
MEDIA_DIRECTORY = b"1.2.840.10008.1.3.10"
"""Media Storage Directory Storage: a DICOMDIR, which names the patients of a medium and holds no image."""
MOST_INFLATED = 24 * 1024 * 1024
"""A deflated object may not grow beyond this; it is inflated in memory, and 150 MB of memory are enough for a node."""
_PIECE = 64 * 1024
LONG_VRS = frozenset({b"OB", b"OW", b"UN", b"SQ", b"UT", b"OF", b"OD", b"OL", b"OV", b"UC", b"UR", b"SV", b"UV"})
"""Value representations with a length of four bytes in explicit syntaxes (PS3.5 section 7.1.2)."""
_MAGIC_AT, _META_AT = 128, 132
_SYNTAX = re.compile(rb"1\.2\.840\.10008\.1\.2(?:\.[0-9]{1,5}){0,4}")
_META_GROUP = b"\x02\x00"
_LONGEST_META = 0xFFFF
_IMPLEMENTATION = b"2.25.137262957137158262153316733562841231945"
_VERSION = b"ONCOMMONS"
_PREAMBLE = bytes(_MAGIC_AT) + b"DICM\x02\x00\x00\x00UL\x04\x00"
"""Preamble and the beginning of the length of the file meta information."""


_Raw = TypeVar("_Raw", bound=Data)


@dataclass(frozen=True)
class Opened(Generic[_Raw]):
    """A file taken apart.

    Attributes:
        syntax: UID of the transfer syntax.
        sop_class: UID of what it is, as the file meta information says; empty where that is missing.
        data: The bytes that hold the data set, inflated if need be.
        start: Where in them the data set begins.
    """

    syntax: bytes
    sop_class: bytes
    data: _Raw
    start: int


def open_file(raw: _Raw) -> Opened[_Raw] | Opened[bytes]:
    """Take a file apart; one without preamble or file meta information is taken as its data set alone.

    Raises:
        NotDicom: it is something else, or the table of contents of a medium (PS3.10 section 8).
        UnknownKind: its transfer syntax is private.
        DamagedImage: it ends before its data set, or cannot be inflated.
        ImageTooLarge: inflated, it is larger than allowed.
    """
    outside = open_head(raw)
    if outside.syntax == DEFLATED_LITTLE:
        return Opened(outside.syntax, outside.sop_class, _inflate(raw, outside.start), 0)
    return outside


def open_head(head: _Raw) -> Opened[_Raw]:
    """Read what stands before the data set, which is neither inflated nor looked at.

    Args:
        head: The first bytes of a file, or all of it.

    Raises:
        NotDicom: it is something else, or the table of contents of a medium.
        UnknownKind: its transfer syntax is private.
        DamagedImage: the bytes end before the data set.
    """
    if head[_MAGIC_AT:_META_AT] == b"DICM":
        meta, start = _read_meta(head, _META_AT)
    elif head[:2] == _META_GROUP:
        meta, start = _read_meta(head, 0)
    else:
        meta, start = {}, 0
    if meta.get(0x0002) == MEDIA_DIRECTORY:
        raise NotDicom("This is the table of contents of a medium; its images are files of their own.")
    if start and start >= len(head):
        raise DamagedImage("The file ends before its data set begins.")
    syntax = meta.get(0x0010) or _guess(head, start)
    if not _SYNTAX.fullmatch(syntax):
        raise UnknownKind("Its transfer syntax is not one of the standard; export it in one that is.")
    return Opened(syntax, meta.get(0x0002, b""), head, start)


def sop_instance_of(raw: Data) -> bytes:
    """SOP Instance UID that the file meta information of a file tells; empty where it tells none."""
    try:
        return _read_meta(raw, _META_AT)[0].get(0x0003, b"") if raw[_MAGIC_AT:_META_AT] == b"DICM" else b""
    except DamagedImage:
        return b""


def write_file(syntax: bytes, sop_class: bytes, sop_instance: bytes, parts: Iterable[Piece]) -> bytes:
    """A file with a fresh preamble and file meta information around a data set."""
    return b"".join(chunks_of(file_pieces(syntax, sop_class, sop_instance, parts)))


def file_pieces(syntax: bytes, sop_class: bytes, sop_instance: bytes, parts: Iterable[Piece]) -> list[Piece]:
    """The pieces of :func:`write_file`."""
    head = file_head(syntax, sop_class, sop_instance)
    if syntax == DEFLATED_LITTLE:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = [*map(packer.compress, chunks_of(parts)), packer.flush()]
        return [head, *filter(None, body), b"\0" * (sum(map(len, body)) % 2)]
    return [head, *parts]


def file_head(syntax: bytes, sop_class: bytes, sop_instance: bytes) -> bytes:
    """Preamble and file meta information of a file; the data set follows as its transfer syntax writes it."""
    instance = _meta(0x0003, b"UI", sop_instance)
    before, after = _around(syntax, sop_class)
    length = len(before) + len(instance) + len(after)
    return b"".join((_PREAMBLE, pack("<I", length), before, instance, after))


@lru_cache(maxsize=256)
def _around(syntax: bytes, sop_class: bytes) -> tuple[bytes, bytes]:
    """File meta information before and after the UID of the instance."""
    before = _meta(0x0001, b"OB", b"\0\1") + _meta(0x0002, b"UI", sop_class)
    after = (
        _meta(0x0010, b"UI", syntax),
        _meta(0x0012, b"UI", _IMPLEMENTATION),
        _meta(0x0013, b"SH", _VERSION),
    )
    return before, b"".join(after)


def _read_meta(raw: Data, at: int) -> tuple[dict[int, bytes], int]:
    """Elements of group 0002, always in explicit little endian, and where they end; stated lengths are not trusted."""
    found: dict[int, bytes] = {}
    while (head := raw[at : at + 12])[:2] == _META_GROUP:
        if len(head) < 8:  # noqa: PLR2004
            raise DamagedImage("The file ends inside its file meta information.")
        element, vr, length = unpack_from("<2xH2sH", head)
        value_at = at + 8
        if vr in LONG_VRS:
            length = unpack_from("<I", head, 8)[0] if len(head) == 12 else len(raw)  # noqa: PLR2004
            value_at = at + 12
        at = value_at + length
        if at > len(raw):
            raise DamagedImage("The file ends inside its file meta information.")
        if length <= _LONGEST_META:
            found[element] = raw[value_at:at].strip(b"\0 ")
    return found, at


def _guess(raw: Data, at: int) -> bytes:
    """The transfer syntax of a data set that does not say: by its first element, which must be of group 0008."""
    head = raw[at : at + 8]
    if len(head) == 8 and head[:2] == b"\x08\x00" and head[3] == 0:  # noqa: PLR2004
        if head[4:6].isalpha() and head[4:6].isupper():
            return EXPLICIT_LITTLE
        if unpack_from("<I", head, 4)[0] <= len(raw):
            return IMPLICIT_LITTLE
    raise NotDicom("This is not a DICOM file.")


def _meta(element: int, vr: bytes, value: bytes) -> bytes:
    padded = value + (b"\0" if vr in {b"UI", b"OB"} else b" ") * (len(value) % 2)
    length = pack("<HI", 0, len(padded)) if vr in LONG_VRS else pack("<H", len(padded))
    return pack("<HH", 2, element) + vr + length + padded


def _inflate(packed: Data, start: int) -> bytes:
    whole = BytesIO()
    for part in _inflated(packed, start):
        if whole.tell() + len(part) > MOST_INFLATED:
            raise ImageTooLarge(f"The deflated data set is larger than {MOST_INFLATED // 1024**2} MiB.")
        whole.write(part)
    return whole.getvalue()


def _inflated(packed: Data, start: int) -> Iterator[bytes]:
    """What a deflated data set holds, in pieces of a bearable size."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for at in range(start, len(packed), _PIECE):
            piece = packed[at : at + _PIECE]
            while piece and not unpacker.eof:
                yield unpacker.decompress(piece, 16 * _PIECE)
                piece = unpacker.unconsumed_tail
    except zlib.error as fault:
        raise DamagedImage("The deflated data set cannot be inflated.", detail=str(fault)) from fault
    if not unpacker.eof:
        raise DamagedImage("The deflated data set is cut short.")
