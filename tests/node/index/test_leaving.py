"""Whoever left is nowhere: each answer is that of a node into which they were never imported."""

import random
from dataclasses import replace
from functools import partial

import pytest
from tests.node.bundles import ICD, LOINC, coded, patient, resource, write_bundle
from tests.node.checked import contours, slices
from tests.node.clinicals import take_hospital, take_text
from tests.node.images import ROOT, fill
from tests.node.tables import import_rows
from tests.oracle.clinical import POOR, Writer
from tests.oracle.generator import CLINICAL, IMAGES, question

from oncommons.node.clinical import import_clinical
from oncommons.node.desk import Desk
from oncommons.node.flow import import_images
from oncommons.node.home import make_home
from oncommons.node.index.asking import Index
from oncommons.node.index.leaving import leave_out, people_gone
from oncommons.node.optouts import open_seen, opt_out, opted_out, pseudonyms_of
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.records import AS_GIVEN
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import OncommonsError
from oncommons.storage.decisions import Person

BY = Person("mira", "command line")
LABS = '[[tables]]\ntable = "measurement"\nmarker = "what"\nvalue = "value"\n'
DIAGNOSES = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"\n'


def home_in(folder, name):
    (folder / name).mkdir()
    home = make_home(folder / name / "node", Policy("open"))
    home.secret_file.write_bytes(b"0" * 32)  # the same in all of them, and so are pseudonyms
    return home


def leave(home, *numbers):
    return opt_out(home, pseudonyms_of(home, numbers), BY)


def answers(home, asked):
    """All that is answered, cards included; a refusal is one too."""
    desk, told = Desk(home), []
    for body in asked:
        try:
            told.append(node_answer_to_json(desk.answer(body)))
        except OncommonsError as fault:
            told.append(fault.to_json())
    told += [card.to_json() for card in desk.cards()]
    desk.close()
    return told


def hospital(seed, name):
    """One that records all, but here without two of its files, or one that records little."""
    made = Writer(seed, name, POOR if name == "b" else frozenset(), 20).hospital
    return replace(made, tables=made.tables | ({} if name == "b" else {"labs": [], "samples": []}))


def staying(hospital, gone):
    """The same hospital, had some never come."""
    tables = {
        name: [row for row in rows if row.get("id", row.get("person")) not in gone]
        for name, rows in hospital.tables.items()
    }
    return replace(hospital, tables=tables)


def groups(rng, world):
    """A question, and now and then one with groups."""
    body = question(rng, 4, 8, world)
    return body | ({"by": ["dataset"]} if rng.random() < 0.2 else {"by": ["sex"]} if rng.random() < 0.3 else {})


@pytest.mark.parametrize(("name", "leavers"), [("a", 1), ("b", 8)])
def test_answers_about_clinical_data_are_those_of_a_node_where_they_never_were(name, leavers, tmp_path):
    rng = random.Random(name)
    one = hospital(ord(name), name)
    gone = rng.sample([f"{name}{n:03}" for n in range(20)], leavers)
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    take_hospital(with_, tmp_path / "with", one)
    take_hospital(without, tmp_path / "without", staying(one, gone))
    asked = [groups(rng, rng.choice((CLINICAL, IMAGES))) for _ in range(40)]
    before = answers(with_, asked)
    assert leave(with_, *gone).here == leavers
    after = answers(with_, asked)
    assert after == answers(without, asked)
    assert after != before


@pytest.mark.parametrize("others", ["", "id,what,value\n9,PSA,3\n"])
def test_what_a_source_held_of_those_who_left_alone_it_does_not_hold(others, tmp_path):
    """A bundle says what it holds by what occurs in it."""
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    people = [resource("Condition", f"Patient/{name}", code=coded(ICD, "C50.1"), id=f"c{name}") for name in "123"]
    marker = resource("Observation", "Patient/3", code=coded(LOINC, "2857-1"), valueQuantity={"value": 3})
    for home, some in ((with_, "123"), (without, "12")):
        import_rows(home, home.folder.parent, {"person": "1"}, {"person": "9"})
        told = [*(patient(name, name) for name in some), *people[: len(some)], *([marker] if "3" in some else [])]
        source = FhirSource(write_bundle(home.folder.parent / "b.json", *told), "d")
        import_clinical(home, partial(receive_fhir, source=source, names=AS_GIVEN))
        if others:
            take_text(home, home.folder.parent, others, LABS)
    measured = {"some": "measurement"}
    asked = [{"count": "person", "where": one} for one in (measured, {"not": measured}, {"some": "condition"})]

    def told_by(home):
        *found, card = answers(home, asked)
        return [(one["certain"], one["possible"]) for one in found], card["records"]

    before = told_by(with_)
    leave(with_, "3")
    assert told_by(with_) == told_by(without) != before


def test_a_column_that_the_hospital_named_is_there_though_nobody_has_a_value_any_more(tmp_path):
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    take_text(with_, tmp_path / "with", "id,icd\n1,C50.1\n2,\n", DIAGNOSES)
    take_text(without, tmp_path / "without", "id,icd\n2,\n", DIAGNOSES)
    leave(with_, "1")
    asked = [{"count": "person", "where": {"not": {"some": "condition"}}}]
    found = answers(with_, asked)
    assert found == answers(without, asked)
    assert found[0]["certain"]["value"] == 1


def test_with_the_last_who_had_images_goes_what_only_images_tell(tmp_path):
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    import_rows(with_, tmp_path / "with", {"person": "1", "sex": "F"})
    take_text(with_, tmp_path / "with", "id,icd\n1,C50.1\n2,C61\n", DIAGNOSES)
    take_text(without, tmp_path / "without", "id,icd\n2,C61\n", DIAGNOSES)
    leave(with_, "1")
    asked = [{"count": "person", "where": {"field": "sex", "in": ["F"]}}, {"count": "series"}]
    found, expected = answers(with_, asked), answers(without, asked)
    assert found[:2] == expected[:2]
    assert found[2]["records"] == expected[2]["records"]


@pytest.mark.parametrize("rule", ["threshold", "noise", "private"])
def test_every_rule_answers_when_somebody_has_left(rule, tmp_path):
    if rule == "private":
        pytest.importorskip("opendp", reason="the extra dp is not installed")
    home = home_in(tmp_path, "a")
    import_rows(home, tmp_path, *({"person": str(n)} for n in range(40)))
    take_text(home, tmp_path, "id,icd\n" + "".join(f"{n},C50.1\n" for n in range(20, 60)), DIAGNOSES)
    home = home.with_policy(Policy.of(rule))
    asked = [
        {"count": "person", "where": {"some": "condition"}},
        {"count": "person", "where": {"not": {"some": "series"}}},
    ]
    before = answers(home, asked)
    leave(home, *map(str, range(10, 50)))
    after = answers(home, asked)
    assert not [one for one in (*before, *after) if "error" in one]
    assert after != before


@pytest.mark.parametrize("seed", range(2))
def test_answers_about_images_are_those_of_a_node_where_they_never_were(seed, tmp_path):
    rng = random.Random(seed)
    rows = [
        {
            "collection": rng.choice("de"),
            "person": f"p{rng.randrange(25)}",
            "sex": rng.choice(["F", "M", None]),
            "age": rng.choice(["045Y", "061Y", None]),
            "modality": rng.choice(["CT", "MR", "PT"]),
            "body_part": rng.choice(["CHEST", "BREAST", None]),
            "manufacturer": rng.choice(["GE", "SIEMENS", None]),
        }
        | {"study": f"t{n // 2}", "series": f"s{n}"}
        for n in range(80)
    ]
    gone = {f"p{n}" for n in rng.sample(range(25), 4)}
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    import_rows(with_, tmp_path / "with", *rows)
    import_rows(without, tmp_path / "without", *(row for row in rows if row["person"] not in gone))
    leave(with_, *gone)
    asked = [groups(rng, IMAGES) for _ in range(60)]
    assert answers(with_, asked) == answers(without, asked)


def take_images(home, folder, patient, number):
    """Import slices of a patient, and contours that were drawn on them and on those of patient 1."""
    made = slices(3, series=1, study=number, patient=patient)
    names = [f"{ROOT}.{name}" for name in (*made, f"1.1.{number}")]
    made["contours"] = contours(names, study=number, patient=patient)
    arrivals = [FileArrival(path) for path in files_in(fill(folder / patient, made))]
    assert import_images(home, arrivals, "d", About(""), lambda *_: None).kept == len(made)


def test_images_and_what_describes_them_leave_together(tmp_path):
    with_, without = home_in(tmp_path, "with"), home_in(tmp_path, "without")
    for home in (with_, without):
        for number in (1, 2)[: 2 if home is with_ else 1]:
            take_images(home, home.folder.parent, f"ZQX-{number}", number)
    described = {"count": "series", "by": ["described_by"]}
    asked = [described, *(groups(random.Random(n), IMAGES) for n in range(30))]
    before = answers(with_, asked)
    leave(with_, "ZQX-2")
    after = answers(with_, asked)
    assert after == answers(without, asked)
    assert after[0] != before[0]


def test_whoever_comes_after_opting_out_is_never_seen(tmp_path):
    home = home_in(tmp_path, "a")
    leave(home, "p1", "p7")
    import_rows(home, tmp_path, *({"person": f"p{n}"} for n in range(4)))
    assert Desk(home).answer({"count": "person"}).certain.at_least == 3
    take_text(home, tmp_path, "id,icd\np1,C50.1\np7,C61\np8,C61\n", DIAGNOSES)
    assert Desk(home).answer({"count": "person"}).certain.at_least == 4
    assert Desk(home).answer({"count": "person", "where": {"some": "condition"}}).certain.at_least == 1


def test_a_dataset_that_everybody_left_is_there_and_has_nobody(tmp_path):
    home = home_in(tmp_path, "a")
    import_rows(home, tmp_path, {"person": "p"}, {"person": "q", "collection": "e"})
    leave(home, "p")
    answer = Desk(home).answer({"count": "person"})
    assert [(one.dataset, one.certain.at_least) for one in answer.datasets] == [("d", 0), ("e", 1)]
    assert [str(card.records["series"]) for card in Desk(home).cards()] == ["0", "1"]


def test_people_are_known_by_pseudonym_and_by_the_number_that_it_is_made_from(tmp_path):
    home = home_in(tmp_path, "a")
    (pseudonym,) = pseudonyms_of(home, ["4711"])
    import_rows(home, tmp_path, {"person": "4711"}, {"person": pseudonym}, {"person": "4712"})
    leave(home, "4711")
    with home.tables.open_beside() as base:
        keys = people_gone(base, opted_out(home), lambda number: next(iter(pseudonyms_of(home, [number]))))
        leave_out(base, keys)
        assert base.execute("SELECT id FROM person").fetchall() == [("4712",)]
        assert base.execute("SELECT count(*) FROM series").fetchall() == [(1,)]


def test_who_stays_keeps_their_number_in_tables_of_before_there_were_numbers_too(tmp_path):
    home = home_in(tmp_path, "a")
    import_rows(home, tmp_path, *({"person": f"p{n}"} for n in range(3)))
    with home.tables.fresh() as base:
        for (name,) in base.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'").fetchall():
            base.execute(
                f"CREATE TABLE {name} AS SELECT * EXCLUDE (roll) FROM old.{name}"
                if name == "person"
                else f"CREATE TABLE {name} AS FROM old.{name}"
            )
    for leaver in ((), ("p0",)):
        leave(home, *leaver)
        index = Index(open_seen(home))
        assert dict(index.connection.execute("SELECT id, roll FROM person").fetchall())["p2"] == 2
        index.close()
