"""The checks that an analysis passes before a node makes it: a table, each row of which says what it asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np

from oncommons.algorithms.conformance.cases import Case, cases
from oncommons.algorithms.conformance.federating import Broken, Ended, combined, dealt, run, split, told
from oncommons.algorithms.conformance.probing import fewest, influential, released
from oncommons.algorithms.conformance.reference import Reference, leukaemia, odd, trial
from oncommons.algorithms.conformance.summing import near, summed, unsummable
from oncommons.algorithms.pair import Analysis, Result, Table, Unanswerable

LEAST = 5
"""The smallest number with which the output rules are asked."""
CLOSE = 1e-8
"""How near to the pooled result one over nodes is."""
MOST_STATES = 3
"""Rounds of an analysis that says that it tells its sums of one state only."""
NODES = (2, 5, 20)
_PROBED, _PEOPLE = 2, 40
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Fault:
    """What is wrong with an analysis: the check that it does not pass, and why."""

    check: str
    why: str


@dataclass(frozen=True)
class Trial:
    """An analysis that is tried.

    Attributes:
        analysis: The analysis.
        references: Tables on which it is.
    """

    analysis: Analysis
    references: tuple[Reference, ...] = field(default_factory=lambda: (trial(), leukaemia()))

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """What is asked of it."""
        return tuple(case for reference in self.references for case in cases(self.analysis, reference))

    @cached_property
    def pooled(self) -> tuple[tuple[Case, Ended], ...]:
        """What comes of each on all rows at one node, or at as few as it makes sense with."""
        return tuple((case, self.of(case, self.fewest(case.reference))) for case in self.cases)

    @cached_property
    def answered(self) -> tuple[tuple[Case, Ended], ...]:
        """Those that have a result."""
        return tuple((case, ended) for case, ended in self.pooled if ended.result is not None)

    @cached_property
    def probed(self) -> tuple[tuple[Case, Ended], ...]:
        """Some, far from each other, of few people at one node that tells no number of too few."""
        small = trial(_PEOPLE * self.analysis.nodes)
        found = [(case, self.of(case, self.fewest(small), LEAST)) for case in cases(self.analysis, small)]
        there = [(case, ended) for case, ended in found if ended.result is not None]
        return tuple(there[:: max(1, len(there) - 1)][:_PROBED])

    def of(self, case: Case, tables: Mapping[str, Table], least: int = 1) -> Ended:
        """What comes of a case over nodes."""
        return run(self.analysis, case.settings, tables, least)

    def fewest(self, reference: Reference) -> dict[str, Table]:
        """A reference table at one node, or at as few as the analysis makes sense with."""
        return split(reference.table, np.arange(reference.table.people) % self.analysis.nodes)

    def once(self, case: Case) -> bool:
        """Whether it says that nodes tell their sums of one state only."""
        return bool(self.analysis.once(case.settings))

    def open_only(self, case: Case) -> bool:
        """Whether it says that it is made of open data only."""
        return bool(self.analysis.open_only(case.settings))


@dataclass(frozen=True)
class Check:
    """One row of the table.

    Attributes:
        name: Its name.
        says: What it asks.
        look: What is wrong, in words; nothing where it is passed.
    """

    name: str
    says: str
    look: Callable[[Trial], Iterator[str]]


def faults(analysis: Analysis, references: Sequence[Reference] = ()) -> tuple[Fault, ...]:
    """What is wrong with an analysis, the first fault of each check; nothing where it passes.

    Args:
        analysis: The analysis.
        references: Tables on which it is tried, too.
    """
    tried = Trial(analysis, (trial(), leukaemia(), *references))
    return tuple(Fault(check.name, told) for check in CHECKS if (told := why(check, tried)))


def why(check: Check, tried: Trial) -> str:
    """Why an analysis does not pass a check; empty where it does."""
    try:
        return next(check.look(tried), "")
    except Broken as fault:
        return str(fault)


def digest(analysis: Analysis) -> str:
    """A digest of all that comes of an analysis, bit for bit; the same in every process."""
    tried, found = Trial(analysis), sha256()
    for case in tried.cases:
        sites = dealt(case.reference.table.people, 3)["even"]
        ended = tried.of(case, split(case.reference.table, sites))
        found.update(_bits(ended))
    return found.hexdigest()


def _declared(tried: Trial) -> Iterator[str]:
    one = tried.analysis
    if not _NAME.fullmatch(one.name):
        yield "its name is not of small letters, digits, hyphens and underscores"
    if type(one.version) is not int or one.version < 1:
        yield "its version is not a whole number from 1 on"
    if empty := [name for name in ("title", "says", "source") if not str(getattr(one, name)).strip()]:
        yield f"its {empty[0]} is empty"
    for setting in one.settings:
        low, high = (min(setting.choices), max(setting.choices)) if setting.choices else (None, None)
        text = isinstance(setting.default, str)
        if not setting.choices or not (setting.default in setting.choices if text else low <= setting.default <= high):
            yield f"the default of its setting {setting.name} is none of its choices"


def _ends(tried: Trial) -> Iterator[str]:
    if not tried.cases:
        yield "no reference table has the columns for its roles"
    elif not tried.answered:
        yield f"it has no answer on any reference table; the first time it says: {tried.pooled[0][1].why}"
    for reference in odd():
        for case in cases(tried.analysis, reference, 4):
            for nodes, least in ((1, 1), (3, LEAST)):
                sites = np.arange(reference.table.people) % nodes
                try:
                    tried.of(case, split(reference.table, sites), least)
                except Broken as fault:
                    yield f"of {case.words} {fault}"


def _unchanged(tried: Trial) -> Iterator[str]:
    for case, ended in tried.answered:
        for one in ended.rounds[:3]:
            given = (deepcopy(dict(case.settings)), deepcopy(one.state))
            part = told(tried.analysis, given[0], case.reference.table, given[1], 1)
            before = deepcopy(part.found)
            _stepped(tried, given[0], given[1], {"node-00": part})
            if given != (dict(case.settings), one.state) or part.found != before:
                yield f"of {case.words} it changes what it is given"


def _same(tried: Trial) -> Iterator[str]:
    before = None
    for case, _ in tried.answered:
        tables = split(case.reference.table, dealt(case.reference.table.people, 4)["even"])
        first = _bits(tried.of(case, tables))
        backwards = dict(sorted(tables.items(), reverse=True))
        if before is not None:
            tried.of(*before)  # what another question leaves behind must not matter
        if _bits(tried.of(case, backwards)) != first:
            yield f"of {case.words} the result is another one when nodes answer in another order, or for the second time"
        before = (case, tables)


def _equal(tried: Trial) -> Iterator[str]:
    if not tried.analysis.exact:
        return
    alike = (one for one in tried.pooled if not tried.analysis.by_node(one[0].settings))
    for number, (case, pooled) in enumerate(alike):
        table = case.reference.table
        ways = [(nodes, *one) for nodes in NODES for one in dealt(table.people, nodes, number).items()]
        for nodes, way, sites in ways[number * 4 % len(ways) :: len(ways) // 2]:
            ended = tried.of(case, split(table, sites))
            where = f"of {case.words} at {nodes} nodes, {way}"
            if (ended.result is None) != (pooled.result is None):
                yield f"{where}, it has {'no ' if ended.result is None else 'an '}answer, unlike on all rows together"
            elif ended.result is not None and pooled.result is not None:
                apart = near(_exact(tried, ended.result), _exact(tried, pooled.result), CLOSE)
                if apart:
                    yield f"{where}, {apart} is not that of all rows together"


def _people(tried: Trial) -> Iterator[str]:
    for case, _ in tried.probed:
        part = told(tried.analysis, case.settings, case.reference.table, None, LEAST)

        def tell(rows: Table, case: Case = case) -> Mapping[str, Any]:
            return told(tried.analysis, case.settings, rows, None, LEAST).found

        there = influential(tell, case.reference.table)
        if part.basis.people > there:
            yield f"of {case.words} it says that {part.basis.people} people are behind, of whom {there} matter"


def _rules(tried: Trial) -> Iterator[str]:
    passed = 0
    for case, _ in tried.answered:
        try:
            ended = tried.of(case, tried.fewest(case.reference), LEAST)
        except Broken as fault:
            yield f"of {case.words} {fault}"
            return
        passed += all(not released(part.basis, LEAST) for one in ended.rounds for part in one.partials.values())
    if tried.answered and not passed:
        yield f"no reference table of enough people passes the output rules with a smallest number of {LEAST}"


def _numbers(tried: Trial) -> Iterator[str]:
    for case, ended in tried.probed:
        if tried.open_only(case):
            continue
        later = ended.rounds[1:2] + ended.rounds[2:][-1:]
        for one in (ended.rounds[0], *(later if tried.once(case) else ())):
            yield from _probe(tried, case, one.state)
        if not tried.once(case):
            yield from _probe_sums(tried, case)
    for reference in odd():
        if reference.name in {"a level of two people", "two events", "an outlier"}:
            for case in cases(tried.analysis, reference, 2):
                yield from () if tried.open_only(case) else _probe(tried, case, None)


def _probe(tried: Trial, case: Case, state: Any) -> Iterator[str]:
    reference = case.reference

    def tell(rows: Table) -> Mapping[str, Any]:
        return told(tried.analysis, case.settings, rows, state, LEAST).found

    try:
        part = told(tried.analysis, case.settings, reference.table, state, LEAST)
    except Unanswerable:
        return
    if released(part.basis, LEAST):
        return
    if few := fewest(tell, reference.table, reference.yes, LEAST):
        yield f"of {case.words} the number {few.path} rests upon {few.people} people, and the output rules let it pass"


def _probe_sums(tried: Trial, case: Case) -> Iterator[str]:
    table, reference = case.reference.table, case.reference
    sites = np.arange(table.people) % 3
    ended = tried.of(case, split(table, sites), LEAST)
    for one in ended.rounds[1:2] + ended.rounds[2:][-1:]:

        def tell(rows: Table, state: Any = one.state) -> Mapping[str, Any]:
            parts = split(rows, sites)
            return summed({n: told(tried.analysis, case.settings, part, state, LEAST) for n, part in parts.items()})

        if any(released(part.basis, LEAST) for part in one.partials.values()) or any(
            unsummable(tried.analysis, case.settings, ended.rounds)
        ):
            return
        if few := fewest(tell, table, reference.yes, LEAST):
            yield f"of {case.words} the sum {few.path} over all nodes rests upon {few.people} people"


def _sums(tried: Trial) -> Iterator[str]:
    for number, (case, ended) in enumerate(tried.answered):
        if tried.open_only(case):
            continue
        if tried.once(case):
            if len(ended.rounds) > MOST_STATES:
                yield f"of {case.words} it says that it tells sums once, and takes {len(ended.rounds)} rounds"
            continue
        ways = dealt(case.reference.table.people, 5, number)
        for way in ("skewed", "nobody at a node"):
            over = tried.of(case, split(case.reference.table, ways[way]))
            for told_so in unsummable(tried.analysis, case.settings, over.rounds):
                yield f"of {case.words} at 5 nodes, {way}, {told_so}"


def _stepped(tried: Trial, settings: Mapping[str, Any], state: Any, parts: Mapping[str, Any]) -> None:
    try:
        combined(tried.analysis, settings, state, parts)
    except Unanswerable:
        return


def _exact(tried: Trial, result: Result) -> dict[str, Any]:
    """What is declared to be equal to the pooled result."""
    near_only = set(tried.analysis.approximate)
    tables = {name: rows for name, rows in result.tables.items() if name not in near_only}
    return {"found": {name: one for name, one in result.found.items() if name not in near_only}, "tables": tables}


def _bits(ended: Ended) -> bytes:
    """All of an end as text, in which each number has all its digits."""
    rounds = [[one.state, {name: part.found for name, part in sorted(one.partials.items())}] for one in ended.rounds]
    result = ended.result or replace(Result({}), found={"why": ended.why})
    return json.dumps([rounds, result.found, result.tables, result.warnings]).encode()


CHECKS: tuple[Check, ...] = (
    Check("declared", "It says its name, its version, what it computes, and where the method is described.", _declared),
    Check("ends", "It ends with a result or says why there is none, on odd tables, too.", _ends),
    Check("unchanged", "It leaves the table, the settings, the state and the parts as they are.", _unchanged),
    Check("same", "The same rows give the same bits, in every order of nodes and each time.", _same),
    Check("equal", "Over 2, 5 and 20 nodes it is what it is on all rows together.", _equal),
    Check("people", "All the people that it says it rests upon matter to its numbers.", _people),
    Check("rules", "With enough people, the output rules let it pass.", _rules),
    Check("numbers", "Each number that the output rules let pass rests upon enough people.", _numbers),
    Check("sums", "Rounds after the first are sums over nodes, or there are none.", _sums),
)
"""The table, in the order in which faults are told."""
