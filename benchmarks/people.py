"""Two hundred people at once at a hub that knows its people: is every request answered, soon, and no text lost?

    python benchmarks/people.py --seconds 120
    python benchmarks/people.py --seconds 120 --database postgresql

The hub is a process of its own and is called over sockets; so is one node, which answers counts.  Everybody signs in
first, with a password; then each does what their role does, and thinks in between.  Researchers work in pairs: both
write one application at the same time, in two paragraphs of which each save adds a mark to what they have read.  A
save that comes too late is told so by design, and is made again on what stands.  At the end everything is read
back: a mark, comment, document or step that the hub has taken and that is not there is lost.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from people_doing import Tally, User, live
from people_hub import PASSWORD, Person, everything, resident, used, yardstick
from tests.storage.postgres import postgres_binaries, running_cluster

WINDOW, QUIET_MS = 5, 20
"""Seconds that are looked at together, and how late the client may be in them for the machine to be called quiet."""


async def read_back(tally: Tally) -> Counter[str]:
    """What the hub has taken and does not have any more, by kind."""
    lost: Counter[str] = Counter()
    for project in tally.projects:
        user = project.lead
        told = await user.call("read back", "GET", f"/api/applications/{project.id}")
        if told is None:
            lost["application"] += 1
            continue
        answers, said = told["application"]["answers"], {one["text"] for one in told["comments"]}
        for name, marks in project.marks.items():
            lost["mark"] += sum(mark not in answers.get(name, "") for mark in marks)
        lost["comment"] += sum(text not in said for text in project.comments)
        kept = {one["digest"] for one in told["application"]["attachments"]}
        lost["document"] += sum(digest not in kept for digest in project.documents)
        if steps := tally.steps.get(project.id):
            found = await user.call("read back", "GET", f"/api/decisions/{project.id}")
            done = Counter(one["did"] for one in (found or {"history": ()})["history"])
            done["propose"] += done["decide"]  # the applicant is not told more than that
            lost["step"] += sum((Counter(steps) - done).values())
    return +lost


async def sign_in(users: list[User]) -> float:
    """Let everybody in, each with their password; seconds that it took."""
    begin, turn = time.perf_counter(), asyncio.Semaphore(4)

    async def one(user: User) -> None:
        async with turn:
            body = {"email": user.person.email, "password": PASSWORD}
            told = await user.call("sign in", "POST", "/api/sessions", json=body)
        if told is None:
            raise SystemExit(f"{user.person.email} is not let in: {user.tally.errors[-1]}")
        session = told["session"]
        user.client.headers["authorization"] = f"Bearer {session}"
        user.client.cookies.set("oncommons_session", session)

    await asyncio.gather(*map(one, users))
    return time.perf_counter() - begin


async def lateness(until: float) -> list[tuple[float, float]]:
    """When this process wanted to wake up, and how late it did: the part of the machine in each time that is told."""
    found = []
    while time.monotonic() < until:
        due = time.perf_counter() + 0.05
        await asyncio.sleep(0.05)
        found.append((due, time.perf_counter() - due))
    return found


def quiet(late: list[tuple[float, float]], times: list[tuple[float, float]]) -> tuple[int, list[float]]:
    """The five seconds, how many, in which this process was hardly late, and what began in them took."""
    windows: dict[int, list[float]] = defaultdict(list)
    for when, by in late:
        windows[int(when / WINDOW)].append(by)
    good = {window for window, some in windows.items() if percentile(some, 0.95) < QUIET_MS}
    return len(good), [took for when, took in times if int(when / WINDOW) in good]


def settled(people: list[Person], url: str, tally: Tally) -> list[User]:
    """Everybody at the hub, researchers in pairs; each with connections of their own, like a browser."""
    users = [
        User(one, httpx.AsyncClient(base_url=url, timeout=60, verify=False), tally, random.Random(i))
        for i, one in enumerate(people)
    ]
    researchers = [one for one in users if one.person.role == "researcher"]
    for first, second in zip(researchers[::2], researchers[1::2], strict=True):
        first.partner, second.partner, first.leads = second, first, True
    return users


async def load(url: str, hub: int, people: list[Person], options: argparse.Namespace) -> dict[str, Any]:
    """Everything that is measured."""
    tally = Tally()
    users = settled(people, url, tally)
    entered = await sign_in(users)
    until = time.monotonic() + options.warm + options.seconds
    lives = [asyncio.create_task(live(user, options.think, until)) for user in users]
    await asyncio.sleep(options.warm)
    tally.counts, before, own = True, used(hub), time.process_time()
    late = await lateness(time.monotonic() + options.seconds)
    tally.counts, spent, mine = False, used(hub) - before, time.process_time() - own
    await asyncio.gather(*lives)
    refused = list(tally.errors)
    lost = await read_back(tally)
    await asyncio.gather(*(user.client.aclose() for user in users))
    every = [one for some in tally.times.values() for one in some]
    number, calm = len(every), quiet(late, every)
    return {
        "people": len(users),
        "signed_in_s": round(entered, 1),
        "requests": number,
        "a_second": round(number / options.seconds, 1),
        "errors": Counter(one[:120] for one in (*refused, *tally.errors[len(refused) :])),
        "expected": dict(tally.expected),
        "lost": dict(lost),
        "applications": len(tally.projects),
        "handed_in": sum("submit" in steps for steps in tally.steps.values()),
        "permits": tally.permits,
        "marks": sum(len(marks) for one in tally.projects for marks in one.marks.values()),
        "too_late": sum(one.late for one in tally.projects),
        "comments": sum(len(one.comments) for one in tally.projects),
        "documents": sum(len(one.documents) for one in tally.projects),
        "hub_ms_a_request": round(1000 * spent / number, 2),
        "hub_cores": round(spent / options.seconds, 2),
        "client_cores": round(mine / options.seconds, 2),
        "hub_mb": round(resident(hub)),
        "client_late_ms": [round(percentile([by for _, by in late], share), 1) for share in (0.5, 0.95)],
        "quiet_s": calm[0] * WINDOW,
        "quiet_requests": len(calm[1]),
        "quiet_ms": [round(percentile(calm[1], share), 1) for share in (0.5, 0.95)] if calm[1] else [],
        "times": {kind: [took for _, took in some] for kind, some in tally.times.items()},
    }


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new database."""
    if kind == "sqlite":
        (folder / "hub").mkdir()
        yield f"sqlite:///{folder / 'hub' / 'hub.sqlite'}"
        return
    binaries = postgres_binaries()
    if binaries is None:
        raise SystemExit("There is no PostgreSQL here.")
    with running_cluster(binaries) as cluster, cluster.database() as url:
        yield url


def percentile(times: list[float], share: float) -> float:
    """The value below which this share of the values lies, in milliseconds."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)] * 1000


def report(found: dict[str, Any]) -> None:
    """A table by kind, then everything as JSON."""
    times: dict[str, list[float]] = found.pop("times")
    rows = {"all": [one for some in times.values() for one in some]} | dict(sorted(times.items()))
    print(f"{'':<22}{'requests':>9}{'p50 ms':>9}{'p95 ms':>9}{'most ms':>9}")
    for kind, some in rows.items():
        shares = [percentile(some, share) for share in (0.5, 0.95, 1)]
        print(f"{kind:<22}{len(some):>9}{shares[0]:>9.1f}{shares[1]:>9.1f}{shares[2]:>9.0f}")
    print(json.dumps(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=float, default=120, help="measured, after --warm")
    parser.add_argument("--warm", type=float, default=20)
    parser.add_argument("--think", type=float, default=2.5, help="seconds between what somebody does, on average")
    parser.add_argument("--share", type=float, default=1, help="of the two hundred people")
    options = parser.parse_args()
    os.environ.pop("ONCOMMONS_DATABASE", None)
    with (
        tempfile.TemporaryDirectory(prefix="oncommons-people-") as folder,
        database(options.database, Path(folder)) as url,
        everything(Path(folder), url, options.share) as (hub, process, people),
    ):
        before = yardstick()
        found = asyncio.run(load(hub, process, people, options))
        found |= {"database": options.database, "sum_ms": [round(before, 1), round(yardstick(), 1)]}
    report(found)


if __name__ == "__main__":
    main()
