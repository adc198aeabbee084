"""A harmonisation that hospitals found together, applied to this node's own people: what comes of it stays here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.combat import COMBAT
from oncommons.algorithms.combat.applying import harmonised
from oncommons.algorithms.pair import Unanswerable
from oncommons.client.repeating import run_of
from oncommons.node.compute import table_of
from oncommons.node.home import Home
from oncommons.node.index.asking import Index
from oncommons.node.optouts import open_seen
from oncommons.schema.errors import NothingImported
from oncommons.schema.errors_of_analyses import AnalysisError, BadRecord
from oncommons.schema.run import parse_run

BEFORE = "measured"
"""What is added to the name of a variable for the numbers before."""


@dataclass(frozen=True)
class Applied:
    """What came of it.

    Attributes:
        variables: Those that were harmonised.
        rows: The first names the columns: ``dataset``, ``person`` (as the source names them), and each variable twice,
            harmonised and as it was measured; ``None`` where it is missing.
        missing: People of whom a variable could not be harmonised, since it, a covariate or the batch is missing.
    """

    variables: tuple[str, ...]
    rows: list[list[Any]]
    missing: int


def apply_record(home: Home, record: Mapping[str, Any]) -> Applied:
    """Bring the people whom a run asks for, at this node, to the scale that it found.

    Args:
        home: The node; who has opted out there is left out.
        record: Of a run of ``combat`` in which this node, or each of its devices, took part.

    Raises:
        BadRecord: it is none.
        AnalysisError: it does not know this node, or a batch has no scale.
        NotJoined: batches are hospitals, and this node has joined no hub that would have named it.
        NothingImported: this node holds no data.
    """
    run = parse_run(run_of(record))
    if run.analysis != COMBAT.name or record["version"] != COMBAT.version:
        raise BadRecord(
            f"This is a record of {run.analysis}; what {COMBAT.name} found can be applied, in version {COMBAT.version}."
        )
    opened = open_seen(home)
    if opened is None:
        raise NothingImported("This node holds no data yet: oncommons node import.")
    with closing(Index(opened)) as index:
        rows = index.rows(run)
        names = index.names()
    table = table_of(run, rows, chosen(COMBAT, run)["levels"])
    try:
        batch = "" if record["result"]["batch"] else home.joined().name
        made = harmonised(table, record["result"], record["tables"], batch)
    except Unanswerable as fault:
        raise AnalysisError(str(fault)) from fault
    except (KeyError, TypeError, ValueError) as fault:
        raise BadRecord("The record lacks what the harmonisation found.", detail=repr(fault)) from fault
    told = [column for name in made for column in (made[name], table.columns[name])]
    head = ["dataset", "person", *(column for name in made for column in (name, f"{name}_{BEFORE}"))]
    body = [
        [row[0], names[row[0], row[1]], *(None if np.isnan(one) else float(one) for one in values)]
        for row, *values in zip(rows, *told, strict=True)
    ]
    missing = int(np.isnan(np.stack(list(made.values()))).any(axis=0).sum())
    return Applied(tuple(made), [head, *body], missing)
