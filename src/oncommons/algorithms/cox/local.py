"""At a node: which of its people take part, and their part of the fit, with the hospital's own baseline or a common one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oncommons.algorithms.cox.hospital import fit_part
from oncommons.algorithms.cox.one_baseline import common_part
from oncommons.algorithms.design import survey
from oncommons.algorithms.pair import Basis, Partial, State, Table, Unanswerable
from oncommons.algorithms.weighing import crowds_of, outweighing


def local(table: Table, settings: Mapping[str, Any], state: State | None, least: int) -> Partial:
    """What one round needs of a node.

    Args:
        table: The cohort.
        settings: Names of the variables ``time``, ``event``, ``covariates``, ``strata`` and ``entry``; ``baseline``,
            ``ties``, ``errors`` and ``check``.
        state: ``None`` at first; then the columns and the coefficients.
        least: How many people a number must rest upon; of a common baseline, whose numbers stand by time.

    Raises:
        Unanswerable: the state is none of this fit, or the settings do not go together.
    """
    if settings["baseline"] == "common":
        _check_common(settings)
        return common_part(table, settings, state, least)
    covariates, strata = tuple(settings["covariates"]), tuple(settings.get("strata") or ())
    entry = settings.get("entry")
    names = (settings["time"], settings["event"], *covariates, *strata, *([entry] if entry else []))
    rows = table.complete(*names)
    known = rows.people
    if entry:
        rows = _of(rows, rows.columns[entry] < rows.columns[settings["time"]])
    events = rows.columns[settings["event"]] > 0
    if settings["check"] == "log" and (rows.columns[settings["time"]][events] <= 0).any():
        raise Unanswerable(
            "The log of a time that is not above 0 is none; check proportional hazards by another clock."
        )
    told, cells = survey(rows, covariates)
    basis = Basis(
        rows.people,
        cells,
        parameters=_columns_at_least(told),
        events=int(events.sum()),
        share=outweighing(rows, covariates),
        crowds=_crowds(table, names, (settings["event"], *covariates, *strata), settings),
    )
    if state is None:
        return Partial(told, basis)
    part = fit_part(rows, settings, state, basis)
    late = known - rows.people if rows.people else 0  # numbers of nobody are not added under masks
    return Partial({**part.found, "late": late}, part.basis)


def _check_common(settings: Mapping[str, Any]) -> None:
    if settings.get("strata") or settings.get("entry") or settings["errors"] == "robust":
        raise Unanswerable(
            "Strata, an entry and robust errors go with a baseline of each hospital; ask for the baseline hospital."
        )


def _columns_at_least(told: Mapping[str, Any]) -> int:
    """Columns that the model has whatever other nodes have: of numbers, and of levels that somebody has here."""
    return len(told["numbers"]) + sum(max(int(np.count_nonzero(one)) - 1, 0) for one in told["levels"].values())


def _crowds(table: Table, names: Any, apart: Any, settings: Mapping[str, Any]) -> Any:
    """Whose rows sums rest upon; nobody who comes when they are already gone."""
    found = crowds_of(table, names, apart)
    if not settings.get("entry"):
        return found
    return tuple(one & (table.columns[settings["entry"]] < table.columns[settings["time"]]) for one in found)


def _of(rows: Table, some: Any) -> Table:
    return Table({name: column[some] for name, column in rows.columns.items()}, rows.levels)
