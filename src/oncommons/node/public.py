"""What a node tells everybody under the rule ``noise``: told once for each state of its tables, and remembered."""

from __future__ import annotations

from oncommons.node.index.asking import Index
from oncommons.node.share.public import Public
from oncommons.policy.disclosure.crowd import NOBODY
from oncommons.policy.disclosure.telling import Teller
from oncommons.schema.answer import Count
from oncommons.schema.dictionary import ENTITIES, FIELDS, fields_named
from oncommons.schema.question import Missing, Question


def tell_public(index: Index, teller: Teller) -> Public:
    """Tell how many rows each dataset has, how many people have which codes, and how many rows lack which field.

    Args:
        index: The node's tables.
        teller: Tells, and remembers.
    """
    entities = [entity for entity in ENTITIES if entity in index.holdings.entities]
    return Public(
        records={name: told for name, told in _records(index, teller, entities).items() if told},
        codes=_codes(index, teller),
        lacking=_lacking(index, teller, entities),
    )


def _records(index: Index, teller: Teller, entities: list[str]) -> dict[str, dict[str, Count]]:
    found: dict[str, dict[str, Count]] = {}
    for entity in entities:
        for key, place in index.places(entity, teller.noise.is_small).items():
            if entity in index.datasets[key].records:
                found.setdefault(place.dataset, {})[entity] = teller.tell(place, place.everybody)
    return found


def _codes(index: Index, teller: Teller) -> dict[str, dict[str, dict[str, Count]]]:
    places = {place.dataset: place for place in index.places("person", teller.noise.is_small).values()}
    found: dict[str, dict[str, dict[str, Count]]] = {}
    for field, datasets in index.crowds_by_code().items():
        above = fields_named(field)[0].codes.above
        for dataset, codes in datasets.items():
            lowest_first = sorted(
                codes, key=lambda code: (-len(above(code)), code)
            )  # one that differs little is merged
            told = {code: teller.tell(places[dataset], codes[code]) for code in lowest_first}
            found.setdefault(dataset, {})[field] = told
    return found


def _lacking(index: Index, teller: Teller, entities: list[str]) -> dict[str, dict[str, Count]]:
    found: dict[str, dict[str, Count]] = {}
    for field in (f for f in FIELDS if f.entity in entities):
        for tally in index.ask(Question(field.entity, Missing(field, missing=True)), few=teller.noise.is_small):
            if tally.place is not None and field.entity in tally.state.records:
                crowd = tally.cells[0].certainly if tally.cells else None
                told = teller.tell(tally.place, crowd or NOBODY)
                found.setdefault(tally.state.name, {})[f"{field.entity}.{field.name}"] = told
    return found
