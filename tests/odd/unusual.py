"""DICOM files that are unusual and still readable, and files that are no images; each function gives the bytes of one."""

from io import BytesIO
from struct import pack

import pydicom
from pydicom.data import get_testdata_file
from tests.imaging.files import CT, Writer, file
from tests.odd.damaged import PIXELS, SEQUENCE, SOP, elements, good

from oncommons.imaging.syntax import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    write_file,
)

OTHERS = 0x00101002
"""Other Patient IDs Sequence, which goes."""
CHARACTER_SET, NAME, STUDY_DESCRIPTION = 0x00080005, 0x00100010, 0x00081030
PREAMBLES = {
    "a program of Windows": b"MZ\x90\0",
    "a zip": b"PK\3\4",
    "a TIFF": b"II*\0",
    "a script": b"#!/bin/sh\n",
    "file meta information": b"\2\0\0\0UL\4\0",
}
"""What a preamble may say that the file is, and is not."""


def no_preamble():
    """Begins with its file meta information."""
    return good()[132:]


def no_meta():
    """The data set alone."""
    return Writer(IMPLICIT_LITTLE).dataset(elements())


def preamble_and_bare_data():
    """A preamble, and then the data set at once."""
    return bytes(128) + b"DICM" + Writer().dataset(elements())


def meta_without_syntax():
    """File meta information that does not say the transfer syntax."""
    whole = good()
    at = whole.index(pack("<HH", 2, 0x10))
    return whole[:at] + whole[at + 28 :]


def wrong_meta_length():
    """File meta information that says another length than it has."""
    whole = good()
    return whole[:140] + pack("<I", 4000) + whole[144:]


def big_endian():
    """In the retired transfer syntax."""
    return file([(t, v, x[::-1] if t == PIXELS else x) for t, v, x in elements()], EXPLICIT_BIG)


def deflated():
    """With its data set deflated."""
    return file(elements(), DEFLATED_LITTLE)


def implicit():
    """In implicit syntax."""
    return file(elements(), IMPLICIT_LITTLE)


def open_ended():
    """With sequences of undefined length."""
    items = [[(0x00081150, "UI", CT.decode()), (0x00081155, "UI", "1.2.999.5")]]
    return file(elements((SEQUENCE, "SQ", items)), open_ended=True)


def unknown_character_set():
    """In a character set that does not exist."""
    return file(elements((CHARACTER_SET, "CS", "KLINGON_1"), (NAME, "PN", b"Quackenb\xe4sh^Zebediah")))


def broken_character_set():
    """In five character sets of which none is right."""
    names = "ISO_IR 100\\\\ISO 2022 IR 87\\\x1b$B\\ISO_IR"
    return file(elements((CHARACTER_SET, "CS", names), (NAME, "PN", b"\x1b$BQuack\x1b(J^\x1b")))


def bad_utf_8():
    """Says UTF-8 and is not."""
    return file(
        elements(
            (CHARACTER_SET, "CS", "ISO_IR 192"),
            (NAME, "PN", b"Quack\xff\xfe\xc3^\xed\xa0\x80"),
            (STUDY_DESCRIPTION, "LO", b"CHEST \xc3\x28 \xf0\x9f"),
        )
    )


def wrong_representations():
    """Numbers as text, text as numbers, a name as code, and representations that do not exist."""
    return file(
        elements(
            (NAME, "LO", "Quackenbush^Zebediah"),
            (0x00080060, "CS", "CT"),
            (0x00180050, "LO", "five"),
            (0x00180060, "DS", "a lot"),
            (0x00181151, "ZZ", "300"),
            (0x00200013, "US", 3),
            (0x00200032, "DS", "1\\zwei\\3"),
            (0x00280030, "FD", b"\0\0\0\0\0\0\xf0\x3f" * 2),
        )
    )


def odd_lengths():
    """Values of odd length, which the standard does not allow."""
    head = Writer().dataset([e for e in elements() if e[0] < STUDY_DESCRIPTION])
    odd = pack("<HH2sH", 0x0008, 0x1030, b"LO", 5) + b"CHEST"
    rest = Writer().dataset([e for e in elements() if e[0] > STUDY_DESCRIPTION])
    return write_file(EXPLICIT_LITTLE, CT, b"1.2.999.4712.1.1.1", [head, odd, rest])


def trailing(tail):
    """Bytes after the pixels."""
    return good() + tail


def many_items(count=20_000):
    """A sequence of many items."""
    item = [(0x00081150, "UI", CT.decode()), (0x00081155, "UI", "1.2.999.4.5")]
    return file(elements((SEQUENCE, "SQ", [item] * count)))


def many_items_that_go(count=20_000):
    """Many sequences inside a sequence, all to be left out."""
    item = [(OTHERS, "SQ", [[(0x00100021, "LO", "A1")]])]
    return file(elements((OTHERS, "SQ", [item] * count)))


def many_items_with_some_that_go(count=20_000):
    """A sequence of many items that stay, each with a sequence inside that is left out."""
    item = [(0x00081155, "UI", "1.2.999.4.5"), (OTHERS, "SQ", [[(0x00100021, "LO", "A1")]])]
    return file(elements((SEQUENCE, "SQ", [item] * count)))


def traversal(number=1):
    """Identifiers that are paths out of every folder."""
    away = "../../../../../../tmp/outside"
    return file(
        elements(
            (SOP, "UI", f"{away}/{number}"),
            (0x0020000D, "UI", f"{away}/study"),
            (0x0020000E, "UI", f"{away}/series"),
            (0x00100020, "LO", f"{away}/patient"),
        )
    )


def other_pixels():
    """The same SOP Instance UID as :func:`good`, other pixels."""
    return file(elements((PIXELS, "OW", b"\1" * 512)))


def media_directory():
    """The table of contents of a medium (PS3.10 section 8), with the patient's name in it."""
    with open(get_testdata_file("DICOMDIR"), "rb") as found:  # noqa: PTH123
        return found.read()


def private_syntax():
    """In a transfer syntax of a maker."""
    return write_file(b"1.2.840.113619.5.2", CT, b"1.2.3", [Writer().dataset(elements())])


def photograph():
    """A kind whose pixels may show a face."""
    return file(elements((0x00080060, "CS", "XC")))


def with_preamble(start):
    """A file whose preamble says that it is something else."""
    return start + good()[len(start) :]


def unknown_in_the_dictionary():
    """Groups and elements that no dictionary knows."""
    more = [(group << 16 | 0x8888, "LO", "Quackenbush") for group in (0x0008, 0x0028, 0x6000, 0x7FE0)]
    return file(elements(*more))


def no_numbers():
    """Says rows and columns in text."""
    return file(elements((0x00280010, "LO", "x\\y"), (0x00280011, "US", b"")))


def structured_report():
    """A report without content."""
    return without_pixels("SR", "1.2.840.10008.5.1.4.1.1.88.11")


def hanging_protocol():
    """A kind that nothing cleans yet."""
    return without_pixels("HANGINGPROTOCOL", "1.2.840.10008.5.1.4.38.1")


def encapsulated_pdf():
    """A document."""
    return without_pixels("DOC", "1.2.840.10008.5.1.4.1.1.104.1")


def without_pixels(modality, sop_class):
    """An object that is not an image."""
    one = pydicom.dcmread(BytesIO(good()))
    one.Modality, one.SOPClassUID = modality, sop_class
    del one.PixelData, one.Rows, one.Columns
    out = BytesIO()
    one.save_as(out)
    return out.getvalue()
