"""A rush at PostgreSQL: what threads wait for, with the connections that a hub had before, and with those that it has.

    python benchmarks/rush.py --rounds 10

Thirty threads do the same again and again: read a transaction of three statements, compute for about a millisecond,
write one row, and think for a moment.  The ways to connect take turns of a second within this process, so that a slower
moment of the machine meets all alike; one does without a database.  All may open 18 connections; before, a third stayed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, event

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.storage.postgres import postgres_binaries, running_cluster

from oncommons.storage.database import look_at
from oncommons.storage.postgres import Connection

ROW = Table("a", MetaData(), Column("n", Integer, primary_key=True), Column("text", String))
READS = [ROW.select().where(bound) for bound in (ROW.c.n == 5, ROW.c.n < 9, ROW.c.text == "never")]
TEXT = json.dumps([{"n": n, "text": "x" * 20} for n in range(600)])
THREADS, MOST = 30, 18
BEFORE, BETWEEN, NOW = (
    ("as it was", 6, False),
    ("statements in one piece", 6, True),
    ("and connections kept", MOST, True),
)
"""Name, connections that stay open, and whether the driver is the hub's."""


def engine(url: str, made: Counter[str], name: str, kept: int, *, ours: bool) -> Engine:
    """A way to connect: how many connections stay open, and whether the driver is the hub's or pg8000 as it comes."""
    found = create_engine(url, pool_size=kept, max_overflow=MOST - kept, pool_use_lifo=ours, pool_pre_ping=not ours)
    if ours:
        event.listen(found, "do_connect", lambda _dialect, _record, words, named: Connection(*words, **named))
        event.listen(found, "checkout", look_at)
    event.listen(found, "connect", lambda *_: made.update([name]))
    return found


def work(one: Engine | None, number: int) -> None:
    """What a thread does in its turn; without a database it only computes."""
    if one is not None:
        with one.connect() as connection:
            for query in READS:
                connection.execute(query).all()
    json.dumps(json.loads(TEXT))
    if one is not None:
        with one.begin() as connection:
            connection.execute(ROW.update().where(ROW.c.n == number).values(text="y"))


class Rush:
    """Threads that all work in the way whose turn it is.

    Args:
        ways: Names of the ways to connect, and the connections.
        think: Seconds between what a thread does, on average.
    """

    def __init__(self, ways: dict[str, Engine | None], think: float) -> None:
        self.ways, self.think, self.turn, self.is_over = ways, think, "", False
        self.took: dict[str, list[float]] = {name: [] for name in ways}
        self.spent: Counter[str] = Counter()
        self.threads = [threading.Thread(target=self.live, args=[n]) for n in range(THREADS)]

    def live(self, number: int) -> None:
        """One thread's life."""
        chance = random.Random(number)
        while not self.is_over:
            time.sleep(self.think * chance.uniform(0.5, 1.5))
            turn = self.turn
            if turn:
                begin = time.perf_counter()
                work(self.ways[turn], number)
                self.took[turn].append(1000 * (time.perf_counter() - begin))

    def run(self, rounds: int) -> None:
        """Let each way have its turn of a second, so many times."""
        for thread in self.threads:
            thread.start()
        for _ in range(rounds):
            for name in self.ways:
                before, self.turn = time.process_time(), name
                time.sleep(1)
                self.turn = ""
                time.sleep(0.3)
                self.spent[name] += 1000 * (time.process_time() - before)
        self.is_over = True
        for thread in self.threads:
            thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--think", type=float, default=0.03, help="seconds between what a thread does, on average")
    options = parser.parse_args()
    binaries = postgres_binaries()
    if binaries is None:
        raise SystemExit("There is no PostgreSQL here.")
    made: Counter[str] = Counter()
    with running_cluster(binaries) as cluster, cluster.database() as url:
        before, between, now = (engine(url, made, *way[:2], ours=way[2]) for way in (BEFORE, BETWEEN, NOW))
        with now.begin() as connection:
            ROW.create(connection)
            connection.execute(ROW.insert(), [{"n": n, "text": "x" * 50} for n in range(300)])
        rush = Rush({"no database": None, BEFORE[0]: before, BETWEEN[0]: between, NOW[0]: now}, options.think)
        rush.run(options.rounds)
        for one in (before, between, now):
            one.dispose()
    print("| | times | p50, ms | p95, ms | p95, as often as now | processor, ms each | connections made |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    last = percentile(rush.took[NOW[0]], 0.95)
    for name, took in rush.took.items():
        shares = [percentile(took, share) for share in (0.5, 0.95)]
        row = (len(took), *(f"{one:.1f}" for one in (*shares, shares[1] / last, rush.spent[name] / len(took))))
        print("|", " | ".join(map(str, (name, *row, made[name]))), "|")


def percentile(times: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


if __name__ == "__main__":
    main()
