"""Labels of licensed classifications that a holder of the licence has imported: sets of them, and a code's label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from oncommons.schema.plain_names import plain_name
from oncommons.schema.vocabulary import VOCABULARIES

ENGLISH = "en"
SYSTEMS: tuple[str, ...] = ("ATC", "ICD10", "ICDO3", "LOINC", "OPS", "RXNORM", "SCT")
"""Systems of codes whose labels may be imported: those of the dictionary's lists that a rule gives."""
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}")
_MARKS = re.compile(r"[\u2020\u2021*!+#\s]")
_RULED = tuple(v for v in VOCABULARIES.values() if ":" in v.pattern)


@dataclass(frozen=True)
class LabelSet:
    """Labels that came together out of one file.

    Attributes:
        name: What the set is called here.
        edition: Of which edition of which classification, such as ``ICD-10-GM 2024``.
        source: Where the file comes from, and under which terms it is used here.
        languages: Of its labels.
        systems: Of its codes.
        codes: How many codes have a label in it.
        imported: When, in seconds since the epoch.
        digest: SHA-256 of what was imported, to tell that a file was imported before.
    """

    name: str
    edition: str
    source: str
    languages: tuple[str, ...]
    systems: tuple[str, ...]
    codes: int
    imported: float
    digest: str

    def to_json(self) -> dict[str, Any]:
        """The set as JSON."""
        return {
            "name": self.name,
            "edition": self.edition,
            "source": self.source,
            "languages": list(self.languages),
            "systems": list(self.systems),
            "codes": self.codes,
            "imported": self.imported,
            "digest": self.digest,
        }


@dataclass(frozen=True)
class Label:
    """A text for a code; ``synonym`` where it is another word for it, by which it is found but not called."""

    code: str
    language: str
    text: str
    synonym: bool = False


@dataclass(frozen=True, eq=False)
class Labels:
    """Imported labels, ready to be asked.

    Attributes:
        sets: What was imported, the newest first.
        texts: Code to language to its texts, the label first.
    """

    sets: tuple[LabelSet, ...] = ()
    texts: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=lambda: MappingProxyType({}))

    def label(self, code: str, language: str = "") -> str:
        """The label of a code: in the language, else in English, else our own name, else in any language; or empty.

        Args:
            code: With its system.
            language: Such as ``de``; of ``de-at`` the labels in ``de`` will do.
        """
        known = self.texts.get(code, {})
        for wanted in (language, language.partition("-")[0], ENGLISH):
            if wanted in known:
                return known[wanted][0]
        return plain_name(code) or next((texts[0] for texts in known.values()), "")

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages in which there are labels."""
        return tuple(sorted({language for texts in self.texts.values() for language in texts}))

    def meant(self, language: str) -> tuple[str, ...]:
        """Languages of the labels that a reader's language means: all where it is empty, none where nobody has it.

        Args:
            language: Such as ``de``, which means ``de-ch`` too; ``de-at`` means itself and ``de``.
        """
        wanted = {language, language.partition("-")[0]}
        return tuple(told for told in self.languages if told in wanted or language in {"", told.partition("-")[0]})


def labels_of(sets: Iterable[LabelSet], rows: Iterable[Label]) -> Labels:
    """Labels out of rows.

    Args:
        sets: The sets, the newest first.
        rows: Their rows; of two labels of one code in one language the first counts, the others are words for it.
    """
    found: dict[str, dict[str, tuple[list[str], list[str]]]] = {}
    for row in rows:
        names, words = found.setdefault(row.code, {}).setdefault(row.language, ([], []))
        (words if row.synonym else names).append(row.text)
    texts = {
        code: MappingProxyType(
            {lang: tuple(dict.fromkeys([*names, *words])) for lang, (names, words) in by.items() if names}
        )
        for code, by in found.items()
    }
    return Labels(tuple(sets), MappingProxyType({code: by for code, by in texts.items() if by}))


def language_of(text: str) -> str:
    """A language as it is written here, such as ``de`` or ``pt-br``; empty where it is none (RFC 5646, short forms)."""
    plain = text.strip().lower().replace("_", "-")
    return plain if _LANGUAGE.fullmatch(plain) else ""


def code_of(system: str, text: str) -> str:
    """A code of a classification as the dictionary writes it, such as ``ICD10:C34.1``; empty where it is none.

    Marks of use (a dagger, an asterisk), the strokes of codes that are divided (``C34.-``) and a missing point are
    set right.

    Args:
        system: One of :data:`SYSTEMS`; empty where the code names its own.
        text: The code.
    """
    plain = _MARKS.sub("", text).upper()
    if not system and ":" in plain:
        system, _, plain = plain.partition(":")
    plain = plain.removeprefix(f"{system}:")
    if system in {"ICD10", "ICDO3"}:
        plain = re.sub(r"[.]?-+$", "", plain)
        plain = plain.removeprefix("M") if "/" in plain else plain
        plain = re.sub(r"^([A-Z][0-9]{2})([0-9]{1,2})$", r"\1.\2", plain)
    code = f"{system}:{plain.lower() if system == 'OPS' else plain}"
    return code if any(v.holds(code) for v in _RULED) else ""
