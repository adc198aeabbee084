"""A ledger as those use it who link kept objects with what they refer to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from oncommons.storage.ledger import Entry, Ledger
from oncommons.storage.linked import ANY_FOUND, FIND_LOST, Linked, LinkRow

_ROWS = (
    "SELECT k.sop, k.series, k.kind, l.target, l.objects, l.sole FROM linking k JOIN link l USING (sop) {where} "
    "UNION ALL SELECT k.sop, k.series, k.kind, '', count(l.sop), '' FROM linking k LEFT JOIN link_lost l USING (sop) "
    "{where} GROUP BY k.sop HAVING count(l.sop) OR NOT EXISTS (SELECT 1 FROM link t WHERE t.sop = k.sop) "
    "ORDER BY 1, 4"
)


class LedgerLinks(Ledger):
    """One ledger, opened to link objects; for one thread at a time."""

    def unlinked(self, dataset: str, modalities: Collection[str]) -> list[Entry]:
        """Kept objects of a dataset whose references were not read yet.

        Args:
            dataset: The dataset.
            modalities: Those of objects that refer to others.
        """
        marks = ", ".join("?" for _ in modalities)
        if not self._rows(
            f"SELECT 1 FROM words WHERE dataset = ? AND modality IN ({marks}) LIMIT 1", [dataset, *modalities]
        ):
            return []
        wanted = f"dataset = ? AND outcome = 'kept' AND modality IN ({marks})"
        query = (
            f"SELECT sop FROM file WHERE series IN (SELECT series FROM file INDEXED BY file_of_series WHERE {wanted}) "
            f"AND {wanted} AND NOT EXISTS (SELECT 1 FROM linking WHERE linking.sop = file.sop) ORDER BY series, sop"
        )
        found = self._rows(query, [dataset, *modalities] * 2)
        return [entry for (sop,) in found for entry in self.objects(sop=sop)]

    def link(self, found: Sequence[Linked]) -> None:
        """Enter what objects refer to; all or nothing.

        Raises:
            StorageFull: the disk is full; nothing was entered.
        """
        targets = [
            (one.sop, target, len(names), next(iter(names)) if len(names) == 1 else "")
            for one in found
            for target, names in one.targets.items()
        ]
        lost = [(one.sop, name) for one in found for name in one.lost]
        self._enter(
            [
                ("INSERT OR REPLACE INTO linking VALUES (?, ?, ?)", [(one.sop, one.series, one.kind) for one in found]),
                ("INSERT OR REPLACE INTO link VALUES (?, ?, ?, ?)", targets),
                ("INSERT OR REPLACE INTO link_lost VALUES (?, ?)", lost),
            ]
        )

    def complete(self) -> None:
        """Link what objects named before it came; whether anything has come is looked up while others may write.

        Raises:
            StorageFull: the disk is full; nothing was linked.
        """
        if self._rows(ANY_FOUND):
            self._enter([(statement, [()]) for statement in FIND_LOST])

    def links(self) -> list[LinkRow]:
        """All links, and for each object that names what is not here, or nothing, one without a target."""
        return [LinkRow(*row) for row in self._rows(_ROWS.format(where=""))]

    def links_from(self, sop: str) -> list[LinkRow]:
        """What an object refers to, as :meth:`links` tells it; nothing where its references were not read.

        Args:
            sop: Its SOP Instance UID.
        """
        return [LinkRow(*row) for row in self._rows(_ROWS.format(where="WHERE k.sop = ?1"), [sop])]

    def what_is(self, series: str) -> tuple[str, ...]:
        """Modality and dataset of one of the kept files of a series; nothing where there is none.

        Args:
            series: Its Series Instance UID.
        """
        query = "SELECT modality, dataset FROM file WHERE series = ? AND outcome = 'kept' LIMIT 1"
        return next(iter(self._rows(query, [series])), ())

    def links_to(self, series: str) -> list[LinkRow]:
        """The links of objects that refer to a series.

        Args:
            series: Its Series Instance UID.
        """
        query = (
            "SELECT k.sop, k.series, k.kind, l.target, l.objects, l.sole FROM link l JOIN linking k USING (sop) "
            "WHERE l.target = ? ORDER BY k.kind, k.sop"
        )
        return [LinkRow(*row) for row in self._rows(query, [series])]
