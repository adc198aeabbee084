"""A file of labels becomes labels of codes; what does not fit is told row by row, and the good rows are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oncommons.hub.labels.claml import read_claml
from oncommons.hub.labels.raw import Form, Raw
from oncommons.hub.labels.tabular import read_table
from oncommons.schema.errors_of_rows import BadLabels
from oncommons.schema.labels import SYSTEMS, Label, code_of, language_of

MOST_BYTES = 200_000_000
LONGEST_LABEL = 1_000
_BEGINNINGS: Mapping[bytes, str] = MappingProxyType(
    {
        b"PK\x03\x04": "is a ZIP archive or an Excel file; unpack it, or save the sheet as CSV",
        b"\xd0\xcf\x11\xe0": "is an old Excel file; save the sheet as CSV",
        b"%PDF": "is a PDF; the publisher has the same as CSV or ClaML",
    },
)
_FORMS = (
    "a CSV with the columns code and label (and language and system), BfArM's metadata (icd10gm…syst_kodes.txt), ClaML, "
    "IACR's list of ICD-O-3.2 or WHO's tables of ICD-O-3"
)


@dataclass(frozen=True)
class Given:
    """What the person who imports says of a file, in the place of what it does not say itself."""

    system: str = ""
    language: str = ""


@dataclass(frozen=True)
class Refused:
    """A row that was not taken, and why."""

    line: int
    reason: str

    def to_json(self) -> dict[str, Any]:
        """The row as JSON."""
        return {"line": self.line, "reason": self.reason}


@dataclass(frozen=True)
class ReadLabels:
    """What a file holds.

    Attributes:
        form: In which form it is.
        edition: What it says that it is; empty where it does not.
        labels: Its labels, each once.
        refused: The rows that do not fit.
    """

    form: str
    edition: str
    labels: tuple[Label, ...]
    refused: tuple[Refused, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the labels in their order."""
        lines = (f"{one.code}\t{one.language}\t{one.synonym:d}\t{one.text}\n" for one in self.labels)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_labels(content: bytes, file: str, given: Given) -> ReadLabels:
    """The labels of a file.

    Args:
        content: The file.
        file: Its name, which may tell its edition.
        given: What the person who imports says of it.

    Raises:
        BadLabels: it is in no known form, or nothing in it is good.
    """
    form = _form(content, file)
    labels: dict[tuple[str, str, bool, str], tuple[Label, int]] = {}
    first: dict[tuple[str, str], tuple[str, int]] = {}
    refused: list[Refused] = []
    for raw in form.rows:
        found = _judged(raw, form, given)
        if isinstance(found, str):
            refused.append(Refused(raw.line, found))
            continue
        place = (found.code, found.language)
        if not found.synonym:
            text, line = first.setdefault(place, (found.text, raw.line))
            if text != found.text:
                refused.append(Refused(raw.line, f"{found.code} has another label in line {line}; that one counts."))
                continue
        labels.setdefault((*place, found.synonym, found.text), (found, raw.line))
    good = tuple(one for one, _ in labels.values() if (one.code, one.language) in first)
    refused += [
        Refused(line, f"{one.code} has no label of its own in {one.language}; another word alone does not name it.")
        for one, line in labels.values()
        if (one.code, one.language) not in first
    ]
    refused.sort(key=lambda one: one.line)
    if not good:
        why = f" Line {refused[0].line}: {refused[0].reason}" if refused else ""
        raise BadLabels(f"The file was read as {form.name}, but no row of it is good.{why}")
    return ReadLabels(form.name, form.edition, good, tuple(refused))


def _form(content: bytes, file: str) -> Form:
    if len(content) > MOST_BYTES:
        raise BadLabels(f"The file is larger than {MOST_BYTES:,} bytes, which no list of labels is.")
    for beginning, what in _BEGINNINGS.items():
        if content.startswith(beginning):
            raise BadLabels(f"The file {what}.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return read_claml(content)
    form = read_table(_decoded(content), file)
    if form is None:
        raise BadLabels(f"The file is in none of the known forms: {_FORMS}.")
    return form


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _judged(raw: Raw, form: Form, given: Given) -> Label | str:
    """The label of a row, or what is wrong with it."""
    if raw.fault:
        return raw.fault
    system = (given.system or raw.system or form.system).upper().replace("-", "")
    if system and system not in SYSTEMS:
        return f"{system[:30]!r} is no system of codes here; there are {', '.join(SYSTEMS)}."
    code = code_of(system, raw.code)
    if not code:
        named = f"a code of {system}" if system else "a code that names its system, such as ICD10:C34.1"
        return f"{raw.code[:30]!r} is not {named} that a question can ask for."
    said = raw.language or given.language or form.language
    language = language_of(said)
    if not language:
        return f"{said[:30]!r} is no language, such as en or de." if said else "The language of the label is not said."
    if any(problem in raw.text for problem in ("\x00", "\ufffd")):
        return "The label has characters that could not be read."
    text = " ".join(raw.text.split())
    if not text:
        return f"{code} has no label."
    if len(text) > LONGEST_LABEL:
        return f"The label of {code} is longer than {LONGEST_LABEL:,} characters."
    return Label(code, language, text, raw.synonym)


def told_briefly(refused: tuple[Refused, ...], most: int = 20) -> Iterator[str]:
    """Refused rows as lines of text, the first few."""
    yield from (f"  line {one.line}: {one.reason}" for one in refused[:most])
    if len(refused) > most:
        yield f"  and {len(refused) - most:,} more; --json tells all."
