"""A hub that answers from memory, over the same wire as a real one: five nodes, 36 datasets each."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from tests.web.fake_runs import FakeRuns

from oncommons.client.connection import Connection
from oncommons.client.transport import Reply, Request, Transport
from oncommons.hub.catalogue.finding import CardFinder, find_terms
from oncommons.schema.answer import Answer, Count, CriterionUse, DatasetAnswer, Group, Lack, NodeAnswer, exact, total
from oncommons.schema.answer_json import answer_to_json
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dictionary import dictionary_to_json
from oncommons.schema.errors import NotFound, OncommonsError, UnknownValue
from oncommons.schema.feasibility import compare, relaxations
from oncommons.schema.federation import NodeStatus
from oncommons.schema.parsing import parse_question, parse_question_text
from oncommons.schema.question import Question, Some, leaves
from oncommons.schema.saved import (
    Heard,
    SavedQuestion,
    Sighting,
    Watch,
    check_name,
    check_reach,
    cite,
    digest_of,
    standing_of,
)
from oncommons.schema.sentence import sentence, words

URL = "http://127.0.0.1:1"
NOW = 1_790_000_000.0
NODES = ("athens", "bologna", "cork", "dresden", "evora")
FIELDS = ("person.age", "person.sex", "series.body_part", "series.manufacturer", "series.modality", "study.study_year")
OPEN = "open: counts are exact"
THRESHOLD = "threshold 10: counts below 10 are suppressed, others rounded down to a multiple of 10; nothing of rows of fewer than 10 people"
_SITES = (("BREAST", "MR", "Breast Cancer"), ("CHEST", "CT", "Lung Cancer"), ("PROSTATE", "MR", "Prostate Cancer"))


def rounded(number: int, k: int = 10) -> Count:
    """A number as a threshold policy releases it."""
    low = number - number % k
    return Count(low, low + k - 1, "rounded" if low else "suppressed")


def card(node: str, i: int) -> DatasetCard:
    """The i-th dataset of a node."""
    dice = random.Random(f"{node}{i}")
    release = rounded if node in {"bologna", "evora"} else exact
    people = dice.randint(12, 900)
    part, modality, about = _SITES[i % len(_SITES)]
    women = dice.randint(0, people)
    codes = {
        "sex": {"F": women, "M": people - women},
        "modality": {modality: people, "SEG": people // 3, "SR": people // 40},
        "body_part": {part: people - 3},
        "manufacturer": {}
        if node == "dresden"
        else {"SIEMENS": people // 2, "GE": people // 4, "PHILIPS": people // 9},
    }
    told = {
        name: {code: release(n) for code, n in numbers.items() if n and release(n).precision != "suppressed"}
        for name, numbers in codes.items()
    }
    return DatasetCard(
        dataset=f"{part.lower()}_{i:02}",
        title=f"{about} {node.capitalize()} {i}",
        records={"person": release(people), "study": release(people * 2), "series": release(people * 9)},
        codes={name: numbers for name, numbers in told.items() if numbers},
        fields=tuple(f for f in FIELDS if node != "dresden" or f != "series.manufacturer"),
        policy=THRESHOLD if release is rounded else OPEN,
        licence="CC BY 4.0",
        source="doi:10.7937/k9/tcia.2016.example",
        about=about,
    )


def cards_of(nodes: tuple[str, ...] = NODES, each: int = 36) -> list[tuple[str, DatasetCard]]:
    """Every card of the federation."""
    return [(node, card(node, i)) for node in nodes for i in range(each)]


def statuses() -> list[NodeStatus]:
    """The nodes: three here, one away, one that never called."""
    seen = {"cork": "2026-09-21T12:10:00+00:00", "dresden": ""}
    presence = {"cork": "away", "dresden": "never"}
    return [
        NodeStatus(
            node,
            presence.get(node, "online"),
            "2026-09-01T08:00:00+00:00",
            seen.get(node, "2026-09-21T14:13:15+00:00"),
            "0.1.0",
            36,
        )
        for node in NODES
    ]


def audit() -> dict[str, Any]:
    """The heads of the logs of a hub and two nodes."""
    head = {"log": "a-key", "head": "ab" * 32, "signed": "2026-11-23T08:00:00.000Z", "checkpoint": "a.b.c"}
    kept = {"kept": "2026-11-23T08:00:01.000Z", "contradicts": 0}
    nodes = [
        {**head, "node": n, "size": s, "entry": e, **kept} for n, s, e in (("athens", 310, 1199), ("bologna", 95, 1201))
    ]
    return {**head, "size": 1204, "nodes": nodes}


@dataclass
class FakeHub:
    """Serves what a hub serves; its parts may be replaced before or between calls."""

    cards: list[tuple[str, DatasetCard]] = field(default_factory=cards_of)
    nodes: list[NodeStatus] = field(default_factory=statuses)
    asked: list[dict[str, Any]] = field(default_factory=list)
    kept: dict[str, Answer] = field(default_factory=dict)
    down: bool = False
    name: str = "Test hub"
    saved: list[SavedQuestion] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    dictionary: dict[str, Any] = field(default_factory=dictionary_to_json)
    audit: dict[str, Any] = field(default_factory=audit)
    runs: FakeRuns = field(default_factory=FakeRuns)

    def __call__(self, request: Request) -> Reply:
        if self.down:
            raise ConnectionRefusedError("refused")
        try:
            status, body = 200, self._serve(request.method, urlsplit(request.url), request.content)
        except OncommonsError as fault:
            status, body = 404 if isinstance(fault, NotFound) else 422, fault.to_json()
        return Reply(status, json.dumps(body).encode())

    def connection(self) -> Connection:
        return Connection(Transport(URL, send=self))

    def _serve(self, method: str, url: SplitResult, body: bytes) -> Any:
        if method == "POST" and url.path == "/api/questions":
            return self._ask(parse_question_text(body), parse_qs(url.query)["id"][0])
        if url.path.startswith(("/api/analyses", "/api/runs")):
            return self.runs.serve(method, url.path, body)
        if url.path.startswith("/api/saved"):
            return self._saved(method, url.path, body)
        if url.path == "/api/feasibility":
            question = parse_question_text(body)
            drops = relaxations(question)
            first, *rest = (answer(q, "x", self.cards) for q in (question, *(one.question for one in drops)))
            return compare(first, drops, rest, 0).to_json()
        if url.path.startswith("/api/questions/"):
            found = self.kept.get(url.path.rpartition("/")[2])
            if found is None:
                raise NotFound("This hub remembers no such question.")
            return answer_to_json(found)
        words = parse_qs(url.query).get("q", [""])[0]
        if url.path == "/api/datasets" and words:
            found = CardFinder().find(self.cards, words)
            shown = [(*self.cards[hit.place], hit.why) for hit in found.hits]
            cards = [{"node": node, **card.to_json(), "why": why} for node, card, why in shown]
            return {"datasets": cards, "instead": found.instead}
        pages = {
            "/api/hub": {"name": self.name, "version": "0.1.0", "wire": 1, "issuer": "http://hub.test", "time": NOW},
            "/api/audit": self.audit,
            "/api/nodes": {"nodes": [n.to_json() for n in self.nodes]},
            "/api/datasets": {"datasets": [{"node": node, **card.to_json()} for node, card in self.cards]},
            "/api/dictionary": self.dictionary,
            "/api/terms": find_terms(words),
            "/api/labels": {"labels": self.labels},
            "/api/sessions/links": {"links": ["sign-in", "password"]},
            "/api/sessions/providers": {"providers": [{"name": "keycloak", "title": self.name}]},
        }
        return pages[url.path]

    def _saved(self, method: str, path: str, body: bytes) -> Any:
        if path == "/api/saved" and method == "POST":
            self.saved = [saved_one(json.loads(body))]
            return self.saved[0].to_json()
        if path.endswith("/watch") and self.saved:
            one = self.saved[0]
            self.saved = [saved_one({"name": one.name, "question": one.question, **json.loads(body)})]
            return self.saved[0].to_json()
        if path == "/api/saved":
            return {"saved": [one.to_json() for one in self.saved]}
        if not self.saved:
            raise NotFound("This hub has saved no such question.")
        return self.saved[0].to_json()

    def _ask(self, question: Question, job: str) -> Any:
        if unknown := set(question.nodes) - set(NODES):
            raise UnknownValue(f"{unknown} is not a node of this federation.", at="nodes[0]")
        self.asked.append(question.to_json())
        self.kept[job] = answer(question, job, self.cards)
        return answer_to_json(self.kept[job])


def saved_one(body: Any) -> SavedQuestion:
    """A question as the hub keeps it."""
    question = parse_question(body["question"])
    digest, name, words = digest_of(question), check_name(body["name"]), sentence(question)
    made, before = "2026-09-21T14:13:20+00:00", "2026-09-20T08:00:00+00:00"
    heard = (
        Heard("athens", made, exact(40), made, True),
        Heard("bologna", made, rounded(34), made, True),
        Heard("cork", made, None, "", False),
        Heard("dresden", made, exact(0), before, False),
    )
    count = total(one.count for one in heard if one.count is not None)
    watches = ()
    if (reach := body.get("reach")) is not None:
        watches = (Watch(check_reach(reach), standing_of(count, reach), "", "2027-09-22T14:13:20+00:00"),)
    told = {one.node: one.told for one in heard if one.told}
    seen = [Sighting(w.reach, w.standing, "not known", made, count, told) for w in watches]
    one = SavedQuestion(digest, name, question.to_json(), words, made, "", count, made, watches, heard, tuple(seen))
    return replace(one, citation=cite(one, "Test hub", f"http://hub.test/saved/{digest}"))


def answer(question: Question, job: str, cards: list[tuple[str, DatasetCard]]) -> Answer:
    """A federation's answer: two nodes answer, one rounds, one is silent, one refuses, one is late."""
    parts = []
    for node in NODES:
        if question.nodes and node not in question.nodes:
            parts.append(NodeAnswer(node, "unasked", reason="Not among the nodes that were named."))
            continue
        own = [card for name, card in cards if name == node]
        if node == "cork":
            reason = "Did not fetch the question; last seen 2 hours ago."
            parts.append(NodeAnswer(node, "silent", reason=reason))
        elif node == "evora":
            parts.append(NodeAnswer(node, "refused", reason="Its key was revoked at the hub.", code="E203"))
        else:
            status = "late" if node == "bologna" and len(question.by) > 1 else "answered"
            datasets = tuple(_part(question, node, card) for card in own)
            policy = own[0].policy if own else ""
            parts.append(NodeAnswer(node, status, policy=policy, datasets=datasets, milliseconds=120))
    return Answer(job, question.to_json(), sentence(question), tuple(parts), 350)


def _part(question: Question, node: str, card: DatasetCard) -> DatasetAnswer:
    release = rounded if node == "bologna" else exact
    dice = random.Random(f"{node}{card.dataset}")
    people = card.records["person"].at_least
    certain = dice.randint(0, people // 3) if dice.random() < 0.4 else 0
    gap = dice.randint(0, people // 3) if dice.random() < 0.5 else 0
    uses = list(_uses(question))
    unknown = tuple(use for use, name in uses if node == "dresden" and name == "manufacturer")
    return DatasetAnswer(
        card.dataset,
        certain=release(certain),
        possible=release(certain + gap),
        applied=tuple(use for use, _ in uses if use not in unknown),
        unknown=unknown,
        lacking=tuple(
            Lack("age", "person", True, release(gap), release(people))
            if name == "age"
            else Lack(
                name, "series", not (node == "dresden" and name == "manufacturer"), release(people), release(people)
            )
            for _, name in uses
        ),
        groups=tuple(
            Group({f.name: f.codes.example for f in question.by}, release(certain), release(certain + gap))
            for _ in [0]
            if question.by
        ),
        unlisted=(Count(0, 19, "suppressed") if node == "bologna" else exact(0)) if question.by else None,
    )


def _uses(question: Question) -> Iterator[tuple[CriterionUse, str]]:
    for leaf in leaves(question):
        if not isinstance(leaf.criterion, Some):
            yield CriterionUse(leaf.path, words(leaf.criterion)), leaf.criterion.field.name


def loads(text: str) -> Any:
    """JSON, for tests that read a page's question."""
    return json.loads(text)
