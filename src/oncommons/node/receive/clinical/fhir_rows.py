"""One resource of FHIR R4 becomes rows of OMOP tables: a function for each kind of resource.

Cited: R4 (https://hl7.org/fhir/R4), Patient 8.1, Condition 9.2, Observation 10.1, Procedure 9.3, MedicationStatement 11.4,
ImagingStudy 10.4; mCODE 4 for stage, histology and body site.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from oncommons.node.receive.clinical.convert import dated, number_text
from oncommons.node.receive.clinical.fhir_codes import (
    STAGE_CODES,
    codings,
    dict_of,
    first_code,
    list_of,
    text_of,
    words_of,
)
from oncommons.node.receive.clinical.reading import Number, in_its_unit, read_date, read_number
from oncommons.schema.errors_of_rows import ClinicalRowError, UnknownClinicalCode, UnreadableNumber
from oncommons.schema.omop import OPERATORS, STATUS
from oncommons.schema.oncology import MARKER_UNITS, kind_of_treatment

_HISTOLOGY = "histology-morphology-behavior"
_COMPARATORS = frozenset({"<", "<=", ">", ">="})
SET_ASIDE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "Observation": frozenset({"entered-in-error", "cancelled", "registered"}),
        "Procedure": frozenset({"entered-in-error", "not-done", "preparation"}),
        "MedicationStatement": frozenset({"entered-in-error", "not-taken", "intended"}),
        "ImagingStudy": frozenset({"entered-in-error", "cancelled"}),
        "Condition": frozenset({"entered-in-error", "refuted"}),
    },
)
"""Kind of resource to the states in which it says that nothing was."""


@dataclass
class Making:
    """Rows being made of a resource.

    Attributes:
        body: The resource.
        item: What it is called in its source, such as ``Condition/7``.
        medication: Reference to the concept of the medication.
        study: Study Instance UID to what the node calls it.
        rows: Table, item and values of each row.
        faults: Element and what is wrong with it.
    """

    body: Mapping[str, Any]
    item: str
    medication: Callable[[str], Any]
    study: Callable[[str], str]
    rows: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    faults: list[tuple[str, ClinicalRowError]] = field(default_factory=list)

    def row(self, table: str, part: str = "") -> dict[str, str]:
        """A new row of a table; its values are filled in later."""
        values: dict[str, str] = {}
        self.rows.append((table, f"{self.item}.{part}" if part else self.item, values))
        return values

    def code(self, values: dict[str, str], column: str, vocabulary: str, texts: list[str], at: str) -> None:
        """Fill a column with the code that the first of some texts stands for, or say that none does."""
        try:
            if texts:
                values[column] = first_code(vocabulary, texts)
        except UnknownClinicalCode as fault:
            self.faults.append((at, fault))

    def date(self, table: str, values: dict[str, str], text: object, at: str) -> None:
        """Fill the date of a row."""
        if not isinstance(text, str) or not text:
            return
        values["date_source_value"] = text
        try:
            values |= dated(table, read_date(text))
        except ClinicalRowError as fault:
            self.faults.append((at, fault))


def state_of(body: Mapping[str, Any]) -> str:
    """The state of a resource: its status, or whether a diagnosis was verified."""
    if body.get("resourceType") == "Condition":
        found = codings(body.get("verificationStatus"))
        return found[0].rpartition(":")[2] if found else ""
    return str(body.get("status", ""))


def _patient(making: Making) -> None:
    body = making.body
    values = making.row("person")
    if body.get("gender"):
        values["gender_source_value"] = str(body["gender"])
        if body["gender"] != "unknown":
            making.code(values, "code", "sex", [str(body["gender"])], "gender")
    making.date("person", values, body.get("birthDate"), "birthDate")
    if body.get("deceasedDateTime"):
        making.date("death", making.row("death", "death"), body["deceasedDateTime"], "deceasedDateTime")
    elif body.get("deceasedBoolean") is not None:
        status = "DEAD" if body["deceasedBoolean"] is True else "ALIVE"
        making.row("observation", "status").update(
            {"observation_source_value": STATUS, "code": STATUS, "value_source_value": status, "value_code": status}
        )


def _condition(making: Making) -> None:
    body = making.body
    values = making.row("condition_occurrence")
    values["condition_source_value"] = text_of(body.get("code"))
    making.code(values, "code", "condition", codings(body.get("code")) or [text_of(body.get("code"))], "code")
    started = body.get("onsetDateTime") or dict_of(body.get("onsetPeriod")).get("start") or body.get("recordedDate")
    making.date("condition_occurrence", values, started, "onsetDateTime")
    sites = [code for site in list_of(body.get("bodySite")) for code in codings(site) if code.startswith("ICDO3:")]
    if sites:
        _modifier(making, "topography", "topography", sites, " | ".join(sites))
    for extension in map(dict_of, list_of(body.get("extension"))):
        if str(extension.get("url", "")).endswith(_HISTOLOGY):
            concept = extension.get("valueCodeableConcept")
            _modifier(making, "morphology", "morphology", codings(concept), text_of(concept))
    for stage in map(dict_of, list_of(body.get("stage"))):
        if not list_of(stage.get("assessment")):
            _modifier(making, "stage", "stage", words_of(stage.get("summary")), text_of(stage.get("summary")))


def _modifier(making: Making, name: str, vocabulary: str, texts: list[str], raw: str) -> None:
    values = making.row("measurement", name)
    values |= {
        "measurement_source_value": name.upper(),
        "code": name.upper(),
        "value_source_value": raw,
        "event_item": making.item,
    }
    making.code(values, "value_code", vocabulary, texts, name)


def _observation(making: Making) -> None:
    body = making.body
    stage = next((STAGE_CODES[code] for code in codings(body.get("code")) if code in STAGE_CODES), None)
    if stage is not None:
        _staged(making, *stage)
        return
    parts = [("", body), *((f"component.{n}", dict_of(c)) for n, c in enumerate(list_of(body.get("component"))))]
    for part, own in parts:
        found = next((key for key in own if key.startswith("value")), None)
        if found is not None:
            _finding(making, part, own, found)


def _finding(making: Making, part: str, own: Mapping[str, Any], found: str) -> None:
    table = "measurement" if found in {"valueQuantity", "valueInteger"} else "observation"
    values = making.row(table, part)
    values[f"{table}_source_value"] = text_of(own.get("code"))
    making.code(values, "code", "marker", words_of(own.get("code")), "code")
    making.date(table, values, _when(making.body), "effectiveDateTime")
    value = own[found]
    if found == "valueQuantity":
        _quantity(making, values, dict_of(value))
    elif found == "valueInteger":
        _quantity(making, values, {"value": value, "code": "1"})
    elif found == "valueCodeableConcept":
        values["value_source_value"] = text_of(value)
        making.code(values, "value_code", "result", words_of(value), found)
    else:
        values["value_source_value"] = value if isinstance(value, str) else str(value)
        if isinstance(value, bool):
            values["value_code"] = "POSITIVE" if value else "NEGATIVE"


def _quantity(making: Making, values: dict[str, str], quantity: Mapping[str, Any]) -> None:
    sign, raw = str(quantity.get("comparator", "")), str(quantity.get("value", ""))
    unit = str(quantity.get("code") or quantity.get("unit") or "")
    values["value_source_value"] = f"{sign}{raw}"
    if unit:
        values["unit_source_value"] = unit
    try:
        number = read_number(raw)
        number = Number(sign if sign in _COMPARATORS else "", number.value)
    except UnreadableNumber as fault:
        making.faults.append(("valueQuantity.value", fault))
        return
    values |= number_text("value_as_number", number.value)
    if number.sign:
        values["operator_concept_id"] = str(OPERATORS[number.sign])
    marker = values.get("code", "")
    value = in_its_unit(marker, number, unit)
    if value is not None:
        values |= number_text("canonical_value", value)
    elif marker in MARKER_UNITS and not number.sign:
        message = f"{marker} is asked in {MARKER_UNITS[marker]}, which cannot be made of {unit or 'no unit'!r}."
        making.faults.append(("valueQuantity", UnreadableNumber(message)))


def _staged(making: Making, name: str, vocabulary: str) -> None:
    body = making.body
    values = making.row("measurement")
    concept = body.get("valueCodeableConcept")
    values |= {
        "measurement_source_value": text_of(body.get("code")),
        "code": name.upper(),
        "value_source_value": text_of(concept) or str(body.get("valueString", "")),
    }
    making.code(values, "value_code", vocabulary, words_of(concept) or [str(body.get("valueString", ""))], "value")
    making.date("measurement", values, _when(body), "effectiveDateTime")
    focus = [str(dict_of(f).get("reference", "")) for f in list_of(body.get("focus"))]
    if focus and focus[0]:
        values["event_item"] = focus[0]


def _when(body: Mapping[str, Any]) -> object:
    return body.get("effectiveDateTime") or dict_of(body.get("effectivePeriod")).get("start") or body.get("issued")


def _procedure(making: Making) -> None:
    body = making.body
    values = making.row("procedure_occurrence")
    values["procedure_source_value"] = text_of(body.get("code"))
    when = body.get("performedDateTime") or dict_of(body.get("performedPeriod")).get("start")
    making.date("procedure_occurrence", values, when, "performedDateTime")
    making.code(values, "code", "treatment_code", codings(body.get("code")), "code")
    _kind(values, [*words_of(body.get("category")), *words_of(body.get("code"))])


def _medication(making: Making) -> None:
    body = making.body
    values = making.row("drug_exposure")
    concept = body.get("medicationCodeableConcept")
    reference = str(dict_of(body.get("medicationReference")).get("reference", ""))
    if concept is None and reference.startswith("#"):
        inside = {f"#{m.get('id')}": m.get("code") for m in map(dict_of, list_of(body.get("contained")))}
        concept = inside.get(reference)
    elif concept is None:
        concept = making.medication(reference)
    values["drug_source_value"] = text_of(concept)
    making.date("drug_exposure", values, _when(body), "effectiveDateTime")
    making.code(values, "code", "treatment_code", codings(concept), "medicationCodeableConcept")
    _kind(values, words_of(body.get("category")))


def _kind(values: dict[str, str], texts: list[str]) -> None:
    """The kind of a treatment: what its code says, or else what is said of it; it may well say none."""
    kind = kind_of_treatment(values.get("code", ""))
    if not kind and texts:
        with suppress(UnknownClinicalCode):
            kind = first_code("treatment_kind", texts)
    if kind:
        values["value_code"] = kind


def _imaging(making: Making) -> None:
    body = making.body
    named = [str(dict_of(i).get("value", "")) for i in list_of(body.get("identifier"))]
    for number, uid in enumerate(u.removeprefix("urn:oid:") for u in named if u.startswith("urn:oid:")):
        values = making.row("image_occurrence", str(number))
        values["image_study_uid"] = making.study(uid)
        making.date("image_occurrence", values, body.get("started"), "started")


READERS: Mapping[str, Callable[[Making], None]] = MappingProxyType(
    {
        "Patient": _patient,
        "Condition": _condition,
        "Observation": _observation,
        "Procedure": _procedure,
        "MedicationStatement": _medication,
        "ImagingStudy": _imaging,
    },
)
"""Kind of resource to what makes rows of it."""


def references(body: Mapping[str, Any], url: str) -> Iterator[str]:
    """Every way in which another resource of the same source may refer to this one."""
    if body.get("id"):
        yield f"{body['resourceType']}/{body['id']}"
    if url:
        yield url


def subject_of(body: Mapping[str, Any]) -> str:
    """The reference to the patient, without the address of a server."""
    reference = str(dict_of(body.get("subject") or body.get("patient")).get("reference", ""))
    return "/".join(reference.split("/")[-2:]) if reference.startswith("http") else reference
