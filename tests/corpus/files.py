"""The files of the corpus around their tokens: small images in eight transfer syntaxes, written byte by byte."""

from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from struct import pack

import pydicom
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_fragments
from tests.corpus.tokens import Mint
from tests.imaging.files import UNDEFINED, Writer

from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, write_file

JPEG, JPEG_LS = b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.4.80"
JPEG_2000, RLE = b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.5"
SYNTAXES = {
    "explicit": EXPLICIT_LITTLE,
    "implicit": IMPLICIT_LITTLE,
    "big": EXPLICIT_BIG,
    "deflated": DEFLATED_LITTLE,
    "jpeg": JPEG,
    "jpegls": JPEG_LS,
    "jpeg2000": JPEG_2000,
    "rle": RLE,
}
SAMPLES = {
    JPEG_LS: "MR_small_jpeg_ls_lossless.dcm",
    JPEG_2000: "MR_small_jp2klossless.dcm",
    RLE: "MR_small_RLE.dcm",
}
MR = "1.2.840.10008.5.1.4.1.1.4"
Elements = dict[int, tuple[str, object]]


def item(value: bytes, element: int = 0xE000) -> bytes:
    """An item of encapsulated pixel data, of even length."""
    value += b"\0" * (len(value) % 2)
    return pack("<HHI", 0xFFFE, element, len(value)) + value


@lru_cache(maxsize=8)
def fragment(syntax: bytes) -> bytes:
    """One compressed image: made by Pillow, or out of a sample of pydicom."""
    if syntax == JPEG:
        packed = BytesIO()
        Image.new("L", (16, 16), 99).save(packed, "JPEG")
        return packed.getvalue()
    raw = pydicom.dcmread(get_testdata_file(SAMPLES[syntax], download=False)).PixelData
    return b"".join(generate_fragments(raw[8 + int.from_bytes(raw[4:8], "little") :]))


def pixels(syntax: bytes, *fragments: bytes, table: bytes = b"") -> tuple[str, bytes]:
    """Pixel data in a syntax, one fragment a frame; without fragments one that is like those of others."""
    if syntax in SAMPLES or syntax == JPEG:
        given = fragments or (fragment(syntax),)
        return "encapsulated", item(table) + b"".join(map(item, given)) + item(b"", 0xE0DD)
    return "OW", bytes(16 * 16 * 2)


def image(mint: Mint, syntax: bytes, patient: str, place: str) -> Elements:
    """A small MR image of one patient; what identifies it is a token."""
    side, bits = (64, 16) if syntax in SAMPLES else (16, 8 if syntax == JPEG else 16)
    return {
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\M"),
        0x00080016: ("UI", MR),
        0x00080018: ("UI", mint.uid(f"{place}, SOP Instance UID")),
        0x00080020: ("DA", mint.date(f"{place}, Study Date")),
        0x00080030: ("TM", "101112"),
        0x00080060: ("CS", "MR"),
        0x00080070: ("LO", "SIEMENS"),
        0x00100010: ("PN", f"{mint.word(f'{place}, family name')}^{mint.word(f'{place}, given name')}"),
        0x00100020: ("LO", patient),
        0x00100030: ("DA", mint.date(f"{place}, birth date")),
        0x00100040: ("CS", "F"),
        0x0020000D: ("UI", mint.uid(f"{place}, Study Instance UID")),
        0x0020000E: ("UI", mint.uid(f"{place}, Series Instance UID")),
        0x00280002: ("US", 1),
        0x00280004: ("CS", "MONOCHROME2"),
        0x00280010: ("US", side),
        0x00280011: ("US", side),
        0x00280100: ("US", bits),
        0x00280101: ("US", bits),
        0x00280102: ("US", bits - 1),
        0x00280103: ("US", 1 if syntax in SAMPLES else 0),
        0x7FE00010: pixels(syntax),
    }


def over(mint: Mint, base: Elements, more: Elements) -> Elements:
    """Elements with more of them, which replace those with the same tag and their tokens, but not the Patient ID's."""
    for tag in base.keys() & more.keys() - {0x00100020}:
        mint.forget(base[tag][1])
    return base | more


@dataclass
class Plan:
    """One file to be written.

    Attributes:
        name: Its name below the folder.
        elements: Its data set.
        syntax: UID of its transfer syntax.
        open_ended: Whether sequences have undefined lengths.
        tail: Bytes after the data set.
        meta: More elements of the file meta information.
        preamble: The 128 bytes before everything.
        outcome: What the node does with it.
    """

    name: str
    elements: Elements
    syntax: bytes = EXPLICIT_LITTLE
    open_ended: bool = False
    tail: bytes = b""
    meta: Elements = field(default_factory=dict)
    preamble: bytes = bytes(128)
    outcome: str = "kept"

    def content(self) -> bytes:
        """The file's bytes."""
        writer = _Writer(self.syntax, open_ended=self.open_ended)
        body = writer.dataset([(tag, vr, value) for tag, (vr, value) in self.elements.items()]) + self.tail
        sop_class, sop = (str(self.elements[tag][1]).encode() for tag in (0x00080016, 0x00080018))
        whole = write_file(self.syntax, sop_class, sop, [body])
        more = _Writer(EXPLICIT_LITTLE).dataset([(tag, vr, value) for tag, (vr, value) in self.meta.items()])
        length = int.from_bytes(whole[140:144], "little") + len(more)
        end = 144 + length - len(more)
        return self.preamble + whole[128:140] + pack("<I", length) + whole[144:end] + more + whole[end:]

    def write(self, folder: Path) -> None:
        """Write the file below a folder."""
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.content())


class _Writer(Writer):
    """Writes also what is encapsulated, written already, or of unknown kind."""

    def element(self, tag: int, vr: str, value: object) -> bytes:
        if vr == "bytes":
            return value
        if vr == "encapsulated":
            return self.head(tag, "OB", UNDEFINED) + value
        return super().element(tag, vr, value)
