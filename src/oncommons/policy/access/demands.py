"""What the data manager of a node asks of everybody, and takes away from a project, whatever permits say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

Demand = Literal["optional", "required", "consent", "run"]
_DEMANDS: tuple[Demand, ...] = ("optional", "required", "consent", "run")
DEMANDS: Mapping[str, Demand] = MappingProxyType({name: name for name in _DEMANDS})
"""What a node demands: nothing, a permit of every question, or the data manager's own consent, too: to the project, or to
each run."""
Showing = Literal["off", "permit", "consent"]
SHOWINGS: Mapping[str, Showing] = MappingProxyType({"off": "off", "permit": "permit", "consent": "consent"})
"""To whom outside a node gives images: nobody, whose permit names them, or only where the data manager consented, too."""


@dataclass(frozen=True)
class Restriction:
    """What a data manager takes away from a project, whatever its permit says.

    Attributes:
        datasets: Datasets of the node that it may not ask.
        variables: Entities and fields that it may not ask for.
        groups: Whether it may have counts by codes.
        until: It may ask nothing from this second on, since the epoch; ``None`` leaves that to the permit.
    """

    datasets: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    groups: bool = True
    until: int | None = None

    def with_more(self, more: Restriction) -> Restriction:
        """What is taken away by both."""
        ends = [end for end in (self.until, more.until) if end is not None]
        groups = self.groups and more.groups
        return Restriction(
            self.datasets | more.datasets, self.variables | more.variables, groups, min(ends, default=None)
        )

    def to_json(self) -> dict[str, Any]:
        """The restriction as JSON."""
        lists = {"datasets": sorted(self.datasets), "variables": sorted(self.variables)}
        return {**lists, "groups": self.groups, "until": self.until}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Restriction:
        """Read a restriction as :meth:`to_json` writes it."""
        return cls(frozenset(body["datasets"]), frozenset(body["variables"]), body["groups"], body["until"])

    @classmethod
    def of(cls, text: str) -> Restriction:
        """Read a restriction that was noted as JSON; an empty text takes nothing away."""
        return cls.from_json(json.loads(text)) if text else cls()
