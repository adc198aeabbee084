"""What the console tells and decides of permits."""

import shutil
from contextlib import closing

import pytest
from tests.node.steward.asked import BY_SEX, EVERYBODY, OLD, WOMEN, asked_home
from tests.permits import HUB

from oncommons.node.home import make_home, open_home
from oncommons.node.recording import record
from oncommons.node.shown import runs_json
from oncommons.node.steward.permits import DOINGS, MOST_TOLD, decide_permits, permit_json, permits_json
from oncommons.node.steward.summary import waiting_runs
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.schema.parsing import parse_question
from oncommons.schema.sentence import sentence
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import Permitted

BY = Person("mira", "console")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return asked_home(tmp_path_factory.mktemp("template"))


@pytest.fixture
def asked(template, tmp_path):
    """A copy of the node, and the name of the question that waits."""
    return open_home(shutil.copytree(template[0].folder, tmp_path / "athens")), template[1]


@pytest.fixture
def home(asked):
    return asked[0]


def words(question):
    return sentence(parse_question(question))


def test_a_node_that_was_shown_nothing_tells_nothing_and_makes_no_file(tmp_path):
    home = make_home(tmp_path / "new", Policy("open"))
    told = permits_json(home)
    assert (told["demand"], told["permits"], told["runs"], waiting_runs(home)) == ("optional", [], [], 0)
    assert not home.permits_file.exists()


def test_every_permit_is_told_with_whom_for_what_and_which_datasets(home):
    told = permits_json(home)
    whole, back = told["permits"]
    assert [(one["id"], one["standing"]) for one in (whole, back)] == [("P-7", "holds"), ("P-5", "taken back here")]
    assert back["whole"] is None
    assert (whole["questions"], whole["spent"]) == (1, 1)
    says = whole["whole"]
    assert (says["people"], says["datasets"], says["elsewhere"]) == (
        ["ana", "ben"],
        [{"dataset": "d", "version": ""}],
        1,
    )
    assert says["purpose"][0].startswith("Scientific research")
    assert ([run["state"] for run in told["runs"]], waiting_runs(home)) == (["used", "declined", "waiting"], 1)


def test_what_was_asked_and_what_left_is_told_as_the_log_has_it(home):
    found = permit_json(home, "P-7")
    history = [(one["kind"], one["sentence"]) for one in found["history"]]
    assert history == [
        ("waiting", words(BY_SEX)),
        ("refused", words(OLD)),
        ("permit", words(EVERYBODY)),
        ("waiting", words(EVERYBODY)),
        ("released", words(WOMEN)),
        ("permit", words(WOMEN)),
        ("waiting", words(WOMEN)),
    ]
    assert found["history"][4]["released"] == [{"dataset": "d", "groups": 0, "certain": "20–29", "possible": "20–39"}]
    assert found["history"][1]["code"] == "E374"
    assert [one["what"] for one in permit_json(home, "P-5")["history"]] == ["taken back"]


def test_another_permit_of_which_its_name_is_a_part_is_not_told_with_it(home):
    record(home, "permit", {"what": "taken back", "permit": "P-77"})
    record(home, "permit", {"what": "a note", "permit": "P-8", "about": "P-7"})
    assert len(permit_json(home, "P-7")["history"]) == 7
    with pytest.raises(NotFound):
        permit_json(home, "P-77")


def test_what_the_hub_took_back_is_told_as_such(home):
    with closing(Permitted(home.permits_file)) as ledger:
        ledger.hear(HUB.name, 5, ["P-7", "P-5"])
    record(home, "permit", {"what": "taken back by the hub", "number": 5, "permits": ["P-5", "P-7"]})
    assert {one["standing"] for one in permits_json(home)["permits"]} == {"taken back by the hub"}
    assert permit_json(home, "P-7")["history"][0]["what"] == "taken back by the hub"


def test_of_a_long_history_the_newest_is_told(home):
    for number in range(MOST_TOLD + 5):
        record(home, "permit", {"what": str(number), "permit": "P-7"})
    assert [one["what"] for one in permit_json(home, "P-7")["history"]][:2] == [str(MOST_TOLD + 4), str(MOST_TOLD + 3)]
    assert len(permit_json(home, "P-7")["history"]) == MOST_TOLD


def test_a_data_manager_agrees_and_declines(asked):
    home, name = asked
    decide_permits(home, {"do": "agree", "run": name, "days": 3}, BY)
    decide_permits(home, {"do": "decline", "run": name, "reason": "After all, no."}, BY)
    assert next(run for run in runs_json(home) if run["run"] == name)["reason"] == "After all, no."
    assert permit_json(home, "P-7")["history"][0]["by"] == "mira"


def test_consent_restriction_and_revocation_hold_at_once(home):
    for do in ("consent", "consent to images"):
        decide_permits(home, {"do": do, "project": "lung"}, BY)
    decide_permits(home, {"do": "restrict", "project": "lung", "variables": ["person.sex"], "groups": False}, BY)
    decide_permits(home, {"do": "restrict", "project": "lung", "datasets": ["d"], "until": "2027-01-31"}, BY)
    decided = permit_json(home, "P-7")["decided"]
    assert (bool(decided["consented"]), bool(decided["images"])) == (True, True)
    assert decided["restriction"] == {
        "datasets": ["d"],
        "variables": ["person.sex"],
        "groups": False,
        "until": 1_801_353_600,
    }
    for do in ("withdraw", "withdraw images", "lift"):
        decide_permits(home, {"do": do, "project": "lung"}, BY)
    assert permit_json(home, "P-7")["decided"]["words"] == "no consent"
    decide_permits(home, {"do": "revoke", "permit": "P-7"}, BY)
    assert permit_json(home, "P-7")["standing"] == "taken back here"


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"do": "nothing"},
        *({"do": do} for do in DOINGS),
        {"do": "consent", "project": 7},
        {"do": "revoke", "permit": "x" * 501},
        {"do": "restrict", "project": "lung", "variables": "person.sex"},
        {"do": "restrict", "project": "lung", "datasets": [7]},
        {"do": "agree", "run": "r", "days": "3"},
        {"do": "agree", "run": "r", "days": True},
    ],
)
def test_an_order_that_cannot_be_read_changes_nothing(told, tmp_path):
    home = make_home(tmp_path / "new", Policy("open"))
    with pytest.raises(BadRequest):
        decide_permits(home, told, BY)
    assert permits_json(home)["permits"] == []


@pytest.mark.parametrize("more", [{"variables": ["shoes"]}, {"until": "soon"}])
def test_what_cannot_be_taken_away_is_told(more, home):
    with pytest.raises(BadPermit):
        decide_permits(home, {"do": "restrict", "project": "lung", **more}, BY)
    assert permit_json(home, "P-7")["decided"]["words"] == "no consent"
