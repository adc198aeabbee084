"""A hub that is served as it is everywhere, with hospitals and people, for ``benchmarks/people.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from oncommons.hub.app import open_accounts, open_hub
from oncommons.hub.applications.office import open_office
from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.people.sealing import Passwords
from oncommons.schema.dataset import DatasetCard
from oncommons.service.settings import read_settings
from oncommons.storage.keys import public_part

PASSWORD = "long grey winter of 1982"
HOSPITALS = 12
DATASETS = 4
ASKED = "asked"
"""The node that answers questions; the hospitals only publish datasets and decide about them."""
ROLES = (
    ("researcher", 150),
    ("coordinator", 12),
    ("access-officer", 2 * HOSPITALS),
    ("operator", 8),
    ("data-manager", 6),
)


@dataclass
class Person:
    """Somebody with an account."""

    email: str
    role: str
    place: str
    id: str
    session: str = ""


def hospital(number: int) -> str:
    """The name of a hospital, which is that of its node and organisation."""
    return f"hospital-{number % HOSPITALS + 1:02d}"


def place_of(role: str, number: int) -> str:
    """Where somebody works."""
    if role == "researcher":
        return f"university-{number // 10 + 1:02d}"
    return "hub" if role in {"coordinator", "operator"} else hospital(number)


def people_wanted(share: float) -> list[tuple[str, str, str]]:
    """Address, role and organisation of everybody; a share of them, but officers at every hospital in any case."""
    found = []
    for role, number in ROLES:
        wanted = number if role == "access-officer" else max(2, 2 * round(number * share / 2))
        found += [(f"{role}-{i:03d}@people.example", role, place_of(role, i)) for i in range(wanted)]
    return found


def card(node: str, number: int) -> DatasetCard:
    """A dataset card as a node sends it."""
    people = {"at_least": 400 + number, "at_most": 400 + number, "precision": "exact"}
    text = f"Lungs and breasts of {node}, part {number}: " + "what was seen, when, and with which machine. " * 8
    return DatasetCard.from_json(
        {"dataset": f"part-{number}", "title": f"Part {number} of {node}", "description": text, "codes": {}}
        | {"records": {"person": people}, "fields": [], "policy": "open", "licence": "DUO:0000042"}
    )


def fill(folder: Path, database: str, share: float) -> list[Person]:
    """Hospitals with datasets, and people, through the hub's own functions; all have one hash of one password."""
    hub = open_hub(read_settings(folder, database=database))
    desk, shelf, now = (
        open_accounts(hub, open_office(hub.database, hub.settings), time.time),
        Shelf(hub.database),
        time.time(),
    )
    for number in range(HOSPITALS):
        node, key = hospital(number), public_part(OKPKey.generate_key("Ed25519"))
        hub.registry.join(hub.registry.invite(node, hub.pin, now).secret, key, "1", now)
        shelf.replace(node, [card(node, i) for i in range(DATASETS)], now)
    kept, people = Passwords().hash(PASSWORD), []
    for email, role, place in people_wanted(share):
        organisation = desk.register.organisation(place, now)
        name = email.partition("@")[0].replace("-", " ").title()
        secret = desk.links.invite(email, organisation, role, "", now)
        people.append(Person(email, role, place, desk.links.join(secret, name, kept, now)))
    hub.database.close()
    return people


def command(*words: object) -> list[str]:
    """A command of oncommons that prints JSON."""
    return [sys.executable, "-P", "-m", "oncommons", *map(str, words), "--json"]


def run(*words: object) -> dict[str, Any]:
    """What a command prints."""
    done = subprocess.run(command(*words), check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def served(log: Path, *words: object) -> Iterator[tuple[dict[str, Any], int]]:
    """A serving command: what it says when it is ready, and its process; ended with the block."""
    with log.open("a") as errors:
        process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit(f"oncommons {words[0]} serve ended early:\n{log.read_text()[-2000:]}")
            yield json.loads(line), process.pid
        finally:
            process.terminate()
            process.wait(20)
            process.stdout.close()


@contextmanager
def everything(folder: Path, database: str, share: float) -> Iterator[tuple[str, int, list[Person]]]:
    """A hub with all of it and one node that answers: its address, its process, and its people."""
    home, node, log = folder / "hub", folder / "node", folder / "log.txt"
    people = fill(home, database, share)
    words = ("--dir", home, "--port", "0", "--people", "required", "--database", database)
    with served(log, "hub", "serve", *words) as (hub, process):
        run("node", "init", node, "--policy", "open")
        code = run("hub", "invite", ASKED, "--dir", home, "--database", database)["code"]
        run("node", "join", hub["url"], code, "--dir", node)
        run("node", "import", "idc", "--share", "1/100", "--dir", node)
        with served(log, "node", "serve", "--dir", node):
            yield hub["url"], process, people


def used(process: int) -> float:
    """Processor seconds that a process has used (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process: int) -> float:
    """Resident memory of a process, in MB (Linux)."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / 1e6


def yardstick() -> float:
    """How long a sum takes at best and in the middle of 40 tries here and now, in milliseconds; the middle."""
    times = []
    for _ in range(40):
        begin = time.perf_counter()
        sum(range(1_000_000))
        times.append(time.perf_counter() - begin)
    return sorted(times)[20] * 1000
