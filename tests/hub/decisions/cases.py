"""A hub with two hospitals and all who decide there, and applications that are handed in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select, update
from tests.hub.people.guests import guest, opened

from oncommons.hub.decisions.holders import name_holder
from oncommons.hub.decisions.timekeeping import Timekeeper
from oncommons.hub.notices.tables import NOTICE
from oncommons.hub.people.tables import SESSION
from oncommons.policy.access.duties import DAY
from oncommons.schema.application import Application as Record
from oncommons.schema.application import parse_application
from oncommons.schema.errors import NotFound

ANSWERS = {
    "title": "Lungs of two cities",
    "summary": "We look at lungs.",
    "ehds": ("RESEARCH",),
    "datasets": ("athens/lung", "athens/breast", "bologna/lung"),
    "variables": ("person.sex", "series.modality"),
    "begin": "2026-01-01",
    "end": "2030-12-31",
}
PEOPLE = {
    "ana": ("researcher", "Delft University"),
    "ben": ("researcher", "Delft University"),
    "eve": ("researcher", "Elsewhere"),
    "cora": ("coordinator", "Hub"),
    "ole": ("operator", "Hub"),
    "olga": ("access-officer", "Athens General"),
    "mia": ("committee-member", "Athens General"),
    "max": ("committee-member", "Athens General"),
    "mo": ("committee-member", "Athens General"),
    "pat": ("patient-representative", "Athens General"),
    "dan": ("data-manager", "Athens General"),
    "oscar": ("access-officer", "Bologna"),
}
"""Name to role and organisation; Athens has a committee, at Bologna the officer decides alone."""


class Society:
    """People at a hub, each called as the hub is called, and what they have written."""

    def __init__(self, hub, people):
        self.hub, self.people, self.written, self.now = hub, people, {}, "a1"
        hub.app.state.decisions = replace(hub.app.state.decisions, papers=self)

    def __getattr__(self, name):
        return self.people[name]

    @property
    def clock(self):
        return self.hub.clock

    def about(self, _):
        return {"form": {}, "datasets": []}

    def document(self, *_):
        raise NotFound("no such document")

    def whole(self, application, person):
        found = self.written.get(application)
        if found is None or person not in found.writers:
            raise NotFound("no such application")
        return found

    def write(self, application="", **answers):
        application = application or self.now
        people = {"applicant": self.ana.id, "authors": (self.ben.id,)}
        known = {k: v for k, v in (ANSWERS | answers).items() if v is not None}
        self.written[application] = Record(application, 1, answers=known, made=self.clock(), **people)
        return application

    def attach(self, document):
        """Put a document in the place of the one before."""
        documents = parse_application({**self.written[self.now].to_json(), "attachments": [document]}).attachments
        self.written[self.now] = replace(self.written[self.now], attachments=documents)

    def do(self, name, move, holder="", application="", **body):
        """Take a step; the response."""
        path = f"/api/decisions/{application or self.now}" + (f"/holders/{holder}" if holder else "")
        self.clock.now += 1
        return self.people[name]("POST", f"{path}/{move}", json=body)

    def done(self, name, move, holder="", application="", **body):
        got = self.do(name, move, holder, application, **body)
        assert got.status_code == 200, (name, move, got.text)
        return got.json()

    def submit(self, name="ana", application="", **answers):
        self.write(application, **answers)
        return self.done(name, "submit", application=application)

    def reviewed(self, **answers):
        """An application that the holders look at."""
        self.submit(**answers)
        return self.done("cora", "pass")

    def propose(self, name, holder, *datasets, conditions=()):
        return self.done(name, "propose", holder, datasets=list(datasets), conditions=list(conditions))

    def voted(self, *names, yes=True):
        for name in names:
            found = self.done(name, "vote", "athens", yes=yes)
        return found

    def granted(self, **answers):
        """An application that both holders have granted."""
        self.reviewed(**answers)
        self.propose("olga", "athens", "athens/lung", "athens/breast")
        self.voted("mia", "max", "mo", "pat")
        return self.propose("oscar", "bologna", "bologna/lung")

    def look(self, name, application=""):
        return self.people[name]("GET", f"/api/decisions/{application or self.now}")

    def seen(self, name, application=""):
        got = self.look(name, application)
        assert got.status_code == 200, got.text
        return got.json()

    def waits(self, name):
        """What waits for somebody in the application of the test: holder and moves."""
        found = self.people[name]("GET", "/api/decisions").json()["waiting"]
        return {(one["holder"], *one["moves"]) for one in found if one["id"] == self.now}

    def told(self, name):
        """What somebody was told about the application of the test, in order; kept once each."""
        person, subject = self.people[name].id, f"decision {self.now}"
        query = select(NOTICE).where(NOTICE.c.person == person, NOTICE.c.subject == subject)
        with self.hub.hub.database.read() as connection:
            return [(row.says, row.until) for row in connection.execute(query.order_by(NOTICE.c.made))]

    def pass_days(self, days):
        """Days go by, of which everybody has been here all the while; what they bring about is carried out."""
        self.clock.now += days * DAY
        with self.hub.hub.database.write() as connection:
            connection.execute(update(SESSION).values(made=self.clock.now, seen=self.clock.now))
        desk = self.hub.app.state.decisions
        return Timekeeper(desk.docket, desk.granting).round()


@contextmanager
def society(folder, database="", people=None):
    with opened(folder, people="required", database=database) as hub:
        places = people or PEOPLE
        made = {n: guest(hub, f"{n}@people.example", role, place) for n, (role, place) in places.items()}
        now = hub.clock()
        if "olga" in made:
            name_holder(hub.hub.database, "athens", "Athens General", (None, False), now)
        yield Society(hub, made)
