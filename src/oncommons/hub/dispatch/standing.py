"""Where a run stands between two rounds: all that is needed to go on with it, as JSON; and who follows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import orjson

from oncommons.hub.dispatch.rules import Told


@dataclass(frozen=True)
class Standing:
    """Where a run stands.

    Attributes:
        nodes: Names of the nodes that are asked in the next round.
        attempt: How often all began anew, since a node was lost.
        number: How many rounds of this attempt were put together.
        again: How often this round was asked anew, since its time ran out while the hub was away.
        asked: How many rounds were asked, of all attempts together.
        state: What nodes are told in the next round; ``None`` for the first.
        lost: The nodes that are left out, by name.
        sums: The nodes of which only the sum is seen, by name, each with how it takes part.
    """

    nodes: tuple[str, ...]
    attempt: int = 0
    number: int = 0
    again: int = 0
    asked: int = 0
    state: Mapping[str, Any] | None = None
    lost: Mapping[str, Told] = field(default_factory=dict)
    sums: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """The name of the next round on the work list.

        Args:
            key: What the names of all rounds of the run begin with.
        """
        return f"{key}-{self.attempt}-{self.number}" + (f"-{self.again}" if self.again else "")

    def next(self, state: Mapping[str, Any], told: Iterable[Told] = ()) -> Standing:
        """After a round that was put together.

        Args:
            state: Of the next round.
            told: What each node told; in the first round, how it takes part in sums.
        """
        sums = {one.node: one.sums for one in told if one.sums} if self.state is None else self.sums
        return replace(self, number=self.number + 1, again=0, state=state, sums=sums)

    def anew(self) -> Standing:
        """From the first round, with the same nodes."""
        return replace(self, attempt=self.attempt + 1, number=0, again=0, state=None, sums={})

    def without(self, gone: Mapping[str, Told], seen: Mapping[str, Told]) -> Standing:
        """After a round, which is counted, in which nodes were lost: those that are left begin anew, where it was not the first.

        Args:
            gone: What became of the nodes that are lost.
            seen: What each node told in the round before.
        """
        told = {name: one.after(self.asked - 1, seen.get(name)) for name, one in gone.items()}
        left = replace(self, nodes=tuple(n for n in self.nodes if n not in gone), lost={**self.lost, **told})
        return left if self.state is None else left.anew()

    def dumps(self) -> str:
        """As JSON text."""
        body = vars(self) | {"lost": [one.to_json() for one in self.lost.values()]}
        return orjson.dumps(body).decode()

    @classmethod
    def loads(cls, text: str) -> Standing:
        """Read from JSON text."""
        body = orjson.loads(text)
        lost = [Told(**one) for one in body.pop("lost")]
        return cls(**body | {"nodes": tuple(body["nodes"]), "lost": {one.node: one for one in lost}})


class Follow(Protocol):
    """Follows a run."""

    @property
    def key(self) -> str:
        """What the names of its rounds begin with, which nobody can guess."""

    @property
    def start(self) -> Standing | None:
        """Where it goes on; ``None`` where it begins."""

    async def at(self, standing: Standing) -> None:
        """Told before each round where the run stands; what this raises ends the run.

        Args:
            standing: Where it stands.
        """
