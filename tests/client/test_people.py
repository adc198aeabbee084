"""The wire of accounts: what is called, and that no part of a path leads to another route."""

import json

import pytest

from oncommons.client.people import People
from oncommons.client.transport import Reply, Transport


class Wire:
    """Notes what is called."""

    def __init__(self):
        self.calls = []

    def __call__(self, request):
        path = request.url.removeprefix("http://127.0.0.1:1")
        self.calls.append((request.method, path, json.loads(request.content) if request.content else None))
        return Reply(200, b'{"token": "onc_x", "link": "http://x", "recovery_codes": []}')


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def people(wire):
    return People(Transport("http://127.0.0.1:1", send=wire))


def test_a_sign_in_sends_what_was_typed(people, wire):
    people.sign_in({"email": "a@b", "password": "x"})
    assert wire.calls == [("POST", "/api/sessions", {"email": "a@b", "password": "x"})]


@pytest.mark.parametrize("part", ["../../sessions", "a/b", "?x", "#", "", "%2e"])
def test_an_identifier_stays_in_its_place(people, wire, part):
    people.end_session(part)
    people.remove(part)
    people.take(part, part, part)
    people.begin(part, {})
    people.back(part, {})
    people.unlink({"password": "x"}, part)
    assert [path.count("/") for _, path, _ in wire.calls] == [4, 3, 6, 4, 5, 4]
    assert not any(set("?#") & set(path) or path.endswith("/") for _, path, _ in wire.calls)


def test_what_is_shown_once_is_given_back(people):
    assert people.make_token({"password": "x"}, "t", ["ask"], 1) == "onc_x"
    assert people.invite("a@b", "o", "researcher") == people.renew("x") == "http://x"
    assert people.factor_on({"password": "x"}, "s") == []


def test_an_identity_is_linked_with_a_proof(people, wire):
    people.begin_link({"password": "x", "code": "1"}, "keycloak")
    assert wire.calls == [("POST", "/api/account/identities", {"password": "x", "code": "1", "provider": "keycloak"})]
