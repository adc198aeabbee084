"""The page of a node's console that tells how good its images are, and what has changed from check to check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.web.console_part import ConsolePart
from oncommons.web.console_views import link
from oncommons.web.trends import Reading, Trend, trend
from oncommons.web.uploads import form_fields

Json: TypeAlias = dict[str, Any]

LEVELS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "fault": ("✗", "fault", "something is missing or wrong"),
        "doubt": ("?", "doubt", "a person should look"),
        "note": ("·", "note", "good to know"),
    }
)
"""Sign of each level of finding, its word, and what it means."""
WAYS: Mapping[str, str] = MappingProxyType(
    {"quick": "by the ledger", "files": "by its files", "pixels": "by its files and their pixels"}
)
"""How a dataset was checked, in words; checks are compared with those that were made in the same way."""
_FULL = 100
_STATES = (
    ("partial", "describes also what is not here", "describe also what is not here"),
    ("nowhere", "describes only what is not here", "describe only what is not here"),
    ("unlinked", "names nothing", "name nothing"),
)
"""State of links, and how one object, and several, are said to have it."""


@dataclass(frozen=True)
class Bar:
    """How many series state something: its name, both numbers, and the share in per cent."""

    name: str
    series: int
    of: int

    @property
    def share(self) -> int:
        """Per cent, rounded down, so that 100 means all."""
        return _FULL * self.series // self.of if self.of else _FULL


@dataclass(frozen=True)
class QualityView:
    """The quality of one dataset in words.

    Attributes:
        dataset: Its name.
        report: Its latest report; nothing where it was not checked, or by an older version.
        checks: The records of all checks that are told, the newest first.
        figure: Series without fault or doubt, over time.
        gaps: What not every series states that should.
        links: What its objects describe, in words.
        way: How the latest check was made, in words.
        undecoded: Series whose pixels an earlier check could not decode, and when; none where the latest one tried.
    """

    dataset: str
    report: Json | None
    checks: Sequence[Json]
    figure: Trend
    gaps: Sequence[Bar]
    links: Sequence[str]
    way: str = ""
    undecoded: tuple[int, str] | None = None


def quality_view(told: Json) -> QualityView:
    """The quality of one dataset.

    Args:
        told: What the node tells of it.
    """
    report = told["report"]
    way = (report or {}).get("way", "files")
    checks = [
        one
        for one in told["checks"]
        if one.get("way", "files") == way and isinstance(one.get("figures"), dict) and _is_time(one.get("at"))
    ]
    readings = [
        Reading(str(one.get("at", "")), one["figures"].get("without_findings", 0), one["figures"].get("series", 0))
        for one in checks
    ]
    bars = [Bar(name, n["series"], n["of"]) for name, n in (report or {}).get("coverage", {}).items()]
    return QualityView(
        dataset=told["dataset"],
        report=report,
        checks=checks[::-1],
        figure=trend("whole", "Series with neither fault nor doubt", readings),
        gaps=[bar for bar in bars if bar.series < bar.of],
        links=[_link_words(one) for one in (report or {}).get("links", [])],
        way=WAYS.get(way, ""),
        undecoded=_undecoded((report or {}).get("decoded", {})),
    )


def latest_figures(told: Json) -> dict[str, Json]:
    """Dataset to the figures of its latest check; those that were never checked are left out.

    Args:
        told: What the node tells of its checks.
    """
    views = [quality_view(one) for one in told["datasets"]]
    return {view.dataset: view.checks[0]["figures"] for view in views if view.checks}


def _undecoded(record: Json) -> tuple[int, str] | None:
    found = record.get("findings")
    number = found.get("pixels-undecodable", 0) if isinstance(found, dict) else 0
    return (number, str(record.get("at", ""))) if number and _is_time(record.get("at")) else None


def _is_time(text: object) -> bool:
    """Whether a record says when it was made; a file of records can be spoilt."""
    try:
        datetime.fromisoformat(str(text))
    except ValueError:
        return False
    return True


def _link_words(one: Json) -> str:
    objects, rest = one["objects"], []
    for key, of_one, of_many in _STATES:
        if number := one.get(key):
            rest.append(f"{number:,} {of_one if number == 1 else of_many}")
    says = "1 object describes" if objects == 1 else f"{objects:,} objects describe"
    return f"{one['kind']}: {says} {one['targets']:,} series; {', '.join(rest) or 'all is here'}"


class QualityPages(ConsolePart):
    """One method a page."""

    def quality(self, request: Request) -> Response:
        """How good the images are."""
        told = self.steward.quality()
        names = [one["dataset"] for one in told["datasets"]]
        asked = request.query_params.get("dataset", "")
        chosen = asked if asked in names else names[0] if names else ""
        view = next((quality_view(one) for one in told["datasets"] if one["dataset"] == chosen), None)
        return self.page(request, "console_quality.html", names=names, view=view, told=told, levels=LEVELS)

    def check(self, request: Request, body: bytes) -> Response:
        """Begin a check, and go back to the page that tells of it."""
        dataset = next((value for name, value in form_fields(body) if name == "dataset"), "")
        self.steward.check(dataset, self.witness(request))
        return RedirectResponse(link("/quality", dataset=dataset), status_code=303)
