"""Somebody who signs in by a provider at a hub under test."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

from tests.hub.people.guests import PASSWORD, Guest, opened
from tests.hub.providers.liar import lying

from oncommons.hub.providers.book import ProviderBook
from oncommons.hub.providers.entrance import Entrance
from oncommons.hub.providers.wire import Wire


@dataclass
class Meeting:
    """A hub and a provider that it knows as ``keycloak``."""

    hub: object
    liar: object
    book: ProviderBook
    known: object
    turn: int = 0

    def renew(self):
        """An honest provider, of whom nothing is known yet, and people who were never here."""
        self.turn += 1
        self.liar.turn_honest(f"{self.turn}@lifescience-ri.eu")
        self.hub.clock.now += 31
        for name in self.book.every():
            self.book.remove(name)
        self.book.put(self.known)
        self.hub.app.state.providers = Entrance(self.hub.app.state.people, self.book, patient_wire)

    def mail(self, name="ana"):
        """An address that nobody had in the tests before."""
        return f"{name}.{self.turn}@athens.example"

    @property
    def entrance(self):
        return self.hub.app.state.providers

    def begin(self, name="keycloak", **body):
        got = self.hub("POST", f"/api/sessions/providers/{name}", json=body)
        assert got.status_code == 201, got.text
        return got.json()

    def back(self, begun, returned, name="keycloak", session="", **other):
        headers = {"authorization": f"Bearer {session}"} if session else {}
        body = {"browser": begun["browser"], **returned, **other}
        return self.hub("POST", f"/api/sessions/providers/{name}/back", json=body, headers=headers)

    def arrive(self, session="", **body):
        """All of a sign-in."""
        begun = self.begin(**body)
        return self.back(begun, self.liar.authorize(begun["address"]), session=session)

    def guest(self, **body):
        """Somebody who has signed in by the provider."""
        got = self.arrive(**body)
        assert got.status_code == 201, got.text
        return Guest(self.hub, got.json()["person"], "", got.json()["session"], "")

    def link(self, guest, password=PASSWORD, session=""):
        """All of linking an identity to an account."""
        body = {"provider": "keycloak", "password": password}
        begun = guest("POST", "/api/account/identities", json=body)
        if begun.status_code != 201:
            return begun
        returned = self.liar.authorize(begun.json()["address"])
        return self.back(begun.json(), returned, session=session or guest.session)


def patient_wire(title):
    return Wire(title, seconds=60.0)


@contextmanager
def meeting(folder, people="open", database="", **more):
    with opened(folder, people, database) as hub, lying(hub.clock) as liar:
        met = Meeting(hub, liar, ProviderBook(folder), liar.provider(**more))
        met.renew()
        yield met
