"""What people do at a hub, by their roles, for ``benchmarks/people.py``; each request is timed and looked at."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from people_hub import ASKED, DATASETS, Person, hospital

SHARED = ("summary", "scientific")
MARKS = 14
"""Marks in an application until it is handed in."""
BASE = {
    "title": "Lungs of two cities", "analyses": ["count"], "ehds": ["RESEARCH"], "research": ["health"],
    "commercial": "no", "profit": "no", "publishes": "yes", "collaborates": "yes", "returns": "yes",
    "variables": ["person.sex"], "variables_reason": "They tell.", "people": "Ana; Delft; ana@elsewhere.example",
    "institution": "Delft", "countries": "NL", "place": "secure", "begin": "2026-01-01", "end": "2034-12-31",
    "outputs": "A paper.", "funding": "None.", "interests": "None.", "ethics_statement": "None.",
    "protection": "None.", "truth": "yes",
}  # fmt: skip
QUESTION = {"count": "person", "where": {"field": "sex", "in": ["F"]}, "nodes": [ASKED]}
PDF = b"%PDF-1.7\nan ethics committee says yes to number %d\n%%%%EOF\n" + b"% nothing\n" * 2000
EXPECTED = {"step": {409}, "save": {400}, "hand in": {409}, "attach": {400}, "comment": {400}}
"""What the hub may say by design: somebody was faster, or the application was just handed in."""


@dataclass
class Tally:
    """What happened to requests; only what begins while it ``counts`` is timed, with when it began."""

    counts: bool = False
    times: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    expected: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    permits: int = 0
    projects: list[Project] = field(default_factory=list)
    steps: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Project:
    """An application of a pair, and what the hub has taken of it."""

    lead: User
    other: User
    id: str = ""
    is_joined: bool = False
    is_in: bool = False
    marks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    comments: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    seen: dict[str, dict[str, tuple[int, str]]] = field(default_factory=lambda: defaultdict(dict))
    late: int = 0


@dataclass
class User:
    """Somebody at the hub: their account, their connections, and what they do."""

    person: Person
    client: httpx.AsyncClient
    tally: Tally
    chance: random.Random
    project: Project | None = None
    partner: User | None = None
    leads: bool = False
    number: int = 0

    async def call(self, kind: str, method: str, path: str, **options: Any) -> Any:
        """Make a request; its JSON, or ``None`` where it was refused by design or failed."""
        counts, begin = self.tally.counts, time.perf_counter()
        try:
            got = await self.client.request(method, path, **options)
        except httpx.HTTPError as fault:
            self.tally.errors.append(f"{kind}: {fault!r}")
            return None
        if counts:
            self.tally.times[kind].append((begin, time.perf_counter() - begin))
        if got.status_code in EXPECTED.get(kind, ()):
            self.tally.expected[f"{kind} {got.status_code} {got.json()['error']['code']}"] += 1
            return None
        if got.status_code >= 400:
            self.tally.errors.append(f"{kind}: {got.status_code} {got.text[:200]}")
            return None
        return got.json() if got.headers.get("content-type") == "application/json" else {}

    def mark(self) -> str:
        """What nobody else writes, nor this person twice."""
        self.number += 1
        return f"[{self.person.id[:6]}.{self.number}]"


async def look_around(user: User) -> None:
    """What everybody does."""
    pages = ("/", "/datasets", "/nodes", "/dictionary", "/projects", "/inbox", "/account")
    if user.chance.random() < 0.1:
        await user.call("about the hub", "GET", "/api/hub")  # no database: what all the others take at least
        return
    chosen = user.chance.choice(("cards", "find", "terms", "inbox", "count", "projects", "list", "page", "page", "ask"))
    if chosen == "page":
        path = user.chance.choice(pages)
        await user.call(f"page {path}", "GET", path)
    elif chosen == "ask":
        await user.call("ask a count", "POST", "/api/questions", json=QUESTION)
    else:
        path = {
            "cards": "/api/datasets",
            "find": "/api/datasets?q=lungs+part",
            "terms": "/api/terms?q=lung",
            "inbox": "/api/account/inbox",
            "count": "/api/account/inbox/count",
            "projects": "/api/projects",
            "list": "/api/decisions",
        }[chosen]
        await user.call({"list": "decisions list", "count": "inbox count"}.get(chosen, chosen), "GET", path)


async def begin(user: User) -> None:
    """Begin an application and invite the other of the pair."""
    assert user.partner is not None
    place = hospital(user.chance.randrange(100))
    chosen = [f"{place}/part-{user.chance.randrange(DATASETS)}"]
    made = await user.call("begin", "POST", "/api/applications", json={"answers": BASE | {"datasets": chosen}})
    if made is None:
        return
    project = Project(user, user.partner, made["id"])
    path = f"/api/applications/{project.id}/invitations"
    await user.call("invite", "POST", path, json={"email": user.partner.person.email})
    user.project = user.partner.project = project
    user.tally.projects.append(project)


async def join(user: User, project: Project) -> None:
    """Become an author."""
    found = await user.call("applications list", "GET", "/api/applications")
    for one in (found or {}).get("invitations", ()):
        await user.call("join", "POST", "/api/application-invitations", json={"invitation": one["id"]})
        project.is_joined = True


async def save(user: User, project: Project) -> None:
    """Add a mark to a paragraph that the other writes, too."""
    name, seen = user.chance.choice(SHARED), project.seen[user.person.id]
    mark = user.mark()
    for _ in range(6):
        revision, text = seen.get(name, (0, ""))
        body = {"answers": {name: f"{text}{mark}\n"}, "revisions": {name: revision}}
        told = await user.call("save", "PUT", f"/api/applications/{project.id}/answers", json=body)
        if told is None:
            return
        if name in told["revisions"]:
            seen[name] = (told["revisions"][name], f"{text}{mark}\n")
            project.marks[name].append(mark)
            return
        stands = told["late"][name]
        seen[name] = (stands["revision"], stands["value"])
        project.late += 1
        await asyncio.sleep(user.chance.random())


async def attach(user: User, project: Project) -> None:
    """Attach a small document."""
    content = PDF.replace(b"%d", user.mark().encode())
    path = f"/api/applications/{project.id}/documents"
    params = {"paragraph": "ethics", "name": "vote.pdf"}
    if await user.call("attach", "POST", path, params=params, content=content):
        project.documents.append(hashlib.sha256(content).hexdigest())


async def say(user: User, project: Project) -> None:
    """Say something about a paragraph."""
    text = f"What of this? {user.mark()}"
    path = f"/api/applications/{project.id}/comments"
    if await user.call("comment", "POST", path, json={"paragraph": "summary", "text": text}):
        project.comments.append(text)


async def write(user: User, project: Project) -> None:
    """Go on with an application that is a draft."""
    marks = sum(map(len, project.marks.values()))
    if user is project.lead and marks >= MARKS and all(project.marks[name] for name in SHARED):
        if await user.call("hand in", "POST", f"/api/decisions/{project.id}/submit", json={}):
            project.is_in = True
            user.tally.steps[project.id].append("submit")
        return
    does = user.chance.choices((save, attach, say, look), (12, 1, 2, 3))[0]
    await does(user, project)


async def look(user: User, project: Project) -> None:
    """Look at one's application."""
    await user.call("application", "GET", f"/api/applications/{project.id}")


async def wait(user: User, project: Project) -> None:
    """See how an application stands that was handed in; accept its conditions, and end with its permit."""
    found = await user.call("decision", "GET", f"/api/decisions/{project.id}")
    if found is None:
        return
    await accept(user, project, found)
    if found["state"] == "granted" and user is project.lead:
        told = await user.call("permits", "GET", "/api/permits")
        if told is not None and any(one["id"] == project.id for one in told["permits"]):
            user.tally.permits += 1
            project.lead.project = project.other.project = None
        elif told is not None:
            user.tally.errors.append("permits: a granted application has no permit")


async def accept(user: User, project: Project, found: dict[str, Any]) -> None:
    """Accept conditions, where one can."""
    for move in found["moves"]:
        if move["move"] == "accept" and user is project.lead:
            await step(user, project.id, f"holders/{move['holder']}/accept", {}, found["seen"])


async def step(user: User, application: str, path: str, body: dict[str, Any], seen: int) -> None:
    """Take a step of the table, on what was seen."""
    told = await user.call("step", "POST", f"/api/decisions/{application}/{path}", json=body | {"seen": seen})
    if told is not None:
        user.tally.steps[application].append(path.rpartition("/")[2])


async def research(user: User) -> None:
    """What a researcher does."""
    project = user.project
    if user.chance.random() < 0.4:
        await look_around(user)
    elif project is None:
        await (begin(user) if user.leads else look_around(user))
    elif user is project.other and not project.is_joined:
        await join(user, project)
    elif project.is_in:
        await wait(user, project)
    else:
        await write(user, project)


async def decide(user: User) -> None:
    """What a coordinator or an access officer does: look at what waits, and act on one of it."""
    if user.chance.random() < 0.3:
        await look_around(user)
        return
    found = await user.call("decisions list", "GET", "/api/decisions")
    mine = [one for one in (found or {}).get("waiting", ()) if {"pass", "propose"} & set(one["moves"])]
    if not mine:
        return
    chosen = user.chance.choice(mine)
    told = await user.call("decision", "GET", f"/api/decisions/{chosen['id']}")
    if told is None or not any(one["move"] in {"pass", "propose"} for one in told["moves"]):
        return
    if "pass" in chosen["moves"]:
        await step(user, chosen["id"], "pass", {}, told["seen"])
        return
    datasets = [one for one in told["record"]["answers"]["datasets"] if one.startswith(f"{chosen['holder']}/")]
    body = {"datasets": datasets, "conditions": ["Cite us."]}
    await step(user, chosen["id"], f"holders/{chosen['holder']}/propose", body, told["seen"])


async def operate(user: User) -> None:
    """What an operator does: audit entries, people, decisions."""
    chosen = user.chance.choice(("audit", "audit", "people", "around", "around"))
    if chosen == "audit":
        await user.call("audit entries", "GET", "/api/audit/entries", params={"kind": "decision"})
    elif chosen == "people":
        await user.call("people list", "GET", "/api/people")
    else:
        await look_around(user)


async def manage(user: User) -> None:
    """What a data manager does."""
    if user.chance.random() < 0.4:
        await user.call("uses", "GET", "/api/uses")
    else:
        await look_around(user)


DOES: dict[str, Callable[[User], Awaitable[None]]] = {
    "researcher": research,
    "coordinator": decide,
    "access-officer": decide,
    "operator": operate,
    "data-manager": manage,
}


async def live(user: User, think: float, until: float) -> None:
    """Do things, and think in between, until the end."""
    await asyncio.sleep(user.chance.random() * think)
    while time.monotonic() < until:
        await DOES[user.person.role](user)
        await asyncio.sleep(think * user.chance.uniform(0.5, 1.5))
