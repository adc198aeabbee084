"""A run, from its first round to its result: every round is asked of the nodes under the permit, and put together here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.pair import Analysis, Result, State, Unanswerable
from oncommons.hub.dispatch.rules import Told, all_told
from oncommons.hub.permits.book import Entry
from oncommons.hub.search.permitted import PermitDesk, Under
from oncommons.schema.errors_of_analyses import AnalysisError, BadPartial
from oncommons.schema.errors_of_permits import PermitNeeded
from oncommons.schema.run import Run
from oncommons.service.analyses import analysis_named

MOST_ROUNDS = 120
ROUND_SECONDS = 30.0
"""How long a round waits for slow nodes."""


@dataclass(frozen=True)
class Ran:
    """A run that has ended.

    Attributes:
        id: Its identifier.
        run: What was asked.
        analysis: What computed it.
        result: What was found.
        nodes: What became of each node.
        rounds: So many were asked.
        permit: Under which it was.
    """

    id: str
    run: Run
    analysis: Analysis
    result: Result
    nodes: tuple[Told, ...]
    rounds: int
    permit: str

    def to_json(self) -> dict[str, Any]:
        """The record of the run, as JSON: what is needed to repeat it, and what came of it."""
        return {
            "id": self.id,
            "run": self.run.to_json(),
            "version": self.analysis.version,
            "title": self.analysis.title,
            "exact": self.analysis.exact,
            "approximate": list(self.analysis.approximate),
            "source": self.analysis.source,
            "permit": self.permit,
            "rounds": self.rounds,
            "nodes": [node.to_json() for node in self.nodes],
            "result": dict(self.result.found),
            "tables": {name: list(rows) for name, rows in self.result.tables.items()},
            "warnings": list(self.result.warnings),
        }


@dataclass(frozen=True)
class Dispatcher:
    """Runs analyses.

    Attributes:
        desk: Where what is asked under a permit is put.
    """

    desk: PermitDesk

    async def run(self, under: Under, identifier: str, run: Run) -> Ran:
        """Make an analysis under a permit.

        A round that was asked before, as before a restart of the hub, is not asked again: its answers are on the work
        list.  A node that answered the first round and then does not any more is left out, and all begins anew without
        it; so a result is always of the same people in every round.

        Args:
            under: By what it is asked.
            identifier: Of the run, as its asker gave it.
            run: What is asked.

        Raises:
            PermitNeeded: no pass was shown.
            BeyondPermit: a rule refuses.
            QuestionError: the run asks for what the analysis does not have.
            AnalysisError: it has no answer.
        """
        if not under.permit:
            raise PermitNeeded("Analyses are made under a permit only: show its pass.")
        entry, exchange = await run_in_threadpool(self.desk.let, under, run), self.desk.exchange
        analysis = analysis_named(run.analysis)
        settings = chosen(analysis, run)
        kept = under.named(f"run {identifier}")[:48]
        beside = {"person": under.person, "permit": entry.signed}
        nodes = self._nodes(entry)
        lost: dict[str, Told] = {}
        state: State | None = None
        number = attempt = 0
        told: tuple[Told, ...] = ()
        while number < MOST_ROUNDS:
            body = {"run": run.to_json(), "version": analysis.version, "state": state}
            asked, work = await exchange.ask(f"{kept}-{attempt}-{number}", body, ROUND_SECONDS, nodes, beside)
            registry = await run_in_threadpool(exchange.registry.nodes)
            told = all_told(asked, work, registry, exchange.clock())
            gone = {one.node: one for one in told if one.found is None}
            if gone:
                lost |= gone
                nodes = tuple(name for name in nodes if name not in gone)
                if not nodes:
                    raise AnalysisError(_why(lost.values()))
                if state is not None:
                    state, number, attempt = None, 0, attempt + 1
                    continue
            step = await run_in_threadpool(_combined, analysis, settings, state, told)
            number += 1
            if isinstance(step, Result):
                await run_in_threadpool(self.desk.let, under, run)
                answered = {one.node: one for one in told if one.found is not None}
                everybody = tuple(sorted([*answered.values(), *lost.values()], key=lambda one: one.node))
                return Ran(identifier, run, analysis, step, everybody, number, entry.permit.id)
            state = step
        raise AnalysisError(f"The analysis has not ended after {MOST_ROUNDS} rounds.")

    def _nodes(self, entry: Entry) -> tuple[str, ...]:
        joined = {node.name for node in self.desk.exchange.registry.nodes()}
        return tuple(sorted({holding.node for holding in entry.permit.datasets} & joined))


def _combined(
    analysis: Analysis, settings: Mapping[str, Any], state: State | None, told: tuple[Told, ...]
) -> State | Result:
    partials = {one.node: one.found for one in told if one.found is not None}
    try:
        with np.errstate(all="raise", under="ignore"):
            return analysis.combine(settings, state, partials)
    except Unanswerable as fault:
        raise AnalysisError(str(fault)) from None
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError, np.linalg.LinAlgError) as fault:
        raise BadPartial("The parts of the nodes do not fit together.", detail=repr(fault)) from fault


def _why(lost: Any) -> str:
    first = next(iter(lost))
    return f"No node takes part. {first.node} says: {first.reason}"
