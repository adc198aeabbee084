"""A ledger as people look at it: page by page, newest first, and in numbers; as quick with a million files as with ten.

Pages are found by where the last one ended and never by counting rows.  Files of one kind (dataset, outcome and reason)
lie together in an index, in the order in which they came; a page is merged from the few kinds that are wanted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oncommons.schema.errors import BadRequest
from oncommons.storage.ledger import Entry, Ledger

MOST_ON_A_PAGE = 200
LONGEST_WORD = 128
_PLACE = re.compile(r"([on])([0-9T:+.-]{0,40})_([0-9]{1,18})")
_DIGEST = re.compile(r"[0-9a-f]{4,64}")
_UIDS = ("patient", "study", "series", "sop")
_Key = tuple[str, int]
"""When a file was entered, and the number of its row."""
_END: _Key = ("~", 0)
"""Behind every place."""


@dataclass(frozen=True)
class Wanted:
    """Which files; empty for any.

    Attributes:
        outcome: ``kept``, ``quarantined`` or ``refused``.
        code: Error code of the reason.
        dataset: The dataset they were imported into.
        word: The beginning of a digest, or a pseudonym, or a UID as it is kept.
    """

    outcome: str = ""
    code: str = ""
    dataset: str = ""
    word: str = ""


@dataclass(frozen=True)
class Page:
    """Some files, newest first.

    Attributes:
        entries: The files.
        newer: Place of the page with newer ones; empty where there are none.
        older: Place of the page with older ones; empty where there are none.
    """

    entries: Sequence[Entry]
    newer: str
    older: str


class Tally(NamedTuple):
    """Files of one day, dataset, outcome and reason."""

    day: str
    dataset: str
    outcome: str
    code: str
    files: int
    bytes: int


class Pace(NamedTuple):
    """How quickly files of a dataset were entered on a day: seconds in which some were, files, bytes."""

    day: str
    dataset: str
    seconds: int
    files: int
    bytes: int


class LedgerPages(Ledger):
    """One ledger, opened to be looked at; for one thread at a time."""

    def page(self, wanted: Wanted, place: str = "", most: int = 50) -> Page:
        """A page of files.

        Args:
            wanted: Which files.
            place: As an earlier page gave it; empty for the newest.
            most: Files on a page, 1 to 200.

        Raises:
            BadRequest: the place is not one.
        """
        upwards, key = _read_place(place)
        most = min(max(most, 1), MOST_ON_A_PAGE)
        keys = self._keys(wanted, key, most + 1, upwards=upwards)
        more, keys = len(keys) > most, keys[:most]
        if upwards:
            keys.reverse()
        found = [self.entry(digest) for _, row in keys for (digest,) in self._digest(row)]
        ends = [_place("n", keys[0]), _place("o", keys[-1])] if keys else ["", ""]
        behind = [more, bool(place)] if upwards else [bool(place), more]
        newer, older = (end if there else "" for end, there in zip(ends, behind, strict=True))
        return Page([entry for entry in found if entry is not None], newer, older)

    def tallies(self, since: str = "") -> list[Tally]:
        """Files by day, dataset, outcome and reason, newest day first.

        Args:
            since: First day (ISO 8601); all if empty.
        """
        query = "SELECT day, dataset, outcome, code, files, bytes FROM tally WHERE files > 0 AND day >= ?"
        rows = self._rows(f"{query} ORDER BY day DESC, dataset, outcome, code", [since])
        return [Tally(*row) for row in rows]

    def kinds(self) -> list[Tally]:
        """Files by dataset, outcome and reason, of all days together; the day is empty."""
        query = (
            "SELECT '', dataset, outcome, code, sum(files), sum(bytes) FROM tally "
            "GROUP BY dataset, outcome, code HAVING sum(files) > 0 ORDER BY dataset, outcome, code"
        )
        return [Tally(*row) for row in self._rows(query)]

    def pace(self, since: str = "") -> list[Pace]:
        """How quickly files were entered, by day and dataset, newest day first; re-entered ones count again."""
        query = (
            "SELECT substr(minute, 1, 10), dataset, sum(strftime('%s', last) - strftime('%s', first) + 1), "
            "sum(files), sum(bytes) FROM pace WHERE minute >= ? AND minute > '' GROUP BY 1, 2 ORDER BY 1 DESC, 2"
        )
        return [Pace(*row) for row in self._rows(query, [since])]

    def words(self, column: str) -> list[tuple[str, str, int]]:
        """What kept files say in a column: dataset, value as it is written, number of files.

        Args:
            column: ``modality``, ``manufacturer``, ``sex``, ``age`` or ``body_part``.
        """
        query = (
            f"SELECT dataset, {column}, sum(files) FROM words GROUP BY 1, 2 HAVING sum(files) > 0 ORDER BY 3 DESC, 2, 1"
        )
        return self._rows(query)

    def last(self) -> str:
        """When the latest file was entered; empty where there is none."""
        rows = self._rows("SELECT max(last) FROM pace WHERE minute = (SELECT max(minute) FROM pace)")
        return rows[0][0] or ""

    def _keys(self, wanted: Wanted, key: _Key, most: int, *, upwards: bool) -> list[_Key]:
        """Places of the files next to a place, the nearest first."""
        sign, order = (">", "ASC") if upwards else ("<", "DESC")
        rest = f" AND (entered, rowid) {sign} (?, ?) ORDER BY entered {order}, rowid {order} LIMIT ?"
        found: set[_Key] = set()
        for where, values in self._searches(wanted):
            query = f"SELECT entered, rowid FROM file WHERE {where}{rest}"
            found.update(self._rows(query, [*values, *key, most]))
        return sorted(found, reverse=not upwards)[:most]

    def _digest(self, row: int) -> list[tuple[str]]:
        return self._rows("SELECT digest FROM file WHERE rowid = ?", [row])

    def _searches(self, wanted: Wanted) -> list[tuple[str, list[str]]]:
        """Conditions that an index answers each; together they find what is wanted."""
        given = {"outcome": wanted.outcome, "code": wanted.code, "dataset": wanted.dataset}
        given = {name: value for name, value in given.items() if value}
        if wanted.word:
            return [(_and([where, *given]), [*values, *given.values()]) for where, values in _by_word(wanted.word)]
        kinds = [kind._asdict() for kind in self.kinds()]
        names = ("dataset", "outcome", "code")
        return [
            (_and(names), [str(kind[name]) for name in names])
            for kind in kinds
            if all(kind[name] == value for name, value in given.items())
        ]


def _and(parts: Sequence[str]) -> str:
    return " AND ".join(part if " " in part else f"{part} = ?" for part in parts)


def _by_word(word: str) -> list[tuple[str, list[str]]]:
    word = word.strip()[:LONGEST_WORD]
    found = [(f"{name} = ? AND outcome = 'kept'", [word]) for name in _UIDS] if word else []
    small = word.lower()
    return [*found, ("digest BETWEEN ? AND ?", [small, f"{small}~"])] if _DIGEST.fullmatch(small) else found


def _read_place(place: str) -> tuple[bool, _Key]:
    if not place:
        return False, _END
    found = _PLACE.fullmatch(place)
    if found is None:
        raise BadRequest("There is no such page; begin with the newest files.", at="page")
    return found[1] == "n", (found[2], int(found[3]))


def _place(direction: str, key: _Key) -> str:
    return f"{direction}{key[0]}_{key[1]}"
