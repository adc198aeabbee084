"""Granularity ``aggregated`` of a Beacon: counts by dataset, and by the codes of one field or two.

The word is that of Beacon v2.0.0 (framework, beaconCommonComponents, Granularity: summary, aggregated or distribution
like responses, per collection), which gives it no response of its own; v2.1 dropped it.  So the answer is that of
result sets, and distributions stand in ``info``, where the framework wants what it does not know.  How a client names
fields (``aggregators``), and the names in a distribution, follow the draft that the specification's makers publish
(docs.genomebeacons.org, Aggregations); in that draft a count is a bare number, here it has its precision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from oncommons.schema.answer import OTHERS, Count, DatasetAnswer, Group, total
from oncommons.schema.dialects.beacon_counts import counted, summed
from oncommons.schema.dialects.entry_types import EntryType
from oncommons.schema.dialects.terms import fields_by, name_of, term_of, unknown_term
from oncommons.schema.dictionary import FIELDS, Field, lineage
from oncommons.schema.errors_of_protocols import Untranslatable

MOST_GROUPINGS = 2
"""Most fields by which one question counts."""
NOT_RECORDED = "undefined"
"""The value of rows that lack the field (the same draft, ConceptValue)."""
_Key: TypeAlias = tuple[str | None, ...]
_Cells: TypeAlias = Mapping[_Key, Group]


def groupable(entry: EntryType) -> tuple[Field, ...]:
    """The fields by which entries can be counted: the coded ones of the entry, then of what it belongs to."""
    return tuple(f for e in lineage(entry.entity) for f in FIELDS if f.entity == e and f.type == "code")


def grouping(entry: EntryType, names: Sequence[str]) -> tuple[Field, ...]:
    """The fields that a client names; where it names none, the entry's first one.

    Args:
        entry: What is counted.
        names: Names of fields, such as ``series.modality``; none to leave it to the Beacon.

    Raises:
        Untranslatable: there is no such field, entries cannot be counted by it, or there are more than two.
    """
    known = groupable(entry)
    if entry.collection:
        if names:
            raise Untranslatable(f"{entry.name}s are listed, not grouped; group entries, at /individuals and the like.")
        return ()
    found = tuple(_named(name, known, entry) for name in names)
    if len(set(found)) > MOST_GROUPINGS or len(set(found)) < len(found):
        raise Untranslatable(f"Counts are grouped by one field or by two, of {', '.join(map(name_of, known))}.")
    return found or known[:1]


def _named(name: str, known: Sequence[Field], entry: EntryType) -> Field:
    every = fields_by(name)
    if not every:
        raise unknown_term(name, "aggregators")
    for field in every:
        if field in known:
            return field
    homes = " or ".join(dict.fromkeys(f.entity for f in every))
    raise Untranslatable(
        f"Counts at /{entry.path} cannot be grouped by {name[:60]!r}, which is about {homes}; "
        f"they can be by {', '.join(map(name_of, known))}.",
        at="aggregators",
    )


def distribution(entry: EntryType, fields: Sequence[Field], datasets: Sequence[DatasetAnswer]) -> list[dict[str, Any]]:
    """How the counts of datasets are spread over the codes of fields; one aggregation, or none where nothing is grouped.

    Groups are in the order of their numbers, the largest first.  A dataset that does not list a group adds what it says
    of every group that it does not list, so an interval holds the true number wherever those of the datasets do.

    Args:
        entry: What was counted.
        fields: The fields of the question's ``by``.
        datasets: What the datasets answered.
    """
    if not fields:
        return []
    found = [({tuple(g.key.get(f.name) for f in fields): g for g in d.groups}, d) for d in datasets]
    keys = {key for cells, _ in found for key in cells}
    rows = [(key, _parts(key, found)) for key in keys]
    rows.sort(key=lambda row: (-sum(c.number for c, _ in row[1]), [code or "" for code in row[0]]))
    rest = counted(total(_rest(d)[0] for d in datasets), "count")
    if rest["countPrecision"] != "exact":
        rest.pop("count", None)
    return [
        {
            "scope": entry.id,
            "concepts": [{"id": name_of(f), "label": f.name.replace("_", " ")} for f in fields],
            "distribution": [_cell(fields, key, parts) for key, parts in rows],
            "notListed": rest,
        }
    ]


def _parts(key: _Key, found: Sequence[tuple[_Cells, DatasetAnswer]]) -> list[tuple[Count, Count]]:
    """What each dataset says of one group, certain and possible."""
    return [(cells[key].certain, cells[key].possible) if key in cells else _rest(d) for cells, d in found]


def _rest(dataset: DatasetAnswer) -> tuple[Count, Count]:
    """What a dataset says of a group that it does not list; where it says nothing, only its whole bounds the group."""
    if dataset.unlisted is not None:
        return dataset.unlisted, dataset.unlisted
    certain, possible = (Count(0, whole.at_most, "suppressed") for whole in (dataset.certain, dataset.possible))
    return certain, possible


def _cell(fields: Sequence[Field], key: _Key, parts: Sequence[tuple[Count, Count]]) -> dict[str, Any]:
    _, certain = summed([c for c, _ in parts], "count")
    _, possible = summed([p for _, p in parts], "count")
    values = [_value(field, code) for field, code in zip(fields, key, strict=True)]
    return {"conceptValues": values, **certain, "info": {"possible": possible}}


def _value(field: Field, code: str | None) -> dict[str, str]:
    if code is None:
        return {"id": NOT_RECORDED, "label": f"{field.name.replace('_', ' ')} not recorded"}
    if code == OTHERS:
        return {"id": "other", "label": "all that are not listed"}
    return {"id": term_of(field, code), "label": field.codes.codes.get(code, code)}
