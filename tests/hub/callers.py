"""Somebody who calls a hub's application in this process: strangers, and nodes with a key of their own."""

import socket
from contextlib import contextmanager
from functools import partial

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from joserfc.jwk import OKPKey
from tests.storage.conftest import lay_tables

from oncommons.client.credentials import make_assertion
from oncommons.hub.app import make_app
from oncommons.hub.opening import open_hub
from oncommons.hub.sharing import Sharing
from oncommons.schema.federation import ASSERTION_KIND
from oncommons.service.settings import HubSettings
from oncommons.storage.keys import public_part

START = 1_790_000_000.0
QUESTION = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
ANSWER = {"node": "-", "status": "answered", "criteria": {}, "datasets": []}
PUBLIC_KEY = public_part(OKPKey.generate_key("Ed25519"))


class Clock:
    """A clock that a test sets."""

    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        return self.now


def exact(number):
    return {"at_least": number, "at_most": number, "precision": "exact"}


def card(dataset="lung", **parts):
    """A dataset card as a node sends it."""
    plain = {"dataset": dataset, "title": "Lung", "records": {"person": exact(7)}, "codes": {}, "fields": []}
    return plain | {"policy": "open"} | parts


def answer_of(people, dataset="lung", **parts):
    """A node's answer with one dataset."""
    told = {"certain": exact(people), "possible": exact(people), "applied": [], "unknown": [], "lacking": []}
    return ANSWER | {"datasets": [{"dataset": dataset, **told}]} | parts


class Caller:
    """Calls one application, all calls in one event loop, with the headers it was given."""

    def __init__(self, hub, app, clock, portal):
        self.hub, self.app, self.clock, self.portal = hub, app, clock, portal
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://hub.test")

    def __call__(self, method, path, **options):
        return self.portal.call(partial(self.client.request, method, path, **options))

    def join(self, name, key=None):
        """A node that has joined; its key."""
        key = key or OKPKey.generate_key("Ed25519")
        secret = self.hub.registry.invite(name, self.hub.pin, self.clock()).secret
        joined = self("POST", "/api/nodes", json={"secret": secret, "jwk": public_part(key), "version": "1"})
        assert joined.status_code == 201, joined.text
        return key

    def assertion(self, name, key):
        return make_assertion(name, key, self.app.state.exchange.issuer.name, self.clock)

    def token(self, assertion, **other):
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_KIND,
            "client_assertion": assertion,
        }
        return self("POST", "/api/token", data=fields | other)

    def member(self, name):
        """A node that has joined and has a token: call it as the hub itself is called."""
        got = self.token(self.assertion(name, self.join(name)))
        assert got.status_code == 200, got.text
        headers = {"authorization": f"Bearer {got.json()['access_token']}"}
        return partial(self, headers=headers)


@contextmanager
def calling(folder, database="", people="open"):
    """A caller of a hub of its own, with a clock that stands."""
    address = database or f"sqlite:///{folder / 'hub.sqlite'}"
    folder.mkdir(parents=True, exist_ok=True)
    lay_tables(address)
    hub = open_hub(HubSettings(folder, "http://hub.test", address, "test", people=people))
    clock = Clock()
    with start_blocking_portal() as portal:
        caller = Caller(hub, make_app(hub, "1.2.3", clock), clock, portal)
        yield caller
        portal.call(caller.client.aclose)
    hub.database.close()


@contextmanager
def listening(caller, *origins):
    """The same hub for programs outside this process, in the same event loop; pages of these sites may ask it."""
    application = Sharing(caller.app, frozenset(origins))
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, access_log=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = caller.portal.start_task_soon(partial(server.serve, sockets=[taken]))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        done.result(20)


def told(response):
    """Status and code of an error."""
    return response.status_code, response.json()["error"]["code"]
