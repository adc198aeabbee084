"""The order of linking, and nowhere else: kept objects that describe others, their references, the ledger, the tables."""

from __future__ import annotations

from contextlib import closing

from oncommons.imaging.references import DESCRIBING, references
from oncommons.node.home import Home
from oncommons.node.keep.shelf import Shelf
from oncommons.node.report.links import resolved
from oncommons.schema.errors import ImageError, NotFound
from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_links import LedgerLinks
from oncommons.storage.linked import Linked, LinkRow
from oncommons.storage.mapped import mapped

_AT_ONCE = 500
"""Objects that are entered together; a stopped import does not read them again."""


def link_kept(home: Home, dataset: str) -> list[LinkRow]:
    """Link what has come into a dataset with what it describes, and give all links of the node.

    Each object is read once; what it names and was not here is linked when it comes, in whichever dataset.

    Args:
        home: The node.
        dataset: The dataset.

    Raises:
        MachineError: the disk is full or broken; what was linked until then stays.
    """
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        shelf = Shelf(home.blobs, home.quarantine, ledger)
        new = ledger.unlinked(dataset, DESCRIBING)
        for at in range(0, len(new), _AT_ONCE):
            found = (_linked(shelf, ledger, entry) for entry in new[at : at + _AT_ONCE])
            ledger.link([one for one in found if one is not None])
        ledger.complete()
        return ledger.links()


def _linked(shelf: Shelf, ledger: LedgerLinks, entry: Entry) -> Linked | None:
    """What an object refers to; nothing where its file is gone or damaged, which a check tells."""
    try:
        with shelf.open(entry) as file:
            named = references(mapped(file))
    except (NotFound, ImageError, ValueError):
        return None
    targets, lost = resolved(entry.sop, entry.series, named, ledger.places(named.instances).get, ledger.has_series)
    return Linked(entry.sop, entry.series, DESCRIBING[entry.modality], targets, lost)
