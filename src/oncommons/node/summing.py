"""How a node adds its numbers to a sum over hospitals: whom it knows, what it agrees to, and under which masks.

In the first round each hospital says with how many people it takes part, which key it has, and what stands for its
table.  The hub tells all of them to all (``with``) in each later round; there a hospital sees that its own entry is its
own, so that one that is changed on the way is noticed by the hospital it is of, and the masks do not cancel.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oncommons.node.home import Home
from oncommons.policy.disclosure.masking import KEY_BYTES, Keys, flat, public_of
from oncommons.policy.disclosure.summing import Summed, kept_apart
from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.errors_of_analyses import AnalysisError, PartnerUnknown, PeopleChanged
from oncommons.schema.run import Run
from oncommons.storage.analysed import Analysed, Sum, Whom
from oncommons.storage.files import plain_file_errors, write_once

MOST_PARTNERS = 1000
FIELD, COLUMN = "field ", "column "


@dataclass(frozen=True)
class Entry:
    """One hospital in a sum.

    Attributes:
        key: Its public key.
        people: With how many people it takes part.
        table: Stands for its table and its settings: another one, another word.
    """

    key: bytes
    people: int
    table: str

    def to_json(self) -> dict[str, Any]:
        """As the hub tells it."""
        return {"key": base64.b64encode(self.key).decode(), "people": self.people, "table": self.table}


@dataclass(frozen=True)
class Asked:
    """What is asked in a round, and of whom here.

    Attributes:
        run: The run.
        told: ``version``, ``state``, and ``with`` after the first round; as the hub sent it.
        table: Stands for the node's table; see :func:`table_of`.
        crowd: The node's people whose numbers are added.
        columns: What is known of each of them; see :func:`unknowns`.
    """

    run: Run
    told: Mapping[str, Any]
    table: str
    crowd: Whom
    columns: Mapping[str, int]

    @property
    def people(self) -> int:
        """The node's own."""
        return sum(plane.bit_count() for _, plane in self.crowd)


@dataclass(frozen=True)
class Together:
    """A node that secures its sums with others.

    Attributes:
        name: Its name in the federation.
        private: Its X25519 key.
        confirmed: Whether only hospitals take part that its data manager has confirmed.
    """

    name: str
    private: bytes
    confirmed: bool = False

    def table_of(self, run: Run, least: int, columns: bytes) -> str:
        """Stands for a table; only this node can make it.

        Args:
            run: What is computed.
            least: The fewest people that a number rests upon.
            columns: All values.
        """
        told = json.dumps([run.to_json(), least], sort_keys=True).encode()
        return hmac.digest(self.private, b"oncommons table\0" + told + b"\0" + columns, "sha256").hex()

    def offer(self, asked: Asked) -> dict[str, Any]:
        """What the node says of itself in the first round."""
        return Entry(public_of(self.private), asked.people, asked.table).to_json()

    def meet(self, told: Mapping[str, Any], ledger: Analysed, now: float) -> None:
        """See that those who take part are who they were.

        Args:
            told: What the hub sent; nobody takes part yet in the first round.
            ledger: The node's.
            now: Seconds since the epoch.

        Raises:
            PartnerUnknown: a hospital has another key than before, or is not confirmed.
            MalformedQuestion: what the hub sent names no company.
        """
        if told.get("state") is None:
            return
        company = company_in(told.get("with"))
        known = ledger.partners()
        for name in sorted(company.keys() - {self.name}):
            if name not in known or known[name].offered != company[name].key:
                ledger.offer_partner(name, company[name].key, now)
        known = ledger.partners()
        for name in sorted(company.keys() - {self.name}):
            if known[name].key != company[name].key:
                raise PartnerUnknown(f"{name} has another key than before: oncommons node partners confirm {name} KEY.")
            if self.confirmed and not known[name].confirmed:
                raise PartnerUnknown(f"{name} is not confirmed here: oncommons node partners confirm {name} KEY.")

    def part(self, asked: Asked, found: Mapping[str, Any], ledger: Analysed, now: float) -> dict[str, Any]:
        """The node's numbers under masks, if it agrees to the sum; entered in the ledger.

        Args:
            asked: The round.
            found: Name to number or lists of numbers.
            ledger: The node's, within :meth:`~oncommons.storage.analysed.Analysed.alone`: a refusal takes back what is
                entered.
            now: Seconds since the epoch.

        Raises:
            PeopleChanged: they are not those of the first round.
            OutputWithheld: too few take part, or too much has been told of the same people.
            AnalysisError: the numbers cannot be added.
        """
        company = company_in(asked.told.get("with"))
        if company.pop(self.name, None) != Entry(public_of(self.private), asked.people, asked.table):
            raise PeopleChanged("The people or the data of this node have changed since the run began.")
        told = {name: asked.told.get(name) for name in ("version", "state", "with")}
        keys = Keys(self.private, self.name, {name: one.key for name, one in company.items()})
        try:
            masked = keys.masked(found, _digest({"run": asked.run.to_json(), **told}))
        except ValueError as fault:
            raise AnalysisError(f"What was found here cannot be added up: {fault}.") from None
        _agree(asked, {name: one.people for name, one in company.items()}, len(set(flat(found)[1])), ledger, now)
        return masked


def together_of(home: Home) -> Together | None:
    """How a node secures sums; not at all before it has joined.

    Raises:
        StorageFailed: its key cannot be read or made.
    """
    name = home.membership.name if home.membership else ""
    return Together(name, private_of(home.sums_file), home.confirmed) if name else None


def private_of(path: Path) -> bytes:
    """The key with which sums are secured; made where there is none.

    Raises:
        StorageFailed: it cannot be read or made.
    """
    with plain_file_errors():
        if not path.exists():
            with suppress(FileExistsError):  # another process was first
                write_once(path, secrets.token_bytes(KEY_BYTES))
        return path.read_bytes()


def company_in(body: object) -> dict[str, Entry]:
    """Who takes part in a sum, as the hub sent it.

    Raises:
        MalformedQuestion: it is none.
    """
    if not isinstance(body, dict) or len(body) > MOST_PARTNERS:
        raise MalformedQuestion("A later round names who takes part.", at="with")
    try:
        return {str(name): _entry(one) for name, one in body.items()}
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise MalformedQuestion("Who takes part has a key, a number of people and a table.", at="with") from None


def _entry(body: Mapping[str, Any]) -> Entry:
    key, people, table = base64.b64decode(body["key"], validate=True), body["people"], body["table"]
    if len(key) != KEY_BYTES or type(people) is not int or people < 0 or not isinstance(table, str):
        raise ValueError("no entry")
    return Entry(key, people, table)


def _agree(asked: Asked, company: Mapping[str, int], numbers: int, ledger: Analysed, now: float) -> None:
    """Enter what would be told, and refuse where all that the ledger then has of it is too much."""
    name = _digest({"run": asked.run.to_json(), "state": asked.told.get("state")}).hex()
    ledger.enter_sum(Sum(company, asked.crowd, {name: numbers}, asked.columns), now)
    every = ledger.sums()
    whole = next(one for one in every if (one.company, one.crowd) == (company, asked.crowd))
    others = [_counted(one) for one in every if one is not whole and _meet(one.crowd, asked.crowd)]
    found = kept_apart(_counted(whole), others)
    if found is not None:
        raise found.error()


def _counted(one: Sum) -> Summed:
    return Summed(one.company, one.crowd, sum(one.asked.values()), unknowns(one.columns))


def _meet(one: Whom, other: Whom) -> bool:
    planes = dict(other)
    return any(plane & planes.get(dataset, 0) for dataset, plane in one)


def unknowns(columns: Mapping[str, int]) -> int:
    """How many numbers each person has in sums: as many as there are fields, and no more than there are columns.

    Args:
        columns: What stands for each field and each column, with how many numbers a person has of it.
    """
    fields = sum(number for name, number in columns.items() if name.startswith(FIELD))
    return min(fields, sum(number for name, number in columns.items() if name.startswith(COLUMN)))


def _digest(body: object) -> bytes:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).digest()
