"""What a data manager reads of permits and of the questions that wait."""

import json
from contextlib import closing

import pytest
from tests.permits import HUB, NOW, OTHER_HUB, a_permit

from oncommons.node.home import Membership, make_home
from oncommons.node.shown import purposes_of, runs_json, shown_permits
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.awaited import Run
from oncommons.storage.permitted import Permitted

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
RUN = Run("P-7", "lung", b"q", json.dumps(WOMEN), "ana", NOW, until=NOW + 86_400)


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "athens", Policy("open"))
    return made.with_membership(Membership("athens", "u", HUB.name, HUB.keys()))


@pytest.fixture
def ledger(home):
    with closing(Permitted(home.permits_file)) as opened:
        yield opened


def test_a_purpose_is_told_in_words_with_its_place():
    assert purposes_of(a_permit()) == [
        "Scientific research about health or care (Article 53(1)(e))",
        "disease specific research (DUO:0000007)",
    ]


def test_only_what_the_joined_hub_has_signed_is_shown_whole(home, ledger):
    ledger.note("P-7", "lung", HUB.permit(a_permit(), NOW), NOW)
    ledger.note("P-8", "lung", OTHER_HUB.permit(a_permit(OTHER_HUB, id="P-8"), NOW), NOW)
    ledger.note("P-9", "lung", "", NOW)
    assert shown_permits(home, ledger) == {"P-7": a_permit()}


def test_who_asks_what_under_which_permit_and_for_what_is_told(home, ledger):
    ledger.note("P-7", "lung", HUB.permit(a_permit(title="Lungs"), NOW), NOW)
    ledger.runs.wait(RUN)
    (told,) = runs_json(home, NOW)
    assert told == {
        "run": RUN.id,
        "state": "waiting",
        "permit": "P-7",
        "project": "lung",
        "title": "Lungs",
        "purpose": purposes_of(a_permit()),
        "person": "ana",
        "question": WOMEN,
        "sentence": "Count people where sex is F, by dataset.",
        "reason": "",
        "asked": "2026-12-02T00:00:00Z",
        "until": "2026-12-03T00:00:00Z",
    }
    assert "sex" in told["sentence"]


def test_a_question_is_told_though_its_permit_cannot_be_read(home, ledger):
    ledger.runs.wait(RUN)
    assert [(one["title"], one["purpose"], one["person"]) for one in runs_json(home, NOW)] == [("", [], "ana")]


def test_a_node_that_was_shown_nothing_has_nothing_to_tell_and_makes_no_file(tmp_path):
    home = make_home(tmp_path / "new", Policy("open"))
    assert runs_json(home) == []
    assert not home.permits_file.exists()
    with closing(Permitted(home.permits_file)) as ledger:
        assert shown_permits(home, ledger) == {}
