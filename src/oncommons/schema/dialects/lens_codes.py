"""EUCAIM's codes for Samply Lens, and what they stand for here.

Sources: the catalogue of EUCAIM's explorer (samply/eucaim-frontend of 2026-02-20, codes only) and the tables of its
search component (samply/focus, ``src/eucaim_api.rs``, Apache-2.0); the concepts are those of SNOMED CT, RadLex, NCI
Thesaurus, BIRNLex and EUCAIM's hyper-ontology, used as opaque identifiers.  What a code stands for here is ours: DICOM's codes for images, and ICD-10 chapter II and ICD-O-3
topography for diagnoses.
"""

from __future__ import annotations

import re
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
        markers: For a field of measurements: of which markers; it then speaks of a measurement of its own.
        values: Its value codes, each with ours.
        refused: Value codes that cannot be carried, each with the reason.
    """

    key: str
    means: str
    name: str
    values: Values = field(default_factory=lambda: MappingProxyType({}))
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    markers: tuple[str, ...] = ()

    @property
    def field(self) -> Field:
        """The field of the dictionary that holds it."""
        return fields_by(self.name)[0]


_PREFIX = re.compile(r"EUCAIM_Hyper-Ontology_V[0-9.]+\.")


def plain_code(text: str) -> str:
    """A code of EUCAIM's hyper-ontology without the name and version that its explorer writes before it."""
    return _PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text


def _marker(key: str, means: str, marker: str, values: Mapping[str, str], field_name: str = "result") -> Key:
    return Key(key, means, f"measurement.{field_name}", _table(values), markers=tuple(marker.split()))


def _numbered(codes: str, first: int, stem: str = "") -> dict[str, str]:
    """Codes that stand for numbers in their order, from the first on."""
    return {code: f"{stem}{first + i}" for i, code in enumerate(codes.split())}


def _category(key: str, means: str, name: str, values: str) -> Key:
    pairs = [pair.split("=") for pair in values.split()]
    return Key(key, means, f"condition.{name}", _table({f"COM{code}": ours for code, ours in pairs}))


_TESTS = (
    _marker("CLIN1045815", "oestrogen receptor", "ER", {"COM1001310": "POSITIVE", "COM1001332": "NEGATIVE"}),
    _marker("CLIN1046085", "progesterone receptor", "PR", {"COM1001310": "POSITIVE", "COM1001332": "NEGATIVE"}),
    _marker(
        "CLIN1045851",
        "HER2 by immune stain",
        "HER2",
        {"COM1002257": "HER2_0", "COM1001877": "HER2_1", "COM1001879": "HER2_2", "COM1001882": "HER2_3"},
    ),
    _marker("CLIN1033410", "PSA, in ng/mL", "PSA", {}, "value"),
    _marker("CLIN1045913", "Ki-67, in per cent of cells", "KI67", {}, "value"),
    _marker(
        "CLIN1037294",
        "Gleason score",
        "GLEASON",
        _numbered(
            "CLIN1025818 CLIN1025912 CLIN1026007 CLIN1026103 CLIN1026200 CLIN1026298 CLIN1026397 CLIN1026497 CLIN1025725",
            2,
        ),
        "value",
    ),
    _marker(
        "CLIN1037300",
        "grade group of ISUP",
        "ISUP",
        _numbered("COM1001362 COM1001365 COM1001367 COM1001368 COM1001369", 1),
        "value",
    ),
    _marker(
        "IMG1005459",
        "BI-RADS or PI-RADS, by the value",
        "BIRADS PIRADS",
        _numbered("IMG1005470 IMG1005469 IMG1005468 IMG1005466 IMG1005465 IMG1005464 IMG1005463", 0, "BIRADS_")
        | _numbered("IMG1005479 IMG1005478 IMG1005477 IMG1005476 IMG1005475", 1, "PIRADS_"),
    ),
)
"""Receptors, markers and scores: the codes of EUCAIM's hyper-ontology, without its name before them."""
_STAGES = (
    _category(
        "CLIN1033379",
        "cT",
        "clinical_t",
        "1000316=T0 1000333=T1 1000351=T2 1000370=T2a 1000390=T2b 1000411=T2c 1000433=T3 1000456=T3a 1000480=T3b 1000505=T4",
    ),
    _category(
        "CLIN1033391",
        "pT",
        "pathological_t",
        "1000708=T0 1000741=T1 1000775=T2 1000810=T2a 1000846=T2b 1000883=T2c 1000921=T3 1000960=T3a 1001000=T3b 1001041=T4",
    ),
    _category("CLIN1033358", "cN", "clinical_n", "1000285=N0 1000300=N1"),
    _category("CLIN1033368", "pN", "pathological_n", "1000645=N0 1000676=N1"),
    _category("CLIN1033341", "cM", "clinical_m", "1000246=M1 1000258=M1a 1000271=M1b"),
    _category("CLIN1033349", "pM", "pathological_m", "1000531=M1 1000558=M1a 1000586=M1b 1000615=M1c"),
)
"""Categories of TNM, likewise."""

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
            *_TESTS,
            *_STAGES,
        )
    },
)
"""Every search key of EUCAIM's explorer, by its code without the name of the hyper-ontology."""


def eucaim_code(name: str, code: str) -> str:
    """EUCAIM's code for a code of a field; ours where EUCAIM has none."""
    for key in KEYS.values():
        if key.field.name == name:
            found = [theirs for theirs, ours in key.values.items() if ours == (code,)]
            if found:
                return found[0]
    return code
