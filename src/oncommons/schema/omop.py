"""Tables of the OMOP common data model 5.4 that a node keeps, column by column, and what we add to each.

Source: https://ohdsi.github.io/CommonDataModel/cdm54.html (Apache 2.0); image_occurrence is of its medical imaging
extension, and says which studies a clinical source names.

Concept identifiers are those of the source where it has them, else 0 ("no matching concept"): the vocabularies of OMOP
have licences of their own.  What a source says stays beside it as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_COLUMNS = {
    "person": """
        person_id gender_concept_id year_of_birth month_of_birth day_of_birth birth_datetime race_concept_id
        ethnicity_concept_id location_id provider_id care_site_id person_source_value gender_source_value
        gender_source_concept_id race_source_value race_source_concept_id ethnicity_source_value
        ethnicity_source_concept_id""",
    "condition_occurrence": """
        condition_occurrence_id person_id condition_concept_id condition_start_date condition_start_datetime
        condition_end_date condition_end_datetime condition_type_concept_id condition_status_concept_id stop_reason
        provider_id visit_occurrence_id visit_detail_id condition_source_value condition_source_concept_id
        condition_status_source_value""",
    "drug_exposure": """
        drug_exposure_id person_id drug_concept_id drug_exposure_start_date drug_exposure_start_datetime
        drug_exposure_end_date drug_exposure_end_datetime verbatim_end_date drug_type_concept_id stop_reason refills
        quantity days_supply sig route_concept_id lot_number provider_id visit_occurrence_id visit_detail_id
        drug_source_value drug_source_concept_id route_source_value dose_unit_source_value""",
    "procedure_occurrence": """
        procedure_occurrence_id person_id procedure_concept_id procedure_date procedure_datetime procedure_end_date
        procedure_end_datetime procedure_type_concept_id modifier_concept_id quantity provider_id visit_occurrence_id
        visit_detail_id procedure_source_value procedure_source_concept_id modifier_source_value""",
    "measurement": """
        measurement_id person_id measurement_concept_id measurement_date measurement_datetime measurement_time
        measurement_type_concept_id operator_concept_id value_as_number value_as_concept_id unit_concept_id range_low
        range_high provider_id visit_occurrence_id visit_detail_id measurement_source_value
        measurement_source_concept_id unit_source_value unit_source_concept_id value_source_value measurement_event_id
        meas_event_field_concept_id""",
    "observation": """
        observation_id person_id observation_concept_id observation_date observation_datetime
        observation_type_concept_id value_as_number value_as_string value_as_concept_id qualifier_concept_id
        unit_concept_id provider_id visit_occurrence_id visit_detail_id observation_source_value
        observation_source_concept_id unit_source_value qualifier_source_value value_source_value
        observation_event_id obs_event_field_concept_id""",
    "death": """
        person_id death_date death_datetime death_type_concept_id cause_concept_id cause_source_value
        cause_source_concept_id""",
    "specimen": """
        specimen_id person_id specimen_concept_id specimen_type_concept_id specimen_date specimen_datetime quantity
        unit_concept_id anatomic_site_concept_id disease_status_concept_id specimen_source_id specimen_source_value
        unit_source_value anatomic_site_source_value disease_status_source_value""",
    "episode": """
        episode_id person_id episode_concept_id episode_start_date episode_start_datetime episode_end_date
        episode_end_datetime episode_parent_id episode_number episode_object_concept_id episode_type_concept_id
        episode_source_value episode_source_concept_id""",
    "image_occurrence": """
        image_occurrence_id person_id procedure_occurrence_id visit_occurrence_id anatomic_site_concept_id wadors_uri
        local_path image_occurrence_date image_study_uid image_series_uid modality_concept_id""",
}
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType({name: tuple(c.split()) for name, c in _COLUMNS.items()})
"""Table to its columns, in the order of the standard."""

OWN = (
    "code",
    "value_code",
    "value_text",
    "canonical_value",
    "date_source_value",
    "end_date_source_value",
    "partial_date",
    "event_item",
)
"""What we add to every table: our codes of what and of its value or kind, the raw text of the kind where OMOP has no
column for it, the value in the unit of its marker, the dates as the source writes them, a first date of which only the
year or month is known, and the item of the same source that the row belongs to."""
PLACE = ("dataset", "source", "item", "source_row")
"""Where a row came from: dataset, name of the source, its own name there, and the row of the file."""

STAGES = ("stage", "pathological_stage", "clinical_stage")
"""Modifiers that say the stage group, the one that counts first."""
MODIFIERS: tuple[str, ...] = (
    "topography",
    "morphology",
    "stage",
    "clinical_t",
    "clinical_n",
    "clinical_m",
    "pathological_t",
    "pathological_n",
    "pathological_m",
    "grade",
)
"""What says more of a diagnosis: measurements with these codes, in capitals, that belong to its row."""
STATUS, FOLLOWED, AGE = "VITAL_STATUS", "FOLLOW_UP", "AGE_AT_DIAGNOSIS"
"""Codes of the observations that keep what OMOP has no table for."""
CONDITION_FIELD = 1147127
"""Concept of the column condition_occurrence.condition_occurrence_id, to which modifiers belong."""

REQUIRED_CONCEPTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "person": ("gender_concept_id", "race_concept_id", "ethnicity_concept_id"),
        "condition_occurrence": ("condition_concept_id", "condition_type_concept_id"),
        "drug_exposure": ("drug_concept_id", "drug_type_concept_id"),
        "procedure_occurrence": ("procedure_concept_id", "procedure_type_concept_id"),
        "measurement": ("measurement_concept_id", "measurement_type_concept_id"),
        "observation": ("observation_concept_id", "observation_type_concept_id"),
        "specimen": ("specimen_concept_id", "specimen_type_concept_id"),
        "episode": ("episode_concept_id", "episode_object_concept_id", "episode_type_concept_id"),
    },
)
"""Columns that the standard wants filled, with 0 where no concept is known."""

OPERATORS: Mapping[str, int] = MappingProxyType(
    {"<": 4171756, "<=": 4171754, ">": 4172704, ">=": 4171755, "=": 4172703}
)
"""Concept of the sign before a value (domain Meas Value Operator)."""

START: Mapping[str, str] = MappingProxyType(
    {
        "person": "birth",
        "condition_occurrence": "condition_start",
        "drug_exposure": "drug_exposure_start",
        "procedure_occurrence": "procedure",
        "measurement": "measurement",
        "observation": "observation",
        "death": "death",
        "specimen": "specimen",
        "episode": "episode_start",
        "image_occurrence": "image_occurrence",
    },
)
"""Table to the name of its (first) date, without ``_date`` or ``_datetime``."""
END: Mapping[str, str] = MappingProxyType(
    {
        "condition_occurrence": "condition_end",
        "drug_exposure": "drug_exposure_end",
        "procedure_occurrence": "procedure_end",
        "episode": "episode_end",
    },
)
"""Table to the name of its last date, where it has one."""
_WHOLE = frozenset({"year_of_birth", "month_of_birth", "day_of_birth", "refills", "days_supply", "episode_number"})
_REAL = frozenset({"value_as_number", "range_low", "range_high", "quantity", "canonical_value"})


def type_of(column: str) -> str:
    """The SQL type of a column."""
    if column == "specimen_source_id":
        return "VARCHAR"
    if column.endswith("_id") or column == "source_row":
        return "BIGINT"
    if column.endswith("_date") and column != "partial_date":
        return "DATE"
    if column.endswith("_datetime"):
        return "TIMESTAMP"
    if column in _WHOLE:
        return "INTEGER"
    return "DOUBLE" if column in _REAL else "VARCHAR"


def columns_of(table: str) -> tuple[str, ...]:
    """Every column of a table of ours: where it came from, the standard's, what we add."""
    return (*PLACE, *TABLES[table], *OWN)
