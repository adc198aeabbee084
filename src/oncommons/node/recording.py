"""What a node enters in its audit log: what was released and why not, imports, its policy, and whom it joined.

Of an answer it is entered exactly what leaves the node, never what the rule of disclosure withheld.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from oncommons.node.home import Home
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_permits import ConsentAwaited
from oncommons.schema.question import Question
from oncommons.schema.run import Run
from oncommons.storage.audit import AuditLog
from oncommons.storage.canonical import digest_of_message
from oncommons.storage.chain import Event, Head

Clock = Callable[[], float]
_NUMBERS = ("dataset", "certain", "possible", "lacking", "groups", "unlisted")
"""What an entry holds of each dataset of an answer; the rest says how the question was read."""


def open_log(home: Home) -> AuditLog:
    """The audit log of a node; the first entry says by which key it is known.

    Raises:
        MachineError: it cannot be opened.
    """

    def begun() -> Event:
        keys = import_module("oncommons.storage.keys")  # entering needs no cryptography, but for the first time
        name = keys.load_key(home.key_file).thumbprint()
        return Event("begun", {"log": name, "side": "node", "policy": str(home.policy)}, time.time())

    return AuditLog(home.audit_file, begun)


def record(home: Home, kind: str, body: Mapping[str, Any], clock: Clock = time.time) -> Head:
    """Enter something that happened at a node; it is on disk when this returns.

    Args:
        home: The node.
        kind: What kind of thing, in a word.
        body: What happened.
        clock: Tells the time, in seconds since the epoch.

    Raises:
        MachineError: the disk is full or broken; nothing was entered.
    """
    with closing(open_log(home)) as log:
        return log.enter(Event(kind, body, clock()))


@dataclass(frozen=True)
class Asker:
    """Who asked, and how the question came.

    Attributes:
        project: For which project.
        job: By which name the hub knows the question; empty where no hub asked.
        checkpoint: That of the hub's log, which came with the question, or empty.
        permit: Under which permit, or empty.
    """

    project: str
    job: str = ""
    checkpoint: str = ""
    permit: str = ""

    def to_json(self) -> dict[str, Any]:
        """The asker as JSON; what is empty is left out."""
        told = {"project": self.project, "permit": self.permit, "job": self.job, "checkpoint": self.checkpoint}
        return {name: value for name, value in told.items() if value or name == "permit"}


@dataclass
class Recorder:
    """Enters what is answered.

    Attributes:
        home: The node.
        clock: Tells the time, in seconds since the epoch.
    """

    home: Home
    clock: Clock = time.time
    _log: AuditLog | None = None
    _cards: str = ""
    """The hash of the cards that were entered last."""

    @property
    def log(self) -> AuditLog:
        """The node's log, opened when it is needed."""
        self._log = self._log or open_log(self.home)
        return self._log

    def released(self, asker: Asker, question: Question, answer: NodeAnswer) -> None:
        """Enter an answer, as it leaves the node.

        Raises:
            MachineError: it cannot be entered; then it may not leave.
        """
        body = node_answer_to_json(answer)
        numbers = [{name: d[name] for name in _NUMBERS if name in d} for d in body["datasets"]]
        told = {"question": question.to_json(), "policy": answer.policy, "released": numbers}
        self._enter("released", {**asker.to_json(), **told, "answer": digest_of_message(body)})

    def computed(self, asker: Asker, run: Run, told: Mapping[str, Any]) -> None:
        """Enter a part of the result of an analysis, as it leaves the node: of whom, how many, and its hash.

        Raises:
            MachineError: it cannot be entered; then it may not leave.
        """
        body = {"question": run.to_json(), "policy": str(self.home.policy), "people": told["people"]}
        self._enter("computed", {**asker.to_json(), **body, "answer": digest_of_message(told)})

    def refused(self, asker: Asker, question: Question | Run | None, fault: Exception) -> None:
        """Enter that, and why, something was not answered; what waits for the data manager's consent is ``waiting``.

        Raises:
            MachineError: it cannot be entered.
        """
        ours = fault if isinstance(fault, OncommonsError) else OncommonsError("The node could not answer.")
        why = {"code": ours.code, "message": ours.message.encode("utf-8", "replace").decode()}
        asked = {} if question is None else {"question": question.to_json()}
        kind = "waiting" if isinstance(fault, ConsentAwaited) else "refused"
        self._enter(kind, {**asker.to_json(), **asked, "policy": str(self.home.policy), **why})

    def images(self, asker: Asker, access: Mapping[str, Any]) -> None:
        """Enter that somebody outside asked for images, and what became of it.

        Raises:
            MachineError: it cannot be entered; then nothing may leave.
        """
        self._enter("images", {**asker.to_json(), **access})

    def published(self, cards: list[dict[str, Any]]) -> None:
        """Enter what everybody is told of the node's datasets, by its hash, where it is not what was entered last.

        Raises:
            MachineError: it cannot be entered; then it may not leave.
        """
        digest = digest_of_message(cards)
        if digest == self._cards:
            return
        body = {"datasets": [card["dataset"] for card in cards], "cards": digest}
        self._enter("published", {**body, "policy": str(self.home.policy)})
        self._cards = digest

    def serving(self, version: str) -> None:
        """Enter that the node begins to answer, and under which policy; whoever changed it by hand is seen here.

        Raises:
            MachineError: it cannot be entered.
        """
        self._enter("serving", {"version": version, "policy": str(self.home.policy)})

    def close(self) -> None:
        """Close the log."""
        if self._log is not None:
            self._log.close()

    def _enter(self, kind: str, body: Mapping[str, Any]) -> None:
        self.log.enter(Event(kind, body, self.clock()))
