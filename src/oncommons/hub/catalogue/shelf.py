"""Dataset cards kept by the hub, each under the node that published it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, insert, select, tuple_

from oncommons.hub.catalogue.tables import DATASET
from oncommons.schema.dataset import DatasetCard, rule_of
from oncommons.storage.database import Database


class Shelf:
    """The cards in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def replace(self, node: str, cards: Sequence[DatasetCard], now: float) -> None:
        """Put a node's cards in the place of those it had."""
        rows = [{"node": node, "dataset": c.dataset, "card": json.dumps(c.to_json()), "published": now} for c in cards]
        with self.database.write() as connection:
            connection.execute(delete(DATASET).where(DATASET.c.node == node))
            if rows:
                connection.execute(insert(DATASET), rows)

    def cards(self) -> list[tuple[str, DatasetCard]]:
        """Every card with its node, in order of node and dataset."""
        query = select(DATASET.c.node, DATASET.c.card).order_by(DATASET.c.node, DATASET.c.dataset)
        with self.database.read() as connection:
            return [(row.node, DatasetCard.from_json(json.loads(row.card))) for row in connection.execute(query)]

    def published(self) -> Mapping[str, float]:
        """Node to when it published its cards last, in seconds since the epoch; nodes without cards are not there."""
        query = select(DATASET.c.node, func.max(DATASET.c.published)).group_by(DATASET.c.node)
        with self.database.read() as connection:
            return {str(node): float(published) for node, published in connection.execute(query).all()}

    def rules(self) -> Mapping[str, str]:
        """Node to the disclosure rule that its cards name, such as ``noise``; nodes without cards are not there."""
        first = select(DATASET.c.node, func.min(DATASET.c.dataset)).group_by(DATASET.c.node)
        query = select(DATASET.c.node, DATASET.c.card).where(tuple_(DATASET.c.node, DATASET.c.dataset).in_(first))
        with self.database.read() as connection:
            cards = {str(node): json.loads(card) for node, card in connection.execute(query).all()}
        rules = {node: rule_of(DatasetCard.from_json(card).policy) for node, card in cards.items()}
        return {node: rule for node, rule in rules.items() if rule}

    def numbers(self) -> Mapping[str, int]:
        """Node to number of cards."""
        query = select(DATASET.c.node, func.count()).group_by(DATASET.c.node)
        with self.database.read() as connection:
            return {str(node): int(number) for node, number in connection.execute(query).all()}
