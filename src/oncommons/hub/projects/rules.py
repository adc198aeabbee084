"""What everybody may know of a project, from its permit: nothing about people is in it.

Source: Regulation (EU) 2025/327, Article 58(1), points (f) and (g): health data access bodies make public to which datasets
access was granted, for which purposes, and the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncommons.hub.people.rules import organisation_of
from oncommons.hub.permits.book import Entry
from oncommons.schema.permit import written
from oncommons.schema.purposes import DUO, EHDS
from oncommons.schema.saved import utc

ORDER = ("holds", "not yet", "ended", "revoked")
"""Standings, in the order in which projects are told."""


@dataclass(frozen=True)
class Report:
    """What came of a project, in words for everybody; ``at`` in seconds since the epoch."""

    text: str
    at: float


@dataclass(frozen=True)
class Story:
    """What those who applied say of their project, for everybody.

    Attributes:
        summary: What it is about, in plain words; empty where nothing was said.
        reports: What came of it.
    """

    summary: str = ""
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a hub knows besides.

    Attributes:
        now: Seconds since the epoch.
        holders: Node to the name of the organisation whose it is.
        titles: Node and dataset to the dataset's title.
        answered: Permit to the number of its questions that were answered.
        stories: Permit to what is said of its project.
    """

    now: float
    holders: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    stories: Mapping[str, Story] = field(default_factory=dict)


def project_of(entry: Entry, around: Surroundings) -> dict[str, Any]:
    """A project as everybody sees it; its people and their questions are left out.

    Args:
        entry: Its permit, as it was issued.
        around: What the hub knows besides.
    """
    permit, story = entry.permit, around.stories.get(entry.permit.id, Story())
    datasets = [
        {"node": h.node, "dataset": h.dataset, "version": h.version}
        | {"title": around.titles.get((h.node, h.dataset), h.dataset), "holder": around.holders.get(h.node, h.node)}
        for h in permit.datasets
    ]
    purposes = [{"code": code, "place": EHDS[code][0], "label": EHDS[code][1]} for code in permit.ehds]
    return {
        "id": permit.id,
        "title": permit.title or permit.project,
        "summary": story.summary,
        "standing": entry.standing(around.now),
        "holders": sorted({one["holder"] for one in datasets}),
        "datasets": datasets,
        "purposes": purposes,
        "terms": [{"code": code, "label": DUO[code]} for code in permit.duo],
        "analyses": list(permit.analyses),
        "variables": list(permit.variables),
        "not_before": written(permit.not_before),
        "not_after": written(permit.not_after),
        "issued": utc(entry.issued),
        "revoked": utc(entry.revoked),
        "answered": around.answered.get(permit.id, 0),
        "results": [{"text": one.text, "at": utc(one.at)} for one in story.reports],
    }


def in_order(projects: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Projects that go on before those that are over, and the newest first."""
    newest = sorted(projects, key=lambda one: (one["issued"], one["id"]), reverse=True)
    return sorted(newest, key=lambda one: ORDER.index(one["standing"]))


def holders_of(nodes: Sequence[str], named: Mapping[str, str], organisations: Mapping[str, str]) -> dict[str, str]:
    """Node to the name of the organisation whose it is; those of none are left out.

    Args:
        nodes: Names of nodes.
        named: Node to the identifier of the organisation that was named for it.
        organisations: Identifiers of organisations to their names.
    """
    found = {node: organisations.get(organisation_of(node, named, organisations), "") for node in nodes}
    return {node: name for node, name in found.items() if name}
