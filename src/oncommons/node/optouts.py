"""People who opted out of secondary use (Regulation (EU) 2025/327, Art. 71): listed, told, let back in.

The list holds pseudonyms, never the numbers that the hospital knows people by.  It is what counts: whoever reads the
tables for others leaves out whom it names, see :func:`open_seen`.  The proof holds a keyed digest of each pseudonym, so
that it can be shown without showing whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

import duckdb

from oncommons.node.home import Home
from oncommons.node.index.leaving import PSEUDONYM, leave_out, people_gone
from oncommons.node.recording import record
from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_rows import NotANumber, OptOutsLost
from oncommons.storage.decisions import Person
from oncommons.storage.files import alone_in
from oncommons.storage.journal import append
from oncommons.storage.listed import Listed

LONGEST_NUMBER = 64
"""Characters; PS3.5 section 6.2, value representation LO."""
_TOLD = 20
"""So many wrong numbers are told by their place."""
_LOST = (
    "The node's list of people who opted out is missing or damaged, so it answers nothing. "
    "Its data manager must restore optouts.list from a backup."
)
What = Literal["opted out", "came back"]


@dataclass(frozen=True)
class Change:
    """What became of people who were named.

    Attributes:
        changed: Of how many the list has changed.
        same: How many were as they were to be.
        here: Of all who were named, how many the node has images or clinical data of now.
        listed: How many are on the list now.
    """

    changed: int
    same: int
    here: int
    listed: int

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def opted_out(home: Home) -> dict[str, str]:
    """Pseudonym of everybody who opted out, to when (ISO 8601, UTC).

    Args:
        home: The node.

    Raises:
        OptOutsLost: the list is damaged, or is gone and there was one.
    """
    names = _read(home, Listed(home.optouts_file).names)
    return {} if names is None else names


@dataclass
class Gone:
    """Those who have opted out, read anew only when the list has changed; may be asked by several threads.

    Attributes:
        home: The node.
    """

    home: Home
    _known: tuple[str, Mapping[str, str]] = ("", MappingProxyType({}))

    def __call__(self) -> Mapping[str, str]:
        """As :func:`opted_out`; the same object as long as nothing changes."""
        state = state_of(self.home)
        if state != self._known[0]:
            self._known = state, opted_out(self.home)
        return self._known[1]


def state_of(home: Home) -> str:
    """Stands for who has opted out; empty as long as nobody ever has.

    Args:
        home: The node.

    Raises:
        OptOutsLost: as :func:`opted_out` tells.
    """
    return _read(home, Listed(home.optouts_file).state) or ""


def pseudonyms_of(home: Home, numbers: Iterable[str], pseudonyms: Iterable[str] = ()) -> frozenset[str]:
    """What the node calls people; whether they are here or not.

    Args:
        home: The node.
        numbers: Numbers that the hospital knows people by; empty ones are passed over.
        pseudonyms: Pseudonyms that the node made.

    Raises:
        NotANumber: one of them cannot be a number, or a pseudonym; the error says which, by its place, counted from 1.
        StorageFailed: the node's secret cannot be read.
    """
    given, called = list(numbers), [one.strip() for one in pseudonyms]
    wrong = [f"number {at}" for at, one in enumerate(given, 1) if not _is_number(one.strip())]
    wrong += [f"pseudonym {at}" for at, one in enumerate(called, 1) if not PSEUDONYM.fullmatch(one)]
    if wrong:
        more = f" and {len(wrong) - _TOLD:,} more" if len(wrong) > _TOLD else ""
        raise NotANumber(
            f"Nobody can be called so: {', '.join(wrong[:_TOLD])}{more}. A number has 1 to {LONGEST_NUMBER} characters, "
            "none of them a backslash; a pseudonym is a P and sixteen capitals and digits, and is given by --pseudonym. "
            "Nothing was changed."
        )
    call = _caller(home)
    return frozenset({*map(call, filter(str.strip, given)), *called})


def opt_out(home: Home, people: Collection[str], by: Person) -> Change:
    """List people; when this returns, no answer that begins or is being made counts them. Doing so again changes nothing.

    Args:
        home: The node.
        people: Their pseudonyms.
        by: Who does it.

    Raises:
        OptOutsLost: as :func:`opted_out` tells.
        MachineError: the disk is full or broken; nobody was listed, though the proof may say that it was tried.
    """
    return _carry_out(home, people, "opted out", by)


def come_back(home: Home, people: Collection[str], by: Person) -> Change:
    """Take people off the list: what the node has of them counts again. Doing so again changes nothing.

    Args:
        home: The node.
        people: Their pseudonyms.
        by: Who does it.

    Raises:
        OptOutsLost: as :func:`opted_out` tells.
        MachineError: the disk is full or broken; nobody came back, though the proof may say that it was tried.
    """
    return _carry_out(home, people, "came back", by)


def open_seen(home: Home) -> duckdb.DuckDBPyConnection | None:
    """Open the node's tables for reading, as if those who opted out had never come; ``None`` before anything was imported.

    Args:
        home: The node.

    Raises:
        OptOutsLost: as :func:`opted_out` tells.
        StorageFailed: the tables cannot be read.
    """
    names = opted_out(home)
    if not names:
        return home.tables.open()
    seen = home.tables.open_beside()
    if seen is not None:
        try:
            leave_out(seen, people_gone(seen, names.keys(), _caller(home)))
        except BaseException:
            seen.close()
            raise
    return seen


def _here(home: Home, people: Collection[str]) -> int:
    """How many of these people the tables have."""
    connection = home.tables.open_beside()
    if connection is None:
        return 0
    with connection:
        call = _caller(home)
        keys = people_gone(connection, people, call)
        rows = connection.execute("SELECT DISTINCT id FROM kept.main.person WHERE list_contains($1, key)", [keys])
        return len({name if name in people else call(name) for (name,) in rows.fetchall()})


def _caller(home: Home) -> Callable[[str], str]:
    """Number of a person to pseudonym."""
    keys = import_module("oncommons.node.deidentify").node_keys(home.secret_file)  # most who answer need none

    def called(number: str) -> str:
        made: bytes = keys.patient(number.strip().encode("utf-8"))
        return made.decode("ascii")

    return called


def _is_number(text: str) -> bool:
    """A pseudonym is none: as a number it would be made into another one, of nobody."""
    plain = len(text) <= LONGEST_NUMBER and text.isprintable() and "\\" not in text
    return plain and not PSEUDONYM.fullmatch(text)


def _carry_out(home: Home, people: Collection[str], what: What, by: Person) -> Change:
    """Change the list for those whom it does not have as they are to be; nothing is written where there are none."""
    with alone_in(home.folder):
        before, named = opted_out(home), {*people}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if what == "opted out":
            who = sorted(named - before.keys())
            after = before | dict.fromkeys(who, now)
        else:
            who = sorted(named & before.keys())
            after = {name: since for name, since in before.items() if name not in named}
        if who:
            _change(home, after, who, what, by, now)
    return Change(len(who), len(people) - len(who), _here(home, people), len(after))


def _change(home: Home, after: Mapping[str, str], who: Sequence[str], what: What, by: Person, now: str) -> None:
    """Prove what is to be, then put the list in its place; whoever is stopped between them does it again."""
    file = Listed(home.optouts_file)
    if not home.optouts_file.exists():
        file.put({})  # so that a proof without a list means that the list was lost
    _prove(home, who, what, by, now)
    file.put(after)


def _prove(home: Home, who: Sequence[str], what: What, by: Person, now: str) -> None:
    """Write into the records of the node what was decided of whom: its own proof, and the audit log that others witness."""
    keys = import_module("oncommons.node.deidentify").node_keys(home.secret_file)
    people = [_digest(keys.uid, pseudonym) for pseudonym in who]
    append(home.optouts_log, *({"at": now, "by": by.name, "way": by.way, "what": what, "person": p} for p in people))
    record(home, "optout", {"what": what, "by": by.name, "way": by.way, "people": people})


def _digest(uid: Callable[[bytes], bytes], pseudonym: str) -> str:
    """What stands for a pseudonym in the proof: 128 bits that nobody without the node's secret can make or try out."""
    return f"{int(uid(b'opted out ' + pseudonym.encode('ascii')).removeprefix(b'2.25.')):032x}"


def _read(home: Home, read: Callable[[], Any]) -> Any:
    try:
        if home.optouts_file.exists() or not home.optouts_log.exists():
            return read()
    except StorageFailed as fault:
        raise OptOutsLost(_LOST, detail=f"{fault.message} {fault.detail}") from fault
    raise OptOutsLost(_LOST, detail=str(home.optouts_file))
