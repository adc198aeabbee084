"""Resources of FHIR R4 as a hospital would export them."""

import json

LOINC, ICD, OPS, ATC = (
    "http://loinc.org",
    "http://hl7.org/fhir/sid/icd-10",
    "http://fhir.de/CodeSystem/bfarm/ops",
    "http://www.whocc.no/atc",
)
ICDO = "urn:oid:2.16.840.1.113883.6.43.1"
RECORD = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


def coded(system, code, **more):
    return {"coding": [{"system": system, "code": code}]} | more


def patient(name="a", number="4711", **more):
    identifiers = [{"system": "urn:insurance", "value": "X1"}, {"type": RECORD, "system": "urn:h", "value": number}]
    return {"resourceType": "Patient", "id": name, "identifier": identifiers, "gender": "male"} | more


def resource(kind, who="Patient/a", **more):
    state = {} if kind == "Condition" else {"status": "completed" if kind != "Observation" else "final"}
    return {"resourceType": kind, "subject": {"reference": who}} | state | more


def story():
    """A man with prostate cancer, told out of order."""
    return [
        resource(
            "Observation",
            code=coded(LOINC, "2857-1"),
            effectiveDateTime="2020-03-01T08:00:00+01:00",
            valueQuantity={"value": 4.50, "code": "ug/L"},
        ),
        resource(
            "Condition", id="c", code=coded(ICD, "C61"), onsetDateTime="2020-01-31", bodySite=[coded(ICDO, "C61.9")]
        ),
        patient(birthDate="1950-02-01", deceasedDateTime="2022-05-06"),
        resource(
            "Observation",
            code=coded(LOINC, "21905-5"),
            focus=[{"reference": "Condition/c"}],
            valueCodeableConcept={"text": "cT2"},
        ),
        resource("Observation", code=coded(LOINC, "21908-9"), valueCodeableConcept={"text": "Stage IIA"}),
        resource("Procedure", code=coded(OPS, "5-604.0"), performedDateTime="2020-03-31"),
        resource(
            "MedicationStatement",
            medicationCodeableConcept=coded(ATC, "L02BB04"),
            effectivePeriod={"start": "2020-04-30"},
        ),
    ]


def bundle(*resources, **more):
    entries = [{"fullUrl": f"urn:uuid:{n}", "resource": body} for n, body in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries} | more


def write_bundle(path, *resources):
    path.write_text(json.dumps(bundle(*resources)), encoding="utf-8")
    return path


def write_lines(path, *resources):
    path.write_text("".join(json.dumps(body) + "\n" for body in resources), encoding="utf-8")
    return path
