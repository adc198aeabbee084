"""A bundle of FHIR R4, or lines of resources, into the temporary tables of clinical data.

The source is read twice: first for the patients, since a resource may come before the patient it is about, then for the
rest.  Only the patients' references and the names of medications are held in memory.  What was made of each resource is
kept until the import ends, see :mod:`oncommons.node.receive.clinical.resuming`.

Of a folder, a file that is damaged is told, and nothing of it is taken: what it says before the damage is only some of
what it says of its patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from oncommons.node.receive.clinical.fhir_codes import codings, dict_of, list_of
from oncommons.node.receive.clinical.fhir_references import References
from oncommons.node.receive.clinical.fhir_rows import READERS, SET_ASIDE, Making, references, state_of, subject_of
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.fhir_stream import Resource, resources_of
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.records import Names, OmopRow, Source, Taken
from oncommons.node.receive.clinical.resuming import NOTHING_KEPT, Readings, Unit, key_of, made_by
from oncommons.node.receive.clinical.taking import (
    KIND,
    PASSED,
    REFUSED,
    Taking,
    fault_of,
    is_lasting,
    unit_of,
)
from oncommons.node.receive.faults import Fault
from oncommons.schema.errors_of_rows import (
    ClinicalRowError,
    DanglingReference,
    DuplicatePerson,
    MixedEncoding,
    NotFhir,
    RowWithoutPerson,
)

_MEDICAL_RECORD = "MR"
_FIELDS = {
    "Patient": ("person.sex", "person.birth_year", "person.vital_status"),
    "Condition": (
        "condition.code",
        "condition.topography",
        "condition.morphology",
        "condition.age_at_diagnosis",
        "condition.diagnosis_year",
        "condition.stage",
    ),
    "Observation": (
        "measurement.marker",
        "measurement.value",
        "measurement.result",
        "measurement.measured_after",
        *(f"condition.{basis}_{letter}" for basis in ("clinical", "pathological") for letter in "tnm"),
        "condition.grade",
    ),
    "Procedure": ("treatment.treatment_kind", "treatment.treatment_code", "treatment.treated_after"),
    "MedicationStatement": ("treatment.treatment_kind", "treatment.treatment_code", "treatment.treated_after"),
}
"""Kind of resource to the fields of the dictionary that it can fill."""


@dataclass
class _Known:
    """What the first reading found.

    Attributes:
        damaged: Files of which nothing is taken.
        faults: What is wrong with each of them.
        people: Reference to what the node calls the patient; empty where the patient has no number.
        medications: Reference to the concept of the medication.
        conditions: Reference to the name of the diagnosis as a row.
    """

    damaged: set[Path] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people: References[str] = References(self.damaged)
        self.medications: References[Any] = References(self.damaged)
        self.conditions: References[str] = References(self.damaged)

    def note(self, path: Path, kind: str, reference: str, meaning: Any) -> None:
        """Remember what a file says that a reference means."""
        kinds = {"Patient": self.people, "Medication": self.medications, "Condition": self.conditions}
        kinds[kind].note(reference, path, meaning)


def receive_fhir(
    connection: duckdb.DuckDBPyConnection, source: FhirSource, names: Names, readings: Readings = NOTHING_KEPT
) -> Taken:
    """Read resources into the temporary tables of :mod:`oncommons.node.receive.clinical.loading`.

    Args:
        connection: Where the tables are made.
        source: The resources.
        names: What people and studies are called at this node.
        readings: What an import of the same files that did not end has read of them.

    Raises:
        NotFhir: the file is damaged or neither a bundle nor a resource, or nothing of the source can be read.  Of a
            folder such a file, and of lines such a line, is only told.
        MachineError: what is kept of the files cannot be read or written.
    """
    reading = _Reading(source, names, readings, made_by(connection))
    known = _first_reading(reading)
    with Loading(connection) as loading:
        for fault in known.faults:
            loading.complain(fault)
        reader, people, taking = _Reader(source, names, known), _People(loading), Taking(loading)
        whole = [path for path in source.files if path not in known.damaged]
        keys = reading.keys(
            "rows", source.digest, *(path.name for path in whole), known=all(map(source.digests.get, whole))
        )
        readings.forget(but={*keys.values(), *reading.keys("people").values()})
        for path in whole:
            is_new = partial(people.is_new, _place(source, path, ""))
            for unit in readings.of(keys[path], partial(resources_of, path), partial(reader.unit, path), is_lasting):
                taking.take(unit, is_new)
    kinds = taking.counts[KIND]
    fields = frozenset(f for kind in kinds for f in _FIELDS.get(kind, ()))
    told = Source(source.dataset, source.path.name, "fhir", source.digest, fields, source.about)
    return Taken(
        told,
        kinds.total() + taking.refused,
        taking.refused,
        dict(loading.rows),
        dict(loading.faults),
        tuple(loading.first),
        dict(taking.counts[PASSED]),
        source.skipped,
        tuple(fault.at for fault in known.faults),
    )


@dataclass(frozen=True)
class _Reading:
    """What is read, and what that depends on."""

    source: FhirSource
    names: Names
    readings: Readings
    made_by: tuple[str, ...]

    def keys(self, *parts: str, known: bool = True) -> dict[Path, str]:
        """Of each file the key of what was read of it, as far as that depends on the file and on these parts.

        Empty where the bytes of the file, or others on which it depends, are not known.
        """
        own = ("folder" if self.source.path.is_dir() else "file", self.source.identifier)
        shared = (*own, self.names.person("1"), self.names.study("1"), *self.made_by, *parts)
        digests = self.source.digests
        return {path: key_of(digests[path], path.name, *shared) if known and digests[path] else "" for path in digests}


@dataclass
class _Reader:
    """Makes rows of resources."""

    source: FhirSource
    names: Names
    known: _Known

    def unit(self, path: Path, resource: Resource) -> Unit:
        """What is made of a resource of a file."""
        number, kind = resource.number, str(resource.body.get("resourceType", ""))
        if resource.fault is None and kind not in READERS:
            return unit_of(number, counted=[(PASSED, kind)])
        try:
            person = _person_of(resource, path, self.known)
        except ClinicalRowError as fault:
            told = fault_of(_place(self.source, path, ""), fault, kept=False)
            return unit_of(number, faults=[told], counted=[(REFUSED, "")])
        wrong: list[tuple[str, ClinicalRowError]] = []
        if resource.recoded:
            wrong.append(("", MixedEncoding("It is not UTF-8; it was read as Windows-1252.")))
        medication = partial(self._meant, self.known.medications, path, wrong)
        making = Making(resource.body, _item(resource, path, self.source), medication, self.names.study)
        READERS[kind](making)
        wrong += making.faults
        for _, _, values in making.rows:
            if "event_item" in values:
                named = self._meant(self.known.conditions, path, wrong, values["event_item"])
                values["event_item"] = named or values["event_item"]
        faults = [fault_of(_place(self.source, path, at), fault) for at, fault in wrong]
        return unit_of(number, person, making.rows, faults, [(KIND, kind)])

    def _meant(
        self, references: References[Any], path: Path, wrong: list[tuple[str, ClinicalRowError]], reference: str
    ) -> Any:
        """What a reference in a file means; ``None``, and noted as wrong, where it means several things."""
        try:
            return references.meant(reference, path)
        except DanglingReference as fault:
            wrong.append(("", fault))
            return None


@dataclass
class _People:
    """Who was there already, and what was said of them."""

    loading: Loading
    _said: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def is_new(self, place: str, row: OmopRow) -> bool:
        """Whether nothing was said of the patient yet; what contradicts is told."""
        if row.person not in self._said:
            self._said[row.person] = row.values
            return True
        if self._said[row.person] != row.values:
            fault = DuplicatePerson("The patient is there already, with other values; those count.")
            self.loading.complain(Fault.of(row.row, place, fault))
        return False


def _place(source: FhirSource, path: Path, at: str) -> str:
    return f"{path.name} {at}".strip() if source.path.is_dir() else at


def _first_reading(reading: _Reading) -> _Known:
    source = reading.source
    if not source.files:
        raise NotFhir(f"There is no .ndjson or .json file with resources of FHIR in {source.path.name}.")
    known, good = _Known(), 0
    wrong: list[str] = []
    keys = reading.keys("people")
    for path in source.files:
        first = _First(source, reading.names, path)
        try:
            good += _note(known, first, reading.readings.of(keys[path], first.resources, first.unit), wrong)
        except NotFhir as fault:
            if not source.path.is_dir():
                raise
            known.damaged.add(path)
            told = NotFhir(f"{fault.message} Nothing of this file was taken.")
            known.faults.append(Fault.of(first.last + 1, path.name, told, kept=False))
            wrong.append(fault.message)
    if wrong and not good:
        raise NotFhir(f"Not one resource in {source.path.name} can be read. The first fault: {wrong[0]}")
    return known


def _note(known: _Known, first: _First, units: Iterable[Unit], wrong: list[str]) -> int:
    """Remember what a file says, and the first of all that is wrong; gives how many of its resources are sound."""
    good = 0
    for number, fault, meanings in units:
        if fault and not wrong:
            wrong.append(f"{first.path.name}, row {number:,}: {fault}")
        good += not fault
        for meaning in meanings:
            known.note(first.path, *meaning)
    return good


@dataclass
class _First:
    """Reads a file for what may be referred to.

    Attributes:
        last: The resource that was read last, counted from 1.
    """

    source: FhirSource
    names: Names
    path: Path
    last: int = 0

    def resources(self) -> Iterator[Resource]:
        """The resources of the file."""
        for resource in resources_of(self.path):
            self.last = resource.number
            yield resource

    def unit(self, resource: Resource) -> Unit:
        """The number of a resource, why it is none, and what may be referred to: kind, reference and meaning."""
        if resource.fault is not None:
            return [resource.number, resource.fault.message, []]
        return [resource.number, "", list(self._meanings(resource))]

    def _meanings(self, resource: Resource) -> Iterator[Unit]:
        kind = resource.body.get("resourceType")
        meaning: Any = None
        if kind == "Patient":
            number = _number_of(resource.body, self.source.identifier)
            meaning = self.names.person(number) if number else ""
        elif kind == "Medication":
            meaning = resource.body.get("code")
        elif kind == "Condition":
            meaning = _item(resource, self.path, self.source)
        else:
            return
        for reference in references(resource.body, resource.url):
            yield [kind, reference, meaning]


def _number_of(body: dict[str, Any], system: str) -> str:
    """The hospital's number of a patient: of the system asked for; without one, the medical record number or the first.

    Empty where there is none: a number of another system, or the server's own, could be somebody else's number.
    """
    identifiers = [i for i in map(dict_of, list_of(body.get("identifier"))) if i.get("value")]
    if system:
        identifiers = [i for i in identifiers if i.get("system") == system]
    typed = [i for i in identifiers if any(c.rpartition(":")[2] == _MEDICAL_RECORD for c in codings(i.get("type")))]
    chosen = (typed or identifiers)[:1]
    return str(chosen[0]["value"]).strip() if chosen else "" if system else str(body.get("id", "")).strip()


def _person_of(resource: Resource, path: Path, known: _Known) -> str:
    if resource.fault is not None:
        raise resource.fault
    body, kind = resource.body, str(resource.body["resourceType"])
    state = state_of(body)
    if state in SET_ASIDE.get(kind, ()):
        raise ClinicalRowError(f"The {kind} is {state} and does not count.")
    reference = next(references(body, resource.url), "") if kind == "Patient" else subject_of(body)
    person = known.people.meant(reference, path) or ""
    if kind == "Patient" and not person:
        raise RowWithoutPerson("The Patient has no number of the hospital, or none of the system asked for.")
    if not reference:
        raise RowWithoutPerson(f"The {kind} does not say whose it is.")
    if not person:
        raise DanglingReference(f"The {kind} is about {reference[:80]!r}, which is not in the source.")
    return person


def _item(resource: Resource, path: Path, source: FhirSource) -> str:
    """What a resource is called in its source; in a folder with the name of its file, where others may be called alike."""
    name = next(references(resource.body, resource.url), str(resource.number))
    return f"{path.name} {name}" if source.path.is_dir() else name
