"""Analyses as a caller makes them, over a wire that answers as a hub."""

import json
from types import SimpleNamespace

import pytest
from tests.schema.test_run import RUN

from oncommons.client.runs import make
from oncommons.client.transport import Reply, Transport
from oncommons.schema.errors import QuestionError
from oncommons.schema.errors_of_analyses import OutputWithheld
from oncommons.schema.errors_of_permits import NoSuchPermit

RECORD = {
    "title": "Proportional hazards", "exact": True, "rounds": 11, "permit": "P-7", "result": {"people": 9},
    "tables": {"terms": [["term", "coefficient"], ["age", 0.017]]}, "warnings": ["Few events."],
    "nodes": [
        {"node": "athens", "status": "answered", "people": 9, "missing": 2},
        {"node": "bergen", "status": "refused", "reason": "The rule cells says no.", "code": "E411"},
    ],
}  # fmt: skip


class Wire:
    def __init__(self, body, status=200):
        self.reply, self.sent = Reply(status, json.dumps(body).encode()), []

    def __call__(self, request):
        self.sent.append(request)
        return self.reply


def connection(wire):
    return SimpleNamespace(transport=Transport("http://localhost", send=wire))


def test_a_run_goes_to_the_hub_with_the_pass_and_a_name():
    wire = Wire(RECORD)
    made = make(connection(wire), RUN, "P-7.secret", "mine")
    (sent,) = wire.sent
    assert (sent.method, sent.url) == ("POST", "http://localhost/api/runs?id=mine")
    assert (json.loads(sent.content), sent.headers["oncommons-permit"]) == (RUN, "P-7.secret")
    assert (made.found, made.tables["terms"][1]) == ({"people": 9}, ["age", 0.017])


def test_what_cannot_be_asked_is_told_before_anything_is_sent():
    wire = Wire(RECORD)
    with pytest.raises(QuestionError):
        make(connection(wire), {"analysis": "cox"}, "P-7.secret")
    with pytest.raises(NoSuchPermit):
        make(connection(wire), RUN, "nothing")
    assert wire.sent == []


def test_what_the_hub_reports_is_raised():
    error = {"error": {"code": "E411", "title": "", "message": "The rule people says no."}}
    with pytest.raises(OutputWithheld, match="The rule people"):
        make(connection(Wire(error, 403)), RUN, "P-7.secret")
