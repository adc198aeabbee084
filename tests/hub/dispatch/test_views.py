"""How a run is told while it goes on, and when it has ended."""

import json
from dataclasses import replace

from oncommons.hub.dispatch.book import Kept
from oncommons.hub.dispatch.rules import Told
from oncommons.hub.dispatch.standing import Standing
from oncommons.hub.dispatch.views import progress_of, view
from oncommons.storage.worklist import Job, Work

AT = Standing(("athens", "bergen", "cork"), asked=4, number=2, state={}, lost={"delft": Told("delft", "silent")})
KEPT = Kept("key", "P-7", "ana", "mine", '{"analysis": "cox"}', "Proportional hazards", 1, "running", 1_790_000_000.0)
REFUSED = '{"error": {"code": "E411", "message": "The rule cells says no."}}'


class Link:
    """An exchange that knows one round."""

    registry = property(lambda self: self)

    def __init__(self, *work):
        self.work = work

    def clock(self):
        return 5.0

    def nodes(self):
        return []

    def progress(self, job):
        assert job == "key-0-2"
        return (Job(job, "{}", "", 0.0, 30.0), self.work) if self.work else None


def statuses(told):
    return {one["node"]: one["status"] for one in told["nodes"]}


def test_a_run_that_has_not_begun_is_in_no_round():
    assert progress_of(KEPT, Link()) == {"round": 0, "nodes": []}


def test_each_node_is_told_with_how_far_it_is():
    work = [
        Work("key-0-2", name, *rest)
        for name, *rest in (
            ("athens", "leased", 1, "", None), ("bergen", "waiting", 0, "", None), ("cork", "done", 1, REFUSED, 3.0),
        )
    ]  # fmt: skip
    told = progress_of(replace(KEPT, standing=AT.dumps()), Link(*work))
    assert told["round"] == 5
    assert statuses(told) == {"athens": "computing", "bergen": "asked", "cork": "refused", "delft": "silent"}


def test_before_a_round_is_on_the_list_its_nodes_are_asked():
    told = progress_of(replace(KEPT, standing=AT.dumps()), Link())
    assert statuses(told) == {"athens": "asked", "bergen": "asked", "cork": "asked", "delft": "silent"}


def test_a_run_that_goes_on_has_neither_record_nor_error():
    assert view(KEPT, Link()) == {
        "id": "mine", "state": "running", "analysis": "cox", "title": "Proportional hazards", "asked_at": "2026-09-21T14:13:20+00:00",
        "by": "ana", "permit": "P-7", "run": {"analysis": "cox"}, "progress": {"round": 0, "nodes": []},
    }  # fmt: skip


def test_a_run_that_has_ended_is_told_as_it_was_kept():
    told = {"round": 3, "nodes": [{"node": "athens", "status": "answered"}]}
    ended = replace(KEPT, state="failed", ended=1_790_000_060.0, progress=json.dumps(told), error='{"code": "E410"}')
    assert view(ended, Link())["progress"] == told
    assert (view(ended, Link())["error"], view(ended, Link())["ended_at"][11:19]) == ({"code": "E410"}, "14:14:20")
    assert view(replace(ended, record='{"id": "mine"}'), Link())["record"] == {"id": "mine"}
