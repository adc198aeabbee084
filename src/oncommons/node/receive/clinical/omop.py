"""A database of OMOP CDM 5.4 (or 5.3) into the temporary tables of clinical data: the same columns, and our codes beside.

What a row is about is read from its source value and from the concepts that it names, as far as the database holds the
table ``concept``; concept identifiers are copied as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from urllib.parse import urlsplit

import duckdb

from oncommons.node.receive.clinical.convert import number_text
from oncommons.node.receive.clinical.fhir_codes import MEANINGS
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.omop_source import Database, is_address, opened
from oncommons.node.receive.clinical.reading import Number, in_its_unit, is_missing, read_code, read_number
from oncommons.node.receive.clinical.records import Names, OmopRow, Source, Taken
from oncommons.node.receive.clinical.resuming import NOTHING_KEPT, Readings, Unit, key_of, made_by
from oncommons.node.receive.clinical.taking import PASSED, REFUSED, MadeFault, MadeRow, Taking, fault_of, unit_of
from oncommons.node.receive.table import About
from oncommons.schema.errors_of_rows import (
    ClinicalRowError,
    DanglingReference,
    NotOmop,
    UnknownClinicalCode,
    UnreadableNumber,
)
from oncommons.schema.omop import CONDITION_FIELD, OPERATORS, START, TABLES
from oncommons.schema.oncology import MARKER_UNITS, kind_of_treatment

_Numbered = tuple[int, tuple[str | None, ...]]
"""A row of a table, as texts, and its place in the order of the table."""
NEEDED = ("person", "condition_occurrence")
"""Tables without which a database is not taken for one of OMOP."""
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "ICD10": "ICD10",
        "ICD10CM": "ICD10",
        "ICD10GM": "ICD10",
        "ICDO3": "ICDO3",
        "LOINC": "LOINC",
        "SNOMED": "SCT",
        "ATC": "ATC",
        "RxNorm": "RXNORM",
        "OPS": "OPS",
    },
)
"""Vocabulary of OMOP to the name of the system here."""
_CONCEPTS: Mapping[str, str] = MappingProxyType(
    {
        "8507": "M",
        "8532": "F",
        "8521": "O",
        "9191": "POSITIVE",
        "9189": "NEGATIVE",
        "45884084": "POSITIVE",
        "45878583": "NEGATIVE",
    },
)
"""Concepts of OMOP itself: sex (vocabulary Gender) and results (Meas Value, LOINC answers)."""


@dataclass(frozen=True)
class _Coded:
    """Which columns of a table say its code and its value or kind, and in which vocabularies."""

    vocabulary: str
    columns: tuple[str, ...]
    value: str = ""
    value_columns: tuple[str, ...] = ()


_CODED: Mapping[str, _Coded] = MappingProxyType(
    {
        "person": _Coded("sex", ("gender_concept_id", "gender_source_value")),
        "condition_occurrence": _Coded(
            "condition", ("condition_source_concept_id", "condition_concept_id", "condition_source_value")
        ),
        "procedure_occurrence": _Coded(
            "treatment_code",
            ("procedure_source_concept_id", "procedure_concept_id", "procedure_source_value"),
            "treatment_kind",
            ("modifier_source_value",),
        ),
        "drug_exposure": _Coded("treatment_code", ("drug_source_concept_id", "drug_concept_id", "drug_source_value")),
        "measurement": _Coded(
            "marker",
            ("measurement_source_concept_id", "measurement_concept_id", "measurement_source_value"),
            "result",
            ("value_as_concept_id", "value_source_value"),
        ),
        "observation": _Coded(
            "marker",
            ("observation_source_concept_id", "observation_concept_id", "observation_source_value"),
            "result",
            ("value_as_concept_id", "value_as_string", "value_source_value"),
        ),
        "episode": _Coded("episode_kind", ("episode_source_value",)),
        "death": _Coded("condition", ("cause_source_concept_id", "cause_concept_id", "cause_source_value")),
        "specimen": _Coded("specimen_kind", ("specimen_source_value",), "topography", ("anatomic_site_source_value",)),
    },
)
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "person": ("person.sex", "person.birth_year"),
        "condition_occurrence": (
            "condition.code",
            "condition.topography",
            "condition.morphology",
            "condition.diagnosis_year",
            "condition.age_at_diagnosis",
        ),
        "measurement": tuple(f"measurement.{n}" for n in ("marker", "value", "result", "measured_after")),
        "observation": tuple(f"measurement.{n}" for n in ("marker", "value", "result", "measured_after")),
        "procedure_occurrence": tuple(f"treatment.{n}" for n in ("treatment_kind", "treatment_code", "treated_after")),
        "drug_exposure": tuple(f"treatment.{n}" for n in ("treatment_kind", "treatment_code", "treated_after")),
        "death": ("person.vital_status",),
        "episode": ("episode.episode_kind", "episode.began_after"),
        "specimen": ("specimen.specimen_kind", "specimen.specimen_site"),
    },
)
_SIGNS = MappingProxyType({str(concept): sign for sign, concept in OPERATORS.items()})
"""Concept of an operator to its sign."""
_QUIET = frozenset({"observation", "procedure_occurrence", "drug_exposure", "measurement", "episode", "specimen"})
"""Tables of which most rows of a hospital are about something else than cancer: their unknown codes are counted, not told."""


@dataclass(frozen=True)
class OmopSource:
    """An OMOP database and the dataset that it becomes."""

    place: str
    dataset: str
    name: str = ""
    about: About = field(default_factory=lambda: About(""))


def receive_omop(
    connection: duckdb.DuckDBPyConnection, source: OmopSource, names: Names, readings: Readings = NOTHING_KEPT
) -> Taken:
    """Read an OMOP database into the temporary tables of :mod:`oncommons.node.receive.clinical.loading`.

    Args:
        connection: Where the tables are made.
        source: The database.
        names: What people are called at this node, from ``person_source_value``.
        readings: What an import of the same rows that did not end has read of them.

    Raises:
        NotOmop: it cannot be opened, or lacks the tables of OMOP.
        MissingPackage: PostgreSQL without its driver.
        MachineError: what is kept of the file cannot be read or written.
    """
    with opened(source.place) as database, Loading(connection) as loading:
        there = {table: columns for table in TABLES if (columns := database.columns(table))}
        lacking = [table for table in NEEDED if table not in there]
        if lacking:
            raise NotOmop(f"The database has no table {' and no table '.join(lacking)}.", at=lacking[0])
        looked_up = [database.content(table) for table in ("concept", "person") if database.columns(table)]
        shared = (*looked_up, names.person("1"), *made_by(connection))
        keys = {table: key_of("omop", table, database.content(table), *shared) for table in there}
        readings.forget(but=keys.values())
        reader, taking = _Reader(_concepts(database), _people(database, there["person"], names)), Taking(loading)
        for table, columns in there.items():
            copied = tuple(c for c in TABLES[table] if c in columns)
            rows = partial(_rows, database, table, copied)
            for unit in readings.of(keys[table], rows, partial(reader.unit, table, copied)):
                taking.take(unit, _always)
    fields = frozenset(f for table in there for f in _FIELDS.get(table, ()))
    name = source.name or (urlsplit(source.place).path.strip("/") if is_address(source.place) else source.place)
    told = Source(source.dataset, name.rpartition("/")[2], "omop", "", fields, source.about)
    return Taken(
        told,
        taking.units,
        taking.refused,
        dict(loading.rows),
        dict(loading.faults),
        tuple(loading.first),
        dict(taking.counts[PASSED]),
    )


def _always(_row: OmopRow) -> bool:
    """Each row about a person counts: the database has one of each."""
    return True


def _rows(database: Database, table: str, columns: Sequence[str]) -> Iterator[_Numbered]:
    """The rows of a table, counted from 1; begun when the first is needed."""
    return enumerate(database.rows(table, columns), 1)


def _concepts(database: Database) -> dict[str, str]:
    """Concept to ``SYSTEM:CODE``, of the systems that are known here."""
    columns = database.columns("concept")
    if not {"concept_id", "vocabulary_id", "concept_code"} <= set(columns):
        return {}
    rows = database.rows("concept", ("concept_id", "vocabulary_id", "concept_code"))
    return {
        str(concept): str(code) if vocabulary == "UCUM" else f"{_SYSTEMS[str(vocabulary)]}:{code}"
        for concept, vocabulary, code in rows
        if vocabulary in _SYSTEMS or vocabulary == "UCUM"
    }


def _people(database: Database, columns: Iterable[str], names: Names) -> dict[str, str]:
    """Identifier of a person in the database to what the node calls them."""
    if "person_source_value" not in columns:
        return {str(number): names.person(str(number)) for (number,) in database.rows("person", ("person_id",))}
    rows = database.rows("person", ("person_id", "person_source_value"))
    return {str(number): names.person(str(said or number)) for number, said in rows}


@dataclass
class _Reader:
    """Copies the rows of one database."""

    concepts: Mapping[str, str]
    people: Mapping[str, str]
    _faults: list[MadeFault] = field(default_factory=list)
    _passed: list[tuple[str, str]] = field(default_factory=list)

    def unit(self, table: str, columns: Sequence[str], numbered: _Numbered) -> Unit:
        """What is made of a row of a table."""
        number, texts = numbered
        self._faults, self._passed = [], []
        values = {c: t for c, t in zip(columns, texts, strict=True) if t is not None}
        item = f"{table}/{values.get(f'{table}_id') or number}"
        person = self.people.get(values.pop("person_id", ""))
        values.pop("person_source_value", "")  # the hospital's number, which is not kept
        if person is None:
            fault = DanglingReference("The row is about a person who is not in the table person.")
            return unit_of(number, faults=[fault_of(f"{table}.person_id", fault, kept=False)], counted=[(REFUSED, "")])
        self._code(table, values)
        rows: list[MadeRow] = [(table, item, values)]
        if table == "condition_occurrence":
            rows += self._tumour(item, values)
        return unit_of(number, person, rows, self._faults, self._passed)

    def _code(self, table: str, values: dict[str, str]) -> None:
        rule = _CODED.get(table)
        if rule is None:
            return
        said = [(c, values[c]) for c in rule.columns if values.get(c) not in {None, "0"} and not is_missing(values[c])]
        code = self._first(rule.vocabulary, [text for _, text in said])
        if code:
            values["code"] = code
        elif said and table in _QUIET:
            self._passed.append((PASSED, f"{table} of no known code"))
        elif said:
            text = self.concepts.get(said[0][1], said[0][1])
            fault = UnknownClinicalCode(f"{text!r} is not read as a value of {rule.vocabulary}.")
            self._tell(table, said[0][0], fault)
        if rule.value:
            kind = self._first(rule.value, [values[c] for c in rule.value_columns if values.get(c)])
            values |= {"value_code": kind} if kind else {}
        if table in {"measurement", "observation"}:
            self._weigh(table, values)
        elif rule.vocabulary == "treatment_code" and "value_code" not in values:
            kind = kind_of_treatment(code)
            values |= {"value_code": kind} if kind else {}
        start = values.get(f"{START[table]}_date")
        if start:
            values["date_source_value"] = values.get(f"{START[table]}_datetime", start)

    def _first(self, vocabulary: str, texts: list[str]) -> str:
        """The code that the first of some concepts and texts stands for, or empty."""
        for text in texts:
            known = _CONCEPTS.get(text) or self.concepts.get(text, text)
            meant = MEANINGS.get(vocabulary, {}).get(known, known)
            for candidate in (meant, meant.rpartition("-")[2] if meant.startswith("ICDO3:") else meant):
                with suppress(UnknownClinicalCode):
                    return read_code(vocabulary, candidate)
        return ""

    def _weigh(self, table: str, values: dict[str, str]) -> None:
        """Bring the value of a marker into its unit, and see which diagnosis it is about."""
        if values.get("meas_event_field_concept_id") == str(CONDITION_FIELD) and "measurement_event_id" in values:
            values["event_item"] = f"condition_occurrence/{values['measurement_event_id']}"
        marker, raw = values.get("code", ""), values.get("value_as_number", "")
        if marker not in MARKER_UNITS or not raw:
            return
        sign = _SIGNS.get(values.get("operator_concept_id", ""), "")
        unit = self.concepts.get(values.get("unit_concept_id", ""), values.get("unit_source_value", ""))
        read = Number("" if sign == "=" else sign, read_number(raw).value)
        value = in_its_unit(marker, read, unit)
        if value is not None:
            values |= number_text("canonical_value", value)
        elif not read.sign:
            wanted = MARKER_UNITS[marker]
            fault = UnreadableNumber(f"{marker} is asked in {wanted}, which cannot be made of {unit or 'no unit'!r}.")
            self._tell(table, "unit_concept_id", fault)

    def _tumour(self, item: str, values: dict[str, str]) -> Iterator[MadeRow]:
        """Histology and site, where the concept of a diagnosis is one of ICD-O-3, such as ``8520/3-C50.4``."""
        named = [self.concepts.get(values.get(c, ""), "") for c in _CODED["condition_occurrence"].columns[:2]]
        histology = next((n for n in named if n.startswith("ICDO3:") and "-" in n), "")
        if not histology:
            return
        first, _, site = histology.removeprefix("ICDO3:").partition("-")
        for name, code in (("morphology", first), ("topography", site)):
            with suppress(UnknownClinicalCode):
                own = {"measurement_source_value": name.upper(), "code": name.upper(), "value_source_value": code}
                own |= {"value_code": read_code(name, code), "event_item": item}
                yield "measurement", f"{item}.{name}", own

    def _tell(self, table: str, at: str, fault: ClinicalRowError) -> None:
        self._faults.append(fault_of(f"{table}.{at}", fault))
