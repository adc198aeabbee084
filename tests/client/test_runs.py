"""Analyses as a caller makes them, over a wire that answers as a hub."""

import json
from types import SimpleNamespace

import pytest
from tests.schema.test_run import RUN

from oncommons.client.runs import Going, Seen, analyses_at, begin, make, runs_under
from oncommons.client.transport import Reply, Transport
from oncommons.client.waiting import Patience
from oncommons.schema.errors import HubUnreachable, NotFound, QuestionError
from oncommons.schema.errors_of_analyses import OutputWithheld, RunCancelled, TooManyRuns
from oncommons.schema.errors_of_permits import NoSuchPermit

RECORD = {
    "title": "Proportional hazards", "exact": True, "rounds": 11, "permit": "P-7", "result": {"people": 9},
    "tables": {"terms": [["term", "coefficient"], ["age", 0.017]]}, "warnings": ["Few events."],
    "nodes": [
        {"node": "athens", "status": "answered", "people": 9, "missing": 2},
        {"node": "bergen", "status": "refused", "reason": "The rule cells says no.", "code": "E411"},
    ],
}  # fmt: skip


BEGUN = {"id": "mine", "state": "running"}
NODES = [{"node": "athens", "status": "computing"}, {"node": "bergen", "status": "refused"}]
GOES = {
    "id": "mine",
    "state": "running",
    "title": "Cox",
    "asked_at": "2026-11-23",
    "progress": {"round": 2, "nodes": NODES},
}
DONE = GOES | {"state": "done", "record": RECORD}
FAILED = GOES | {"state": "failed", "error": {"code": "E411", "title": "", "message": "The rule people says no."}}


class Wire:
    """Answers requests with these bodies, one after the other; the last one again and again."""

    def __init__(self, *bodies, status=200):
        self.bodies, self.status, self.sent = list(bodies), status, []

    def __call__(self, request):
        self.sent.append(request)
        body = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        if body is None:
            raise OSError("gone")
        return Reply(self.status, json.dumps(body).encode())

    @property
    def asked(self):
        return [f"{one.method} {one.url.removeprefix('http://localhost')}" for one in self.sent]


class Time:
    """A clock that goes on while somebody sleeps."""

    def __init__(self):
        self.now, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def clock(self):
        return self.now


def connection(wire):
    return SimpleNamespace(transport=Transport("http://localhost", send=wire))


def going(wire, time):
    return Going(connection(wire), "P-7.secret", "mine", Patience(5.0, 2.0, time.sleep, time.clock))


def test_a_run_goes_to_the_hub_with_the_pass_and_a_name_and_is_waited_for():
    wire = Wire(BEGUN, GOES, DONE)
    made = make(connection(wire), RUN, "P-7.secret", "mine")
    assert wire.asked == ["POST /api/runs?id=mine", *["GET /api/runs/mine?wait=20.0"] * 2]
    assert json.loads(wire.sent[0].content) == RUN
    assert {one.headers["oncommons-permit"] for one in wire.sent} == {"P-7.secret"}
    assert all(one.seconds > 20 for one in wire.sent)
    assert (made.found, made.tables["terms"][1]) == ({"people": 9}, ["age", 0.017])


def test_who_waits_is_told_at_each_look_how_far_the_run_is():
    told = []
    going(Wire(GOES, GOES | {"progress": {"round": 3, "nodes": []}}, DONE), Time()).made(told.append, 1.0)
    assert [(one.state, one.round) for one in told] == [("running", 2), ("running", 3), ("done", 2)]
    assert told[0].nodes == {"athens": "computing", "bergen": "refused"}


def test_a_hub_that_is_started_anew_is_waited_for_a_while():
    time = Time()
    assert going(Wire(GOES, None, None, GOES, None, DONE), time).made().record == RECORD
    assert time.slept == [2.0] * 3
    with pytest.raises(HubUnreachable):
        going(Wire(None), time).made()
    assert time.slept == [2.0] * 6


def test_what_a_run_failed_of_is_raised_and_one_that_was_cancelled_says_so():
    with pytest.raises(OutputWithheld, match="The rule people"):
        going(Wire(FAILED), Time()).made()
    with pytest.raises(RunCancelled):
        going(Wire(GOES | {"state": "cancelled"}), Time()).made()
    with pytest.raises(NotFound, match="goes on"):
        Seen(GOES).made()


def test_a_run_is_looked_at_and_cancelled_by_its_name():
    wire = Wire(GOES, BEGUN | {"state": "cancelled"})
    mine = Going(connection(wire), "P-7.secret", "../mine")
    assert mine.look().state == "running"
    assert mine.cancel() == "cancelled"
    assert wire.asked == ["GET /api/runs/..%2Fmine?wait=0.0", "POST /api/runs/..%2Fmine/cancel"]
    assert "secret" not in repr(mine)


def test_ones_runs_are_listed():
    wire = Wire({"runs": [DONE, GOES]})
    assert [one.state for one in runs_under(connection(wire), "P-7.secret")] == ["done", "running"]
    assert (wire.asked, wire.sent[0].headers["oncommons-permit"]) == (["GET /api/runs"], "P-7.secret")


def test_what_cannot_be_asked_is_told_before_anything_is_sent():
    wire = Wire(RECORD)
    with pytest.raises(QuestionError):
        make(connection(wire), {"analysis": "cox"}, "P-7.secret")
    with pytest.raises(NoSuchPermit):
        begin(connection(wire), RUN, "nothing")
    assert wire.sent == []


def test_what_the_hub_refuses_is_raised():
    error = {"error": {"code": "E417", "title": "", "message": "3 analyses of yours are being made."}}
    with pytest.raises(TooManyRuns, match="3 analyses"):
        make(connection(Wire(error, status=429)), RUN, "P-7.secret")


def test_where_the_connection_shows_the_pass_none_is_told_twice():
    wire = Wire({"runs": []})
    assert runs_under(connection(wire), "") == []
    assert "oncommons-permit" not in wire.sent[0].headers


def test_the_analyses_of_a_hub_are_told_as_they_are():
    wire = Wire({"analyses": [], "nodes": {"told": [], "untold": ["dresden"]}})
    assert analyses_at(connection(wire))["nodes"]["untold"] == ["dresden"]
    assert wire.asked == ["GET /api/analyses"]
