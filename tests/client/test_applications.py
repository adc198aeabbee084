"""The wire of applications: what is called, and that no part of a path leads to another route."""

import json

import pytest

from oncommons.client.applications import Applications
from oncommons.client.transport import Reply, Transport
from oncommons.schema.errors import HubUnreachable, NotFound

HOME = "http://127.0.0.1:1"


class Wire:
    """Notes what is called."""

    def __init__(self, reply=b'{"id": "a1", "link": "http://x", "earlier": [], "late": {}}', status=200):
        self.calls, self.reply, self.status = [], reply, status

    def __call__(self, request):
        is_json = request.headers.get("content-type") == "application/json"
        body = json.loads(request.content) if is_json else request.content
        self.calls.append((request.method, request.url.removeprefix(HOME), body))
        self.headers = request.headers
        return Reply(self.status, self.reply)


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def applications(wire):
    return Applications(Transport(HOME, send=wire, token="secret"))


CALLS = {
    "mine": (lambda a: a.mine(), ("GET", "", b"")),
    "begin": (lambda a: a.begin({"title": "x"}), ("POST", "", {"answers": {"title": "x"}})),
    "one": (lambda a: a.one("a1"), ("GET", "/a1", b"")),
    "save": (
        lambda a: a.save("a1", {"ehds": ("CARE",)}, {"ehds": 3}),
        ("PUT", "/a1/answers", {"answers": {"ehds": ["CARE"]}, "revisions": {"ehds": 3}}),
    ),
    "earlier": (lambda a: a.earlier("a1", "title"), ("GET", "/a1/earlier/title", b"")),
    "copy": (lambda a: a.copy("a1"), ("POST", "/a1/copy", b"")),
    "take_form": (lambda a: a.take_form("a1"), ("PUT", "/a1/form", b"")),
    "delete": (lambda a: a.delete("a1"), ("DELETE", "/a1", b"")),
    "attach": (lambda a: a.attach("a1", "ethics", "Ä b.pdf", b"%PDF"), ("POST", "/a1/documents?paragraph=ethics&name=%C3%84+b.pdf", b"%PDF")),
    "document": (lambda a: a.document("a1", "d1"), ("GET", "/a1/documents/d1", b"")),
    "detach": (lambda a: a.detach("a1", "d1"), ("DELETE", "/a1/documents/d1", b"")),
    "invite": (lambda a: a.invite("a1", "b@x.example"), ("POST", "/a1/invitations", {"email": "b@x.example"})),
    "invite by link": (lambda a: a.invite("a1"), ("POST", "/a1/invitations", {})),
    "withdraw": (lambda a: a.withdraw("a1", "i1"), ("DELETE", "/a1/invitations/i1", b"")),
    "leave": (lambda a: a.leave("a1", "p1"), ("DELETE", "/a1/authors/p1", b"")),
    "say": (lambda a: a.say("a1", "title", "x"), ("POST", "/a1/comments", {"paragraph": "title", "text": "x"})),
    "resolve": (lambda a: a.resolve("a1", "c1", resolved=False), ("PUT", "/a1/comments/c1", {"resolved": False})),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_each_call_goes_to_its_route(applications, wire, name):
    work, (method, path, body) = CALLS[name]
    work(applications)
    assert wire.calls == [(method, f"/api/applications{path}", body)]
    assert wire.headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize("part", ["../people", "a/b", "?x", "#", "", ".", "..", "%2e"])
def test_an_identifier_stays_in_its_place(applications, wire, part):
    applications.detach(part, part)
    (_, path, _) = wire.calls[0]
    assert path.count("/") == 5
    assert not {"?", "#"} & set(path)
    assert not {"", ".", ".."} & set(path.split("/")[1:])


def test_a_document_that_is_not_given_is_told_as_the_hub_tells_it():
    error = b'{"error": {"code": "E404", "message": "gone"}}'
    with pytest.raises(NotFound):
        Applications(Transport(HOME, send=Wire(error, 404))).document("a1", "d1")
    with pytest.raises(HubUnreachable):
        Applications(Transport(HOME, send=Wire(b"{}", 204))).document("a1", "d1")
