"""The oracle for a million rows: the same three-valued truth, judged once per distinct value and then spread.

A row's truth depends only on its own values, those above it and its person, never on who asks.
So each field test is judged once for each distinct value of the field by :func:`kleene.test_of_value`,
and ``and``, ``or`` and ``some`` become least and greatest of arrays in which 0 is false, 1 unknown and 2 true.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from tests.oracle.kleene import FIELDS, PARENT, Counted, Dataset, Row, Truth, home_of, keys_of, test_of_value, upwards

FALSE, UNKNOWN, TRUE = 0, 1, 2
ABSENT = -1


def level_of(truth: Truth) -> int:
    if truth is None:
        return UNKNOWN
    return TRUE if truth else FALSE


@dataclass(frozen=True)
class Column:
    """Values of a field: ``levels[place[i]]`` is that of row ``i``; the last level is ``None``, at place -1."""

    levels: Sequence[Any]
    place: np.ndarray

    @classmethod
    def of(cls, values: Iterable[Any]) -> Column:
        values = list(values)
        levels = sorted({v for v in values if v is not None})
        places = {v: i for i, v in enumerate(levels)} | {None: ABSENT}
        return cls([*levels, None], np.array([places[v] for v in values], dtype=np.int64))


@dataclass(frozen=True)
class Pool:
    """The rows of many datasets in columns.

    Attributes:
        datasets: Their names.
        above: Entity to the place of each row's parent row (for a person: of its dataset).
        columns: Field name to values, one for each row of the field's entity.
        lacks: Pairs of a dataset and a field or an entity that it does not have.
    """

    datasets: Sequence[str]
    above: Mapping[str, np.ndarray]
    columns: Mapping[str, Column]
    lacks: frozenset[tuple[str, str]] = frozenset()
    _paths: dict[tuple[str, str], np.ndarray] = field(default_factory=dict, repr=False)

    def without(self, lacks: Iterable[tuple[str, str]]) -> Pool:
        """The same pool where some datasets lack some fields or entities."""
        return Pool(self.datasets, self.above, self.columns, self.lacks | frozenset(lacks))

    def only(self, datasets: Iterable[str]) -> Pool:
        """The rows of some datasets only."""
        wanted = set(datasets)
        keep = {e: np.isin(self.dataset_of(e), [i for i, d in enumerate(self.datasets) if d in wanted]) for e in PARENT}
        kept = [d for d in self.datasets if d in wanted]
        renumbered = {None: np.array([kept.index(d) if d in wanted else ABSENT for d in self.datasets], dtype=np.int64)}
        renumbered |= {e: np.cumsum(keep[e]) - 1 for e in PARENT}
        above = {e: renumbered[PARENT[e]][self.above[e][keep[e]]] for e in PARENT}
        columns = {f: Column(self.columns[f].levels, self.columns[f].place[keep[e]]) for e in FIELDS for f in FIELDS[e]}
        return Pool(kept, above, columns, frozenset(pair for pair in self.lacks if pair[0] in wanted))

    def size(self, entity: str) -> int:
        return len(self.above[entity])

    def row_above(self, entity: str, upper: str) -> np.ndarray:
        """For each row of the entity, the place of the row of ``upper`` that it belongs to (or is)."""
        if (entity, upper) not in self._paths:
            path = upwards(entity)
            steps = [self.above[e] for e in path[: path.index(upper)]]
            start = np.arange(self.size(entity), dtype=np.int64)
            self._paths[entity, upper] = reduce(lambda places, step: step[places], steps, start)
        return self._paths[entity, upper]

    def dataset_of(self, entity: str) -> np.ndarray:
        if (entity, "dataset") not in self._paths:
            self._paths[entity, "dataset"] = self.above["person"][self.row_above(entity, "person")]
        return self._paths[entity, "dataset"]

    def lacking(self, name: str) -> np.ndarray:
        """For each dataset, whether it lacks the field or entity."""
        return np.array([(d, name) in self.lacks for d in self.datasets], dtype=bool)

    def places(self, name: str, scope: str) -> np.ndarray:
        """For each row in scope, where the field's value stands among its levels."""
        home = home_of(name, scope)
        own = self.columns[name].place
        if self.lacking(name).any():
            own = np.where(self.lacking(name)[self.dataset_of(home)], ABSENT, own)
        return own if home == scope else own[self.row_above(scope, home)]

    def missing_values(self, name: str) -> dict[str, tuple[int, int]]:
        """Dataset to how many rows of the field's entity lack the field, and of how many."""
        home = next(e for e, fields in FIELDS.items() if name in fields)
        lack = _per_dataset(self, home, self.places(name, home) == ABSENT)
        return {d: (lack[d], n) for d, n in _per_dataset(self, home, np.ones(self.size(home), bool)).items()}

    def people(self) -> Iterator[Row]:
        """The same rows as trees, for the plain oracle."""
        rows: dict[str, list[Row]] = {}
        for entity in PARENT:
            names = [f for f in FIELDS[entity] if self.size(entity)]
            values = [[self.columns[f].levels[p] for p in self.places(f, entity)] for f in names]
            rows[entity] = []
            for i, up in enumerate(self.above[entity]):
                known = {f: v[i] for f, v in zip(names, values, strict=True) if v[i] is not None}
                if entity == "person":
                    row = Row(entity, Dataset(self.datasets[up], self._lacked_entities(self.datasets[up])), known)
                else:
                    row = rows[PARENT[entity] or ""][up].add(entity, **known)
                rows[entity].append(row)
        yield from rows["person"]

    def _lacked_entities(self, dataset: str) -> frozenset[str]:
        return frozenset(e for e in PARENT if (dataset, e) in self.lacks)


def pool_of(people: Iterable[Row], lacks: Iterable[tuple[str, str]] = ()) -> Pool:
    """The columns of plain rows; what their datasets lack is lacking here too."""
    people = list(people)
    datasets = sorted({p.dataset.name for p in people})
    waiting, rows = list(people), {e: [] for e in PARENT}
    for row in waiting:
        rows[row.entity].append(row)
        waiting.extend(row.children)
    place = {id(row): i for found in rows.values() for i, row in enumerate(found)}
    ups = {e: [place[id(r.parent)] for r in rows[e]] for e in PARENT if e != "person"}
    ups["person"] = [datasets.index(p.dataset.name) for p in people]
    return Pool(
        datasets,
        {e: np.array(up, dtype=np.int64) for e, up in ups.items()},
        {f: Column.of(r.values.get(f) for r in rows[e]) for e in FIELDS for f in FIELDS[e]},
        frozenset(lacks) | {(p.dataset.name, e) for p in people for e in p.dataset.lacks},
    )


def truths(criterion: Mapping[str, Any] | None, scope: str, pool: Pool) -> np.ndarray:
    """For every row of the entity in scope: false, unknown or true."""
    if criterion is None:
        return np.full(pool.size(scope), TRUE, dtype=np.int8)
    if "all" in criterion:
        return reduce(np.minimum, [truths(c, scope, pool) for c in criterion["all"]])
    if "any" in criterion:
        return reduce(np.maximum, [truths(c, scope, pool) for c in criterion["any"]])
    if "not" in criterion:
        return (TRUE - truths(criterion["not"], scope, pool)).astype(np.int8)
    if "some" in criterion:
        return _some(criterion, scope, pool)
    name = criterion["field"]
    judged = [level_of(test_of_value(criterion, value)) for value in pool.columns[name].levels]
    return np.array(judged, dtype=np.int8)[pool.places(name, scope)]


def _some(criterion: Mapping[str, Any], scope: str, pool: Pool) -> np.ndarray:
    entity = criterion["some"]
    inner = truths(criterion.get("where"), entity, pool)
    lies_below = entity != scope and scope in upwards(entity)
    root = scope if lies_below else "person"
    best = np.full(pool.size(root), FALSE, dtype=np.int8)
    np.maximum.at(best, pool.row_above(entity, root), inner)
    seen = best[pool.row_above(scope, root)]
    return np.where(pool.lacking(entity)[pool.dataset_of(scope)], np.int8(UNKNOWN), seen)


def _per_dataset(pool: Pool, entity: str, chosen: np.ndarray) -> dict[str, int]:
    numbers = np.bincount(pool.dataset_of(entity)[chosen], minlength=len(pool.datasets))
    return {d: int(n) for d, n in zip(pool.datasets, numbers, strict=True)}


def answer(question: Mapping[str, Any], pool: Pool) -> dict[str, Counted]:
    """As :func:`kleene.answer`, for a whole pool at once."""
    count = question["count"]
    truth = truths(question.get("where"), count, pool)
    certain = _per_dataset(pool, count, truth == TRUE)
    possible = _per_dataset(pool, count, truth != FALSE)
    found = {d: Counted(certain[d], possible[d]) for d in pool.datasets}
    keys = keys_of(question)
    if keys:
        kept = truth != FALSE
        cells = pool.dataset_of(count)[kept]
        for key in keys:  # one number for each combination; the last level, None, stands at 0
            cells = cells * len(pool.columns[key].levels) + pool.places(key, count)[kept] + 1
        distinct, cell = np.unique(cells, return_inverse=True)
        sure = np.bincount(cell[truth[kept] == TRUE], minlength=len(distinct))
        every = np.bincount(cell, minlength=len(distinct))
        for number, low, high in zip(distinct.tolist(), sure.tolist(), every.tolist(), strict=True):
            dataset, combination = _taken_apart(number, [pool.columns[k].levels for k in keys])
            found[pool.datasets[dataset]].groups[combination] = (low, high)
    return found


def _taken_apart(number: int, levels: Sequence[Sequence[Any]]) -> tuple[int, tuple[Any, ...]]:
    """The dataset and the codes that were folded into one number."""
    codes: list[Any] = []
    for known in reversed(levels):
        number, place = divmod(number, len(known))
        codes.insert(0, known[place - 1])
    return number, tuple(codes)
