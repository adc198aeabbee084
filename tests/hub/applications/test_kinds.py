"""What a document is, by its content."""

import pytest
from tests.hub.applications.writers import PDF, packed

from oncommons.hub.applications.kinds import ENDINGS, kind_of, named_for
from oncommons.schema.errors_of_applications import AttachmentRefused

TYPES = {"[Content_Types].xml": "<Types/>"}
ODT = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}
GOOD = {
    ".pdf": PDF,
    ".png": b"\x89PNG\r\n\x1a\n....",
    ".jpg": b"\xff\xd8\xff\xe0....",
    ".txt": "\N{BYTE ORDER MARK}a plain text\r\n\twith \N{GREEK SMALL LETTER ALPHA}\n".encode(),
    ".odt": packed(**ODT),
    ".docx": packed(**TYPES, word__document="", **{"word/document.xml": "<x/>"}),
    ".xlsx": packed(**TYPES, **{"xl/workbook.xml": "<x/>"}),
    ".pptx": packed(**TYPES, **{"ppt/presentation.xml": "<x/>"}),
}
BAD = {
    "nothing": b"",
    "a program of Windows": b"MZ\x90\x00\x03",
    "a program of Linux": b"\x7fELF\x02\x01\x01",
    "a script": b"#!/bin/sh\nrm x\n",
    "a page": b"  <!doctype html><script>alert(1)</script>",
    "a picture with scripts": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "an old document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "rich text": b"{\\rtf1 x}",
    "a page after a mark": b"\xef\xbb\xbf<html>",
    "a text in another encoding": "Größe".encode("latin-1"),
    "a text with controls": b"abc\x1b[2Jdef",
    "a text with nothing in it": b"abc\x00def",
    "a damaged zip": b"PK\x03\x04abcdef",
    "a zip of anything": packed(a="b"),
    "a zip with a program": packed(**ODT, **{"x.exe": "MZ"}),
    "a document with macros": packed(**TYPES, **{"word/document.xml": "", "word/vbaProject.bin": "x"}),
    "an open document with macros": packed(**ODT, **{"Basic/Standard/Module1.xml": "x"}),
    "two documents in one": packed(**TYPES, **{"word/document.xml": "", "xl/workbook.xml": ""}),
    "an unknown open document": packed(mimetype="application/vnd.oasis.opendocument.database"),
    "no types": packed(**{"word/document.xml": "<x/>"}),
}


@pytest.mark.parametrize("ending", GOOD)
def test_a_document_is_known_by_its_content(tmp_path, ending):
    (tmp_path / "x").write_bytes(GOOD[ending])
    kind = kind_of(tmp_path / "x")
    assert ENDINGS[kind][0] == ending
    assert named_for("a.b", kind) == f"a.b{ending}"


@pytest.mark.parametrize("what", BAD)
def test_what_could_be_carried_out_is_refused(tmp_path, what):
    (tmp_path / "report.pdf").write_bytes(BAD[what])
    with pytest.raises(AttachmentRefused):
        kind_of(tmp_path / "report.pdf")


def test_a_long_text_is_looked_at_to_its_end(tmp_path):
    (tmp_path / "x").write_bytes(b"a" * 200_000 + b"\x00")
    with pytest.raises(AttachmentRefused):
        kind_of(tmp_path / "x")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("vote.pdf", "vote.pdf"),
        ("Vote.PDF", "Vote.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\vote.pdf", "vote.pdf"),
        ("run.exe", "run.exe.pdf"),
        ("invoice.pdf.exe", "invoice.pdf.exe.pdf"),
        ('a"b<c>\r\nd.pdf', "a_b_c___d.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}fdp.exe", "_fdp.exe.pdf"),
        ("x" * 300 + ".pdf", "x" * 110 + ".pdf"),
        ("Votum Ä.pdf", "Votum Ä.pdf"),
    ],
)
def test_a_name_is_safe_and_ends_as_its_kind(name, kept):
    assert named_for(name, "application/pdf") == kept
