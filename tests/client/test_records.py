"""The wire of projects and of the audit log: what is called."""

import pytest

from oncommons.client.records import Records
from oncommons.client.transport import Reply, Transport


class Wire:
    """Notes what is called."""

    def __init__(self):
        self.calls = []

    def __call__(self, request):
        self.calls.append(request.url.removeprefix("http://127.0.0.1:1"))
        return Reply(200, b'{"projects": [{"id": "P-7"}]}')


@pytest.mark.parametrize(
    ("call", "called"),
    [
        (lambda records: records.projects(), "/api/projects"),
        (lambda records: records.project("a/b?c"), "/api/projects/a%2Fb%3Fc"),
        (lambda records: records.project(""), "/api/projects/-"),
        (lambda records: records.entries({"kind": "asked", "node": ""}), "/api/audit/entries?kind=asked"),
    ],
)
def test_a_call_is_that_of_its_route(call, called):
    wire = Wire()
    call(Records(Transport("http://127.0.0.1:1", send=wire)))
    assert wire.calls == [called]
