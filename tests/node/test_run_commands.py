"""A data manager's commands for single questions, run as the front door runs them."""

import json
import time
from contextlib import closing

import pytest
from tests.permits import HUB, a_permit

from oncommons.node.home import Membership, make_home
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.awaited import Run
from oncommons.storage.permitted import PERMITS, Permitted


@pytest.fixture
def folder(tmp_path):
    made = make_home(tmp_path / "athens", Policy("open")).with_demand("run")
    return made.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).folder


@pytest.fixture
def name(folder):
    """The name of a question that waits."""
    now = time.time()
    run = Run("P-7", "lung", b"q", '{"count": "person"}', "ana", now, until=now + 999)
    with closing(Permitted(folder / PERMITS)) as ledger:
        ledger.note("P-7", "lung", HUB.permit(a_permit(title="Lungs"), now), now)
        ledger.runs.wait(run)
    return run.id


@pytest.fixture
def said(oncommons, folder):
    """Runs a command for permits; gives its status and what it says."""

    def run(*words):
        status, out, aside = oncommons("node", "permits", *words, "--dir", folder)
        return status, out + aside

    return run


def test_what_waits_is_listed_with_who_asks_what_for_what(said, name):
    status, text = said("waiting")
    assert status == 0
    for part in (name, "waiting", "ana asks under P-7 (Lungs)", "Scientific research"):
        assert part in text


def test_nothing_waits_at_a_node_that_was_shown_nothing(said):
    assert said("waiting") == (0, "Nothing waits.\n")


def test_a_node_that_does_not_ask_says_so(said, oncommons, folder):
    oncommons("node", "policy", "--permits", "required", "--dir", folder)
    assert "policy --permits run" in said("waiting")[1]


def test_a_question_is_agreed_to(said, name, oncommons, folder):
    assert "is answered once" in said("agree", name, "--days", "3")[1]
    (one,) = json.loads(oncommons("node", "permits", "waiting", "--dir", folder, "--json")[1])["runs"]
    assert (one["run"], one["state"]) == (name, "agreed")
    assert said("agree", name)[0] != 0


def test_a_question_is_declined_with_a_reason_that_may_leave(said, name):
    assert said("decline", name, "--reason", "There are 3.")[0] != 0
    assert said("decline", name, "--reason", "Please ask without the age.")[0] == 0
    assert "Declined: Please ask without the age." in said("waiting")[1]


@pytest.mark.parametrize("words", [("agree", "nobody"), ("decline", "nobody", "--reason", "No, thanks.")])
def test_what_does_not_wait_cannot_be_decided(said, words):
    status, text = said(*words)
    assert status != 0
    assert "permits waiting" in text
