"""One round of an analysis at a node: its people as a table, the local half, and the output rules."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.pair import Analysis, Basis, Partial, Table, Unanswerable
from oncommons.node.desk import Terms
from oncommons.node.home import Home, open_home
from oncommons.node.index.asking import Index
from oncommons.node.summing import COLUMN, FIELD, Asked, Together, together_of
from oncommons.node.telling import Questions
from oncommons.node.trying.book import see_passed
from oncommons.policy.disclosure.budget import DAY
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.output import FLOOR, REFUSAL_DAYS, REFUSALS, Beside, fewest_apart, withheld
from oncommons.policy.disclosure.summing import differing
from oncommons.schema.errors import MachineError, QuestionError
from oncommons.schema.errors_of_analyses import (
    AnalysisError,
    NotAdmitted,
    PartnerUnknown,
    TooManyWithheld,
)
from oncommons.schema.run import Run, Value
from oncommons.service.analyses import analysis_named
from oncommons.storage.analysed import Analysed, Whom

Values: TypeAlias = list[tuple[tuple[str, str], NDArray[np.uint64]]]
"""Dataset and field, and what stands for each person's number."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
_NOT_OF_DATA = (PartnerUnknown, QuestionError, MachineError)
"""Refusals that follow from who takes part, from what was sent and from the machine, and tell of nobody's data."""
_NOBODY = 0
"""The plane of nobody."""
Row = Sequence[Any]
"""Name of the dataset, number of the person in it, and each variable; missing ones are ``None``."""
Whose: TypeAlias = tuple[NDArray[np.str_], NDArray[np.int64]]
"""Of each row the name of the dataset, and the number of the person in it."""


@dataclass(frozen=True)
class Round:
    """What is computed.

    Attributes:
        run: Of whom, with which variables.
        analysis: By what.
        told: ``state`` of this round, ``None`` for the first, and ``with``, who takes part in a secured sum.
        together: How the node secures sums; ``None`` where it tells its own.
    """

    run: Run
    analysis: Analysis
    told: Mapping[str, Any]
    together: Together | None


@dataclass(frozen=True)
class Strictness:
    """How strictly a node tells results: the fewest people a number rests upon, and whether the data are public."""

    least: int
    public: bool = False


def compute(
    asked: Round,
    rows: Sequence[Row],
    strictness: Strictness,
    ledger: Analysed,
    now: float,
    questions: Questions | None = None,
) -> dict[str, Any]:
    """What a node answers in one round of a run, released by the output rules.

    Args:
        asked: The round.
        rows: Everybody of the cohort, of the datasets that may be used.
        strictness: The node's.
        ledger: Whose rows were used before.
        now: Seconds since the epoch.
        questions: What questions were told, where that is remembered.

    Raises:
        OutputWithheld: a rule keeps it here.
        AnalysisError: it has no answer here.
    """
    settings = chosen(asked.analysis, asked.run)
    table = table_of(asked.run, rows, settings["levels"])
    least = 1 if strictness.public else max(strictness.least, FLOOR)
    played = _played(asked.analysis, settings)
    known, whose = table.known(*played), _whose(rows)
    partial, fault = _worked_out(asked, table, settings, least, int(known.sum()))
    crowds = _crowds(whose, partial.basis.crowds or (known,))
    if asked.together is not None:
        asked.together.meet(asked.told, ledger, now)
    with ledger.alone():
        values = _values(whose, table, asked.run, known, played)
        beside = _beside(crowds, values, ledger, questions)
        stays = withheld(partial.basis, strictness.least, beside, public=strictness.public)
        if stays is not None:
            raise stays.error() from fault
        if fault is not None:
            raise fault
        missing = _missing(_crowds(whose, (~known,)), least, ledger, now)
        found = {"part": partial.found, "people": partial.basis.people, "missing": missing}
        for dataset, crowd in crowds:
            ledger.enter(dataset, crowd, asked.run.analysis, now)
            if questions is not None:
                questions.remember(dataset, crowd)
        for (dataset, field), words in values:
            ledger.enter_values(dataset, field, words.tobytes(), now)
        if asked.together is None or not partial.basis.people:
            return found
        stands = asked.together.table_of(asked.run, least, np.stack([*table.columns.values()], axis=1).tobytes())
        of = columns_of(asked.run, table.complete(*played), played)
        summed = Asked(asked.run, asked.told, stands, _crowds(whose, (known,)), of)
        return found | _in_sum(asked.together, summed, partial.found, ledger, now)


def table_of(run: Run, rows: Sequence[Row], levels: Mapping[str, tuple[str, ...]]) -> Table:
    """Rows of a node as an analysis gets them.

    Args:
        run: What they were read for.
        rows: Of people, as :meth:`oncommons.node.index.asking.Index.rows` gives them.
        levels: Of variables that are codes.
    """
    columns = np.array([row[2:] for row in rows], dtype=np.float64).reshape(len(rows), len(run.variables))
    return Table(dict(zip(run.variables, columns.T, strict=True)), levels)


def computed(
    home: Home, index: Index, run: Run, told: Mapping[str, Any], terms: Terms, questions: Questions | None
) -> dict[str, Any]:
    """What a node answers in one round, from its own tables and by its own rule.

    Args:
        home: The node.
        index: Its tables.
        run: What is computed, of whom.
        told: ``version`` of the analysis, ``state`` of this round, and ``with``, who takes part in a secured sum.
        terms: What the permit leaves of it.
        questions: What questions were told, where that is remembered.

    Raises:
        NotAdmitted: the data manager has not admitted it, the node has the rule ``private``, or another version of the analysis.
        NotConforming: it is by others, and has not passed here as it is installed now.
        OutputWithheld: a rule keeps it here.
        TooManyWithheld: that was so too often for the project.
        AnalysisError: it has no answer here.
    """
    if run.analysis not in open_home(home.folder).analyses:  # anew: what the data manager withdraws holds at once
        raise NotAdmitted(f"This node's data manager has not admitted the analysis {run.analysis}.")
    analysis, policy = analysis_named(run.analysis), home.policy
    see_passed(home, run.analysis)
    if told.get("version") != analysis.version:
        raise NotAdmitted(f"This node has version {analysis.version} of {analysis.name}, and was asked for another.")
    if policy.rule == "private":
        raise NotAdmitted("Under the rule private this node tells no sums but its own noisy counts.")
    settings = chosen(analysis, run)
    if policy.rule != "open" and analysis.open_only(settings):
        raise NotAdmitted(
            f"{analysis.title}: so asked, it tells of single times or groups, which only open data may be."
        )
    strictness = Strictness(max(policy.k, terms.least), public=policy.rule == "open")
    secured = not strictness.public and not analysis.once(settings)
    together = together_of(home) if secured else None
    if secured and together is None:
        raise NotAdmitted(f"{analysis.title}: sums are secured with other hospitals, and this node has joined none.")
    rows = [row for row in index.rows(run) if row[0] in terms.datasets]
    asked, now = Round(run, analysis, told, together), time.time()
    with closing(Analysed(home.analysed_file)) as ledger, _few_refusals(ledger, asked, strictness, terms.project, now):
        return compute(asked, rows, strictness, ledger, now, questions)


@contextmanager
def _few_refusals(ledger: Analysed, asked: Round, strictness: Strictness, project: str, now: float) -> Iterator[None]:
    """Count what is withheld, and what else has no answer, within the block; nothing is made where that was too much.

    Why something has no answer may come of what single people have, whatever raises it.  Another state of a run is
    another question, since a hub can choose it; so is another company.  That people have changed counts, too: a hub that
    lies about them sees in it that no rule refused before, without a sum that would be counted.

    Raises:
        TooManyWithheld: too much was.
    """
    if strictness.public:
        yield
        return
    if ledger.withheld(now - REFUSAL_DAYS * DAY).get(project, 0) >= REFUSALS:
        raise TooManyWithheld(
            f"{REFUSALS} analyses of this project were refused here in the last {REFUSAL_DAYS} days. "
            "A refusal tells something, too; so none is made until the node's data manager lets it begin anew."
        )
    try:
        yield
    except _NOT_OF_DATA:
        raise
    except Exception:
        asking = [asked.run.to_json(), asked.told.get("state"), asked.told.get("with")]
        ledger.enter_withheld(project, hashlib.sha256(json.dumps(asking, sort_keys=True).encode()).digest(), now)
        raise


def _worked_out(
    asked: Round, table: Table, settings: Mapping[str, Any], least: int, known: int
) -> tuple[Partial, Exception | None]:
    """What the local half finds; where it has no answer, why, and the people whom that rests upon.

    The reason is told no sooner than the output rules have been asked: it may be that of one person, such as an outcome
    that is no yes or no, and of nobody there is none.
    """
    nothing = Partial({}, Basis(known))
    try:
        return asked.analysis.local(table, settings, asked.told.get("state"), least), None
    except Unanswerable as fault:
        return nothing, AnalysisError(str(fault))
    except Exception as fault:  # noqa: BLE001  it is raised after the rules
        return nothing, fault


def _missing(lacking: Whom, least: int, ledger: Analysed, now: float) -> int:
    """Of how many people a variable is missing, as it is told; entered in the ledger.

    Who lacks a variable fulfils a criterion, too, which whoever asks has chosen.  So the number is a multiple of the fewest
    people that a number may rest upon, and never none; and those who differ by fewer from people of whom it was told
    before have the same number, or one person more would be seen where it goes up.
    """
    people = sum(plane.bit_count() for _, plane in lacking)
    if least == 1:
        return people
    earlier = (told for crowd, told in ledger.lacking() if differing(crowd, lacking) < least)
    found = next(earlier, None)
    if found is None:
        found = max(people, 1)
        ledger.enter_lacking(lacking, -(-found // least) * least, now)
    return -(-found // least) * least


def columns_of(run: Run, rows: Table, played: Iterable[str]) -> dict[str, int]:
    """What is known of each person that a run uses: fields of the dictionary, and columns of its table.

    A field is one however it is asked for, and so is a column: written otherwise, or told the other way round, it is no
    unknown more.

    Args:
        run: The run.
        rows: The node's people whose numbers are added.
        played: The variables that play a role.

    Returns:
        What stands for each, with how many numbers a person has of it.
    """
    found = dict.fromkeys((f"{FIELD}{name}" for name in run.fields_of(played)), 1)
    for name in played:
        values, first, place = np.unique(rows.columns[name], return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        stands = hashlib.sha256(order[place.reshape(-1)].astype("<i8").tobytes()).hexdigest()
        found[f"{COLUMN}{stands}"] = max(len(values) - 1, 0) if name in rows.levels else min(len(values) - 1, 1)
    return found


def _whose(rows: Sequence[Row]) -> Whose:
    return np.array([row[0] for row in rows], dtype=np.str_), np.array([row[1] for row in rows], dtype=np.int64)


def _values(whose: Whose, table: Table, run: Run, known: NDArray[np.bool_], played: Sequence[str]) -> Values:
    """Of each dataset and number what stands for each person's, in the order of people; nothing where they are not used."""
    where, people = whose
    found: Values = []
    for name in played:
        one = run.variables[name]
        if not isinstance(one, Value):
            continue
        for dataset in np.unique(where[known]).tolist():
            some = known & (where == dataset)
            words = np.zeros(int(people[some].max()) + 1, dtype="<u8")
            words[people[some]] = (table.columns[name][some] + 0.0).view(np.uint64) * _ODD | 1
            found.append(((dataset, f"{one.field.entity}.{one.field.name}"), words))
    return found


def _differing(words: NDArray[np.uint64], earlier: Iterable[bytes]) -> int | None:
    """By how many people numbers of a field differ least from earlier ones; nothing where they are the same as some."""
    found = []
    for other in (np.frombuffer(one, dtype="<u8") for one in earlier):
        size = max(len(words), len(other))
        both = [np.pad(one, (0, size - len(one))) for one in (words, other)]
        found.append(int((both[0] != both[1]).sum()))
    return None if 0 in found else min(found, default=None)


def _in_sum(together: Together, asked: Asked, part: Mapping[str, Any], ledger: Analysed, now: float) -> dict[str, Any]:
    """What takes the place of a node's own numbers where nobody is to see them: an offer at first, then masked ones."""
    if asked.told.get("state") is None:
        return {"sums": together.offer(asked)}
    return {"part": together.part(asked, part, ledger, now)}


def _beside(
    crowds: frozenset[tuple[str, int]], values: Values, ledger: Analysed, questions: Questions | None
) -> Beside:
    """How the people stand to those of earlier analyses, and of questions."""
    earlier = {dataset: ledger.crowds(dataset) for dataset, _ in crowds}
    # Of a dataset that was left out before nobody was used, so that few of it are told apart by all that came with them.
    distances = [fewest_apart(crowd, [_NOBODY, *earlier[dataset]]) for dataset, crowd in crowds]
    for place, (of, words) in enumerate(values):  # which rows a number is taken from may change it for one person alone
        before = [other.tobytes() for one, other in values[:place] if one == of]
        distances += [_differing(words, ledger.values(*of)), _differing(words, before)]
    apart = min((one for one in distances if one is not None), default=None)
    if questions is None:
        return Beside(apart)
    now = {dataset: [crowd for one, crowd in crowds if one == dataset] for dataset in earlier}
    new = [dataset for dataset in now if not set(now[dataset]) <= set(earlier[dataset])]
    return Beside(apart, max((questions.traced(d, earlier[d], now[d]) for d in new), default=0))


def _crowds(whose: Whose, masks: Sequence[NDArray[np.bool_]]) -> frozenset[tuple[str, int]]:
    """Of each crowd, its people of each dataset as a plane of bits."""
    where, people = whose
    found: set[tuple[str, int]] = set()
    for mask in {mask.tobytes(): mask for mask in masks}.values():
        for dataset in np.unique(where[mask]).tolist():
            some = people[mask & (where == dataset)].tolist()
            found.add((dataset, Crowd.of_rows(some, repeat(1, len(some))).who))
    return frozenset(found)


def _played(analysis: Analysis, settings: Mapping[str, Any]) -> list[str]:
    """The variables that play a role; others would only hide whose rows are used."""
    named = [settings[role.name] for role in analysis.roles]
    return list(dict.fromkeys(name for one in named for name in (one if isinstance(one, list) else [one]) if name))
