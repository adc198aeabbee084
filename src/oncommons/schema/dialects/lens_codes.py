"""EUCAIM's codes for Samply Lens, and what they stand for here.

Sources: the catalogue of EUCAIM's explorer and the tables of its search component (samply/focus,
``src/eucaim_api.rs``, Apache-2.0); the concepts are those of SNOMED CT, RadLex, NCI Thesaurus and BIRNLex, used as
opaque identifiers.  What a code stands for here is ours: DICOM's codes for images, and ICD-10 chapter II and ICD-O-3
topography for diagnoses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from oncommons.schema.dialects.terms import fields_by
from oncommons.schema.dictionary import Field

UNKNOWN = ""
"""Stands for a field that is not recorded."""
Values = Mapping[str, tuple[str, ...]]


def _table(rows: Mapping[str, str]) -> Values:
    return MappingProxyType({code: tuple(ours.split()) or (UNKNOWN,) for code, ours in rows.items()})


@dataclass(frozen=True)
class Key:
    """A search key of EUCAIM.

    Attributes:
        key: Its code on the wire.
        means: What it asks for.
        name: Full name of the dictionary's field that holds it.
        values: Its value codes, each with ours.
        refused: Value codes that cannot be carried, each with the reason.
    """

    key: str
    means: str
    name: str
    values: Values = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def field(self) -> Field:
        """The field of the dictionary that holds it."""
        return fields_by(self.name)[0]


KEYS: Mapping[str, Key] = MappingProxyType(
    {
        one.key: one
        for one in (
            Key(
                "SNOMEDCT263495000",
                "sex",
                "person.sex",
                _table(
                    {
                        "SNOMEDCT248153007": "M",
                        "SNOMEDCT248152002": "F",
                        "SNOMEDCT74964007": "O",
                        "SNOMEDCT261665006": UNKNOWN,
                    }
                ),
            ),
            Key(
                "SNOMEDCT439401001",
                "diagnosis",
                "condition.code",
                _table(
                    {
                        "SNOMEDCT363406005": "ICD10:C18 ICDO3:C18",
                        "SNOMEDCT254837009": "ICD10:C50 ICDO3:C50",
                        "SNOMEDCT363358000": "ICD10:C34 ICDO3:C34",
                        "SNOMEDCT363484005": "ICD10:C76.3 ICDO3:C76.3",
                        "SNOMEDCT399068003": "ICD10:C61 ICDO3:C61 ICDO3:C61.9",
                    }
                ),
            ),
            Key(
                "RID10311",
                "modality",
                "series.modality",
                _table({"RID10312": "MR", "RID10337": "PT", "RID10321": "CT"}),
                MappingProxyType(
                    {"RID10334": "DICOM has one modality, NM, for SPECT and planar images; ask for modality NM."}
                ),
            ),
            Key(
                "SNOMEDCT123037004",
                "body part",
                "series.body_part",
                _table(
                    {
                        "SNOMEDCT76752008": "BREAST",
                        "SNOMEDCT71854001": "COLON",
                        "SNOMEDCT39607008": "LUNG",
                        "SNOMEDCT12921003": "PELVIS",
                        "SNOMEDCT41216001": "PROSTATE",
                    }
                ),
            ),
            Key(
                "C25392",
                "manufacturer",
                "series.manufacturer",
                _table(
                    {
                        "C200140": "SIEMENS",
                        "birnlex_3066": "SIEMENS",
                        "birnlex_12833": "GE",
                        "birnlex_3065": "PHILIPS",
                        "birnlex_3067": "CANON",
                    }
                ),
            ),
            Key("SNOMEDCT423493009", "age at diagnosis", "condition.age_at_diagnosis"),
            Key("SNOMEDCT432213005", "year of diagnosis", "condition.diagnosis_year"),
        )
    },
)
"""EUCAIM's search keys."""


def eucaim_code(name: str, code: str) -> str:
    """EUCAIM's code for a code of a field; ours where EUCAIM has none."""
    for key in KEYS.values():
        if key.field.name == name:
            found = [theirs for theirs, ours in key.values.items() if ours == (code,)]
            if found:
                return found[0]
    return code
