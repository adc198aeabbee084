"""Processes of a demonstration: one hub and its nodes, started as a person would start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from oncommons.client.connection import Connection, connect
from oncommons.client.transport import Transport
from oncommons.demo.accounts import ACCOUNTS, Account, open_accounts
from oncommons.demo.survival import ANALYSES, permit_for
from oncommons.demo.trial import write_part
from oncommons.policy.disclosure.counts import DEFAULT_K
from oncommons.schema.errors import OncommonsError, error_from_json

_STOP_SECONDS = 10
Tell = Callable[[str], None]
Part = TypeVar("Part")


@dataclass(frozen=True)
class NodePlan:
    """A node of the demonstration.

    Attributes:
        name: Its name.
        policy: Rule of its disclosure policy.
        k: The smallest number that the rule lets it tell.
        without: What its archive does not record.
    """

    name: str
    policy: str
    k: int = DEFAULT_K
    without: str = ""


@dataclass
class Federation:
    """A hub and nodes in a directory, each a process of its own; leaving the block stops them all.

    Attributes:
        folder: Where their directories are made.
        plans: The nodes; each takes an equal deal of the collections of the IDC index, and its part of the trial.
        tell: Called with each step that is done.
        password: With one, the hub wants to know who asks, and this is what the people of :mod:`oncommons.demo.accounts`
            sign in with.
        url: Address of the hub, once it listens.
    """

    folder: Path
    plans: Sequence[NodePlan]
    tell: Tell
    password: str = ""
    url: str = ""
    _running: list[subprocess.Popen[str]] = field(default_factory=list)
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _ended: bool = False

    def start(self) -> Connection:
        """Start everything; returns a connection to the hub once every node has published its cards."""
        words = ["--dir", str(self.folder / "hub"), "--port", "0", "--name", "oncommons demo"]
        hub = self._serve("hub", "serve", *words, "--people", "required" if self.password else "open")
        self.url = str(hub["url"])
        self.tell(f"The hub listens at {self.url}")
        session = self._let_people_in() if self.password else ""
        self._each(self._make_node)
        connection = connect(self.url, token=session)
        self._await_cards(connection)
        return connection

    def take_trial(self) -> None:
        """Bring each node's part of the trial in, while it serves."""
        women = self._each(self._take_part)
        parts = ", ".join(f"{plan.name} {part}" for plan, part in zip(self.plans, women, strict=True))
        self.tell(f"The hospitals took in the women of a trial, each its own: {parts}")

    def give_permit(self, person: str) -> str:
        """Issue a permit for the trial at all nodes; returns the pass of its person.

        Args:
            person: Who may ask.
        """
        file = self.folder / "permit.json"
        body = permit_for([plan.name for plan in self.plans], person, datetime.now(UTC).date())
        file.write_text(json.dumps(body), encoding="utf-8")
        given = self._run("hub", "permit", "issue", str(file), "--dir", str(self.folder / "hub"))
        return str(given["passes"][person])

    def stop(self) -> None:
        """Stop every process, the nodes before the hub; none outlives this call and none is started after it."""
        with self._turn:
            self._ended = True
        for process in reversed(self._running):
            process.terminate()
        for process in reversed(self._running):
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for process in self._running:
            if process.stdout and not process.stdout.closed:
                process.stdout.close()
        self._running.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _let_people_in(self) -> str:
        """Make the accounts; returns the session of who asks."""

        def invite(one: Account) -> str:
            words = [one.email, "--organisation", one.organisation, "--role", one.role]
            return str(self._run("hub", "people", "invite", *words, "--dir", str(self.folder / "hub"))["link"])

        sessions = open_accounts(Transport(self.url), invite, self.password)
        self.tell(f"{len(ACCOUNTS)} people have accounts")
        return sessions[ACCOUNTS[0].email]

    def _each(self, work: Callable[[int], Part]) -> list[Part]:
        """Do something for each node, as many at once as there are processors."""
        with ThreadPoolExecutor(max_workers=max(os.cpu_count() or 1, 1)) as pool:
            try:
                return list(pool.map(work, range(len(self.plans))))
            except BaseException:  # Ctrl-C too: end what the other threads wait for, or the pool waits for them
                self.stop()
                raise

    def _make_node(self, i: int) -> None:
        self._check_not_ended()
        plan = self.plans[i]
        folder = str(self.folder / plan.name)
        self._run("node", "init", folder, "--policy", plan.policy, "--k", str(plan.k))
        code = self._run("hub", "invite", plan.name, "--dir", str(self.folder / "hub"))["code"]
        self._run("node", "join", self.url, code, "--dir", folder)
        lacks = ["--without", plan.without] if plan.without else []
        took = self._run("node", "import", "idc", "--share", f"{i + 1}/{len(self.plans)}", "--dir", folder, *lacks)
        self._run("node", "analyses", "admit", *ANALYSES, "--dir", folder)
        self._serve("node", "serve", "--dir", folder)
        note = f", its archive records no {plan.without}" if plan.without else ""
        self.tell(
            f"Node {plan.name} joined with {took['series']:,} series in {len(took['datasets'])} collections; "
            f"policy {plan.policy} {plan.k}{note}",
        )

    def _take_part(self, i: int) -> int:
        table, mapping = write_part(self.folder, i)
        words = ["--mapping", str(mapping), "--dir", str(self.folder / self.plans[i].name)]
        return int(self._run("node", "clinical", str(table), *words)["rows"]["person"])

    def _check_not_ended(self) -> None:
        if self._ended:
            raise OncommonsError("The demonstration is ending.")

    def _serve(self, *words: str) -> dict[str, Any]:
        """Start a serving command; returns what it says when it is ready."""
        process = self._start(words)
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise OncommonsError("A process of the demonstration ended early.", detail=self._log_tail())
        return _checked(json.loads(line))

    def _run(self, *words: str) -> dict[str, Any]:
        """Run a command to its end; returns the JSON that it prints."""
        process = self._start(words)
        printed, _ = process.communicate()
        if not printed.strip():
            raise OncommonsError(f"oncommons {words[0]} {words[1]} failed.", detail=self._log_tail())
        return _checked(json.loads(printed))

    def _start(self, words: Sequence[str]) -> subprocess.Popen[str]:
        with self._turn, (self.folder / "log.txt").open("a", encoding="utf-8") as log:
            self._check_not_ended()
            process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-P", "-m", "oncommons", *words, "--json"],
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
            self._running.append(process)
        return process

    def _log_tail(self) -> str:
        return (self.folder / "log.txt").read_text("utf-8")[-2000:]

    def _await_cards(self, connection: Connection) -> None:
        ready = threading.Event()
        for _ in range(600):
            if all(node.datasets for node in connection.nodes()):
                return
            ready.wait(0.1)
        raise OncommonsError("The nodes did not publish their datasets in a minute.")


def _checked(body: dict[str, Any]) -> dict[str, Any]:
    if "error" in body:
        raise error_from_json(body)
    return body
