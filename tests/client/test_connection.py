"""Asking a hub, over a transport that a test controls."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.client.answers import an_answer
from tests.client.servers import Recorder, serving
from tests.schema.test_saved import SAVED
from urllib3.exceptions import ProtocolError

from oncommons.client.builder import has
from oncommons.client.connection import Connection, connect
from oncommons.client.transport import Reply, Transport
from oncommons.schema.answer import exact
from oncommons.schema.answer_json import answer_to_json
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import (
    BadRequest,
    HubUnreachable,
    InsecureAddress,
    NotFound,
    QuestionTooLarge,
    UnknownValue,
)
from oncommons.schema.errors_of_permits import BeyondPermit, NoSuchPermit
from oncommons.schema.errors_of_protocols import NobodyAnswered
from oncommons.schema.federation import NodeStatus
from oncommons.schema.saved import Watch

PEOPLE = {"count": "person"}
CARD = DatasetCard("lung", "Lung", {"person": exact(3)}, {}, (), "open")
STATUS = NodeStatus("athens", "online", "2026-01-01T00:00:00Z", "", "1.0", 1)


class FakeHub:
    """Plays back replies, the last one for ever; an exception is raised; keeps every request."""

    def __init__(self, *replies):
        self.replies, self.requests = list(replies), []

    def __call__(self, request):
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        status, body = reply
        return Reply(status, json.dumps(body).encode())


def connected(*replies):
    hub = FakeHub(*replies)
    return hub, Connection(Transport("https://hub.test", send=hub))


ANSWERED = (200, answer_to_json(an_answer()))
LOST = ProtocolError("lost")


def test_a_question_is_posted_as_json_with_its_deadline_and_an_identifier():
    hub, connection = connected(ANSWERED)
    assert connection.ask(PEOPLE, deadline=7) == an_answer()
    (request,) = hub.requests
    url = urlsplit(request.url)
    assert (request.method, url.path, json.loads(request.content)) == ("POST", "/api/questions", PEOPLE)
    params = parse_qs(url.query)
    assert (params["deadline"], len(params["id"][0])) == (["7"], 32)
    assert request.headers["content-type"] == "application/json"


def test_the_answer_is_waited_for_longer_than_the_deadline():
    hub, connection = connected(ANSWERED)
    connection.ask(PEOPLE, deadline=100)
    assert hub.requests[0].seconds > 100


def test_count_builds_the_question():
    hub, connection = connected(ANSWERED)
    connection.count("series", has(sex="F"), "modality")
    connection.count("series", by=["dataset", "sex"])
    connection.count(nodes="cork")
    connection.count(nodes=["cork", "athens"])
    assert [json.loads(r.content) for r in hub.requests] == [
        {"count": "series", "where": {"field": "sex", "in": ["F"]}, "by": ["modality"]},
        {"count": "series", "by": ["dataset", "sex"]},
        {"count": "person", "nodes": ["cork"]},
        {"count": "person", "nodes": ["athens", "cork"]},
    ]


def test_a_fault_in_the_question_is_told_without_calling_the_hub():
    hub, connection = connected(ANSWERED)
    with pytest.raises(UnknownValue):
        connection.count(where=has(sex="X"))
    assert hub.requests == []


def test_a_lost_connection_is_taken_up_with_the_same_identifier():
    hub, connection = connected(LOST, ANSWERED)
    assert connection.ask(PEOPLE, deadline=30) == an_answer()
    assert len({parse_qs(urlsplit(r.url).query)["id"][0] for r in hub.requests}) == 1
    assert len(hub.requests) == 2


def test_two_questions_have_two_identifiers():
    hub, connection = connected(ANSWERED)
    connection.ask(PEOPLE)
    connection.ask(PEOPLE)
    assert len({parse_qs(urlsplit(r.url).query)["id"][0] for r in hub.requests}) == 2


def test_it_gives_up_when_the_deadline_has_passed():
    hub, connection = connected(LOST)
    with pytest.raises(HubUnreachable, match=r"hub\.test cannot be reached"):
        connection.ask(PEOPLE, deadline=0)
    assert len(hub.requests) == 1


@pytest.mark.parametrize("fault", [QuestionTooLarge("too wide", at="where"), BadRequest("no")])
def test_what_the_hub_refuses_is_raised_as_what_it_is_and_not_asked_again(fault):
    hub, connection = connected((413, fault.to_json()))
    with pytest.raises(type(fault)) as caught:
        connection.ask(PEOPLE)
    assert (caught.value.message, caught.value.at) == (fault.message, fault.at)
    assert len(hub.requests) == 1


def test_something_that_is_not_an_answer_is_told():
    _, connection = connected((200, {"id": 1}))
    with pytest.raises(BadRequest):
        connection.ask(PEOPLE)


def test_an_answer_can_be_looked_at_again():
    hub, connection = connected(ANSWERED, (404, NotFound("no such question").to_json()))
    assert connection.look("q1") == an_answer()
    assert urlsplit(hub.requests[0].url).path == "/api/questions/q1"
    with pytest.raises(NotFound):
        connection.look("q2")


def test_datasets_and_nodes_are_listed():
    _, connection = connected((200, {"datasets": [CARD.to_json() | {"node": "athens"}], "nodes": [STATUS.to_json()]}))
    assert connection.datasets() == [("athens", CARD)]
    assert connection.nodes() == [STATUS]


def test_the_dictionary_and_the_hub_itself_are_given_as_they_come():
    hub, connection = connected((200, {"version": 1}))
    assert [connection.dictionary(), connection.about()] == [{"version": 1}] * 2
    assert [urlsplit(r.url).path for r in hub.requests] == ["/api/dictionary", "/api/hub"]


def test_leaving_the_block_closes_the_connection():
    with serving(Recorder()) as hub, connect(f"http://127.0.0.1:{hub.server_port}") as connection:
        connection.about()
        pool = connection.transport._pool
        before = len(pool.pools)
    assert (before, len(pool.pools)) == (1, 0)


def test_connecting_checks_the_address():
    with pytest.raises(InsecureAddress):
        connect("http://hub.example.org")
    with connect("https://hub.example.org/") as connection:
        assert connection.transport.url == "https://hub.example.org"


def test_a_hub_in_this_process_is_not_waited_for():
    hub, _ = connected(LOST, ANSWERED)
    with pytest.raises(HubUnreachable):
        Connection(Transport("https://hub.test", send=hub), resumes=False).ask(PEOPLE, deadline=30)
    assert len(hub.requests) == 1


def test_a_number_is_watched_and_waited_for():
    waiting, reached = (SAVED.to_json() | {"watches": [vars(Watch(5, word))]} for word in ("not reached", "reached"))
    hub, connection = connected((200, waiting), (200, waiting), (200, reached))
    assert connection.watch("x", 5).watches[0].standing == "not reached"
    assert connection.wait("x", 5, every=0.0)
    assert [(r.method, urlsplit(r.url).path) for r in hub.requests] == [
        ("POST", "/api/saved/x/watch"),
        ("GET", "/api/saved/x"),
        ("GET", "/api/saved/x"),
    ]
    assert json.loads(hub.requests[0].content) == {"reach": 5}


def test_a_number_that_is_not_reached_in_time_is_not():
    _, connection = connected((200, SAVED.to_json()))
    assert not connection.wait("x", 5, seconds=0.0)


def test_saved_questions_tell_how_far_they_are():
    _, connection = connected((200, {"saved": [SAVED.to_json()]}))
    assert connection.saved()[0].watches == SAVED.watches


def test_a_question_under_a_permit_has_the_pass_in_a_header_and_nowhere_else():
    hub, connection = connected(ANSWERED)
    connection.ask(PEOPLE, permit=" P-7.secret\n")
    connection.count(permit="P-7.secret")
    connection.look("q1", permit="P-7.secret")
    for request in hub.requests:
        assert request.headers["oncommons-permit"] == "P-7.secret"
        assert b"secret" not in request.content
        assert "secret" not in request.url


def test_every_way_of_asking_takes_a_pass():
    hub, connection = connected((200, SAVED.to_json()))
    connection.save("Women", PEOPLE, 5, permit="P-7.secret")
    connection.watch("x", 5, permit="P-7.secret")
    connection.saved_question("x", permit="P-7.secret")
    connection.wait("x", 5, seconds=0.0, permit="P-7.secret")
    assert [r.headers["oncommons-permit"] for r in hub.requests] == ["P-7.secret"] * 4
    hub, connection = connected((200, {"saved": []}))
    connection.saved(permit="P-7.secret")
    assert hub.requests[0].headers["oncommons-permit"] == "P-7.secret"
    hub, connection = connected((503, NobodyAnswered("Nobody.").to_json()))
    with pytest.raises(NobodyAnswered):
        connection.feasibility(PEOPLE, permit="P-7.secret")
    assert hub.requests[0].headers["oncommons-permit"] == "P-7.secret"


def test_a_wait_under_a_permit_ends_with_the_rule_that_refuses():
    _, connection = connected((403, BeyondPermit("The permit ended. The rule end says: so.").to_json()))
    with pytest.raises(BeyondPermit, match="The rule end says"):
        connection.wait("x", 5, permit="P-7.secret")


def test_what_is_no_pass_is_never_sent():
    hub, connection = connected(ANSWERED)
    with pytest.raises(NoSuchPermit):
        connection.ask(PEOPLE, permit="P-7")
    assert hub.requests == []
