"""What kind of document a file is, as its content tells it; what could be carried out, or nobody can name, is refused.

Sources: ISO 32000-2, section 7.5.2 (PDF); PNG, section 5.2; ITU-T T.81, annex B (JPEG); OpenDocument 1.3, part 2,
section 3.3; ISO/IEC 29500-2, section 10 (Office Open XML).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from oncommons.schema.errors_of_applications import AttachmentRefused

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
_ODF = "application/vnd.oasis.opendocument."
_OOXML = "application/vnd.openxmlformats-officedocument."
ENDINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        PDF: (".pdf",),
        PNG: (".png",),
        JPEG: (".jpg", ".jpeg"),
        TEXT: (".txt", ".csv", ".md"),
        f"{_ODF}text": (".odt",),
        f"{_ODF}spreadsheet": (".ods",),
        f"{_ODF}presentation": (".odp",),
        f"{_OOXML}wordprocessingml.document": (".docx",),
        f"{_OOXML}spreadsheetml.sheet": (".xlsx",),
        f"{_OOXML}presentationml.presentation": (".pptx",),
    }
)
"""Media type to the endings that the name of such a file may have; the first where it has another."""
_SIGNS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_PARTS = (
    ("word/document.xml", f"{_OOXML}wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OOXML}spreadsheetml.sheet"),
    ("ppt/presentation.xml", f"{_OOXML}presentationml.presentation"),
)
_ACTIVE = ("vbaproject.bin", "vbadata.xml", "/activex/", "macrosheets/", "basic/", "scripts/")
_ACTIVE_ENDINGS = (".exe", ".dll", ".js", ".vbs", ".bat", ".cmd", ".ps1", ".jar", ".scr", ".com", ".hta", ".lnk", ".sh")
_MOST_PARTS = 10_000
_NOT = "PDF, OpenDocument, Office Open XML, PNG, JPEG and plain text are accepted; this is none of them."
_LONGEST_NAME = 120
_SHOWN = frozenset({0x09, 0x0A, 0x0C, 0x0D})


def kind_of(path: Path) -> str:
    """The media type of a file, by its content.

    Raises:
        AttachmentRefused: it is empty, holds macros or programs, or is of a kind that is not accepted.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise AttachmentRefused("The document is empty.")
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return kind
    return _packed(path) if head.startswith(b"PK\x03\x04") else _text(path, head)


def named_for(name: str, kind: str) -> str:
    """A file name that can be shown and kept anywhere, with an ending of its kind."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign if sign.isprintable() and sign not in '<>:"|?*%' else "_" for sign in last).strip()
    endings = ENDINGS[kind]
    wanted = next((one for one in endings if shown.lower().endswith(one)), "")
    stem = shown[: len(shown) - len(wanted)] if wanted else shown
    return (stem[: _LONGEST_NAME - 10].strip(" .") or "document") + (wanted or endings[0])


def _packed(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = [info.filename for info in infos[:_MOST_PARTS]]
            first = infos[0]
            is_odf = first.filename == "mimetype" and first.file_size < 100  # noqa: PLR2004
            told = archive.read(first).decode("ascii", "replace") if is_odf else ""
    except (zipfile.BadZipFile, OSError, ValueError, IndexError, RuntimeError, NotImplementedError) as fault:
        raise AttachmentRefused("The document is damaged.", detail=repr(fault)) from None
    if len(infos) > _MOST_PARTS or _is_active(names):
        raise AttachmentRefused("The document holds macros or programs; save it without them.")
    if told.startswith(_ODF) and told in ENDINGS:
        return told
    found = [kind for name, kind in _PARTS if name in names] if "[Content_Types].xml" in names else []
    if len(found) != 1:
        raise AttachmentRefused(_NOT)
    return found[0]


def _is_active(names: Sequence[str]) -> bool:
    plain = [f"/{name.lower()}" for name in names]
    return any(name.endswith(_ACTIVE_ENDINGS) or any(part in name for part in _ACTIVE) for name in plain)


def _text(path: Path, head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<", b"#!", b"MZ", b"{\\rtf")):
        raise AttachmentRefused(_NOT)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while part := file.read(65_536):
                if any(ord(sign) < 0x20 and ord(sign) not in _SHOWN for sign in part):  # noqa: PLR2004  control characters
                    raise AttachmentRefused(_NOT)
    except UnicodeDecodeError:
        raise AttachmentRefused(_NOT) from None
    return TEXT
