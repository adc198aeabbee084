"""Decisions without HTTP: people and roles put into a database, and a docket over it."""

from dataclasses import replace
from uuid import uuid4

from sqlalchemy import delete, insert
from tests.hub.callers import START, Clock

from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.holders import name_holder
from oncommons.hub.people.tables import MEMBERSHIP, ORGANISATION, PERSON
from oncommons.policy.access.application import Move, Proposal
from oncommons.policy.access.duties import CLOCKS
from oncommons.schema.application import Application as Record

ROLES = {
    "ana": ("researcher", "delft"),
    "ben": ("researcher", "delft"),
    "cora": ("coordinator", "hub"),
    "ole": ("operator", "hub"),
    "olga": ("access-officer", "athens"),
    "mia": ("committee-member", "athens"),
    "max": ("committee-member", "athens"),
    "mo": ("committee-member", "athens"),
    "pat": ("patient-representative", "athens"),
    "oscar": ("access-officer", "bologna"),
    "new": ("researcher", "else"),
    "eve": ("researcher", "else"),
}
"""Name, which is the identifier as well, to role and organisation, of which likewise."""
ANSWERS = {
    "title": "Lungs",
    "summary": "We look at lungs.",
    "ehds": ("RESEARCH",),
    "datasets": ("athens/x", "athens/y", "bologna/z"),
    "begin": "2026-01-01",
    "end": "2036-12-31",
}


def settle_in(database, roles=ROLES, rules=(None, False)):
    """Put people and their roles into a database; Athens decides by these rules."""
    with database.write() as connection:
        for place in sorted({place for _, place in roles.values()}):
            connection.execute(insert(ORGANISATION), {"id": place, "name": place.title(), "made": START})
        for name, (role, place) in roles.items():
            row = {"id": name, "email": f"{name}@x.example", "name": name.title(), "password": "", "factor": ""}
            connection.execute(insert(PERSON), row | {"step": 0, "made": START, "erased": None})
            give(connection, name, place, role)
    name_holder(database, "athens", "Athens", rules, START)


def give(connection, person, organisation, role):
    row = {"person": person, "organisation": organisation, "role": role, "made": START}
    connection.execute(insert(MEMBERSHIP), row)


def take(connection, person):
    connection.execute(delete(MEMBERSHIP).where(MEMBERSHIP.c.person == person))


def record(application="a1", writers=("ana", "ben"), **answers):
    return Record(application, 1, writers[0], writers[1:], ANSWERS | answers, made=START)


class Room:
    """A docket in which steps are taken, a second apart."""

    def __init__(self, database, rules=(None, False), clocks=CLOCKS):
        settle_in(database, rules=rules)
        self.database, self.clock = database, Clock()
        self.docket = Docket(database, self.clock, lambda: clocks)

    def submit(self, person="ana", **answers):
        self.clock.now += 1
        return self.docket.submit(record(answers.pop("application", "a1"), **answers), person).application

    def do(self, kind, person, holder="", *, seen=None, application="a1", **parts):
        self.clock.now += 1
        return self.docket.act(application, Move(kind, person, 0.0, holder, **parts), seen).application

    def propose(self, person, holder, *datasets, conditions=()):
        return self.do("propose", person, holder, proposal=Proposal(frozenset(datasets), tuple(conditions)))

    def reviewed(self, **answers):
        self.submit(**answers)
        return self.do("pass", "cora")

    def voting(self, **answers):
        self.reviewed(**answers)
        return self.propose("olga", "athens", "athens/x", "athens/y")

    def granted(self, **answers):
        self.voting(**answers)
        for name in ("mia", "max", "mo", "pat"):
            self.do("vote", name, "athens", yes=True)
        return self.propose("oscar", "bologna", "bologna/z")

    def another(self):
        """The docket of another hub with the same database."""
        return replace(self.docket), uuid4().hex
