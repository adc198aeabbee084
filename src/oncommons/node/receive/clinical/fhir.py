"""A bundle of FHIR R4, or lines of resources, into the temporary tables of clinical data.

The source is read twice: first for the patients, since a resource may come before the patient it is about, then for the
rest.  Only the patients' references and the names of medications are held in memory.

Of a folder, a file that is damaged is told, and nothing of it is taken: what it says before the damage is only some of
what it says of its patients.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import duckdb

from oncommons.node.receive.clinical.fhir_codes import codings, dict_of, list_of
from oncommons.node.receive.clinical.fhir_references import References
from oncommons.node.receive.clinical.fhir_rows import READERS, SET_ASIDE, Making, references, state_of, subject_of
from oncommons.node.receive.clinical.fhir_stream import Resource, holds_resources, resources_of
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.records import Names, OmopRow, Source, Taken
from oncommons.node.receive.faults import Fault
from oncommons.node.receive.lines import digest_of
from oncommons.node.receive.table import About
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import (
    ClinicalRowError,
    DanglingReference,
    DuplicatePerson,
    MixedEncoding,
    NotFhir,
    RowWithoutPerson,
)

_MEDICAL_RECORD = "MR"
_ENDINGS = (".ndjson", ".json")
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


@dataclass(frozen=True)
class FhirSource:
    """Where resources come from.

    Attributes:
        path: A file, or a folder of ``.ndjson`` and ``.json`` files.
        dataset: Which dataset they belong to.
        identifier: ``Identifier.system`` of the hospital's patient number; empty takes the medical record number.
        about: The dataset in words.
    """

    path: Path
    dataset: str
    identifier: str = ""
    about: About = field(default_factory=lambda: About(""))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files, those of a folder in order of name."""
        if not self.path.is_dir():
            return (self.path,)
        return tuple(path for path in sorted(self.path.iterdir()) if not self._why_not(path))

    @cached_property
    def skipped(self) -> tuple[str, ...]:
        """What else is in the folder, each with the reason why it is not read."""
        if not self.path.is_dir():
            return ()
        return tuple(f"{path.name}, {why}" for path in sorted(self.path.iterdir()) if (why := self._why_not(path)))

    def _why_not(self, path: Path) -> str:
        if path.is_dir():
            return "a folder"
        if path.suffix.lower() not in _ENDINGS:
            return "which ends neither in .ndjson nor in .json"
        try:
            return "" if holds_resources(path) else "which holds no resource of FHIR"
        except NotFhir:  # it could have been one of resources
            return ""

    def resources(self, but: Container[Path]) -> Iterator[tuple[Path, Resource]]:
        """Every resource with its file, but those of some files."""
        for path in self.files:
            if path not in but:
                for resource in resources_of(path):
                    yield path, resource


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


def receive_fhir(connection: duckdb.DuckDBPyConnection, source: FhirSource, names: Names) -> Taken:
    """Read resources into the temporary tables of :mod:`oncommons.node.receive.clinical.loading`.

    Args:
        connection: Where the tables are made.
        source: The resources.
        names: What people and studies are called at this node.

    Raises:
        NotFhir: the file is damaged or neither a bundle nor a resource, or nothing of the source can be read.  Of a
            folder such a file, and of lines such a line, is only told.
    """
    known = _first_reading(source, names)
    with Loading(connection) as loading:
        for fault in known.faults:
            loading.complain(fault)
        reader = _Reader(source, names, known, loading)
        for path, resource in source.resources(but=known.damaged):
            reader.read(path, resource)
    fields = frozenset(f for kind in reader.kinds for f in _FIELDS.get(kind, ()))
    told = Source(source.dataset, source.path.name, "fhir", _digest(source.files), fields, source.about)
    return Taken(
        told,
        reader.kinds.total() + reader.refused,
        reader.refused,
        dict(loading.rows),
        dict(loading.faults),
        tuple(loading.first),
        dict(reader.passed_over),
        source.skipped,
        tuple(fault.at for fault in known.faults),
    )


@dataclass
class _Reader:
    """Makes rows of resources."""

    source: FhirSource
    names: Names
    known: _Known
    loading: Loading
    kinds: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    _people: dict[str, dict[str, str]] = field(default_factory=dict)

    def read(self, path: Path, resource: Resource) -> None:
        """Take a resource, or say why not."""
        kind = str(resource.body.get("resourceType", ""))
        if resource.fault is None and kind not in READERS:
            self.passed_over[kind] += 1
            return
        try:
            person = _person_of(resource, path, self.known)
        except ClinicalRowError as fault:
            self.refused += 1
            self._tell(path, resource, "", fault, kept=False)
            return
        self.kinds[kind] += 1
        if resource.recoded:
            self._tell(path, resource, "", MixedEncoding("It is not UTF-8; it was read as Windows-1252."))
        medication = partial(self._meant, self.known.medications, path, resource)
        making = Making(resource.body, _item(resource, path, self.source), medication, self.names.study)
        READERS[kind](making)
        for at, wrong in making.faults:
            self._tell(path, resource, at, wrong)
        for table, item, values in making.rows:
            if "event_item" in values:
                named = self._meant(self.known.conditions, path, resource, values["event_item"])
                values["event_item"] = named or values["event_item"]
            if table != "person" or self._is_new(path, resource, person, values):
                self.loading.put(OmopRow(table, person, item, resource.number, values))

    def _meant(self, references: References[Any], path: Path, resource: Resource, reference: str) -> Any:
        """What a reference in a resource means; ``None``, and told, where it means several things."""
        try:
            return references.meant(reference, path)
        except DanglingReference as fault:
            self._tell(path, resource, "", fault)
            return None

    def _is_new(self, path: Path, resource: Resource, person: str, values: dict[str, str]) -> bool:
        """Whether nothing was said of the patient yet; what contradicts is told."""
        if person not in self._people:
            self._people[person] = dict(values)
            return True
        if self._people[person] != values:
            message = "The patient is there already, with other values; those count."
            self._tell(path, resource, "", DuplicatePerson(message))
        return False

    def _tell(self, path: Path, resource: Resource, at: str, fault: ClinicalRowError, *, kept: bool = True) -> None:
        place = f"{path.name} {at}".strip() if self.source.path.is_dir() else at
        self.loading.complain(Fault.of(resource.number, place, fault, kept=kept))


def _first_reading(source: FhirSource, names: Names) -> _Known:
    if not source.files:
        raise NotFhir(f"There is no .ndjson or .json file with resources of FHIR in {source.path.name}.")
    known, good = _Known(), 0
    wrong: list[str] = []
    for path in source.files:
        last = sound = 0
        try:
            for resource in resources_of(path):
                last = resource.number
                if resource.fault is None:
                    sound += 1
                    _note(known, source, names, path, resource)
                elif not wrong:
                    wrong.append(f"{path.name}, row {last:,}: {resource.fault.message}")
        except NotFhir as fault:
            if not source.path.is_dir():
                raise
            known.damaged.add(path)
            told = NotFhir(f"{fault.message} Nothing of this file was taken.")
            known.faults.append(Fault.of(last + 1, path.name, told, kept=False))
            wrong.append(fault.message)
        else:
            good += sound
    if wrong and not good:
        raise NotFhir(f"Not one resource in {source.path.name} can be read. The first fault: {wrong[0]}")
    return known


def _note(known: _Known, source: FhirSource, names: Names, path: Path, resource: Resource) -> None:
    """Remember what may be referred to."""
    kind = resource.body.get("resourceType")
    said: tuple[References[Any], Any] | None = None
    if kind == "Patient":
        number = _number_of(resource.body, source.identifier)
        said = known.people, names.person(number) if number else ""
    elif kind == "Medication":
        said = known.medications, resource.body.get("code")
    elif kind == "Condition":
        said = known.conditions, _item(resource, path, source)
    if said is not None:
        for reference in references(resource.body, resource.url):
            said[0].note(reference, path, said[1])


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


def _digest(files: Sequence[Path]) -> str:
    if len(files) == 1:
        return digest_of(files[0])
    return hashlib.sha256("".join(map(_digest_if_readable, files)).encode()).hexdigest()


def _digest_if_readable(path: Path) -> str:
    try:
        return digest_of(path)
    except UnreadableSource:  # told as damaged
        return ""
