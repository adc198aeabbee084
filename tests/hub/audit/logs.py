"""A hub's log of many entries, with what was done told beside it, so that a test can reckon without the code."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field

from sqlalchemy import insert
from tests.hub.callers import START, answer_of
from tests.permits import body

from oncommons.schema.permit import parse_permit
from oncommons.storage.audit_hub import enter
from oncommons.storage.canonical import digest_of_message
from oncommons.storage.chain import Event
from oncommons.storage.worklist import JOB, WORK

NODES = ("athens", "bergen", "cork_1", "corkx1")
PERMITS = {
    "P-7": parse_permit(body(id="P-7", project="lung", datasets=[{"node": "athens", "dataset": "d"}])),
    "P-70": parse_permit(
        body(
            id="P-70",
            project="lung-2",
            datasets=[{"node": "athens", "dataset": "d"}, {"node": "bergen", "dataset": "d%"}],
        )
    ),
}
FIELDS = (("sex", "F"), ("sex", "M"))
HOUR = 3_600.0


@dataclass
class Happened:
    """What one entry is about, as the test made it."""

    kind: str
    at: float
    nodes: set = field(default_factory=set)
    permit: str = ""
    job: str = ""
    datasets: set = field(default_factory=set)
    refused: bool = False
    text: str = ""


class Story:
    """Enters things into a hub's log, and notes what they were."""

    def __init__(self, database):
        self.database, self.happened = database, []

    def enter(self, what, body):
        with self.database.write() as connection:
            enter(connection, Event(what.kind, body, what.at))
        self.happened.append(what)

    def ask(self, at, job, nodes, permit="", sex="F"):
        question = {"count": "person", "where": {"field": "sex", "in": [sex]}}
        with self.database.write() as connection:
            row = {"id": job, "body": json.dumps(question), "order": "x", "made": at, "deadline": at + 9}
            connection.execute(insert(JOB), row)
        told = {"job": job, "question": question, "nodes": sorted(nodes)} | ({"permit": permit} if permit else {})
        known = {f"{h.node}/{h.dataset}" for h in PERMITS[permit].datasets} if permit else set()
        self.enter(Happened("asked", at, set(nodes), permit, job, known, text=sex), told)

    def answer(self, at, asked, node, refused=False, kept=True, dataset="d"):
        said = (
            answer_of(7, dataset, policy="threshold") if not refused else {"error": {"code": "E374", "message": "No."}}
        )
        if kept:
            with self.database.write() as connection:
                row = {"job": asked.job, "recipient": node, "state": "done", "leased_until": 0.0, "attempts": 1}
                connection.execute(insert(WORK), row | {"result": json.dumps(said), "finished": at})
        told = {"job": asked.job, "node": node, "answer": digest_of_message(said)}
        datasets = {f"{node}/{dataset}"} if kept and not refused else set()
        what = Happened("answered", at, {node}, asked.permit, asked.job, datasets, refused)
        self.enter(what, told | ({"refused": "E374"} if refused else {}))

    def issue(self, at, permit):
        nodes = {h.node for h in PERMITS[permit].datasets}
        known = {f"{h.node}/{h.dataset}" for h in PERMITS[permit].datasets}
        body = {"permit": permit, "project": PERMITS[permit].project, "nodes": sorted(nodes), "signed": "ab"}
        self.enter(Happened("permit issued", at, nodes, permit, datasets=known), body)


def a_story(database, entries=120, seed=11):
    """A log of so many entries, by chance but the same each time."""
    chance, story, now = random.Random(seed), Story(database), START
    for permit in PERMITS:
        story.issue(now, permit)
    open_ = []
    while len(story.happened) < entries:
        now += chance.choice((60.0, HOUR, 9 * HOUR))
        if open_ and chance.random() < 0.6:
            asked, node = open_.pop(chance.randrange(len(open_)))
            story.answer(now, asked, node, refused=chance.random() < 0.3, kept=chance.random() < 0.8)
        elif chance.random() < 0.15:
            story.enter(Happened("labels", now, text="ICD-10-GM"), {"name": "icd", "set": "ICD-10-GM", "codes": 3})
        else:
            nodes = chance.sample(NODES, chance.randint(1, 3))
            story.ask(now, f"q{len(story.happened)}", nodes, chance.choice(("", *PERMITS)), chance.choice("FM"))
            open_ += [(story.happened[-1], node) for node in nodes]
    return story
