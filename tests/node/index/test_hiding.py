"""What too few people have looks like what nobody has, in cards and in answers."""

from dataclasses import replace
from functools import partial
from shutil import copy

import pytest
from tests.node.bundles import ICD, LOINC, OPS, coded, patient, resource, write_bundle
from tests.node.clinicals import take_text
from tests.node.tables import import_rows

from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.desk import Desk
from oncommons.node.home import NOISE_KEY, make_home
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.telling import noise_secret
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer_json import node_answer_to_json

PEOPLE = 90
SURGERY = {"code": coded(OPS, "5-604.0"), "performedDateTime": "2020-03-31"}
PSA = {"code": coded(LOINC, "2857-1"), "valueQuantity": {"value": 4, "code": "ug/L"}}
GRADE = {"code": coded(LOINC, "33732-9"), "valueCodeableConcept": {"text": "G2"}}
QUESTIONS = [
    {"count": "person", "where": {"some": "treatment"}},
    {"count": "person", "where": {"not": {"some": "treatment"}}},
    {"count": "person", "where": {"some": "measurement", "where": {"field": "marker", "in": ["PSA"]}}},
    {"count": "person", "where": {"some": "condition", "where": {"not": {"field": "grade", "in": ["G1"]}}}},
    {"count": "person", "where": {"some": "condition", "where": {"field": "grade", "missing": True}}},
    {"count": "person", "where": {"not": {"field": "vital_status", "in": ["ALIVE"]}}},
    {"count": "person", "where": {"some": "series"}},
    {"count": "treatment"},
    {"count": "condition", "by": ["grade"]},
]


def take(home, folder, *more, name="x", people=PEOPLE):
    """Import patients with a diagnosis each, and more."""
    numbers = [f"{name}{n}" for n in range(people)]
    found = [patient(who, who) for who in numbers]
    found += [
        resource("Condition", f"Patient/{who}", id=f"c{who}", code=coded(ICD, "C61"), onsetDateTime="2020-01-31")
        for who in numbers
    ]
    path = write_bundle(folder / f"{name}.json", *found, *more)
    import_clinical(home, partial(receive_fhir, source=FhirSource(path, "d"), names=names_at(home)))


def one(kind, values, first=0, last=1, name="x"):
    return [resource(kind, f"Patient/{name}{n}", **values) for n in range(first, last)]


@pytest.fixture(params=["noise", "threshold"])
def homes(request, tmp_path):
    """Two nodes with the same secrets."""
    found = [make_home(tmp_path / name, Policy.of(request.param)) for name in "ab"]
    noise_secret(found[0].folder / NOISE_KEY)
    names_at(found[0]).person("1")
    for file in (NOISE_KEY, found[0].secret_file.relative_to(found[0].folder)):
        copy(found[0].folder / file, found[1].folder / file)
    return found


def seen(home):
    """All that a node tells."""
    desk = Desk(home)
    return [card.to_json() for card in desk.cards()], [node_answer_to_json(desk.answer(body)) for body in QUESTIONS]


@pytest.mark.parametrize("more", [one("Procedure", SURGERY), one("Observation", PSA), one("Observation", GRADE)])
def test_what_only_one_patient_has_shows_nowhere(homes, tmp_path, more):
    for home, rows in zip(homes, ((), more), strict=True):
        take(home, tmp_path, *rows)
    assert seen(homes[0]) == seen(homes[1])


def test_one_patient_with_images_among_many_without_shows_nowhere(homes, tmp_path):
    for home in homes:
        take(home, tmp_path)
    name = names_at(homes[1]).person("x1")
    import_rows(homes[1], tmp_path, {"person": name, "modality": "CT", "age": "045Y"})
    (card,), answers = seen(homes[1])
    assert (set(card["records"]), card["fields"]) == ({"person", "condition"}, seen(homes[0])[0][0]["fields"])
    assert answers == seen(homes[0])[1]


def test_what_many_have_is_named_and_judged(homes, tmp_path):
    take(homes[0], tmp_path, *one("Procedure", SURGERY, 0, 70))
    (card,), (some, *_) = seen(homes[0])
    assert {"treatment.treatment_kind", "treatment.treatment_code"} <= set(card["fields"])
    assert "treatment" in card["records"]
    assert some["datasets"][0]["unknown"] == []
    assert some["datasets"][0]["possible"]["at_least"] > 20


def test_a_hidden_entity_is_unknown_of_everybody(homes, tmp_path):
    take(homes[0], tmp_path, *one("Procedure", SURGERY, 0, 3))
    _, (some, none, *_) = seen(homes[0])
    for answer in (some, none):
        (dataset,) = answer["datasets"]
        assert (dataset["applied"], len(dataset["unknown"])) == ([], 1)
        assert dataset["certain"]["precision"] == "suppressed"
        assert dataset["possible"]["at_most"] >= PEOPLE


def test_one_patient_does_not_make_a_source_speak_of_treatments(homes, tmp_path):
    for home, rows in zip(homes, ((), one("Procedure", SURGERY, name="y")), strict=True):
        take(home, tmp_path, *one("Procedure", SURGERY, 0, 70), people=2 * PEOPLE)
        take(home, tmp_path, *rows, name="y")
    without = [Desk(home).answer(QUESTIONS[1]).datasets[0].certain for home in homes]
    assert without[0] == without[1]
    assert without[0].precision != "suppressed"


def test_a_source_in_which_many_are_treated_speaks_of_the_others(tmp_path):
    home = make_home(tmp_path / "a", Policy.of("threshold"))
    take(home, tmp_path, *one("Procedure", SURGERY, 0, 30), people=60)
    take(home, tmp_path, *one("Procedure", SURGERY, 0, 3, "y"), name="y", people=60)
    (none,) = Desk(home).answer(QUESTIONS[1]).datasets
    assert (none.certain.at_least, none.possible.at_least) == (30, 80)


def test_columns_that_a_hospital_names_speak_even_where_few_have_a_value(tmp_path):
    home = make_home(tmp_path / "a", Policy.of("threshold"))
    table = '[[tables]]\ntable = "procedure_occurrence"\nkind = "kind"\n'
    take_text(home, tmp_path, "id,kind\n" + "".join(f"p{n},surgery\n" for n in range(20)), table)
    take_text(home, tmp_path, "id,kind\nz,surgery\n" + "".join(f"q{n},\n" for n in range(20)), table, name="second")
    (none,) = Desk(home).answer(QUESTIONS[1]).datasets
    assert none.certain.at_least == 20


def test_an_open_node_hides_nothing(tmp_path):
    home = make_home(tmp_path / "a", Policy("open"))
    take(home, tmp_path, *one("Procedure", SURGERY))
    assert Desk(home).cards()[0].records["treatment"].at_least == 1
    assert Desk(replace(home, policy=Policy.of("threshold"))).cards()[0].records.get("treatment") is None
