"""Tokens inside and beside pixel data: comments, EXIF, offset tables, overlays, curves, icons."""

from collections.abc import Iterator
from struct import pack

from tests.corpus.files import JPEG, JPEG_2000, JPEG_LS, RLE, Elements, Plan, fragment, image, pixels
from tests.corpus.tokens import Mint

from oncommons.imaging.syntax import EXPLICIT_LITTLE


def segment(marker: int, text: bytes) -> bytes:
    """A marker segment of JPEG, JPEG-LS or JPEG 2000."""
    return pack(">HH", marker, len(text) + 2) + text


def compressed(mint: Mint, patient: str) -> Iterator[Plan]:
    """Comments and metadata at the start, between scans and after the end of compressed images."""
    for syntax, name in ((JPEG, "JPEG"), (JPEG_LS, "JPEG-LS")):
        whole = fragment(syntax)
        comment = segment(0xFFFE, mint.word(f"comment in {name}").encode())
        exif = segment(0xFFE1, b"Exif\0\0MM\0*" + mint.word(f"EXIF in {name}").encode())
        other = segment(0xFFED, b"Photoshop 3.0\0" + mint.word(f"APP13 in {name}").encode())
        first = segment(0xFFE0, b"JFIF\0\1\1\0\0\1\0\1\0\0" + mint.word(f"thumbnail in {name}").encode())
        after = whole + mint.word(f"after the end of {name}").encode()
        end = whole.rindex(b"\xff\xd9")
        between = whole[:end] + segment(0xFFFE, mint.word(f"comment after the scan of {name}").encode()) + whole[end:]
        frames = [whole[:2] + first + exif + other + comment + whole[2:], after, between]
        yield _of(mint, patient, f"comments in {name}", syntax, frames)
    yield from _jpeg_2000(mint, patient)
    table = mint.word("offset table").encode().ljust(12, b"\0")
    whole = fragment(RLE)
    yield _of(mint, patient, "offset table", RLE, [whole, whole, whole], table)


def _jpeg_2000(mint: Mint, patient: str) -> Iterator[Plan]:
    whole = fragment(JPEG_2000)
    start, tile = whole.index(b"\xff\x52"), whole.index(b"\xff\x90")
    main = segment(0xFF64, b"\0\1" + mint.word("comment in JPEG 2000").encode())
    part = segment(0xFF64, b"\0\1" + mint.word("comment in a tile-part of JPEG 2000").encode())
    length = int.from_bytes(whole[tile + 6 : tile + 10], "big")
    longer = whole[tile : tile + 6] + pack(">I", length + len(part) if length else 0) + whole[tile + 10 : tile + 12]
    in_part = whole[:tile] + longer + part + whole[tile + 12 :]
    after = whole + mint.word("after the end of JPEG 2000").encode()
    frames = [whole[:start] + main + whole[start:], in_part, after]
    yield _of(mint, patient, "comments in JPEG 2000", JPEG_2000, frames)


def beside(mint: Mint, patient: str) -> Iterator[Plan]:
    """Overlays, curves and icons."""
    icon = [
        (0x00280010, "US", 4),
        (0x00280011, "US", 4),
        (0x7FE00010, "OW", mint.word("pixels of an icon").encode()),
    ]
    more: Elements = {
        0x00880200: ("SQ", [icon]),
        0x50000022: ("LO", mint.word("curve description")),
        0x50002500: ("LO", mint.word("curve label")),
        0x50003000: ("OW", mint.word("curve data")),
        0x60000022: ("LO", mint.word("overlay description")),
        0x60001500: ("LO", mint.word("overlay label")),
        0x60003000: ("OW", mint.word("overlay data")),
        0x60004000: ("LT", mint.word("overlay comments")),
        0x601E3000: ("OB", mint.word("data of the last overlay")),
    }
    elements = image(mint, EXPLICIT_LITTLE, patient, "overlay and icon") | more
    yield Plan("beside/overlay.dcm", elements)


def _of(mint: Mint, patient: str, name: str, syntax: bytes, frames: list[bytes], table: bytes = b"") -> Plan:
    elements = image(mint, syntax, patient, name)
    elements |= {0x00280008: ("IS", str(len(frames))), 0x7FE00010: pixels(syntax, *frames, table=table)}
    return Plan(f"compressed/{name}.dcm", elements, syntax)
