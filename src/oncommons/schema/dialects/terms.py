"""Terms of other clients and what they stand for here: derived from the dictionary, so a new field is there at once.

A coded value has an identifier outside where a standard gives one (tables below); otherwise it is named by its
field, such as ``series.body_part:BREAST``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from oncommons.schema.codelist import Expansion
from oncommons.schema.dictionary import FIELDS, Field
from oncommons.schema.errors_of_protocols import Untranslatable

PREFIXES: Mapping[str, str] = MappingProxyType({"modality": "DCM"})
"""Vocabulary to the prefix under which its codes stand in an ontology (DICOM PS3.16 CID 29, scheme DCM)."""

CONCEPTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sex": MappingProxyType(
            {
                "F": "NCIT:C16576",
                "M": "NCIT:C20197",
                "O": "NCIT:C17649",
            },
        ),
    },
)
"""Vocabulary to code to concept (Beacon v2 default model, commonDefinitions: Sex; NCI Thesaurus)."""

NOT_KNOWN: Mapping[str, str] = MappingProxyType({"sex": "NCIT:C17998"})
"""Vocabulary to the concept for what was not assessed or is not available (ibid.)."""

RESOURCES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "NCIT": ("NCI Thesaurus", "https://ncit.nci.nih.gov", "http://purl.obolibrary.org/obo/NCIT_"),
        "DCM": (
            "DICOM Controlled Terminology",
            "https://dicom.nema.org/medical/dicom/current/output/chtml/part16/chapter_D.html",
            "http://dicom.nema.org/resources/ontology/DCM/",
        ),
        "ICD10": ("ICD-10", "https://icd.who.int", "https://icd.who.int/browse10/2019/en#/"),
        "ICDO3": (
            "ICD-O-3",
            "https://www.who.int/standards/classifications",
            "http://purl.bioontology.org/ontology/ICD-O-3/",
        ),
    },
)
"""Prefix of a CURIE to name, address and beginning of the IRIs of its resource."""

_CURIE = re.compile(r"\w[^:]+:.+")


@dataclass(frozen=True)
class Meaning:
    """What a term stands for: a code of a field, or, where the code is ``None``, that the field is not recorded."""

    field: Field
    code: str | None


def name_of(field: Field) -> str:
    """The name of a field among all fields, such as ``series.modality``."""
    return f"{field.entity}.{field.name}"


def term_of(field: Field, code: str) -> str:
    """The term for a code of a field."""
    concepts = CONCEPTS.get(field.vocabulary, {})
    if code in concepts:
        return concepts[code]
    if field.vocabulary in PREFIXES:
        return f"{PREFIXES[field.vocabulary]}:{code}"
    return code if _CURIE.fullmatch(code) else f"{name_of(field)}:{code}"


def meanings_of(term: str) -> tuple[Meaning, ...]:
    """Everything that a term can stand for, in the dictionary's order; nothing where it is not known."""
    return tuple(meaning for field in FIELDS if field.type == "code" for meaning in _meanings(field, term))


def _meanings(field: Field, term: str) -> list[Meaning]:
    """A code of a field by its concept, by its own name, or by the field's name and its code."""
    vocabulary = field.codes
    if term == NOT_KNOWN.get(field.vocabulary):
        return [Meaning(field, None)]
    for code, concept in CONCEPTS.get(field.vocabulary, {}).items():
        if concept == term:
            return [Meaning(field, code)]
    head, _, rest = term.partition(":")
    if PREFIXES.get(field.vocabulary) == head or head in {name_of(field), field.name}:
        return [Meaning(field, rest)] if vocabulary.has(rest) else []
    return [Meaning(field, term)] if _CURIE.fullmatch(term) and vocabulary.has(term) else []


def fields_by(name: str) -> tuple[Field, ...]:
    """The fields that a client can mean: by their full name, else every field of that name."""
    full = tuple(f for f in FIELDS if name_of(f) == name)
    return full or tuple(f for f in FIELDS if f.name == name)


def without_descendants(field: Field, code: str, at: str) -> tuple[str]:
    """The code alone, for a client that does not want what lies below it.

    Raises:
        Untranslatable: our question for the code would find what lies below it, too.
    """
    if field.codes.expand([code]) != Expansion((code,)):
        raise Untranslatable(f"A question for {code} always finds the codes below it, too.", at=at)
    return (code,)


def unknown_term(term: str, at: str) -> Untranslatable:
    """The error that tells that a term stands for nothing here, with one that is like it."""
    known = [name_of(f) for f in FIELDS] + [
        term_of(f, code) for f in FIELDS if f.type == "code" for code in f.codes.codes
    ]
    close = get_close_matches(term[:60], known, n=1, cutoff=0.6)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return Untranslatable(f"The data dictionary has nothing for the filter {term[:60]!r}.{hint}", at=at)
