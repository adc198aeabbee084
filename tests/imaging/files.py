"""DICOM files made by hand, and read again with pydicom, which shares no code with the product."""

import io
import warnings
from pathlib import Path
from struct import pack

import data_store
import pydicom
import pydicom.data
from pydicom.data import get_testdata_file

from oncommons.imaging.deid.keys import keys_of
from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, write_file

SYNTAXES = {
    "explicit": EXPLICIT_LITTLE,
    "implicit": IMPLICIT_LITTLE,
    "big": EXPLICIT_BIG,
    "deflated": DEFLATED_LITTLE,
}
KEYS = keys_of(bytes(range(32)))
CT = b"1.2.840.10008.5.1.4.1.1.2"
UNDEFINED = 0xFFFFFFFF
LONG = {"OB", "OW", "UN", "SQ", "UT", "OF", "OD", "OL", "OV", "UC", "UR", "SV", "UV"}
ROOT = Path(__file__).parents[2]


class OnDisk:
    """Bytes that are only there when they are cut, as those of a large file are."""

    def __init__(self, raw):
        self.raw = raw

    def __len__(self):
        return len(self.raw)

    def __getitem__(self, where):
        return self.raw[where]


class Writer:
    """Writes elements in one transfer syntax, with sequences and items of defined or undefined length."""

    def __init__(self, syntax=EXPLICIT_LITTLE, *, open_ended=False):
        self.end = ">" if syntax == EXPLICIT_BIG else "<"
        self.explicit = syntax != IMPLICIT_LITTLE
        self.open_ended = open_ended

    def head(self, tag, vr, length):
        pair = pack(self.end + "HH", tag >> 16, tag & 0xFFFF)
        if not self.explicit or not vr:
            return pair + pack(self.end + "I", length)
        if vr in LONG:
            return pair + vr.encode() + b"\0\0" + pack(self.end + "I", length)
        return pair + vr.encode() + pack(self.end + "H", length)

    def element(self, tag, vr, value):
        if vr == "SQ" and isinstance(value, list):
            return self.sequence(tag, value)
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, int):
            value = pack(self.end + "H", value)
        value += (b"\0" if vr in {"UI", "OB", "UN"} else b" ") * (len(value) % 2)
        return self.head(tag, vr, len(value)) + value

    def sequence(self, tag, items):
        if not self.open_ended:
            inner = b"".join(self.head(0xFFFEE000, "", len(b := self.dataset(item))) + b for item in items)
            return self.head(tag, "SQ", len(inner)) + inner
        start, end = self.head(0xFFFEE000, "", UNDEFINED), self.head(0xFFFEE00D, "", 0)
        inner = b"".join(start + self.dataset(item) + end for item in items)
        return self.head(tag, "SQ", UNDEFINED) + inner + self.head(0xFFFEE0DD, "", 0)

    def dataset(self, elements):
        return b"".join(self.element(*e) for e in sorted(elements, key=lambda e: e[0]))


def image(*more, without=()):
    """Elements of a small CT image; more of them replace those with the same tag."""
    base = {
        0x00080008: ("CS", "ORIGINAL\\PRIMARY\\AXIAL"),
        0x00080016: ("UI", CT),
        0x00080018: ("UI", "1.2.3.4.5.6"),
        0x00080020: ("DA", "20040119"),
        0x00080030: ("TM", "072730"),
        0x00080060: ("CS", "CT"),
        0x00080070: ("LO", "SIEMENS"),
        0x0008103E: ("LO", "CHEST Zebediah 5MM"),
        0x00100010: ("PN", "Quackenbush^Zebediah"),
        0x00100020: ("LO", "MRN-778812"),
        0x00100030: ("DA", "19510203"),
        0x00100040: ("CS", "F"),
        0x00101010: ("AS", "052Y"),
        0x0020000D: ("UI", "1.2.3.4.5"),
        0x0020000E: ("UI", "1.2.3.4.5.7"),
        0x00280010: ("US", 4),
        0x00280011: ("US", 4),
        0x7FE00010: ("OW", bytes(range(32))),
    }
    base |= {tag: (vr, value) for tag, vr, value in more}
    return [(tag, *rest) for tag, rest in base.items() if tag not in without]


def file(elements, syntax=EXPLICIT_LITTLE, *, open_ended=False, tail=b""):
    """A whole file."""
    body = Writer(syntax, open_ended=open_ended).dataset(elements) + tail
    return write_file(syntax, CT, b"1.2.3.4.5.6", [body])


def read(content):
    """What pydicom sees, all of it decoded; its complaints about odd values are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(io.BytesIO(content), force=True)
        found.walk(lambda *_: None)
    return found


def sample(name):
    """A real file that comes with pydicom."""
    return Path(get_testdata_file(name, download=False)).read_bytes()


def samples():
    """Every file that comes with pydicom and pydicom-data; none is fetched."""
    folders = [Path(pydicom.data.__file__).parent / "test_files", Path(data_store.__file__).parent / "data"]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def values(dataset, kind):
    """Every value of one kind of attribute, at every depth."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for element in dataset.iterall():
            if kind == element.VR and element.value:
                found.extend(element.value if element.VM > 1 else [element.value])
    return [str(v) for v in found]
