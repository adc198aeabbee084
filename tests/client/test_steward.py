"""The data manager's way in says to the node what it was told, and nothing else."""

import orjson
import pytest

from oncommons.client.steward import Steward
from oncommons.client.transport import Reply, Transport
from oncommons.schema.errors import NotWaiting

URL = "http://localhost:8643"


@pytest.fixture
def asked():
    return []


@pytest.fixture
def steward(asked):
    def send(request):
        asked.append(request)
        return Reply(200, b"{}")

    return Steward(Transport(URL, send=send))


@pytest.mark.parametrize(
    ("call", "address"),
    [
        (lambda s: s.node(), "/api/node"),
        (lambda s: s.files(outcome="kept", code="", q="a b", most=5), "/api/node/files?outcome=kept&q=a+b&most=5"),
        (lambda s: s.file("abc"), "/api/node/files/abc"),
        (lambda s: s.header("abc", done="", find="x", start=7), "/api/node/files/abc/header?find=x&start=7"),
        (lambda s: s.imports(3), "/api/node/imports?days=3"),
        (lambda s: s.mappings(), "/api/node/mappings"),
        (lambda s: s.permits(), "/api/node/permits"),
        (lambda s: s.permit("P/7 ?"), "/api/node/permits/P%2F7%20%3F"),
        (lambda s: s.permit(".."), "/api/node/permits/-"),
    ],
)
def test_looking_is_getting(steward, asked, call, address):
    assert call(steward) == {}
    assert [(one.method, one.url, one.content) for one in asked] == [("GET", URL + address, b"")]


def test_deciding_is_posting_with_what_the_browser_said(steward, asked):
    witness = {"origin": "https://evil.example"}
    steward.release(["a", "b"], looked=True, witness=witness)
    steward.reject(["a"], witness)
    steward.release(["a"], looked=False, by="Anna")
    steward.reject(["b"], by="Ben")
    assert [one.method for one in asked] == ["POST"] * 4
    assert [orjson.loads(one.content) for one in asked] == [
        {"files": ["a", "b"], "looked": True},
        {"files": ["a"]},
        {"files": ["a"], "looked": False, "by": "Anna"},
        {"files": ["b"], "by": "Ben"},
    ]
    assert [one.headers.get("origin") for one in asked] == ["https://evil.example"] * 2 + [None] * 2


def test_mappings_are_posted_as_they_were_decided(steward, asked):
    steward.accept_mappings([{"field": "sex", "raw": "w", "context": "", "code": "F"}], {"origin": URL})
    (one,) = asked
    assert (one.method, one.url, one.headers["origin"]) == ("POST", f"{URL}/api/node/mappings", URL)
    assert orjson.loads(one.content) == {"mappings": [{"field": "sex", "raw": "w", "context": "", "code": "F"}]}


def test_a_file_is_tried_as_it_is(steward, asked):
    steward.preview(b"DICM\0", {"origin": URL}, done="", find="x")
    (one,) = asked
    assert (one.method, one.url, one.content) == ("POST", f"{URL}/api/node/preview?find=x", b"DICM\0")
    assert one.headers["origin"] == URL


def test_what_the_node_reports_is_raised_as_what_it_is():
    reply = Reply(409, orjson.dumps(NotWaiting("No.").to_json()))
    with pytest.raises(NotWaiting, match=r"No\."):
        Steward(Transport(URL, send=lambda _: reply)).reject(["a"])


def test_a_decision_about_permits_says_who_decides_and_where_the_form_came_from(steward, asked):
    steward.decide_permits({"do": "agree", "run": "r"}, {"origin": URL}, "Mira")
    steward.decide_permits({"do": "lift", "project": "lung"})
    first, second = asked
    assert (first.method, first.url, first.headers["origin"]) == ("POST", f"{URL}/api/node/permits", URL)
    assert orjson.loads(first.content) == {"do": "agree", "run": "r", "by": "Mira"}
    assert orjson.loads(second.content) == {"do": "lift", "project": "lung"}


def test_analyses_are_admitted_and_withdrawn_by_who_says_so(steward, asked):
    steward.change_analyses("admit", ["cox", "glm"], {"origin": URL}, "Mira")
    steward.change_analyses("withdraw", ["cox"])
    first, second = asked
    assert (first.method, first.url, first.headers["origin"]) == ("POST", f"{URL}/api/node/analyses", URL)
    assert orjson.loads(first.content) == {"do": "admit", "analyses": ["cox", "glm"], "by": "Mira"}
    assert orjson.loads(second.content) == {"do": "withdraw", "analyses": ["cox"]}
