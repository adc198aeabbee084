"""What questions are put to, in SQL over the tables of OMOP: each rule of how a field is derived stands here once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from oncommons.schema.clinical import CLINICAL
from oncommons.schema.errors_of_rows import NotFhir
from oncommons.schema.omop import AGE, FOLLOWED, MODIFIERS, STAGES, STATUS

_TUMOUR = "(code LIKE 'ICD10:C%' OR regexp_matches(code, '^ICD10:D([0-3][0-9]|4[0-8])') OR code LIKE 'ICDO3:%')"
_SINCE = (
    "(SELECT person_id, min(condition_start_date) AS began FROM omop.condition_occurrence "
    f"WHERE {_TUMOUR} GROUP BY person_id)"
)
"""The day of a person's first diagnosis of a tumour."""


_ONLY = (
    "(SELECT person_id, min(condition_occurrence_id) AS event FROM omop.condition_occurrence "
    f"WHERE {_TUMOUR} GROUP BY person_id HAVING count(*) = 1)"
)
"""The one tumour of those who have one: what says more of a tumour, but not of which, is about this one."""


def _modifier(name: str) -> str:
    return f"{_agreed(name)} AS {name}"


def _agreed(name: str) -> str:
    """The value of a modifier of a diagnosis; unknown where several contradict each other."""
    chosen = f"FILTER (WHERE code = '{name.upper()}')"
    return f"CASE WHEN min(value_code) {chosen} = max(value_code) {chosen} THEN min(value_code) {chosen} END"


def _after(table: str, date: str, columns: str, where: str = "TRUE") -> str:
    """Rows of a table of OMOP with the days between the first diagnosis and their date."""
    return (
        f"SELECT e.person_id, e.source, e.source_row, e.item, {columns}, "
        f"date_diff('day', first.began, e.{date}) AS after FROM omop.{table} e "
        f"LEFT JOIN {_SINCE} first ON first.person_id = e.person_id WHERE {where}"
    )


_OWN = ", ".join(f"'{name}'" for name in (*(m.upper() for m in (*MODIFIERS, *STAGES)), STATUS, FOLLOWED, AGE))
_FINDINGS = f"(code IS NULL OR code NOT IN ({_OWN}))"
"""Rows of OMOP's measurements and observations that say nothing of a diagnosis or of the person as such."""


def _finding(table: str) -> str:
    columns = "e.code AS marker, e.canonical_value AS value, e.value_code AS result"
    return _after(table, f"{table}_date", columns, _FINDINGS)


def _treatment(table: str, date: str) -> str:
    return _after(table, date, "e.value_code AS treatment_kind, e.code AS treatment_code")


def _named(query: str, name: str) -> str:
    return f"SELECT * EXCLUDE (after), after AS {name} FROM ({query})"


_CONDITION = f"""
    SELECT c.person_id, c.source, c.source_row, c.item, c.code, m.stage, {", ".join(f"m.{name}" for name in MODIFIERS if name != "stage")},
           coalesce(CAST(floor(a.years) AS INTEGER), date_sub('year', b.born, c.condition_start_date)) AS age_at_diagnosis,
           coalesce(year(c.condition_start_date), TRY_CAST(left(c.partial_date, 4) AS INTEGER)) AS diagnosis_year
    FROM omop.condition_occurrence c
    LEFT JOIN (SELECT person_id, event, {", ".join(map(_modifier, MODIFIERS[:2]))}, coalesce({", ".join(map(_agreed, STAGES))}) AS stage,
                      {", ".join(map(_modifier, MODIFIERS[3:]))}
               FROM (SELECT o.person_id, coalesce(o.measurement_event_id, lone.event) AS event, o.code, o.value_code
                     FROM omop.measurement o LEFT JOIN {_ONLY} lone ON lone.person_id = o.person_id
                     WHERE o.code IN ({", ".join(f"'{name.upper()}'" for name in (*MODIFIERS, *STAGES))}))
               WHERE event IS NOT NULL GROUP BY person_id, event) m
           ON m.person_id = c.person_id AND m.event = c.condition_occurrence_id
    LEFT JOIN (SELECT person_id, observation_event_id AS event, min(canonical_value) AS years FROM omop.observation
               WHERE code = '{AGE}' AND observation_event_id IS NOT NULL GROUP BY person_id, observation_event_id) a
           ON a.person_id = c.person_id AND a.event = c.condition_occurrence_id
    LEFT JOIN (SELECT person_id, min(CAST(birth_datetime AS DATE)) AS born FROM omop.person GROUP BY person_id) b
           ON b.person_id = c.person_id
"""
DERIVATIONS: Mapping[str, str] = MappingProxyType(
    {
        "condition": _CONDITION,
        "measurement": _named(f"{_finding('measurement')} UNION ALL {_finding('observation')}", "measured_after"),
        "treatment": _named(
            f"{_treatment('procedure_occurrence', 'procedure_date')} "
            f"UNION ALL {_treatment('drug_exposure', 'drug_exposure_start_date')}",
            "treated_after",
        ),
        "episode": _named(_after("episode", "episode_start_date", "e.code AS episode_kind"), "began_after"),
        "specimen": "SELECT person_id, source, source_row, item, code AS specimen_kind, value_code AS specimen_site "
        "FROM omop.specimen",
    },
)
"""Entity to a query over the tables of OMOP: its fields, the person, and the place of each row in its source."""
SOURCES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "condition": ("condition_occurrence",),
        "measurement": ("measurement", "observation"),
        "treatment": ("procedure_occurrence", "drug_exposure"),
        "episode": ("episode",),
        "specimen": ("specimen",),
    },
)
"""Entity to the tables of OMOP that its rows come from."""

TOLD = tuple(f"told_{entity}" for entity in CLINICAL)
"""Columns of ``person``: whether some source that speaks of the person holds the entity."""


def rows_held(entity: str) -> str:
    """SQL for the rows of OMOP that an entity comes from."""
    tables = ((t, f" WHERE {_FINDINGS}" if t in {"measurement", "observation"} else "") for t in SOURCES[entity])
    return " UNION ALL ".join(f"SELECT dataset, source, person_id FROM omop.{table}{where}" for table, where in tables)


def holders(entity: str) -> str:
    """SQL for ``(dataset, source, named)``: the sources that hold an entity.

    They are tables of which the hospital ``named`` columns of it, and sources that have rows of it; but none of which
    something could not be read at all, since that may have been a row of anybody.
    """
    named = f"kind = 'table' AND contains(' ' || array_to_string(fields, ' '), ' {entity}.')"
    return (
        f"SELECT dataset, name AS source, {named} AS named FROM omop.source WHERE ({named} "
        f"OR (dataset, name) IN (SELECT DISTINCT dataset, source FROM ({rows_held(entity)}))) "
        f"AND (dataset, name) NOT IN (SELECT DISTINCT dataset, source FROM omop.fault WHERE code = '{NotFhir.code}')"
    )


_HOLDERS = " UNION ALL ".join(
    f"SELECT dataset, source, '{entity}' AS entity FROM ({holders(entity)})" for entity in CLINICAL
)
SPOKEN = f"""
CREATE OR REPLACE TEMP TABLE spoken AS
    SELECT dataset, source, {", ".join(f"bool_or(entity = '{e}') AS told_{e}" for e in CLINICAL)}
    FROM ({_HOLDERS}) GROUP BY dataset, source;
"""
"""Notes which entities each source holds."""

SPEAKING = f"""
UPDATE person SET {", ".join(f"{name} = o.{name}" for name in TOLD)} FROM (
    SELECT d.key AS dataset, o.person_source_value AS id, {", ".join(f"bool_or({name}) AS {name}" for name in TOLD)}
    FROM omop.person o JOIN dataset d ON d.name = o.dataset
    LEFT JOIN spoken s ON s.dataset = o.dataset AND s.source = o.source GROUP BY ALL) o
WHERE o.dataset = person.dataset AND o.id = person.id;
"""
"""Tells of everybody in clinical sources anew what these hold, after some of their rows have gone."""

PERSON = f"""
CREATE OR REPLACE TEMP TABLE told AS
    SELECT w.key, w.dataset, {", ".join(f"o.{name}" for name in TOLD)}, o.birth_year, coalesce(dead.status, seen.status) AS status,
           coalesce(seen.days, date_diff('day', first.began, greatest(dead.died, seen.last))) AS days,
           CASE WHEN o.sexes = 0 THEN p.sex WHEN o.sexes = 1 AND coalesce(p.sex = c.number, TRUE) THEN c.number END AS agreed
    FROM who w JOIN person p ON p.key = w.key
    JOIN (SELECT person_id, count(DISTINCT code) AS sexes, min(code) AS sex,
                 CASE WHEN min(year_of_birth) = max(year_of_birth) THEN min(year_of_birth) END AS birth_year,
                 {", ".join(f"bool_or({name}) AS {name}" for name in TOLD)}
          FROM omop.person LEFT JOIN spoken USING (dataset, source) GROUP BY person_id) o ON o.person_id = w.person_id
    LEFT JOIN code c ON c.vocabulary = 'sex' AND c.code = o.sex
    LEFT JOIN (SELECT person_id, 'DEAD' AS status, max(death_date) AS died FROM omop.death GROUP BY person_id) dead
           ON dead.person_id = w.person_id
    LEFT JOIN (SELECT person_id, max(observation_date) FILTER (WHERE code = '{STATUS}') AS last,
                      CAST(floor(max(canonical_value) FILTER (WHERE code = '{FOLLOWED}')) AS INTEGER) AS days,
                      CASE WHEN bool_or(value_code = 'DEAD') FILTER (WHERE code = '{STATUS}') THEN 'DEAD'
                           ELSE min(value_code) FILTER (WHERE code = '{STATUS}') END AS status
               FROM omop.observation WHERE code IN ('{STATUS}', '{FOLLOWED}') GROUP BY person_id) seen
           ON seen.person_id = w.person_id
    LEFT JOIN {_SINCE} first ON first.person_id = w.person_id;
INSERT INTO omop.changed
    SELECT d.name, p.id, p.sex FROM told t JOIN person p ON p.key = t.key JOIN dataset d ON d.key = p.dataset
    WHERE p.sex IS DISTINCT FROM t.agreed AND p.key IN (SELECT person FROM study);
UPDATE person SET birth_year = t.birth_year, follow_up = CASE WHEN t.days >= 0 THEN t.days END,
                  vital_status = (SELECT number FROM code WHERE vocabulary = 'vital_status' AND code = t.status),
                  sex = t.agreed, {", ".join(f"{name} = t.{name}" for name in TOLD)}
    FROM told t WHERE t.key = person.key;
"""
"""Fills what clinical sources know of the people themselves; where they contradict each other it is unknown."""
