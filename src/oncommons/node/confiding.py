"""A node with the rule ``private``: who asks what, what it takes from which budget, and the noise, in one place."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from oncommons.node.index.asking import Index
from oncommons.node.index.people import nobody
from oncommons.node.share.private import release_private
from oncommons.policy.disclosure.budget import DAY, digest_of
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.policy.disclosure.private import Mechanism, check
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.answer_json import node_answer_from_json, node_answer_to_json
from oncommons.schema.errors import MissingPackage
from oncommons.schema.question import Question
from oncommons.storage.released import TOLD
from oncommons.storage.spending import Spending, Wish

MakeMechanism = Callable[[float, int], Mechanism]
"""Takes epsilon and sensitivity."""
_PACKAGES = frozenset({"opendp", "deprecated"})


def load_mechanism() -> MakeMechanism:
    """The mechanism of OpenDP.

    Raises:
        MissingPackage: the extra ``[dp]`` is not installed.
    """
    try:
        made: MakeMechanism = importlib.import_module("oncommons.policy.disclosure.geometric").Geometric
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise MissingPackage("The policy private needs OpenDP: pip install 'oncommons[dp]'.") from fault
    return made


@dataclass
class Confidant:
    """Answers under the rule ``private``, and remembers.

    Attributes:
        spending: What was told, and what it took.
        privacy: How much may be lost.
        make: Makes mechanisms.
        clock: Tells the time, in seconds since the epoch.
    """

    spending: Spending
    privacy: Privacy
    make: MakeMechanism = field(default_factory=load_mechanism)
    clock: Callable[[], float] = time.time

    @classmethod
    def open(cls, folder: Path, privacy: Privacy) -> Confidant:
        """Open what a node told.

        Args:
            folder: The node's directory.
            privacy: How much may be lost.

        Raises:
            MissingPackage: the extra ``[dp]`` is not installed.
            MachineError: the ledger cannot be used.
        """
        return cls(Spending(folder / TOLD), privacy, load_mechanism())

    def answer(self, index: Index, tables: str, project: str, question: Question) -> NodeAnswer:
        """Answer a question of a project, without the node's name.

        Args:
            index: The node's tables, which look alike whoever is in them.
            tables: Names their state.
            project: Who asks.
            question: The question.

        Raises:
            BeyondPrivacy: the rule cannot answer it.
            BudgetSpent: a budget does not suffice.
            MachineError: what was told cannot be remembered; then nothing is told.
        """
        check(question)
        now = self.clock()
        since = now - self.privacy.days * DAY
        wish = Wish(project, digest_of(question), tables, self.privacy.cost, now, since)
        text = self.spending.settle(wish, self.privacy.allow, lambda: self._fresh(index, question))
        spent, altogether = self.spending.spent(project, since), self.spending.altogether(since)
        return replace(node_answer_from_json(json.loads(text)), policy=self.privacy.text(spent, altogether))

    def _fresh(self, index: Index, question: Question) -> str:
        """A new answer, as JSON."""
        rows = 0 if question.count == "person" else self.privacy.rows
        tallies = index.ask(question, few=nobody if rows else None)  # rows are clipped later, by the settings alone
        mechanism = self.make(self.privacy.share(len(tallies)), rows or 1)
        return json.dumps(node_answer_to_json(release_private(question, tallies, mechanism, rows)))

    def close(self) -> None:
        """Close the ledger."""
        self.spending.close()


def spending_of(folder: Path, privacy: Privacy, clock: Callable[[], float] = time.time) -> tuple[dict[str, int], int]:
    """What each project, and all together, took from a node in the present period, in millionths.

    Args:
        folder: The node's directory.
        privacy: How much may be lost.
        clock: Tells the time.

    Raises:
        MachineError: the ledger cannot be used.
    """
    since = clock() - privacy.days * DAY
    ledger = Spending(folder / TOLD)
    try:
        return ledger.projects(since), ledger.altogether(since)
    finally:
        ledger.close()
