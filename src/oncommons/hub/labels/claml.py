"""ClaML, the XML in which WHO and national institutes publish classifications (ISO 13120): labels of its categories.

Read are the rubrics ``preferred`` (the label), ``preferredLong`` and ``inclusion`` (other words).  Chapters and groups
are no codes of people and are passed over; so are classes of modifiers, whose texts would have to be put together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from oncommons.hub.labels.raw import Form, Raw
from oncommons.schema.errors_of_rows import BadLabels

_RUBRICS = {"preferred": False, "preferredLong": True, "inclusion": True}
_LOST = "\ufffd"
"""Stands for a letter that a DTD would tell which is not read; a label that has one is refused."""
_PASSED_OVER = frozenset({"Reference"})
_SYSTEMS = (
    (r"icd[-_ ]?o|cie[-_ ]?o|cim[-_ ]?o", "ICDO3"),
    (r"icd[-_ ]?10|cie[-_ ]?10|cim[-_ ]?10|mkn[-_ ]?10", "ICD10"),
)


def read_claml(content: bytes) -> Form:
    """A ClaML file.

    Args:
        content: The file.

    Raises:
        BadLabels: it is not XML, in an encoding that is not known, or declares entities.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, found: reader.start(name, found, parser.CurrentLineNumber)
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = _refuse_entities
    parser.SkippedEntityHandler = lambda *_: reader.text(_LOST)
    try:
        parser.Parse(content, True)  # noqa: FBT003  the standard library's signature
    except expat.ExpatError as fault:
        raise BadLabels(f"The file is not sound XML: {fault}.") from None
    except (LookupError, ValueError) as fault:  # so the standard library says it
        raise BadLabels(f"The file names an encoding that is not read here ({fault}); save it as UTF-8.") from None
    if reader.root != "ClaML":
        raise BadLabels(f"The file is XML, but not ClaML: it begins with {reader.root[:60]!r}.")
    about = f"{reader.title} {reader.identifier}"
    system = next((code for pattern, code in _SYSTEMS if re.search(pattern, about, re.IGNORECASE)), "")
    return Form("ClaML", reader.rows(), system, reader.language, reader.title)


def _refuse_entities(name: str, *_: object) -> None:
    raise BadLabels(f"The file declares the entity {name[:60]!r}; ClaML needs none, and they can be made to grow.")


class _Reader:
    """Hears the parser."""

    def __init__(self) -> None:
        self.root, self.title, self.identifier, self.language = "", "", "", ""
        self._code, self._kind, self._rubric = "", "", ""
        self._language, self._line, self._deaf, self._synonym = "", 0, 0, False
        self._text: list[str] | None = None
        self._found: list[Raw] = []

    def rows(self) -> Iterator[Raw]:
        """The labels in the file's order."""
        return iter(self._found)

    def start(self, name: str, found: dict[str, Any], line: int) -> None:
        """An element begins."""
        self.root = self.root or name
        if name == "Class":
            self._code, self._kind, self._line = found.get("code", ""), found.get("kind", ""), line
        elif name == "Rubric":
            self._rubric = found.get("kind", "")
        elif name == "Label" and self._kind == "category" and self._rubric in _RUBRICS:
            self._text, self._language, self._synonym = [], found.get("xml:lang", ""), _RUBRICS[self._rubric]
        elif name in _PASSED_OVER:
            self._deaf += 1
        elif name == "Title":
            self.title = " ".join(filter(None, (found.get("name", ""), found.get("version", ""))))
        elif name == "Identifier":
            self.identifier = found.get("uid", "")
        elif name == "Meta" and not self._code and found.get("name") == "lang":
            self.language = found.get("value", "")

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "Class":
            self._code, self._kind = "", ""
        elif name in _PASSED_OVER:
            self._deaf -= 1
        elif name == "Label" and self._text is not None:
            said = " ".join("".join(self._text).split())
            self._found.append(Raw(self._line, "", self._code, self._language, said, self._synonym))
            self._text = None

    def text(self, data: str) -> None:
        """Characters."""
        if self._text is not None and not self._deaf:
            self._text.append(data)
