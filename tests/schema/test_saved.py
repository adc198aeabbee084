"""Saved questions: their hash, their citation, what is waited for."""

import hashlib
from dataclasses import replace

import pytest

from oncommons.schema.answer import Count, exact
from oncommons.schema.errors import BadRequest
from oncommons.schema.parsing import parse_question
from oncommons.schema.saved import (
    Heard,
    SavedQuestion,
    Sighting,
    Watch,
    check_name,
    check_reach,
    cite,
    digest_of,
    standing_of,
    utc,
)

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
SAVED = SavedQuestion(
    "x",
    "Women",
    WOMEN,
    "Count.",
    "2026-01-01",
    "c",
    exact(3),
    "",
    (Watch(5, "not reached", "", "2027-01-01"),),
    (
        Heard("athens", "2026-01-02", exact(3), "2026-01-01", False),
        Heard("bologna", "2026-01-02", None, "", False, "E356"),
    ),
    (Sighting(5, "not reached", "reached", "2026-01-01", exact(3), {"athens": "2026-01-01"}),),
)


def test_the_name_is_the_hash_of_what_is_asked():
    text = '{"count":"person","where":{"field":"sex","in":["F"]}}'
    assert digest_of(parse_question(WOMEN)) == hashlib.sha256(text.encode()).hexdigest()
    turned = {"where": {"in": ["F"], "field": "sex"}, "count": "person"}
    assert digest_of(parse_question(turned)) == digest_of(parse_question(WOMEN))
    assert digest_of(parse_question({"count": "study"})) != digest_of(parse_question(WOMEN))


@pytest.mark.parametrize(
    ("count", "standing"),
    [
        (None, "not known"),
        (exact(10), "reached"),
        (exact(9), "not reached"),
        (Count(10, 19, "rounded"), "reached"),
        (Count(5, 14, "noisy"), "perhaps"),
        (Count(0, 9, "suppressed"), "not reached"),
        (Count(0, None, "suppressed"), "perhaps"),
    ],
)
def test_a_number_is_reached_when_the_released_count_says_so(count, standing):
    assert standing_of(count, 10) == standing


def test_a_citation_names_what_where_and_when():
    saved = replace(SAVED, name="Women", sentence="Count people.", made="2026-09-21T14:00:00+00:00")
    told = cite(saved, "Hub", "https://h/saved/1")
    assert told == "“Women”: Count people. Saved at Hub, 2026-09-21. https://h/saved/1"
    told = cite(replace(saved, permit="P-7"), "Hub", "https://h/saved/1")
    assert told == "“Women”: Count people. Saved at Hub, 2026-09-21. Asked under permit P-7. https://h/saved/1"


def test_the_same_question_has_another_name_under_each_permit_and_for_each_of_its_people():
    question = parse_question(WOMEN)
    names = [digest_of(question, *under) for under in ((), ("P-7", "ana"), ("P-7", "ben"), ("P-8", "ana"))]
    assert len(set(names)) == 4
    assert (
        names[1] == hashlib.sha256(b'[{"count":"person","where":{"field":"sex","in":["F"]}},"P-7","ana"]').hexdigest()
    )


@pytest.mark.parametrize("name", ["", "  ", None, 3, "x" * 121, "a\u202eb", "a\0b"])
def test_a_name_is_seen_and_short(name):
    with pytest.raises(BadRequest):
        check_name(name)


def test_a_name_loses_superfluous_spaces():
    assert check_name("  breast \n MR ") == "breast MR"


@pytest.mark.parametrize("reach", [0, -1, 1.5, "7", True, None, 2**40])
def test_a_number_to_wait_for_is_whole_and_positive(reach):
    with pytest.raises(BadRequest):
        check_reach(reach)


def test_it_comes_back_from_json_as_itself():
    assert SavedQuestion.from_json(SAVED.to_json()) == SAVED


@pytest.mark.parametrize(
    "body", [None, {}, [], SAVED.to_json() | {"watches": [{"reach": 1, "standing": "soon", "reached": ""}]}]
)
def test_what_is_something_else_is_refused(body):
    with pytest.raises(BadRequest):
        SavedQuestion.from_json(body)


def test_a_hub_of_an_older_version_tells_less():
    body = SAVED.to_json()
    del body["heard"], body["sightings"]
    body["watches"] = [{"reach": 5, "standing": "reached", "reached": ""}]
    found = SavedQuestion.from_json(body)
    assert (found.heard, found.sightings, found.watches) == ((), (), (Watch(5, "reached"),))


def test_moments_are_told_in_utc():
    assert (utc(60.9), utc(None)) == ("1970-01-01T00:01:00+00:00", "")


@pytest.mark.parametrize(
    ("told", "current", "code", "lack"),
    [
        ("2026-01-01", True, "", ""),
        ("", False, "", "never answered"),
        ("2026-01-01", False, "", "did not answer since"),
        ("", False, "E356", "waits for consent"),
        ("2026-01-01", False, "E356", "waits for consent"),
        ("", False, "E357", "takes no more now"),
        ("", False, "E374", "refused"),
    ],
)
def test_of_a_node_without_a_new_number_it_is_told_what_it_did_instead(told, current, code, lack):
    one = Heard("athens", "2026-01-02", exact(3) if told else None, told, current, code)
    assert (one.lack, one.waits) == (lack, code == "E356")


def test_a_hub_of_before_says_no_code():
    body = SAVED.to_json()
    for one in body["heard"]:
        del one["code"]
    assert [one.code for one in SavedQuestion.from_json(body).heard] == ["", ""]
