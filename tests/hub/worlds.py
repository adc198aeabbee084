"""A hub with something of everything, so that calls with real identifiers reach far; and calls as odd as a socket allows."""

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from urllib.parse import unquote

from tests.hub.applications.writers import attach, begun, fill, look
from tests.hub.callers import QUESTION
from tests.hub.decisions.cases import PEOPLE, Society
from tests.hub.people.guests import desk_of, guest, link, make_quick, opened, sign_in
from tests.hub.people.mailing import mails

from oncommons.hub.decisions.holders import name_holder

WEEKS = 3_000_000.0
"""Seconds after which nodes that joined have long been silent, so that nobody waits for them."""


@dataclass
class World:
    """A hub, people who are signed in there, and identifiers by the words of the tables."""

    hub: object
    people: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)
    society: object = None

    def bearer(self, name):
        """The authorization of somebody, who signs in anew where the session has ended; nothing for nobody."""
        if name == "nobody":
            return ""
        one = self.people[name]
        if one("GET", "/api/account").status_code == 401:
            got = sign_in(self.hub, one.email)
            assert got.status_code == 201, (name, got.text)
            self.people[name] = one = replace(one, session=got.json()["session"])
        return f"Bearer {one.session}"

    def place(self, path, **other):
        """A path with identifiers that there are, each as far as the route has it."""
        words = {key.lower(): value for key, value in self.ids.items()}
        kind = next((k for start, k in KINDS.items() if path.startswith(start)), "application")
        known = defaultdict(lambda: "x", words | other)
        known["identifier"] = other.get("identifier", known[kind])
        return path.format_map(known)


KINDS = {
    "/api/account/sessions": "session",
    "/api/account/tokens": "token",
    "/api/account": "linked",
    "/api/people/invitations": "invited",
    "/api/people": "person",
    "/api/decisions": "decided",
    "/api/permits": "decided",
}
"""Beginning of a path to the kind of its identifier."""


def _written(world):
    """Somebody's application with all that lies beside it."""
    ana, ids = world.people["ana"], world.ids
    ids["application"] = begun(ana, title="Secret")
    ids["document"] = attach(ana, ids["application"]).json()["id"]
    path = f"/api/applications/{ids['application']}"
    ids["thread"] = ana("POST", f"{path}/comments", json={"paragraph": "title", "text": "Secret"}).json()["id"]
    ana("POST", f"{path}/invitations", json={"email": world.people["ben"].email})
    ids["invitation"] = ids["SHARED"] = look(ana, ids["application"])["invitations"][0]["id"]
    ids["author"] = world.people["ben"].id
    ids["paragraph"] = "title"


def _met(world):
    """Somebody with a session, a token and a role, and an invitation."""
    hub, ids = world.hub, world.ids
    zoe = world.people["zoe"] = guest(hub, "zoe@athens.example", "researcher", "Athens General")
    zoe.token("ask")
    about = zoe.about()
    ids["SECRET"] = link(hub, "waits@athens.example")
    ids["person"], ids["session"], ids["token"] = zoe.id, about["sessions"][0]["id"], about["tokens"][0]["id"]
    ids["organisation"] = ids["ORGANISATION"] = about["roles"][0]["id"]
    ids["invited"], ids["role"] = desk_of(hub).links.waiting(None, hub.clock())[0].id, "researcher"


@contextmanager
def world(folder, people="required", database=""):
    """A hub with everything: nodes that are silent, an application, decisions, a permit, saved questions, a job."""
    with opened(folder, people, database) as hub:
        fill(make_quick(mails(hub)))
        hub.clock.now += WEEKS
        made = World(hub, {n: guest(hub, f"{n}@people.example", *held) for n, held in PEOPLE.items()})
        _met(made)
        ids, ana = made.ids, made.people["ana"]
        if people == "required":
            name_holder(hub.hub.database, "athens", "Athens General", (None, False), hub.clock())
            _written(made)
            made.society = Society(hub, made.people)
            made.society.granted(title="Lungs of Secret")
        ids.update(
            {"decided": "a1", "permit": "a1", "holder": "athens", "linked": "x", "name": "keycloak", "rest": "x"}
        )
        ids["id"], ids["task"], ids["job"] = "athens:lung", "00000000-0000-4000-8000-000000000000", "job1"
        ids["JOB"], ids["THREAD"] = "job2", ids.get("thread", "x")
        assert ana("POST", "/api/questions", json=QUESTION, params={"id": "job1"}).status_code == 200
        ids["digest"] = ana("POST", "/api/saved", json={"name": "Women", "question": QUESTION}).json()["id"]
        yield made


@dataclass
class Got:
    """What came of a call: the status, all that was sent, and what broke."""

    status: int = 0
    body: bytes = b""
    broke: BaseException | None = None


async def _asgi(app, scope, body):
    got, sent = Got(), False

    async def receive():
        nonlocal sent
        if sent:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        got.status = message.get("status", got.status)
        got.body += message.get("body", b"")

    try:
        await app(scope, receive, send)
    except Exception as fault:  # noqa: BLE001  what breaks is told with what was sent
        got.broke = fault
    return got


def call(hub, method, path, query="", headers=(), body=b""):
    """Call an application as a server does that lets every octet through."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("latin-1", "replace"), "query_string": query.encode("latin-1", "replace"),
        "root_path": "", "client": ("198.51.100.7", 1), "server": ("hub.test", 80),
        "headers": [(name.lower().encode("latin-1", "replace"), value.encode("utf-8", "surrogatepass")) for name, value in headers],
    }  # fmt: skip
    return hub.portal.call(partial(_asgi, hub.app, scope, body))
