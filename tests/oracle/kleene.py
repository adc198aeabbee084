"""A question judged row by row: JSON dicts over plain rows, with three-valued logic written out.

Nothing here knows SQL, the question records or the parser.  Truth is ``True``, ``False`` or ``None`` (unknown).
This is the slow and plain definition; :mod:`tests.oracle.columns` is the fast one and is tested against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.below import includes

Truth = bool | None

PARENT = {
    "person": None,
    "study": "person",
    "series": "study",
    "condition": "person",
    "measurement": "person",
    "treatment": "person",
    "episode": "person",
    "specimen": "person",
}
FIELDS = {
    "person": ("sex", "age", "birth_year", "vital_status", "follow_up"),
    "study": ("age_at_study", "study_year"),
    "series": (
        "modality",
        "body_part",
        "manufacturer",
        "model",
        "series_class",
        "laterality",
        "contrast",
        "instances",
        "described_by",
    ),
    "condition": (
        "code",
        "topography",
        "morphology",
        "age_at_diagnosis",
        "diagnosis_year",
        "stage",
        "clinical_t",
        "clinical_n",
        "clinical_m",
        "pathological_t",
        "pathological_n",
        "pathological_m",
        "grade",
    ),
    "measurement": ("marker", "value", "result", "measured_after"),
    "treatment": ("treatment_kind", "treatment_code", "treated_after"),
    "episode": ("episode_kind", "began_after"),
    "specimen": ("specimen_kind", "specimen_site"),
}


@dataclass(frozen=True)
class Dataset:
    """A dataset and the names of the entities that it does not have at all."""

    name: str
    lacks: frozenset[str] = frozenset()


@dataclass(eq=False)
class Row:
    """One row; a value that is not in ``values`` is missing."""

    entity: str
    dataset: Dataset
    values: Mapping[str, Any]
    parent: Row | None = None
    children: list[Row] = field(default_factory=list)

    def add(self, entity: str, **values: Any) -> Row:
        child = Row(entity, self.dataset, values, self)
        self.children.append(child)
        return child


@dataclass
class Counted:
    """What one dataset counts: certain, possible, and both per combination of codes."""

    certain: int = 0
    possible: int = 0
    groups: dict[tuple[str | None, ...], tuple[int, int]] = field(default_factory=dict)


def kleene_not(truth: Truth) -> Truth:
    if truth is None:
        return None
    return not truth


def kleene_and(truths: Iterable[Truth]) -> Truth:
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def kleene_or(truths: Iterable[Truth]) -> Truth:
    found: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            found = None
    return found


def upwards(entity: str) -> list[str]:
    """The entity and those above it, nearest first."""
    above = PARENT[entity]
    return [entity] if above is None else [entity, *upwards(above)]


def home_of(name: str, scope: str) -> str:
    """The entity that a field belongs to: the one in scope or the nearest above it."""
    return next(entity for entity in upwards(scope) if name in FIELDS[entity])


def value_of(name: str, row: Row) -> Any:
    """The value of a field of the row, or of the nearest row above it that has such a field."""
    if name in FIELDS[row.entity]:
        return row.values.get(name)
    assert row.parent is not None, name
    return value_of(name, row.parent)


def test_of_value(criterion: Mapping[str, Any], value: Any) -> Truth:
    """A field test on one value; ``None`` is a missing value."""
    if "missing" in criterion:
        return (value is None) == criterion["missing"]
    if value is None:
        return None
    if "in" in criterion:
        return kleene_or(includes(criterion["field"], asked, value) for asked in criterion["in"])
    low, high = criterion["between"]
    return (low is None or value >= low) and (high is None or value <= high)


def rows_of(entity: str, top: Row) -> Iterator[Row]:
    """The rows of the entity in the tree under ``top``, itself included."""
    if top.entity == entity:
        yield top
    for child in top.children:
        yield from rows_of(entity, child)


def person_of(row: Row) -> Row:
    return row if row.parent is None else person_of(row.parent)


def ranged_over(entity: str, row: Row) -> Iterator[Row]:
    """The rows over which ``some ENTITY`` ranges: those under the row, or all of its person."""
    lies_below = entity != row.entity and row.entity in upwards(entity)
    return rows_of(entity, row if lies_below else person_of(row))


def truth_of(criterion: Mapping[str, Any] | None, row: Row) -> Truth:
    """Whether the criterion holds for the row; no criterion always holds."""
    if criterion is None:
        return True
    if "all" in criterion:
        return kleene_and(truth_of(c, row) for c in criterion["all"])
    if "any" in criterion:
        return kleene_or(truth_of(c, row) for c in criterion["any"])
    if "not" in criterion:
        return kleene_not(truth_of(criterion["not"], row))
    if "some" in criterion:
        if criterion["some"] in row.dataset.lacks:
            return None
        return kleene_or(truth_of(criterion.get("where"), r) for r in ranged_over(criterion["some"], row))
    return test_of_value(criterion, value_of(criterion["field"], row))


def keys_of(question: Mapping[str, Any]) -> list[str]:
    """The coded fields that the question groups by."""
    return [name for name in question.get("by", []) if name != "dataset"]


def answer(question: Mapping[str, Any], people: Iterable[Row]) -> dict[str, Counted]:
    """Dataset to what it counts; a combination of codes that no row possibly has is not listed."""
    found: dict[str, Counted] = defaultdict(Counted)
    keys = keys_of(question)
    for person in people:
        counted = found[person.dataset.name]
        for row in rows_of(question["count"], person):
            truth = truth_of(question.get("where"), row)
            certain, possible = int(truth is True), int(truth is not False)
            counted.certain += certain
            counted.possible += possible
            if keys and possible:
                key = tuple(value_of(name, row) for name in keys)
                before = counted.groups.get(key, (0, 0))
                counted.groups[key] = (before[0] + certain, before[1] + possible)
    return dict(found)
