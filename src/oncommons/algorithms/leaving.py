"""Who leaves when: people with an event, or seen for the last time, by coarse time; told at a node, and put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.grid import followed, moved
from oncommons.algorithms.groups import levels_of, places
from oncommons.algorithms.pair import Numbers, Table
from oncommons.algorithms.tails import chi_squared_test

Told = list[list[float]]
"""Times, rising, and how many people leave at each."""


def leaving(
    rows: Table, names: Sequence[str], least: int, causes: int = 1
) -> tuple[dict[str, list[Told]], dict[str, list[int]]]:
    """Of each group who leaves when: first those who were seen for the last time, then those with each event.

    Args:
        rows: Complete rows.
        names: The variables of time and of event, and of groups where there are any.
        least: How many people a number must rest upon; a group with fewer people with an event is left out.
        causes: How many different events there are.

    Returns:
        By group what is told of each kind, and how many people of each were moved across a time at most.
    """
    by = names[2] if len(names) > 2 else None  # noqa: PLR2004
    at = places(rows, by)
    groups: dict[str, list[Told]] = {}
    across: dict[str, list[int]] = {}
    for place, level in enumerate(levels_of({"levels": rows.levels}, by)):
        some = at == place
        times = rows.columns[names[0]][some]
        found = followed(times, rows.columns[names[1]][some].astype(int), least, causes)
        if found.kept.any():
            kinds, exact = [found.events == kind for kind in range(causes + 1)], times[found.kept]
            groups[level] = [_numbers(found.times[kind]) for kind in kinds]
            across[level] = [moved(exact[kind], found.times[kind], least) for kind in kinds]
    return groups, across


def cells_of(groups: dict[str, list[Told]]) -> tuple[int, ...]:
    """People behind each number of :func:`leaving`."""
    return tuple(int(number) for kinds in groups.values() for _, numbers in kinds for number in numbers)


def _numbers(times: Numbers) -> Told:
    at, numbers = np.unique(times, return_counts=True)
    return [at.tolist(), numbers.tolist()]


@dataclass(frozen=True)
class Leaving:
    """The people of a group, of several nodes.

    Attributes:
        times: At which somebody leaves, rising, shape ``(times,)``.
        risk: People at risk just before.
        left: People who leave then, shape ``(kinds, times)``: seen for the last time, then with each event.
        parts: What each node told, by kind.
        moved: How many people each node moved across a time at most, by kind.
    """

    times: Numbers
    risk: Numbers
    left: Numbers
    parts: tuple[Sequence[Told], ...] = ()
    moved: tuple[Sequence[int], ...] = ()

    def on(self, times: Numbers) -> tuple[Numbers, Numbers]:
        """People at risk and people who leave at other times: at risk as when somebody leaves next.

        Args:
            times: Rising.

        Returns:
            Shape ``(times,)`` and ``(kinds, times)``.
        """
        place = np.searchsorted(self.times, times, side="left")
        here = np.append(self.times, np.inf)[place] == times
        left = np.concatenate([self.left, np.zeros((len(self.left), 1))], axis=1)[:, place]
        return np.append(self.risk, 0.0)[place], np.where(here, left, 0.0)


def untold(groups: Sequence[str], partials: Mapping[str, Mapping[str, Any]]) -> str:
    """Which nodes tell nothing of which group, for whoever reads the result; empty where all tell of all.

    Args:
        groups: Of which any node tells.
        partials: What each node gave; ``groups`` has those of which it tells.
    """
    lost = {group: [node for node in sorted(partials) if group not in partials[node]["groups"]] for group in groups}
    named = [f"{f'of {group} ' if group else ''}{', '.join(nodes)}" for group, nodes in lost.items() if nodes]
    if not named:
        return ""
    return (
        "Too few had the event at some nodes, or nobody is there, so that these tell nothing and the result rests upon "
        f"the others: {'; '.join(named)}."
    )


def together(parts: Sequence[Sequence[Told]], moved: Sequence[Sequence[int]] = ()) -> Leaving:
    """One group of several nodes.

    Args:
        parts: Of each node, what :func:`leaving` tells of the group, by kind.
        moved: Of each node, how many people it moved across a time at most, by kind.
    """
    every = zip(*parts, strict=True)
    kinds = [np.concatenate([np.asarray(one, dtype=np.float64) for one in told], axis=1) for told in every]
    times = np.unique(np.concatenate([at for at, _ in kinds]))
    left = np.zeros((len(kinds), len(times)))
    for kind, (at, numbers) in enumerate(kinds):
        np.add.at(left[kind], np.searchsorted(times, at), numbers)
    gone = left.sum(axis=0)
    risk = gone.sum() - np.concatenate([[0.0], np.cumsum(gone)[:-1]])
    return Leaving(times, risk, left, tuple(parts), tuple(moved))


def log_rank(groups: Sequence[Leaving], cause: int = 1) -> dict[str, float]:
    """The log-rank test of how often an event comes (Mantel 1966; Klein and Moeschberger, section 7.3).

    Args:
        groups: Two or more.
        cause: Which event, from 1; who had another one is seen for the last time then.

    Returns:
        ``statistic``, ``degrees`` of freedom, and ``p``.
    """
    times = np.unique(np.concatenate([one.times[one.left[cause] > 0] for one in groups]))
    risk, left = (np.array(part) for part in zip(*(one.on(times) for one in groups), strict=True))
    events = left[:, cause]
    at_risk, dead = risk.sum(0), events.sum(0)
    score = (events - risk * dead / at_risk).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(at_risk > 1, dead * (at_risk - dead) / (at_risk**2 * (at_risk - 1)), 0.0)
    spread = np.diag((risk * factor * at_risk).sum(1)) - (risk * factor) @ risk.T
    reduced = score[:-1]
    statistic = float(reduced @ np.linalg.pinv(spread[:-1, :-1]) @ reduced)
    degrees = len(groups) - 1
    return chi_squared_test(statistic, degrees)
