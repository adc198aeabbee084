"""Clinical entities and fields of the dictionary, as rows of a table; :mod:`oncommons.schema.dictionary` reads them."""

from __future__ import annotations

from typing import Literal

ENTITIES: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "condition",
        "person",
        "conditions",
        "A diagnosis of a person, with its stage and grade.",
        "OMOP CDM 5.4 condition_occurrence",
    ),
    (
        "measurement",
        "person",
        "measurements",
        "A value or finding of a person: a tumour marker, a receptor, a score.",
        "OMOP CDM 5.4 measurement and observation",
    ),
    (
        "treatment",
        "person",
        "treatments",
        "A treatment or procedure that a person had.",
        "OMOP CDM 5.4 procedure_occurrence and drug_exposure",
    ),
    (
        "episode",
        "person",
        "episodes",
        "A phase of a person's disease, such as a recurrence.",
        "OMOP CDM 5.4 episode",
    ),
    ("specimen", "person", "specimens", "A sample taken from a person.", "OMOP CDM 5.4 specimen"),
)
"""Name, parent, plural, meaning and source of each entity."""
CLINICAL: tuple[str, ...] = tuple(name for name, *_ in ENTITIES)
"""Entities that only clinical sources have."""

_SINCE = "Days from the person's first diagnosis of a tumour; negative before it."
FIELDS: tuple[tuple[str, str, Literal["code", "integer", "number"], str, str, str, str], ...] = (
    (
        "birth_year",
        "person",
        "integer",
        "Calendar year of birth.",
        "OMOP CDM 5.4 person.year_of_birth",
        "",
        "",
    ),
    (
        "vital_status",
        "person",
        "code",
        "Whether the person was alive when last heard of. A person of whom a death is recorded is dead.",
        "OMOP CDM 5.4 death; mCODE 4",
        "vital_status",
        "",
    ),
    (
        "follow_up",
        "person",
        "integer",
        "Completed days that the person was followed: as the source says, or else from first diagnosis to last contact.",
        "oncommons",
        "",
        "d",
    ),
    (
        "code",
        "condition",
        "code",
        "What was diagnosed, as the source codes it: ICD-10, or else ICD-O-3. A code includes those below it.",
        "ICD-O-3; ICD-10",
        "condition",
        "",
    ),
    ("topography", "condition", "code", "Site of the tumour.", "ICD-O-3 topography", "topography", ""),
    ("morphology", "condition", "code", "Histology and behaviour.", "ICD-O-3 morphology", "morphology", ""),
    (
        "age_at_diagnosis",
        "condition",
        "integer",
        "Age at the diagnosis, in completed years: as the source says, or else from the date of birth.",
        "OMOP CDM 5.4; mCODE 4",
        "",
        "a",
    ),
    (
        "diagnosis_year",
        "condition",
        "integer",
        "Calendar year of the diagnosis.",
        "OMOP CDM 5.4 condition_start_date",
        "",
        "",
    ),
    ("stage", "condition", "code", "Stage group. A stage includes its subgroups.", "UICC, AJCC", "stage", ""),
    ("clinical_t", "condition", "code", "Primary tumour before treatment (cT).", "TNM (UICC)", "tnm_t", ""),
    ("clinical_n", "condition", "code", "Regional nodes before treatment (cN).", "TNM (UICC)", "tnm_n", ""),
    ("clinical_m", "condition", "code", "Distant metastasis before treatment (cM).", "TNM (UICC)", "tnm_m", ""),
    ("pathological_t", "condition", "code", "Primary tumour after surgery (pT).", "TNM (UICC)", "tnm_t", ""),
    ("pathological_n", "condition", "code", "Regional nodes after surgery (pN).", "TNM (UICC)", "tnm_n", ""),
    (
        "pathological_m",
        "condition",
        "code",
        "Distant metastasis, seen by the pathologist (pM).",
        "TNM (UICC)",
        "tnm_m",
        "",
    ),
    ("grade", "condition", "code", "Histological grade.", "ICD-O-3", "grade", ""),
    ("marker", "measurement", "code", "What was measured or observed.", "LOINC; oncommons", "marker", ""),
    (
        "value",
        "measurement",
        "number",
        "The value in the unit of its marker, which is said beside it. One beyond what could be measured, or of another unit, is unknown.",
        "OMOP CDM 5.4 value_as_number; UCUM",
        "",
        "",
    ),
    (
        "result",
        "measurement",
        "code",
        "What was found, in words or as a score.",
        "OMOP CDM 5.4 value_as_concept_id",
        "result",
        "",
    ),
    ("measured_after", "measurement", "integer", _SINCE, "oncommons", "", "d"),
    ("treatment_kind", "treatment", "code", "Kind of treatment.", "oncommons", "treatment_kind", ""),
    (
        "treatment_code",
        "treatment",
        "code",
        "The drug or procedure. A code of ATC or OPS includes those that begin with it.",
        "ATC; RxNorm; OPS; SNOMED CT",
        "treatment_code",
        "",
    ),
    ("treated_after", "treatment", "integer", _SINCE, "oncommons", "", "d"),
    ("episode_kind", "episode", "code", "Kind of phase.", "OMOP CDM 5.4 episode", "episode_kind", ""),
    ("began_after", "episode", "integer", _SINCE, "oncommons", "", "d"),
    ("specimen_kind", "specimen", "code", "Kind of sample.", "OMOP CDM 5.4 specimen", "specimen_kind", ""),
    ("specimen_site", "specimen", "code", "Where it was taken.", "ICD-O-3 topography", "topography", ""),
)
"""Name, entity, type, meaning, source, vocabulary and unit of each field."""
