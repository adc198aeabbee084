"""What a kept object refers to, and what refers to its series, as the data manager is told."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from oncommons.node.home import Home
from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_links import LedgerLinks

MOST = 50
"""Links of each side that are told."""


def links_json(home: Home, entry: Entry) -> dict[str, Any]:
    """Links of a kept object, as JSON.

    ``describes``: each series that it refers to, or, without a series, how much it names that is not here.
    ``described_by``: each object that refers to its series.  ``more_described`` and ``more_describing`` tell how many
    of each there are beyond the :data:`MOST` that are told.

    Args:
        home: The node.
        entry: The object.

    Raises:
        MachineError: the ledger cannot be read.
    """
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        describes: list[dict[str, Any]] = []
        of, by = ledger.links_from(entry.sop), ledger.links_to(entry.series)
        for row in of[:MOST]:
            told = dict(zip(("modality", "dataset"), ledger.what_is(row.target), strict=False))
            describes.append({"kind": row.kind, "series": row.target, "objects": row.objects, **told})
        described = []
        for row in by[:MOST]:
            files = ledger.objects(sop=row.sop)
            described += [{"kind": row.kind, "file": file.digest, "modality": file.modality} for file in files]
    return {
        "describes": describes,
        "described_by": described,
        "more_described": max(0, len(of) - MOST),
        "more_describing": max(0, len(by) - MOST),
    }
