"""A data manager's commands for permits, run as the front door runs them."""

import json
from contextlib import closing

import pytest
from tests.node.tables import import_rows

from oncommons.node.home import make_home, open_home, version_of
from oncommons.node.image_commands import this_person
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.permitted import PERMITS, Permitted


@pytest.fixture
def folder(tmp_path):
    return make_home(tmp_path / "athens", Policy("noise", 12)).folder


@pytest.fixture
def permits(oncommons, folder):
    """Runs a command for permits; gives its JSON where all went well, else the code of what did not."""

    def run(*words):
        body = json.loads(oncommons("node", "permits", *words, "--dir", folder, "--json")[1])
        return body["error"]["code"] if "error" in body else body

    return run


def test_what_was_shown_and_decided_is_listed(permits, oncommons, folder):
    assert "No permit was shown here." in oncommons("node", "permits", "list", "--dir", folder)[1]
    ledger = Permitted(folder / PERMITS)
    ledger.note("P-7", "lung", "text", 1_796_083_200)
    ledger.charge("P-7", b"q", 3, 5)
    ledger.close()
    permits("revoke", "P-8")
    permits("consent", "lung")
    found = permits("list")
    assert [(p["id"], p["project"], p["spent"], p["revoked"] is None) for p in found["permits"]] == [
        ("P-7", "lung", 3, True),
        ("P-8", "", 0, False),
    ]
    assert found["permits"][0]["seen"] == "2026-12-01T00:00:00Z"
    out = oncommons("node", "permits", "list", "--dir", folder)[1]
    assert ("taken back" in out, "project lung: consented on" in out) == (True, True)


def test_the_version_of_the_data_is_told_as_permits_name_it(permits, folder, tmp_path):
    assert permits("list")["version"] == ""
    import_rows(open_home(folder), tmp_path, {})
    assert permits("list")["version"] == version_of(open_home(folder).tables.state()) != ""


def test_status_tells_that_permits_are_needed(oncommons, folder):
    oncommons("node", "policy", "--permits", "required", "--dir", folder)
    assert json.loads(oncommons("node", "status", "--dir", folder, "--json")[1])["permits"] == "required"


def test_what_is_decided_is_entered_in_the_audit_log(permits, folder):
    permits("consent", "lung")
    permits("consent", "lung", "--withdraw")
    permits("restrict", "lung", "--variable", "person.age", "--no-groups")
    permits("restrict", "lung", "--lift")
    permits("revoke", "P-7")
    with closing(open_log(open_home(folder))) as log:
        found = [json.loads(line) for line in log.lines()][1:]
    assert {(entry["body"].pop("by"), entry["body"].pop("way")) for entry in found} == {
        (this_person().name, "command line")
    }
    assert {entry["kind"] for entry in found} == {"permit"}
    consented, withdrawn, taken, lifted, back = (entry["body"] for entry in found)
    assert (consented, withdrawn) == (
        {"what": "consented", "project": "lung"},
        {"what": "consent withdrawn", "project": "lung"},
    )
    assert (taken["what"], taken["project"], taken["restriction"]["variables"]) == (
        "restricted",
        "lung",
        ["person.age"],
    )
    assert lifted["what"] == "restriction lifted"
    assert (taken["restriction"]["groups"], lifted["restriction"]["groups"]) == (False, True)
    assert back == {"what": "taken back", "permit": "P-7"}


def test_consent_is_given_and_withdrawn(permits, oncommons, folder):
    assert permits("consent", "lung")["consented"]
    assert permits("consent", "lung", "--withdraw")["consented"] is None
    assert "does not ask for consent now" in oncommons("node", "permits", "consent", "lung", "--dir", folder)[1]


def test_what_is_taken_away_adds_up_until_it_is_given_back(permits):
    permits("restrict", "lung", "--variable", "person.age", "--until", "2027-06-01")
    found = permits("restrict", "lung", "--dataset", "old", "--no-groups", "--until", "2027-12-01")
    assert found["restriction"] == {
        "datasets": ["old"],
        "variables": ["person.age"],
        "groups": False,
        "until": 1_811_808_000,
    }
    assert found["words"] == "no consent, without counts by codes, without old, without person.age, until 2027-06-01"
    assert permits("restrict", "lung", "--lift")["restriction"]["variables"] == []


@pytest.mark.parametrize("words", [("--variable", "age"), ("--variable", "person.shoe_size"), ("--until", "soon")])
def test_what_cannot_be_taken_away_is_told(permits, words):
    assert permits("restrict", "lung", *words) == "E371"
    assert permits("list")["projects"] == []


def test_a_node_is_set_to_need_permits_and_keeps_its_rule(oncommons, folder):
    status, out, _ = oncommons("node", "policy", "--permits", "consent", "--dir", folder)
    assert (status, out.strip().endswith("Permits: consent.")) == (0, True)
    home = open_home(folder)
    assert (home.demand, home.policy) == ("consent", Policy("noise", 12))
    oncommons("node", "policy", "threshold", "--k", "20", "--dir", folder)
    assert (open_home(folder).demand, open_home(folder).policy) == ("consent", Policy("threshold", 20))


@pytest.mark.parametrize("words", [("--permits", "maybe"), ("--k", "20")])
def test_a_policy_that_is_none_changes_nothing(oncommons, folder, words):
    before = open_home(folder)
    assert oncommons("node", "policy", *words, "--dir", folder)[0] == 30
    assert open_home(folder) == before
