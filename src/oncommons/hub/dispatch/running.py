"""A run, from its first round to its result: every round is asked of the nodes under the permit, and put together here."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.pair import Analysis, Result
from oncommons.hub.dispatch.judging import combined, judged
from oncommons.hub.dispatch.participation import participation, reasons
from oncommons.hub.dispatch.rules import Told, all_told, secured
from oncommons.hub.dispatch.standing import Follow, Standing
from oncommons.hub.permits.book import Entry
from oncommons.hub.search.permitted import PermitDesk, Under
from oncommons.schema.errors_of_analyses import AnalysisError, PeopleChanged, TooFewNodes
from oncommons.schema.run import Run
from oncommons.service.analyses import analysis_named

MOST_ROUNDS = 120
"""Of a run, with those that were asked in vain since a node was lost."""
ROUND_SECONDS = 30.0
"""How long a round waits for slow nodes."""
MOST_ANEW = 3
"""How often a run begins anew since the people of a node changed meanwhile; then the node is left out."""


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
        asked: So many rounds were asked with those that were in vain.
        secured: Names of the nodes of which only the sum was seen.
    """

    id: str
    run: Run
    analysis: Analysis
    result: Result
    nodes: tuple[Told, ...]
    rounds: int
    permit: str
    asked: int
    secured: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The record of the run, as JSON: what is needed to repeat it, and what came of it."""
        return {
            "id": self.id,
            "run": self.run.to_json(),
            "version": self.analysis.version,
            "title": self.analysis.title,
            "exact": self.analysis.exact,
            "by_node": self.analysis.by_node(chosen(self.analysis, self.run)),
            "approximate": list(self.analysis.approximate),
            "source": self.analysis.source,
            "permit": self.permit,
            "rounds": self.rounds,
            "nodes": [node.to_json() for node in self.nodes],
            "secured": list(self.secured),
            "participation": participation(self.nodes),
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

    async def run(self, under: Under, identifier: str, run: Run, follow: Follow) -> Ran:
        """Make an analysis under a permit.

        A round that was asked before, as before a restart of the hub, is not asked again: its answers are on the work
        list.  A node that answered the first round and then does not any more is left out, and all begins anew without
        it; so a result is always of the same people in every round.

        Args:
            under: By what it is asked.
            identifier: Of the run, as its asker gave it.
            run: What is asked.
            follow: Who is told where it stands before each round, says where it goes on, and can end it.

        Raises:
            NoSuchPermit: there is no such permit any more.
            BeyondPermit: a rule refuses, at the beginning or in the middle.
            QuestionError: the run asks for what the analysis does not have.
            TooFewNodes: fewer take part than must.
            AnalysisError: it has no answer.
        """
        entry, exchange = await run_in_threadpool(self.desk.let, under, run), self.desk.exchange
        analysis = analysis_named(run.analysis)
        settings, fewest = chosen(analysis, run), max(run.fewest_nodes, analysis.nodes)
        asked_of_nodes = replace(run, fewest_nodes=0).to_json()  # else it were another question for them
        beside = {"person": under.person, "permit": entry.signed}
        at = follow.start or Standing(await run_in_threadpool(self._nodes, entry))
        told: tuple[Told, ...] = ()
        _see_enough(at, fewest)
        while at.asked < MOST_ROUNDS:
            await follow.at(at)
            body = {"run": asked_of_nodes, "version": analysis.version, "state": at.state}
            body |= {"with": dict(at.sums)} if at.sums else {}
            asked, work = await exchange.ask(at.name(follow.key), body, ROUND_SECONDS, at.nodes, beside)
            await run_in_threadpool(self.desk.let, under, run)
            registry = await run_in_threadpool(exchange.registry.nodes)
            every = judged(all_told(asked, work, registry, exchange.clock()), analysis.kinds, at.sums)
            seen, told = {one.node: one for one in told}, secured(every)
            at = replace(at, asked=at.asked + 1)
            gone = {one.node: one for one in told if one.found is None}
            if {one.code for one in gone.values()} == {PeopleChanged.code} and at.attempt < MOST_ANEW:
                at = at.anew()
                continue
            if gone:
                began, at = at.state is None, at.without(gone, seen)
                _see_enough(at, fewest)
                if not began:
                    continue
            step = await run_in_threadpool(combined, analysis, settings, at, told)
            if isinstance(step, Result):
                answered = {one.node: one for one in told if one.found is not None}
                everybody = tuple(sorted([*answered.values(), *at.lost.values()], key=lambda one: one.node))
                rounds = (at.number + 1, entry.permit.id, at.asked)
                return Ran(identifier, run, analysis, step, everybody, *rounds, tuple(sorted(at.sums)))
            at = at.next(json.loads(json.dumps(step)), told)
        raise AnalysisError(f"The analysis has not ended after {MOST_ROUNDS} rounds.")

    def _nodes(self, entry: Entry) -> tuple[str, ...]:
        joined = {node.name for node in self.desk.exchange.registry.nodes()}
        found = tuple(sorted({holding.node for holding in entry.permit.datasets} & joined))
        if not found:  # asking no node by name would be asking all
            raise AnalysisError("No node that the permit names has joined this hub.")
        return found


def _see_enough(at: Standing, fewest: int) -> None:
    """See that enough nodes are left.

    Raises:
        AnalysisError: there is none.
        TooFewNodes: there are fewer.
    """
    why = reasons(at.lost.values())
    if not at.nodes:
        raise AnalysisError(f"No node takes part. {why}")
    if len(at.nodes) < fewest:
        of = len(at.nodes) + len(at.lost)
        told = f"{len(at.nodes)} of {of} node{'s' if of > 1 else ''} can take part, and {fewest} must."
        raise TooFewNodes(f"{told} {why}".rstrip())
