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
    ``described_by``: each object that refers to its series.

    Args:
        home: The node.
        entry: The object.

    Raises:
        MachineError: the ledger cannot be read.
    """
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        describes: list[dict[str, Any]] = []
        for row in ledger.links_from(entry.sop)[: MOST + 1]:
            told = dict(zip(("modality", "dataset"), ledger.what_is(row.target), strict=False))
            describes.append({"kind": row.kind, "series": row.target, "objects": row.objects, **told})
        described = []
        for row in ledger.links_to(entry.series)[: MOST + 1]:
            files = ledger.objects(sop=row.sop)
            described += [{"kind": row.kind, "file": file.digest, "modality": file.modality} for file in files]
    return {"describes": describes, "described_by": described}
