"""DICOM files that are damaged, cut short or lie about their lengths; each function gives the bytes of one."""

import zlib
from struct import pack

from tests.imaging.files import CT, UNDEFINED, Writer, file, image

from oncommons.imaging.syntax import DEFLATED_LITTLE, EXPLICIT_LITTLE, IMPLICIT_LITTLE, write_file

PIXELS, ROWS, SOP = 0x7FE00010, 0x00280010, 0x00080018
SEQUENCE = 0x00081140
"""Referenced Image Sequence, which stays."""
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
NOTHING = b"\3\0"
"""Nothing, deflated."""
JPEG = b"1.2.840.10008.1.2.4.70"


def elements(*more, number=1, without=()):
    """A CT of 16 by 16 pixels of an invented patient; each number is another object."""
    return image(
        (SOP, "UI", f"1.2.999.4712.1.1.{number}"),
        (0x0020000D, "UI", "1.2.999.4712.1"),
        (0x0020000E, "UI", "1.2.999.4712.1.1"),
        (0x00280002, "US", 1),
        (0x00280004, "CS", "MONOCHROME2"),
        (ROWS, "US", 16),
        (0x00280011, "US", 16),
        (0x00280100, "US", 16),
        (0x00280101, "US", 16),
        (0x00280102, "US", 15),
        (0x00280103, "US", 0),
        (PIXELS, "OW", bytes(512)),
        *more,
        without=without,
    )


def good(number=1):
    """A file without fault."""
    return file(elements(number=number))


def before(tag):
    """A file that ends exactly where an element would begin."""
    return file([e for e in elements() if e[0] < tag])


def raw_tail(tail, *, last=PIXELS, syntax=EXPLICIT_LITTLE):
    """A file whose last bytes, in the place of what begins at a tag, are given."""
    return file([e for e in elements() if e[0] < last], syntax, tail=tail)


def cut_in_header():
    """Ends inside an element of the header."""
    whole = good()
    return whole[: whole.index(b"Zebediah") + 3]


def cut_between_elements():
    """Ends in the header, exactly between two elements."""
    return before(ROWS)


def cut_before_pixels():
    """Ends exactly where the pixels would begin."""
    return before(PIXELS)


def cut_in_pixels():
    """Ends inside the pixels."""
    return good()[:-100]


def pixels_too_short():
    """Whole, but its pixels are half of what rows and columns ask for."""
    return file(elements((PIXELS, "OW", bytes(256))))


def frames_missing():
    """Says ten frames and holds one."""
    return file(elements((0x00280008, "IS", "10")))


def pixels_empty():
    """Has pixel data of no length."""
    return file(elements((PIXELS, "OW", b"")))


def encapsulated(*fragments, frames=1, ended=True):
    """A file of lossless JPEG; the fragments are not decoded by anything here."""
    writer = Writer()
    items = [b"", *fragments]
    body = writer.head(PIXELS, "OB", UNDEFINED)
    body += b"".join(writer.head(ITEM, "", len(one)) + one for one in items)
    body += writer.head(SEQUENCE_END, "", 0) * ended
    header = elements((0x00280008, "IS", str(frames)), without={PIXELS})
    return write_file(JPEG, CT, b"1.2.999.4712.1.1.1", [writer.dataset(header), body])


def fragments_missing():
    """Says ten frames and has three fragments."""
    return encapsulated(*[b"\xff\xd8\xff\xd9"] * 3, frames=10)


def fragments_without_end():
    """Encapsulated pixel data that never end."""
    return encapsulated(b"\xff\xd8\xff\xd9", ended=False)


def deep(levels=5000):
    """Sequences in sequences."""
    writer = Writer()
    start = writer.head(SEQUENCE, "SQ", UNDEFINED) + writer.head(ITEM, "", UNDEFINED)
    end = writer.head(ITEM_END, "", 0) + writer.head(SEQUENCE_END, "", 0)
    tail = start * levels + end * levels
    return raw_tail(tail, last=SEQUENCE)


def deep_in_unknown(levels=5000):
    """Sequences in sequences, said to be of unknown representation (PS3.5 section 6.2.2)."""
    start = Writer().head(0x00091010, "UN", UNDEFINED) + pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    inner = pack("<HHI", 0x0009, 0x1010, UNDEFINED) + pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
    end = pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return raw_tail(start + inner * levels + end * (levels + 1), last=0x00091010)


def sequence_overrun():
    """A sequence that is longer than the items in it, and swallows what comes after."""
    writer = Writer()
    item = writer.head(ITEM, "", 8) + writer.element(0x00081150, "UI", "")
    return raw_tail(writer.head(SEQUENCE, "SQ", len(item) + 40) + item + _after(SEQUENCE), last=SEQUENCE)


def item_overrun():
    """An item that is longer than its sequence."""
    writer = Writer()
    item = writer.head(ITEM, "", 400) + writer.element(0x00081150, "UI", "")
    return raw_tail(writer.head(SEQUENCE, "SQ", len(item)) + item + _after(SEQUENCE), last=SEQUENCE)


def _after(tag):
    return Writer().dataset([e for e in elements() if e[0] > tag])


def four_gigabytes():
    """An element that says it is 4 GB long."""
    return raw_tail(Writer().head(0x00081150, "UN", UNDEFINED - 1) + _after(0x00081150), last=0x00081150)


def four_gigabytes_of_pixels():
    """Pixel data that say they are 4 GB long."""
    return raw_tail(Writer().head(PIXELS, "OW", UNDEFINED - 1) + bytes(512))


def four_gigabytes_implicit():
    """A text that says it is 4 GB long, in implicit syntax."""
    writer = Writer(IMPLICIT_LITTLE)
    tail = writer.head(0x0008103E, "LO", UNDEFINED - 1) + b"CHEST "
    return raw_tail(tail, last=0x0008103E, syntax=IMPLICIT_LITTLE)


def beyond_the_end():
    """A text that ends beyond the file."""
    return raw_tail(Writer().head(0x00324000, "LT", 600) + b"short", last=0x00324000)


def undefined_text():
    """A text of undefined length, which only sequences and pixels may have."""
    return raw_tail(Writer().head(0x00081150, "UT", UNDEFINED) + _after(0x00081150), last=0x00081150)


def pixels_without_item():
    """Encapsulated pixel data that hold no item."""
    return raw_tail(Writer().head(PIXELS, "OB", UNDEFINED) + b"\xff\xd8\xff\xe0" * 40)


def out_of_order():
    """Elements in descending order."""
    writer = Writer()
    body = b"".join(writer.element(*e) for e in sorted(elements(), reverse=True))
    return write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [body])


def twice_the_same():
    """An element twice, the second with another patient's number."""
    writer = Writer()
    head = [e for e in elements() if e[0] <= 0x00100020]
    body = writer.dataset(head) + writer.element(0x00100020, "LO", "MRN-999111") + _after(0x00100020)
    return write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [body])


def no_representation():
    """Zeros where the value representation should be."""
    return raw_tail(pack("<HHHH", 0x0028, 0x0010, 0, 0) + _after(ROWS), last=ROWS)


def other_syntax():
    """Says explicit, is implicit."""
    return write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [Writer(IMPLICIT_LITTLE).dataset(elements())])


def only_preamble():
    """Ends after its first 132 bytes."""
    return bytes(128) + b"DICM"


def only_meta():
    """Ends after its file meta information."""
    return write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [])


def deflated_bomb(size=600 * 1024**2):
    """A deflated file that grows a thousandfold; its pixels are as long as it says."""
    rows = size // 65_536
    header = Writer().dataset(elements((ROWS, "US", rows), (0x00280011, "US", 32_768), without={PIXELS}))
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    start = packer.compress(header + Writer().head(PIXELS, "OW", rows * 65_536)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(16 * 65_536)) + packer.flush(zlib.Z_FULL_FLUSH)  # the same for every such run
    return deflated(start + again * (rows // 16) + packer.flush())


def deflated(packed):
    """A deflated file whose packed bytes are given."""
    return write_file(DEFLATED_LITTLE, CT, b"1.2.999.4712.1.1.1", [])[: -len(NOTHING)] + packed


def deflated_cut():
    """A deflated file that ends early."""
    return file(elements(), DEFLATED_LITTLE)[:-20]


def deflated_garbage():
    """A deflated file of garbage."""
    return deflated(b"\xff" * 200)
