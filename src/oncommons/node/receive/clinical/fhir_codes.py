"""Code systems and codes of FHIR resources, and what they are here.

The addresses of code systems are those of HL7's registry (terminology.hl7.org); the codes of LOINC and SNOMED CT are data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from oncommons.node.receive.clinical.reading import read_code
from oncommons.schema.errors_of_rows import UnknownClinicalCode

SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "http://hl7.org/fhir/sid/icd-10": "ICD10",
        "http://hl7.org/fhir/sid/icd-10-cm": "ICD10",
        "http://fhir.de/codesystem/bfarm/icd-10-gm": "ICD10",
        "http://terminology.hl7.org/codesystem/icd-o-3": "ICDO3",
        "urn:oid:2.16.840.1.113883.6.43.1": "ICDO3",
        "http://loinc.org": "LOINC",
        "http://snomed.info/sct": "SCT",
        "http://www.whocc.no/atc": "ATC",
        "http://fhir.de/codesystem/bfarm/atc": "ATC",
        "http://www.nlm.nih.gov/research/umls/rxnorm": "RXNORM",
        "http://fhir.de/codesystem/bfarm/ops": "OPS",
    },
)
"""Address of a code system, in small letters, to its name here."""
MEANINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "result": {
            "SCT:10828004": "POSITIVE",
            "SCT:260385009": "NEGATIVE",
            "SCT:42425007": "EQUIVOCAL",
            "LOINC:LA6576-8": "POSITIVE",
            "LOINC:LA6577-6": "NEGATIVE",
            "LOINC:LA11884-6": "EQUIVOCAL",
        },
        "treatment_kind": {
            "SCT:387713003": "SURGERY",
            "SCT:108290001": "RADIOTHERAPY",
            "SCT:1287742003": "RADIOTHERAPY",
            "SCT:103693007": "DIAGNOSTIC",
            "SCT:367336001": "CHEMOTHERAPY",
        },
    },
)
"""Vocabulary to codes of others that mean one of its codes."""
STAGE_CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "LOINC:21908-9": ("clinical_stage", "stage"),
        "LOINC:21902-2": ("pathological_stage", "stage"),
        "LOINC:21905-5": ("clinical_t", "tnm_t"),
        "LOINC:21906-3": ("clinical_n", "tnm_n"),
        "LOINC:21907-1": ("clinical_m", "tnm_m"),
        "LOINC:21899-0": ("pathological_t", "tnm_t"),
        "LOINC:21900-6": ("pathological_n", "tnm_n"),
        "LOINC:21901-4": ("pathological_m", "tnm_m"),
        "LOINC:33732-9": ("grade", "grade"),
        "SCT:399537006": ("clinical_stage", "stage"),
        "SCT:399588009": ("pathological_stage", "stage"),
        "SCT:399504009": ("clinical_t", "tnm_t"),
        "SCT:399534004": ("clinical_n", "tnm_n"),
        "SCT:399387003": ("clinical_m", "tnm_m"),
        "SCT:384625004": ("pathological_t", "tnm_t"),
        "SCT:371494008": ("pathological_n", "tnm_n"),
        "SCT:371497001": ("pathological_m", "tnm_m"),
    },
)
"""What an observation says of a tumour: the modifier and its vocabulary.

Older editions of mCODE name it by LOINC, newer ones by SNOMED CT (value set of types of cancer stage).
"""


def list_of(value: object) -> list[Any]:
    """The items of a list; of anything else none."""
    return value if isinstance(value, list) else []


def dict_of(value: object) -> dict[str, Any]:
    """The object; of anything else an empty one."""
    return value if isinstance(value, dict) else {}


def codings(concept: object) -> list[str]:
    """The codes of a CodeableConcept as ``SYSTEM:CODE``; a system that is not known here is its address."""
    found = []
    for coding in map(dict_of, list_of(dict_of(concept).get("coding"))):
        system = str(coding.get("system", ""))
        if coding.get("code"):
            found.append(f"{SYSTEMS.get(system.lower(), system)}:{coding['code']}")
    return found


def text_of(concept: object) -> str:
    """A CodeableConcept as one text: its codes, or else its words."""
    body = dict_of(concept)
    shown = [str(dict_of(c).get("display", "")) for c in list_of(body.get("coding"))]
    return " | ".join(codings(body)) or str(body.get("text", "")) or next((text for text in shown if text), "")


def words_of(concept: object) -> list[str]:
    """Every way in which a CodeableConcept says what it means: codes with and without system, displays, text."""
    body = dict_of(concept)
    coded = list(map(dict_of, list_of(body.get("coding"))))
    found = [*codings(body), *(str(c.get("code", "")) for c in coded), *(str(c.get("display", "")) for c in coded)]
    return [text for text in [*found, str(body.get("text", ""))] if text]


def first_code(vocabulary: str, texts: Sequence[str]) -> str:
    """The code that the first of some texts stands for that is read at all.

    Raises:
        UnknownClinicalCode: none is.
    """
    fault = UnknownClinicalCode("There is no code.")
    for text in texts:
        meant = MEANINGS.get(vocabulary, {}).get(text, text)
        try:
            return read_code(vocabulary, meant, system="-")
        except UnknownClinicalCode as unread:
            fault = unread if text == texts[0] else fault
    raise fault
