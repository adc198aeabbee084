"""Text in the character sets of DICOM; pydicom decodes the same bytes."""

import pytest
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.valuerep import TEXT_VR_DELIMS

from oncommons.imaging.charsets import text_of

CASES = [
    ("ISO_IR 100", "Buc^Jérôme".encode("latin-1")),
    ("ISO_IR 101", "Wałęsa".encode("iso8859_2")),
    ("ISO_IR 126", "Διονυσιος".encode("iso8859_7")),
    ("ISO_IR 127", "قباني".encode("iso8859_6")),
    ("ISO_IR 138", "שרון".encode("iso8859_8")),
    ("ISO_IR 144", "Люкceмбypг".encode("iso8859_5")),
    ("ISO_IR 148", "Çavuşoğlu".encode("iso8859_9")),
    ("ISO_IR 192", "王^小东".encode()),
    ("GB18030", "王^小东".encode("gb18030")),
    ("GBK", "王^小东".encode("gbk")),
    ("ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3"),
    ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"),
    ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"),
    ("ISO 2022 IR 100\\ISO 2022 IR 144", b"Jos\xe9 \x1b-L\xbb\xee\xda"),
]


@pytest.mark.parametrize(("charset", "value"), CASES, ids=[charset for charset, _ in CASES])
def test_text_reads_as_pydicom_reads_it(charset, value):
    theirs = decode_bytes(value, convert_encodings(charset.split("\\")), TEXT_VR_DELIMS)
    assert text_of(value, charset.encode()) == theirs


def test_simplified_chinese_by_escape_reads_as_the_standard_says():
    """PS3.5 annex K; pydicom leaves the escape sequence in the text."""
    assert text_of(b"Zhang=\x1b$)A\xd5\xc5", b"\\ISO 2022 IR 58") == "Zhang=张"


def test_what_is_not_ascii_and_not_explained_is_latin_1():
    assert text_of(b"M\xfcller") == "Müller"
    assert text_of(b"M\xfcller", b"ISO_IR 999") == "Müller"


def test_what_cannot_be_read_is_marked_and_never_fails():
    assert text_of(b"\xff\xfe", b"ISO_IR 192") == "\ufffd\ufffd"
    assert "\ufffd" in text_of(b"\x1b$B\xff\xff", b"\\ISO 2022 IR 87")
