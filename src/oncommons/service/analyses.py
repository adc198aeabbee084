"""The analyses that are installed here: those of the package, and those of others, by the entry point ``oncommons.analyses``."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

from oncommons.schema.errors import MissingPackage, UnknownValue

if TYPE_CHECKING:  # a hub or node that makes no analyses has nothing of what they compute with
    from oncommons.algorithms.pair import Analysis

GROUP = "oncommons.analyses"
OURS = "oncommons"
"""The distribution whose analyses are tried when it is tested, and not again at a node."""
log = logging.getLogger("oncommons.analyses")


@cache
def analyses() -> dict[str, Analysis]:
    """Every analysis by its name, in order of names.

    Raises:
        MissingPackage: what analyses compute with is not installed.
    """
    if find_spec("scipy") is None:
        raise MissingPackage("Analyses need another package: pip install 'oncommons[analyses]'.")
    points = sorted(entry_points(group=GROUP), key=lambda point: point.dist is not None and point.dist.name == OURS)
    found = {one.name: one for point in points if (one := _loaded(point)) is not None}  # nobody takes the place of ours
    return dict(sorted(found.items()))


@cache
def origin(name: str) -> str:
    """Where an analysis comes from: distribution, its version and that of the analysis; empty for those of the package.

    Raises:
        UnknownValue: there is none of this name.
        MissingPackage: what analyses compute with is not installed.
    """
    found = analysis_named(name)
    for point in entry_points(group=GROUP):
        if _loaded(point) is found:
            dist = point.dist
            where = f"{dist.name} {dist.version}" if dist is not None else point.value
            return "" if where.partition(" ")[0] == OURS else f"{where}, version {found.version}"
    return f"version {found.version}"


def _loaded(point: EntryPoint) -> Analysis | None:
    """An analysis; nothing where somebody's package is broken, which must not keep the others from being made."""
    try:
        found = point.load()
    except Exception:
        log.exception("the analysis %s cannot be loaded", point.name)
        return None
    if not isinstance(found, import_module("oncommons.algorithms.pair").Analysis):
        log.warning("%s is not an analysis", point.value)
        return None
    made: Analysis = found
    return made


def analysis_named(name: str) -> Analysis:
    """One analysis.

    Raises:
        UnknownValue: there is none of this name.
        MissingPackage: what analyses compute with is not installed.
    """
    known = analyses()
    if name not in known:
        raise UnknownValue(f"There is no analysis {name[:40]!r} here; there are {', '.join(known)}.", at="analysis")
    return known[name]
