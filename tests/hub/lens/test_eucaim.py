"""EUCAIM's whole list of codes, asked of a node whose people were made first: each answer is that of brute force."""

import random
from pathlib import Path

import pytest
from tests.hub.lens.eucaim import CODES
from tests.node.clinicals import mapping_of, take_table, write_rows
from tests.schema.dialects.test_lens import and_, asked, is_, or_

from oncommons.node.desk import Desk
from oncommons.node.flow import import_from
from oncommons.node.home import make_home
from oncommons.node.receive.table import SeriesMapping, receive_file
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.dialects.lens_codes import KEYS
from oncommons.schema.errors_of_protocols import Untranslatable
from oncommons.schema.parsing import parse_question

PREFIX = "EUCAIM_Hyper-Ontology_V1.0."
PAIRS = [
    (key, field, code, value)
    for key, field, values in CODES
    for code, _, value in (pair.partition("=") for pair in values.split())
]
IMAGES = ("modality", "part", "maker")
NUMBERS = [(key, field) for key, field, values in CODES if not values]
MARKERS = {"er": "ER", "pr": "PR", "her2": "HER2", "birads": "BI-RADS", "pirads": "PI-RADS"}
VALUES = {"psa": ("PSA", "ng/mL"), "ki67": ("KI67", "%"), "gleason": ("GLEASON", ""), "isup": ("ISUP", "")}
STAGES = {
    f"{basis}_{letter}": f"{long}_{letter}"
    for basis, long in (("c", "clinical"), ("p", "pathological"))
    for letter in "tnm"
}
MAPPING = (
    """
    [[tables]]
    table = "person"
    sex = "sex"
    [[tables]]
    table = "condition_occurrence"
    code = { column = "site", system = "ICD10" }
    age = "age"
    date = "year"
"""
    + "".join(f'    {key} = "{column}"\n' for column, key in STAGES.items())
    + "".join(
        f'    [[tables]]\n    table = "measurement"\n    marker = {{ value = "{marker}" }}\n    result = "{column}"\n'
        for column, marker in MARKERS.items()
    )
    + "".join(
        f'    [[tables]]\n    table = "measurement"\n    marker = {{ value = "{marker}" }}\n'
        f'    value = {{ column = "{column}"{f", unit = {chr(34)}{unit}{chr(34)}" if unit else ""} }}\n'
        for column, (marker, unit) in VALUES.items()
    )
)


def choices(field):
    return [value for _, one, _, value in PAIRS if one == field and value != "-"]


def person(rng, number):
    """What is true of somebody; empty where it is not recorded."""
    pick = lambda values: rng.choice([*values, ""])  # noqa: E731
    made = {"id": f"p{number:03}", "sex": rng.choice(("F", "M", "O", "")), "age": str(rng.randint(30, 80))}
    made |= {
        "site": rng.choice(("C18.2", "C50.4", "C34.1", "C76.3", "C61", "C25.0")),
        "year": str(rng.randint(2010, 2024)),
    }
    made |= {field: pick(choices(field)) for field in (*STAGES, *MARKERS)}
    made["birads"] = rng.choice((made["birads"], "4a", "BI-RADS 4B"))
    made |= {"gleason": pick("6789"), "isup": pick("12345"), "ki67": str(rng.randint(0, 100))}
    return made | {"psa": f"{rng.uniform(0, 20):.1f}"}


def series(rng, one):
    made = {field: rng.choice([*choices(field), "MR" if field == "modality" else ""]) for field in IMAGES}
    return {"person": one["id"], "study": f"t{one['id']}", "series": f"s{rng.random()}", "sex": one["sex"]} | made


@pytest.fixture(scope="module")
def truth():
    rng = random.Random(20261122)
    people = [person(rng, number) for number in range(300)]
    return people, [series(rng, one) for one in people for _ in range(rng.choice((1, 1, 2)))]


@pytest.fixture(scope="module")
def desk(truth, tmp_path_factory):
    people, images = truth
    folder = tmp_path_factory.mktemp("eucaim")
    home = make_home(folder / "node", Policy("open"))
    columns = {name: name for name in ("person", "study", "series", "sex", "modality")}
    columns |= {"body_part": "part", "manufacturer": "maker"}
    path = write_rows(folder / "series.csv", images)
    import_from(lambda base: receive_file(base, path, SeriesMapping(columns, dataset="d")), home.tables)
    report = take_table(home, write_rows(folder / "people.csv", people), mapping_of(MAPPING))
    assert not report.taken.faults
    return Desk(home)


def count(desk, tree):
    answer = desk.answer(parse_question({"count": "person", "where": asked(tree)}).to_json())
    return sum(one.certain.number for one in answer.datasets)


def holds(field, value, one, images):
    """Whether something is true of a person, in plain Python."""
    if field in IMAGES:
        return any(image[field] == value for image in images if image["person"] == one["id"])
    if field in {"site", *STAGES}:
        return one[field].startswith(value) and bool(one[field])
    if field == "birads":
        return one[field].upper().removeprefix("BI-RADS ").startswith(value)
    return one[field] == value


def by_force(truth, test):
    people, images = truth
    return sum(test(one, images) for one in people)


def test_the_list_is_whole_and_every_key_of_ours_is_on_it():
    assert (len(CODES), len(PAIRS)) == (22, 88)
    assert {key for key, _, _ in CODES} == set(KEYS)
    for key in KEYS.values():
        assert {*key.values, *key.refused} == {code for own, _, code, _ in PAIRS if own == key.key}


@pytest.mark.parametrize(("key", "field", "code", "value"), [pair for pair in PAIRS if pair[3] != "-"])
def test_every_code_finds_the_people_of_brute_force(desk, truth, key, field, code, value):
    expected = by_force(truth, lambda one, images: holds(field, value, one, images))
    assert count(desk, or_(and_(or_(is_(key, code))))) == expected
    assert expected > 0 or field == "gleason"
    if key.startswith(("CLIN", "IMG")):  # the explorer writes the name of its ontology before these
        assert count(desk, is_(PREFIX + key, PREFIX + code)) == expected


@pytest.mark.parametrize(("key", "field"), NUMBERS)
@pytest.mark.parametrize(("low", "high"), [(5, 50), (12, None), (None, 7.5)])
def test_every_range_finds_the_people_of_brute_force(desk, truth, key, field, low, high):
    shift = 2000 if field == "year" else 0
    ends = {name: end + shift for name, end in (("min", low), ("max", high)) if end is not None}

    def within(one, _):
        return ends.get("min", float("-inf")) <= float(one[field]) <= ends.get("max", float("inf"))

    assert count(desk, is_(key, ends, "BETWEEN")) == by_force(truth, within)


def test_two_receptors_are_two_measurements_and_a_stage_belongs_to_its_diagnosis(desk, truth):
    er, pr = is_("CLIN1045815", "COM1001310"), is_("CLIN1046085", "COM1001332")
    both = by_force(truth, lambda one, _: (one["er"], one["pr"]) == ("POSITIVE", "NEGATIVE"))
    assert count(desk, or_(and_(or_(er), or_(pr)))) == both > 0
    either = by_force(truth, lambda one, _: one["er"] == "POSITIVE" or one["pr"] == "NEGATIVE")
    assert count(desk, or_(er, pr)) == either
    staged = and_(or_(is_("SNOMEDCT439401001", "SNOMEDCT363358000")), or_(is_("CLIN1033379", "COM1000351")))
    expected = by_force(truth, lambda one, _: one["site"] == "C34.1" and one["c_t"].startswith("T2"))
    assert count(desk, staged) == expected > 0


def test_a_score_may_be_one_of_several_or_none_of_them(desk, truth):
    tall = ["CLIN1026497", PREFIX + "CLIN1026397"]
    expected = by_force(truth, lambda one, _: one["gleason"] in {"8", "9"})
    assert count(desk, is_("CLIN1037294", tall, "IN")) == expected > 0
    without = asked(is_("CLIN1045815", "COM1001310", "NOT_EQUALS"))
    assert without == {"not": asked(is_("CLIN1045815", "COM1001310"))}


@pytest.mark.parametrize(("key", "field", "code", "value"), [pair for pair in PAIRS if pair[3] == "-"])
def test_what_cannot_be_carried_is_refused_with_its_reason(key, field, code, value):
    with pytest.raises(Untranslatable, match="ask for"):
        asked(is_(key, code))


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("CLIN1037294", "COM1001362", "number"),
        ("CLIN1045815", "COM1001362", "not a known value"),
        ("CLIN99", "x", "CLIN99"),
    ],
)
def test_a_code_of_another_key_is_refused(key, value, reason):
    with pytest.raises(Untranslatable, match=reason):
        asked(is_(key, value))


def test_the_page_for_clients_lists_every_code():
    page = (Path(__file__).parents[3] / "docs" / "how-to-use-a-lens-client.md").read_text("utf-8")
    for key, _, code, _ in PAIRS:
        line = next(line for line in page.splitlines() if line.startswith(f"| `{key}`"))
        assert f"`{code}`" in line
