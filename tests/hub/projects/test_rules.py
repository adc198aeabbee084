"""What everybody may know of a project, and nothing of its people."""

import json

from tests.permits import BEGIN, END, a_permit

from oncommons.hub.permits.book import Entry
from oncommons.hub.projects.rules import Report, Story, Surroundings, holders_of, in_order, project_of

PEOPLE = ("ana@athens.example", "https://else.example#ben")


def entry(revoked=None, issued=BEGIN - 9.0, **parts):
    permit = a_permit(people=list(PEOPLE), **parts)
    return Entry(permit, "eyJ.signed", {"d" * 64: PEOPLE[0]}, issued, revoked)


def test_a_project_says_who_uses_which_data_for_what_until_when():
    around = Surroundings(
        BEGIN + 5.0,
        {"athens": "Athens General"},
        {("athens", "d"): "Lung CT"},
        {"P-7": 3},
        {"P-7": Story("In plain words.", (Report("It works.", BEGIN + 1.0),))},
    )
    assert project_of(entry(title="Lung"), around) == {
        "id": "P-7",
        "title": "Lung",
        "summary": "In plain words.",
        "standing": "holds",
        "holders": ["Athens General", "bergen"],
        "datasets": [
            {"node": "athens", "dataset": "d", "version": "", "title": "Lung CT", "holder": "Athens General"},
            {"node": "bergen", "dataset": "lung", "version": "v1", "title": "lung", "holder": "bergen"},
        ],
        "purposes": [{"code": "RESEARCH", "place": "53(1)(e)", "label": "Scientific research about health or care"}],
        "terms": [{"code": "DUO:0000007", "label": "disease specific research"}],
        "analyses": ["count"],
        "variables": ["person.sex", "series.modality"],
        "not_before": "2026-12-01T00:00:00Z",
        "not_after": "2027-12-01T00:00:00Z",
        "issued": "2026-11-30T23:59:51+00:00",
        "revoked": "",
        "answered": 3,
        "results": [{"text": "It works.", "at": "2026-12-01T00:00:01+00:00"}],
    }


def test_nothing_of_people_passes_nor_the_permit_itself():
    told = json.dumps(project_of(entry(), Surroundings(float(BEGIN))))
    assert not any(word in told for word in ("ana@", "ben", "else.example", "eyJ", "ddd", "budget"))


def test_what_goes_on_comes_first_then_the_newest():
    entries = [
        entry(id="ended", period={"not_before": "2020-01-01", "not_after": "2021-01-01"}),
        entry(id="old", issued=BEGIN - 9.0),
        entry(id="revoked", revoked=BEGIN + 1.0),
        entry(id="new", issued=BEGIN - 1.0),
        entry(id="later", period={"not_before": "2027-01-01", "not_after": "2028-01-01"}),
    ]
    found = in_order([project_of(one, Surroundings(BEGIN + 2.0)) for one in entries])
    assert [(one["id"], one["standing"]) for one in found] == [
        ("new", "holds"), ("old", "holds"), ("later", "not yet"), ("ended", "ended"), ("revoked", "revoked")
    ]  # fmt: skip
    assert project_of(entries[1], Surroundings(float(END)))["standing"] == "ended"


def test_a_node_is_of_the_organisation_that_was_named_else_of_the_one_of_its_name():
    organisations = {"o1": "Athens General", "o2": "Bologna"}
    named = {"cork": "o2", "bologna": "o1", "dublin": "gone"}
    found = holders_of(["athens-general", "bologna", "cork", "dublin", "else"], named, organisations)
    assert found == {"athens-general": "Athens General", "bologna": "Athens General", "cork": "Bologna"}


def test_a_node_that_two_organisations_have_the_name_of_is_neithers():
    assert holders_of(["athens-general"], {}, {"o1": "Athens General", "o2": "Athens-General"}) == {}
