"""The wire of the inbox: what is called."""

import json

import pytest

from oncommons.client.inbox import Inbox
from oncommons.client.transport import Reply, Transport


class Wire:
    """Notes what is called."""

    def __init__(self):
        self.calls = []

    def __call__(self, request):
        path = request.url.removeprefix("http://127.0.0.1:1")
        self.calls.append((request.method, path, json.loads(request.content) if request.content else None))
        return Reply(200, b'{"waiting": 1}')


@pytest.mark.parametrize(
    ("call", "called"),
    [
        (lambda inbox: inbox.counts(), ("GET", "/api/account/inbox/count", None)),
        (lambda inbox: inbox.look(3), ("GET", "/api/account/inbox?page=3", None)),
        (lambda inbox: inbox.read(["a"]), ("POST", "/api/account/inbox/read", {"ids": ["a"]})),
        (lambda inbox: inbox.read([]), ("POST", "/api/account/inbox/read", {"ids": []})),
        (lambda inbox: inbox.read(), ("POST", "/api/account/inbox/read", {"all": True})),
        (lambda inbox: inbox.wishes(), ("GET", "/api/account/inbox/wishes", None)),
        (lambda inbox: inbox.leave("a/b"), ("DELETE", "/api/account/watches/a%2Fb", None)),
        (lambda inbox: inbox.wish({"permit": "none"}), ("PUT", "/api/account/inbox/wishes", {"permit": "none"})),
    ],
)
def test_a_call_is_that_of_its_route(call, called):
    wire = Wire()
    call(Inbox(Transport("http://127.0.0.1:1", send=wire)))
    assert wire.calls == [called]
