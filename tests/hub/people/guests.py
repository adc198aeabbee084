"""People at a hub under test: invited, signed in, with and without a second factor."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from tests.hub.callers import calling

from oncommons.hub.people.sealing import Passwords
from oncommons.hub.people.totp import code_at, step_of

PASSWORD = "long grey winter of 1982"
QUICK = Passwords(memory=8, passes=1)
"""Argon2id as cheap as it can be; what it costs in earnest is tested in test_sealing."""


@dataclass
class Guest:
    """Somebody who is signed in; called as the hub itself is called."""

    hub: object
    id: str
    email: str
    session: str
    device: str
    secret: bytes = b""

    def __call__(self, method, path, **options):
        return self.hub(method, path, headers={"authorization": f"Bearer {self.session}"}, **options)

    def about(self):
        return self("GET", "/api/account").json()

    def code(self):
        """A code that was not used, which takes the clock to the next time step."""
        self.hub.clock.now += 30
        return code_at(self.secret, step_of(self.hub.clock.now))

    def factor_on(self):
        """Turn the second factor on; the recovery codes."""
        told = self("POST", "/api/account/second-factor", json={}).json()
        plain = told["secret"].replace(" ", "")
        self.secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
        body = {"password": PASSWORD, "code": self.code(), "sealed": told["sealed"]}
        got = self("PUT", "/api/account/second-factor", json=body)
        assert got.status_code == 200, got.text
        return got.json()["recovery_codes"]

    def token(self, *scopes):
        body = {"name": "script", "scopes": list(scopes), "days": 30, "password": PASSWORD}
        got = self("POST", "/api/account/tokens", json=body)
        assert got.status_code == 201, got.text
        headers = {"authorization": f"Bearer {got.json()['token']}"}
        return partial(self.hub, headers=headers)


def desk_of(hub):
    return hub.app.state.people


def link(hub, email, role="researcher", organisation="Athens General"):
    """The secret of an invitation."""
    desk = desk_of(hub)
    place = desk.register.organisation(organisation, hub.clock())
    return desk.links.invite(email, place, role, "", hub.clock())


def sign_in(hub, email, password=PASSWORD, **more):
    return hub("POST", "/api/sessions", json={"email": email, "password": password, **more})


def guest(hub, email="ana@athens.example", role="researcher", organisation="Athens General"):
    """Somebody who has accepted an invitation."""
    body = {"secret": link(hub, email, role, organisation), "name": email.partition("@")[0], "password": PASSWORD}
    got = hub("POST", "/api/invitations/accept", json=body)
    assert got.status_code == 201, got.text
    return Guest(hub, got.json()["person"], email, got.json()["session"], got.json()["device"])


def make_quick(hub):
    desk = desk_of(hub)
    hub.app.state.people = replace(desk, entry=replace(desk.entry, passwords=QUICK))
    return hub


@contextmanager
def opened(folder, people="open", database=""):
    """A hub of a test's own with quick passwords."""
    with calling(folder, database, people) as hub:
        yield make_quick(hub)
