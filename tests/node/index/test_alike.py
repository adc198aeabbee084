"""What is said of one person depends on them alone: a person more changes the numbers of a dataset by one at most."""

from collections import Counter
from functools import partial

import pytest
from tests.node.bundles import ICD, LOINC, OPS, coded, patient, resource, write_bundle, write_lines
from tests.node.clinicals import take_text
from tests.node.tables import import_rows

from oncommons.node.clinical import import_clinical, names_at
from oncommons.node.home import make_home
from oncommons.node.index.alike import see_alike
from oncommons.node.index.asking import Index
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.parsing import parse_question

RESOURCES = {
    "a diagnosis": ("Condition", {"code": coded(ICD, "C61"), "onsetDateTime": "2020-01-31"}),
    "surgery": ("Procedure", {"code": coded(OPS, "5-604.0"), "performedDateTime": "2020-03-31"}),
    "a PSA": ("Observation", {"code": coded(LOINC, "2857-1"), "valueQuantity": {"value": 4, "code": "ug/L"}}),
    "a grade": ("Observation", {"code": coded(LOINC, "33732-9"), "valueCodeableConcept": {"text": "G2"}}),
}
WHERES = [
    None,
    *({"some": entity} for entity in ("condition", "treatment", "measurement", "specimen", "series", "study")),
    *({"not": {"some": entity}} for entity in ("condition", "treatment", "measurement", "series")),
    {"some": "measurement", "where": {"field": "marker", "in": ["PSA"]}},
    {"some": "condition", "where": {"not": {"field": "grade", "in": ["G1"]}}},
    {"some": "condition", "where": {"field": "grade", "missing": True}},
    {"some": "condition", "where": {"field": "grade", "in": ["G2"]}},
    {"some": "series", "where": {"field": "modality", "in": ["CT"]}},
    {"not": {"field": "vital_status", "in": ["ALIVE"]}},
    {"field": "sex", "in": ["F"]},
    {"field": "sex", "missing": True},
]
BODIES = [{"count": "person"} | ({"where": where} if where else {}) for where in WHERES]
BODIES += [body | {"by": ["sex", "vital_status"]} for body in BODIES[:3]]
TABLE = '[[tables]]\ntable = "procedure_occurrence"\nkind = "kind"\n'


def take(home, folder, *people, name="x"):
    """Import patients, each with what they have."""
    found = [patient(who, who) for who, _ in people]
    for who, things in people:
        found += [
            resource(RESOURCES[t][0], f"Patient/{who}", id=f"{who}{n}", **RESOURCES[t][1]) for n, t in enumerate(things)
        ]
    path = write_bundle(folder / f"{name}.json", *found)
    import_clinical(home, partial(receive_fhir, source=FhirSource(path, "d"), names=names_at(home)))


def crowd(number, *things):
    return [(f"p{n}", things) for n in range(number)]


def numbers(home, *, alike=True):
    """By question: who is certain and who is possible only, by group."""
    index = Index(home.tables.open())
    seen = see_alike(index) if alike else index
    found = []
    for body in BODIES:
        told = Counter()
        for tally in seen.ask(parse_question(body)):
            for cell in tally.cells:
                told[tally.state.name, cell.key, "certain"] = cell.certain
                told[tally.state.name, cell.key, "only possible"] = cell.possible - cell.certain
        found.append(told)
    states = {
        s.name: (set(s.records), {name for name, f in s.fields.items() if f.known}) for s in seen.datasets.values()
    }
    seen.close()
    return found, states


def apart(one, other):
    """The largest difference between two worlds over all questions."""
    return max(sum(abs(a[key] - b[key]) for key in a.keys() | b.keys()) for a, b in zip(one[0], other[0], strict=True))


@pytest.fixture
def homes(tmp_path):
    return [make_home(tmp_path / name, Policy.of("private")) for name in "ab"]


@pytest.fixture(scope="module")
def nine(tmp_path_factory):
    """Nine patients with a diagnosis each: as all see them alike, and as other rules do."""
    folder = tmp_path_factory.mktemp("nine")
    home = make_home(folder / "a", Policy.of("private"))
    take(home, folder, *crowd(9, "a diagnosis"))
    return numbers(home), numbers(home, alike=False)


@pytest.mark.parametrize("things", [(), ("surgery",), tuple(RESOURCES)], ids=str)
def test_a_patient_more_in_a_source_changes_each_table_of_numbers_by_one(homes, tmp_path, nine, things):
    take(homes[0], tmp_path, *crowd(9, "a diagnosis"), ("z", things))
    found = numbers(homes[0])
    assert (apart(nine[0], found), nine[0][1]) == (1, found[1])


@pytest.mark.parametrize("form", ["a folder of bundles", "lines"])
def test_patients_whose_resources_are_called_alike_do_not_change_one_another(homes, tmp_path, form):
    """Each has a diagnosis c1 and its grade g1, as where every export numbers its resources from the start."""
    for number, home in zip((9, 10), homes, strict=True):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        people = [graded(f"p{n}", "G2" if n < 9 else "G3") for n in range(number)]
        if form == "lines":
            write_lines(folder / "all.ndjson", *(body for person in people for body in person))
        else:
            for n, person in enumerate(people):
                write_bundle(folder / f"{n}.json", *person)
        path = folder / "all.ndjson" if form == "lines" else folder
        import_clinical(home, partial(receive_fhir, source=FhirSource(path, "d"), names=names_at(home)))
    one, other = map(numbers, homes)
    assert apart(one, other) == 1
    graded_2 = WHERES.index({"some": "condition", "where": {"field": "grade", "in": ["G2"]}})
    assert [found[graded_2]["d", (), "certain"] for found in (one[0], other[0])] == [9, 9]


def graded(who, grade):
    """A patient, a diagnosis and its grade."""
    about = {"focus": [{"reference": "Condition/c1"}], "valueCodeableConcept": {"text": grade}}
    return (
        patient(who, who),
        resource("Condition", f"Patient/{who}", id="c1", **RESOURCES["a diagnosis"][1]),
        resource("Observation", f"Patient/{who}", id="g1", code=coded(LOINC, "33732-9"), **about),
    )


def test_without_it_one_patient_decides_what_is_known_of_all(homes, tmp_path, nine):
    """The same as above with tables as other rules see them, so that the test above can fail."""
    take(homes[0], tmp_path, *crowd(9, "a diagnosis"), ("z", ("surgery",)))
    assert apart(nine[1], numbers(homes[0], alike=False)) > 1


def test_a_patient_in_a_source_of_their_own_changes_them_by_one(homes, tmp_path, nine):
    take(homes[0], tmp_path, *crowd(9, "a diagnosis"))
    take(homes[0], tmp_path, ("z", tuple(RESOURCES)), name="y")
    assert apart(nine[0], numbers(homes[0])) == 1


def test_a_patient_of_a_named_table_changes_them_by_one_and_the_others_are_certain(homes, tmp_path):
    for home, more in zip(homes, ("", "z,surgery\n"), strict=True):
        take(home, tmp_path, *crowd(4, "a diagnosis"))
        take_text(home, tmp_path, "id,kind\n" + more + "".join(f"q{n},\n" for n in range(6)), TABLE)
    one, other = map(numbers, homes)
    assert apart(one, other) == 1
    without = WHERES.index({"not": {"some": "treatment"}})
    assert one[0][without]["d", (), "certain"] == other[0][without]["d", (), "certain"] == 6


def test_the_only_patient_with_images_changes_what_is_said_of_them_alone(homes, tmp_path, nine):
    """Who is there in both worlds, and has images in one, leaves a cell and enters another."""
    take(homes[0], tmp_path, *crowd(9, "a diagnosis"))
    import_rows(homes[0], tmp_path, {"person": names_at(homes[0]).person("p1"), "modality": "CT"})
    one, other = nine[0], numbers(homes[0])
    assert (apart(one, other), one[1]) == (2, other[1])
    images = WHERES.index({"some": "series", "where": {"field": "modality", "in": ["CT"]}})
    assert other[0][images]["d", (), "certain"] == 1
    assert other[0][images]["d", (), "only possible"] == 8


def test_a_dataset_without_clinical_sources_is_seen_as_it_is(homes, tmp_path):
    import_rows(homes[0], tmp_path, *({"person": f"p{n}", "modality": "MR"} for n in range(5)), without=("age",))
    assert numbers(homes[0]) == numbers(homes[0], alike=False)
    found, states = numbers(homes[0])
    assert found[WHERES.index({"not": {"some": "series"}})] == Counter()
    assert "person.age" not in states["d"][1]


def test_another_dataset_keeps_what_it_knows_beside_one_with_clinical_sources(homes, tmp_path):
    for home in homes:
        import_rows(home, tmp_path, *({"collection": "e", "person": f"p{n}", "modality": "MR"} for n in range(5)))
    take(homes[1], tmp_path, *crowd(3, "surgery"))
    one, other = (numbers(home)[0] for home in homes)
    assert [{k: n for k, n in told.items() if n and k[0] == "e"} for told in other] == [
        {k: n for k, n in told.items() if n} for told in one
    ]
