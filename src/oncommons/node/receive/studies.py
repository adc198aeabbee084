"""What to pull, and from where: lists of studies and addresses of archives."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from oncommons.node.receive.dimse.listening import check_title, is_uid
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_protocols import BadPacsAddress

_DIMSE = re.compile(
    r"(?P<scheme>dicom|dicom\+tls):(?P<title>[^@]+)@(?P<host>\[[0-9a-fA-F:]+\]|[^:@/\[\]]+):(?P<port>[0-9]{1,5})"
)
_COLUMNS = frozenset({"study", "studyuid", "studyinstanceuid", "0020000d"})
"""How a column of studies may be called, in small letters without spaces, commas and underscores."""
_LARGEST_LIST = 16 * 1024 * 1024
_PORTS = 65535


@dataclass(frozen=True)
class DimseAddress:
    """An archive that is asked by C-FIND and C-MOVE.

    Attributes:
        title: Its application entity title.
        host: Name or address of its machine.
        port: Its port.
        secure: Whether it speaks TLS.
    """

    title: str
    host: str
    port: int
    secure: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"dicom{'+tls' if self.secure else ''}:{self.title}@{host}:{self.port}"


@dataclass(frozen=True)
class WebAddress:
    """An archive that is asked by QIDO-RS and WADO-RS.

    Attributes:
        url: The root of its DICOMweb services, without a final slash.
    """

    url: str

    def __str__(self) -> str:
        return self.url


def read_address(text: str) -> DimseAddress | WebAddress:
    """The address of an archive: ``dicom:TITLE@HOST:PORT``, ``dicom+tls:TITLE@HOST:PORT``, or that of a web server.

    Raises:
        BadPacsAddress: it is none of these.
    """
    found = _DIMSE.fullmatch(text.strip())
    if found and 0 < int(found["port"]) <= _PORTS:
        host = found["host"].strip("[]")
        return DimseAddress(check_title(found["title"]), host, int(found["port"]), found["scheme"] == "dicom+tls")
    try:
        parts = urlsplit(text.strip())
        if (
            parts.scheme in {"https", "http"}
            and parts.hostname
            and not (parts.username or parts.query or parts.fragment)
        ):
            return WebAddress(text.strip().rstrip("/"))
    except ValueError:
        pass
    raise BadPacsAddress(f"{text[:100]!r} is not dicom:TITLE@HOST:PORT, and not a web address.")


def read_studies(named: Sequence[str], file: Path | None = None) -> tuple[str, ...]:
    """Study Instance UIDs, each once, in the order in which they are named.

    Args:
        named: UIDs.
        file: A CSV file with a column of UIDs, which has a name such as Study Instance UID or is the only one.

    Raises:
        UnreadableSource: something is not a UID, the file has no such column, or there are none.
    """
    rows = [(f"--study {uid}", uid.strip()) for uid in named]
    if file is not None:
        rows += _rows_of(file)
    for place, uid in rows:
        if not is_uid(uid):
            raise UnreadableSource(f"{uid[:80]!r} is not a Study Instance UID.", at=place)
    if not rows:
        raise UnreadableSource("Which studies? Name them with --study UID, or give a list with --studies FILE.")
    return tuple(dict.fromkeys(uid for _, uid in rows))


def _rows_of(file: Path) -> list[tuple[str, str]]:
    """Where in a file each study stands, and its UID."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            text = opened.read(_LARGEST_LIST)
    except (OSError, UnicodeDecodeError) as fault:
        raise UnreadableSource(f"{file.name} cannot be read as a text.", detail=str(fault)) from fault
    lines = text.splitlines()
    separator = max(",;\t|", key=(lines or [""])[0].count)
    table = [(number, row) for number, row in enumerate(csv.reader(lines, delimiter=separator), 1) if any(row)]
    if not table:
        return []
    column = _column(table[0][1])
    if column is None:
        raise UnreadableSource(f"{file.name} has no column of studies; call one Study Instance UID.")
    told = table if is_uid(table[0][1][column].strip()) else table[1:]
    return [(f"{file.name}, line {number}", row[column].strip() if column < len(row) else "") for number, row in told]


def _column(first: Sequence[str]) -> int | None:
    """Which column holds the studies: by its name, or by what stands in the first line where there are no names."""
    for number, cell in enumerate(first):
        if re.sub(r"[\s_,()]", "", cell).lower() in _COLUMNS or is_uid(cell.strip()):
            return number
    return None
