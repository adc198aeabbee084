"""Calls to providers, over a socket."""

from contextlib import contextmanager
from threading import BoundedSemaphore, Event

import pytest
from tests.hub.callers import Clock
from tests.hub.providers.liar import lying

from oncommons.hub.providers.wire import Wire, within
from oncommons.schema.errors_of_people import ProviderFailed


@pytest.fixture(scope="module")
def liar():
    with lying(Clock()) as liar:
        yield liar


@contextmanager
def refused(words):
    with pytest.raises(ProviderFailed) as caught:
        yield
    assert words in caught.value.detail
    assert "127.0.0.1" not in caught.value.message


def test_an_object_comes_back_for_an_address_and_for_a_form(liar):
    liar.pages = {"/echo": lambda h: (h.send_response(200), h.end_headers(), h.wfile.write(b'{"a": 1}'))}
    wire = Wire("Athens")
    assert wire.get(f"{liar.issuer}/echo") == wire.post(f"{liar.issuer}/echo", {"b": "c"}, {}) == {"a": 1}


def test_what_comes_back_is_told_whatever_it_is(liar):
    liar.pages = {"/away": (303, {"Location": "https://x.example"}, b"[1]"), "/echo": (400, {}, b'{"error": "x"}')}
    reply = Wire("Athens").ask(f"{liar.issuer}/away")
    assert (reply.status, reply.headers["location"], reply.body()) == (303, "https://x.example", {})
    assert Wire("Athens").ask(f"{liar.issuer}/echo", {"a": "b"}).body() == {"error": "x"}
    with refused("GET http://127.0.0.1:9"):
        Wire("Athens").ask("http://127.0.0.1:9")


@pytest.mark.parametrize(("size", "fits"), [(100, True), (101, False)])
def test_an_answer_is_no_longer_than_it_may_be(liar, size, fits):
    liar.pages = {"/long": (200, {}, b'{"a": "' + b"x" * (size - 9) + b'"}')}
    wire = Wire("Athens", most=100)
    if fits:
        assert wire.get(f"{liar.issuer}/long")
    else:
        with refused("more than 100 bytes"):
            wire.get(f"{liar.issuer}/long")


def test_an_answer_without_an_end_is_read_no_further_than_it_may_be(liar):
    def stream(handler):
        handler.send_response(200)
        handler.end_headers()
        while not liar.over.is_set():
            handler.wfile.write(b"x" * 1_000)

    liar.pages = {"/endless": stream}
    with refused("more than 5000 bytes"):
        Wire("Athens", most=5_000).get(f"{liar.issuer}/endless")


def test_no_redirect_is_followed_and_no_token_carried_on(liar):
    liar.pages, liar.asked = {"/moved": (302, {"location": f"{liar.issuer}/keys"}, b"{}")}, []
    with refused("answered 302"):
        Wire("Athens").get(f"{liar.issuer}/moved", "token")
    assert liar.asked == [("GET", "/moved")]


def test_nobody_there_is_told_without_the_address():
    with refused("Connection refused"):
        Wire("Athens").get("http://127.0.0.1:9/x")


def test_work_that_hangs_is_not_waited_for_and_takes_its_turn_along():
    turn, end = BoundedSemaphore(1), Event()
    with pytest.raises(TimeoutError):
        within(0.01, turn, end.wait)
    with pytest.raises(TimeoutError, match="too many"):
        within(0.01, turn, lambda: 1)
    end.set()
    assert turn.acquire(timeout=60)


def test_what_work_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        within(60, BoundedSemaphore(1), lambda: 1 / 0)
