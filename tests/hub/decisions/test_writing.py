"""What is written is read again as it was."""

import json

import pytest
from tests.policy.access.people import application, body
from tests.policy.access.test_seating import seats

from oncommons.hub.decisions.writing import (
    clocks_of,
    read_blank,
    read_clocks,
    read_event,
    write_blank,
    write_clocks,
    write_event,
)
from oncommons.policy.access.application import Event, Move, Proposal
from oncommons.policy.access.duties import CLOCKS
from oncommons.schema.errors import StorageFailed

MOVES = [
    Move("submit", "ana", 1.5, text="ff"),
    Move("vote", "mia", 0.0, "athens", yes=True),
    Move("vote", "mia", 2.0, "athens"),
    Move("propose", "olga", 3.0, "a", proposal=Proposal(frozenset({"x", "y"}), ("z “last”", "a first"))),
    Move("propose", "olga", 3.0, "a", proposal=Proposal(frozenset())),
    Move("appoint", "cora", 4.0, "a", "olga", role="member"),
    Move("seats", "the hub", 5.0, seats=seats(body("a"), body("b", asks_patients=True), gone=frozenset({"eve"}))),
]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.kind)
def test_an_event_is_read_as_it_was_written(move):
    event = Event(move, "officer", "review", "vote")
    assert read_event(write_event(event)) == event


def test_an_application_is_read_as_it_began():
    blank = application(body("a"), body("b", quorum=0))
    assert read_blank(write_blank(blank)) == blank


def test_what_an_earlier_version_wrote_is_read():
    """It had names of attachments, always none, and a clock of drafts, which never ran."""
    blank = application(body("a"))
    written = json.dumps(json.loads(write_blank(blank)) | {"attachments": []})
    assert read_blank(written) == blank
    assert read_clocks(json.dumps({"draft": 365.0, "review": 45.0})) == clocks_of({"review": 45.0})


def test_the_same_has_the_same_text():
    one, two = Proposal(frozenset({"x", "y", "z"})), Proposal(frozenset({"z", "x", "y"}))
    texts = {write_event(Event(Move("propose", "o", 1.0, "a", proposal=p), "officer", "a", "b")) for p in (one, two)}
    assert len(texts) == 1


def test_clocks_keep_their_days_and_what_follows():
    own = clocks_of({"review": 45.0, "vote": 30.0})
    assert read_clocks(write_clocks(own)) == own
    assert (own["review"].days, own["review"].then, own["review"].source) == (45.0, "escalates", "this hub")
    assert own["vote"] == CLOCKS["vote"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"move": {}}', '{"move": {"kind": 5}, "role": "x"}'])
def test_what_was_not_written_so_is_not_read(text):
    for read in (read_event, read_blank):
        with pytest.raises(StorageFailed):
            read(text)


def test_a_case_never_begins_with_a_proposal():
    body_ = json.loads(write_blank(application()))
    body_["cases"][0]["votes"] = [["a1", True]]
    with pytest.raises(StorageFailed):
        read_blank(json.dumps(body_))
    body_["cases"][0] |= {"votes": [], "proposal": {"datasets": [], "conditions": []}}
    with pytest.raises(StorageFailed):
        read_blank(json.dumps(body_))
