"""Pages of other sites: who may read the answers of which dialect."""

from contextlib import contextmanager
from functools import partial

import pytest
from anyio.from_thread import start_blocking_portal
from tests.hub.callers import Caller, Clock

from oncommons.hub.app import make_app
from oncommons.hub.opening import open_hub
from oncommons.hub.sharing import OPEN
from oncommons.service.settings import HubSettings

EXPLORER, STRANGER = "https://explorer.example", "https://stranger.example"
READABLE = "access-control-allow-origin"
ASKED_BEFORE = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


@contextmanager
def open_to(folder, *origins):
    """A caller of a hub whose operator named these sites."""
    hub = open_hub(HubSettings(folder, "http://hub.test", f"sqlite:///{folder / 'hub.sqlite'}", "test", origins))
    with start_blocking_portal() as portal:
        caller = Caller(hub, make_app(hub, "1", Clock()), Clock(), portal)
        yield partial(ask, caller)
        portal.call(caller.client.aclose)
    hub.database.close()


def ask(caller, method, path, origin, **headers):
    return caller(method, path, headers={"origin": origin} | headers)


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    with open_to(tmp_path_factory.mktemp("named"), EXPLORER) as caller:
        yield caller


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    with open_to(tmp_path_factory.mktemp("public"), "*", EXPLORER) as caller:
        yield caller


def test_pages_of_a_named_site_read_answers_and_errors(named):
    for path, status in (("/api/beacon/map", 200), ("/api/beacon", 200), ("/api/beacon/runs", 404)):
        answer = named("GET", path, EXPLORER)
        assert (answer.status_code, answer.headers[READABLE]) == (status, EXPLORER)
        assert answer.headers["vary"] == "origin"
    refused = named("POST", "/api/lens", EXPLORER)
    assert (refused.status_code, refused.headers[READABLE]) == (400, EXPLORER)


def test_a_named_site_may_send_cookies_along_which_nobody_reads(named):
    answer = named("GET", "/api/lens/nothing", EXPLORER, cookie="session=1")
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "set-cookie" not in answer.headers


def test_a_browser_that_asks_beforehand_is_told(named):
    answer = named("OPTIONS", "/api/lens", EXPLORER, **ASKED_BEFORE)
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"]
    assert answer.headers[READABLE] == EXPLORER


@pytest.mark.parametrize("origin", [STRANGER, "https://explorer.example.evil", "http://explorer.example", "null", "*"])
def test_pages_of_other_sites_read_nothing(named, origin):
    for method, path in (("GET", "/api/beacon/map"), ("OPTIONS", "/api/lens"), ("POST", "/api/lens")):
        assert READABLE not in named(method, path, origin).headers


@pytest.mark.parametrize(
    "path", ["/api/hub", "/api/datasets", "/api/questions/x", "/api/beacons", "/api/link/work", "/"]
)
def test_nothing_but_the_two_dialects_is_opened(named, public, path):
    for caller in (named, public):
        for method in ("GET", "OPTIONS", "POST"):
            assert READABLE not in caller(method, path, EXPLORER).headers


def test_a_hub_open_to_all_is_so_without_cookies(public):
    answer = public("GET", "/api/beacon/map", STRANGER)
    assert answer.headers[READABLE] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert public("GET", "/api/beacon/map", EXPLORER).headers[READABLE] == EXPLORER


def test_a_hub_that_names_nobody_is_closed(tmp_path):
    with open_to(tmp_path) as caller:
        for root in OPEN:
            for method in ("GET", "POST", "OPTIONS"):
                answer = caller(method, root, EXPLORER)
                assert not [name for name in answer.headers if name.startswith("access-control")]
