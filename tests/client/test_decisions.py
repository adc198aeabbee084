"""The wire of decisions: what is called."""

import pytest
from tests.client.test_inbox import Wire

from oncommons.client.decisions import Decisions
from oncommons.client.transport import Reply, Transport


class Telling(Wire):
    """Answers as a hub does."""

    def __call__(self, request):
        super().__call__(request)
        return Reply(200, b'{"permits": [], "pass": "P-7.secret"}')


@pytest.mark.parametrize(
    ("call", "called"),
    [
        (lambda d: d.mine(), ("GET", "/api/decisions", None)),
        (lambda d: d.one("a/b"), ("GET", "/api/decisions/a%2Fb", None)),
        (lambda d: d.one(".."), ("GET", "/api/decisions/-", None)),
        (lambda d: d.step("a", "", "pass", {"seen": 3}), ("POST", "/api/decisions/a/pass", {"seen": 3})),
        (lambda d: d.step("a", "athens", "vote", {"yes": True}), ("POST", "/api/decisions/a/holders/athens/vote", {"yes": True})),
        (lambda d: d.document("a", "d/1"), ("GET", "/api/decisions/a/documents/d%2F1", None)),
        (lambda d: d.permits(), ("GET", "/api/permits", None)),
        (lambda d: d.new_pass("P-7"), ("POST", "/api/permits/P-7/pass", {})),
        (lambda d: d.uses(), ("GET", "/api/uses", None)),
    ],
)  # fmt: skip
def test_a_call_is_that_of_its_route(call, called):
    wire = Telling()
    call(Decisions(Transport("http://127.0.0.1:1", send=wire)))
    assert wire.calls == [called]


def test_what_is_told_is_unpacked():
    decisions = Decisions(Transport("http://127.0.0.1:1", send=Telling()))
    assert (decisions.permits(), decisions.new_pass("P-7")) == ([], "P-7.secret")
