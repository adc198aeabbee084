"""The mapping of a clinical table: a TOML file that says which column holds what.

::

    dataset = "lung_2024"
    person = "PatientID"               # the column with the patient's number
    identifiers = "numbers"            # made into the pseudonyms of the images; "pseudonyms" are taken as they are

    [[tables]]                         # each makes a row of an OMOP table out of each row of the file
    table = "condition_occurrence"
    code = { column = "icd", system = "ICD10" }
    date = { column = "diagnosed", format = "%d.%m.%Y" }

A cell is the name of a column, or a table: ``{ column = "sex", map = { "1" = "M", "2" = "F" } }``, ``{ value = "PSA" }``
for what is the same in every row; beside them ``format`` (of a date), ``unit`` (of a number), ``system`` (of codes) and
``decimal``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from oncommons.node.receive.table import About
from oncommons.schema.errors import BadMapping

Kind = Literal["text", "code", "date", "end", "number", "unit", "modifier", "result", "age"]
"""How a cell is read."""


@dataclass(frozen=True)
class Key:
    """What a key of a block fills.

    Attributes:
        kind: How its cell is read.
        column: The OMOP column for the text as it stands.
        vocabulary: The code list of a code.
        coded: Our column for the code.
        field: The field of the dictionary that it fills, as ``entity.field``.
    """

    kind: Kind
    column: str = ""
    vocabulary: str = ""
    coded: str = ""
    field: str = ""


def _modifier(name: str, vocabulary: str) -> Key:
    return Key("modifier", vocabulary=vocabulary, field=f"condition.{name}")


def _finding(table: str) -> Mapping[str, Key]:
    """Keys of a measurement or an observation."""
    return {
        "marker": Key("code", f"{table}_source_value", "marker", "code", "measurement.marker"),
        "value": Key("number", "value_source_value", field="measurement.value"),
        "result": Key("result", "value_source_value", "result", "value_code", "measurement.result"),
        "unit": Key("unit", "unit_source_value"),
        "date": Key("date", field="measurement.measured_after"),
    }


_TREATMENT = {
    "kind": Key("code", "value_text", "treatment_kind", "value_code", "treatment.treatment_kind"),
    "date": Key("date", field="treatment.treated_after"),
    "end": Key("end"),
}
BLOCKS: Mapping[str, Mapping[str, Key]] = MappingProxyType(
    {
        "person": {
            "sex": Key("code", "gender_source_value", "sex", "code", "person.sex"),
            "birth": Key("date", field="person.birth_year"),
            "race": Key("text", "race_source_value"),
            "ethnicity": Key("text", "ethnicity_source_value"),
        },
        "condition_occurrence": {
            "code": Key("code", "condition_source_value", "condition", "code", "condition.code"),
            "date": Key("date", field="condition.diagnosis_year"),
            "end": Key("end"),
            "status": Key("text", "condition_status_source_value"),
            "age": Key("age", field="condition.age_at_diagnosis"),
            "topography": _modifier("topography", "topography"),
            "morphology": _modifier("morphology", "morphology"),
            "stage": _modifier("stage", "stage"),
            "clinical_t": _modifier("clinical_t", "tnm_t"),
            "clinical_n": _modifier("clinical_n", "tnm_n"),
            "clinical_m": _modifier("clinical_m", "tnm_m"),
            "pathological_t": _modifier("pathological_t", "tnm_t"),
            "pathological_n": _modifier("pathological_n", "tnm_n"),
            "pathological_m": _modifier("pathological_m", "tnm_m"),
            "grade": _modifier("grade", "grade"),
        },
        "measurement": {**_finding("measurement"), "low": Key("text", "range_low"), "high": Key("text", "range_high")},
        "observation": _finding("observation"),
        "procedure_occurrence": {
            "code": Key("code", "procedure_source_value", "treatment_code", "code", "treatment.treatment_code"),
            **_TREATMENT,
        },
        "drug_exposure": {
            "code": Key("code", "drug_source_value", "treatment_code", "code", "treatment.treatment_code"),
            **_TREATMENT,
            "quantity": Key("text", "quantity"),
            "unit": Key("text", "dose_unit_source_value"),
            "route": Key("text", "route_source_value"),
        },
        "episode": {
            "kind": Key("code", "episode_source_value", "episode_kind", "code", "episode.episode_kind"),
            "date": Key("date", field="episode.began_after"),
            "end": Key("end"),
        },
        "death": {
            "date": Key("date", field="person.vital_status"),
            "cause": Key("code", "cause_source_value", "condition", "code"),
        },
        "specimen": {
            "kind": Key("code", "specimen_source_value", "specimen_kind", "code", "specimen.specimen_kind"),
            "site": Key("code", "anatomic_site_source_value", "topography", "value_code", "specimen.specimen_site"),
            "date": Key("date"),
        },
        "follow_up": {
            "status": Key("code", "value_source_value", "vital_status", "value_code", "person.vital_status"),
            "time": Key("number", "value_source_value", field="person.follow_up"),
            "date": Key("date", field="person.follow_up"),
        },
    },
)
"""Block to its keys: the tables of OMOP, and ``follow_up``, which OMOP keeps as observations."""
_CELL = frozenset({"column", "value", "map", "format", "unit", "system", "decimal"})
_WORDS = ("title", "licence", "source", "about")
_TOP = frozenset({"dataset", "person", "identifiers", "name", *_WORDS, "tables"})


@dataclass(frozen=True)
class Cell:
    """Where a value comes from: a column, or the same in every row; and how it is written there."""

    column: str = ""
    value: str = ""
    map: Mapping[str, str] = field(default_factory=dict)
    format: str = ""
    unit: str = ""
    system: str = ""
    decimal: str = "."

    @property
    def constant(self) -> str:
        """The value of every row, after the mapping's own words for it; empty where a column has it."""
        return self.map.get(self.value.strip(), self.value)


@dataclass(frozen=True)
class Block:
    """What makes one row of an OMOP table out of each row of the file.

    Attributes:
        name: A key of :data:`BLOCKS`.
        cells: Key to cell.
        when: Column to the texts with which the block applies; always where empty.
    """

    name: str
    cells: Mapping[str, Cell]
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ClinicalMapping:
    """Which column of a clinical table holds what; see the module's text."""

    dataset: str
    person: str
    blocks: tuple[Block, ...]
    hashed: bool = True
    name: str = ""
    about: About = field(default_factory=lambda: About(""))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that it names."""
        cells = [cell.column for block in self.blocks for cell in block.cells.values() if cell.column]
        return tuple(dict.fromkeys([self.person, *cells, *(c for block in self.blocks for c in block.when)]))

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the dictionary that it fills."""
        filled = (BLOCKS[block.name][key].field for block in self.blocks for key in block.cells)
        return frozenset(filled) - {""}


def read_clinical_mapping(path: Path) -> ClinicalMapping:
    """Read a mapping file.

    Raises:
        BadMapping: where it is not TOML, or lacks a key, or has one that is not known.
    """
    return clinical_mapping_of(_read(path))


def clinical_mapping_of(body: Mapping[str, Any]) -> ClinicalMapping:
    """Check a mapping that was read.

    Raises:
        BadMapping: as :func:`read_clinical_mapping`.
    """
    _known(body, _TOP, "The mapping")
    for name in ("dataset", "person"):
        if not isinstance(body.get(name), str) or not body[name].strip():
            raise BadMapping(f'The mapping must say {name} = "…".', at=name)
    identifiers = body.get("identifiers", "numbers")
    if identifiers not in {"numbers", "pseudonyms"}:
        raise BadMapping('identifiers is "numbers" or "pseudonyms".', at="identifiers")
    tables = body.get("tables")
    if not isinstance(tables, list) or not tables:
        raise BadMapping("The mapping needs at least one [[tables]].", at="tables")
    return ClinicalMapping(
        dataset=body["dataset"].strip(),
        person=body["person"],
        blocks=tuple(_block(table, f"tables[{i}]") for i, table in enumerate(tables)),
        hashed=identifiers == "numbers",
        name=str(body.get("name", "")),
        about=About(**{key: str(body.get(key, "")) for key in _WORDS}),
    )


def did_you_mean(word: str, words: Iterable[str], meant: Mapping[str, str] | None = None) -> str:
    """A question after the nearest of some words, to be put behind a message; empty where none is near.

    Args:
        word: What was written.
        words: What can be written.
        meant: Word to what is told in its place.
    """
    known = list(words)
    near = get_close_matches(word[:60], known, n=1) or get_close_matches(word[:60].upper(), known, n=1)
    return f" Did you mean {(meant or {}).get(near[0], near[0])!r}?" if near else ""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as fault:
        raise BadMapping(f"The mapping {path.name} cannot be opened: {fault.strerror}.", detail=str(fault)) from fault
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadMapping(f"The mapping {path.name} is not TOML: {fault}.") from fault


def _known(body: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    for name in body.keys() - known:
        hint = did_you_mean(name, sorted(known))
        raise BadMapping(f"{what} has an unknown key {name!r}; known: {', '.join(sorted(known))}.{hint}", at=name)


def _block(body: object, at: str) -> Block:
    if not isinstance(body, dict) or body.get("table") not in BLOCKS:
        hint = did_you_mean(str(body.get("table", "")), BLOCKS) if isinstance(body, dict) else ""
        raise BadMapping(f"{at} needs table = one of {', '.join(BLOCKS)}.{hint}", at=at)
    keys = BLOCKS[body["table"]]
    _known(body, frozenset({"table", "when", *keys}), f"{at} ({body['table']})")
    cells = {key: _cell(body[key], f"{at}.{key}") for key in keys if key in body}
    if not cells:
        raise BadMapping(f"{at} ({body['table']}) names no column; its keys are {', '.join(keys)}.", at=at)
    return Block(body["table"], cells, _when(body.get("when", {}), at))


def _cell(body: object, at: str) -> Cell:
    if isinstance(body, str):
        return Cell(column=body)
    if not isinstance(body, dict):
        raise BadMapping(f'{at} is the name of a column, or {{ column = "…" }} or {{ value = "…" }}.', at=at)
    _known(body, _CELL, at)
    if ("column" in body) == ("value" in body):
        raise BadMapping(f"{at} has either a column or a value.", at=at)
    texts = body.get("map", {})
    if not isinstance(texts, dict):
        raise BadMapping(f'{at}.map is a table: {{ "1" = "M", "2" = "F" }}.', at=at)
    plain = {key: str(text) for key, text in body.items() if key != "map"}
    return Cell(**plain, map={str(raw): str(text) for raw, text in texts.items()})


def _when(body: object, at: str) -> Mapping[str, frozenset[str]]:
    if not isinstance(body, dict) or not all(isinstance(texts, list) for texts in body.values()):
        raise BadMapping(f'{at}.when is a table of lists: {{ treated = ["1"] }}.', at=at)
    return {column: frozenset(map(str, texts)) for column, texts in body.items()}
