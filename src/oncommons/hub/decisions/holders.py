"""Which organisation decides about the datasets of a node, as the hub's operator names it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from oncommons.hub.decisions.file import roles_at
from oncommons.hub.decisions.rules import Holder
from oncommons.hub.decisions.tables import HOLDER
from oncommons.hub.people.register import Register
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.federation import is_name
from oncommons.storage.audit_hub import enter
from oncommons.storage.chain import Event
from oncommons.storage.database import Database

MOST_QUORUM = 100


def name_holder(database: Database, node: str, organisation: str, rules: tuple[int | None, bool], now: float) -> Holder:
    """Name the organisation that decides for a node, and its rules; applications under review keep theirs.

    Args:
        database: The hub's database.
        node: The node.
        organisation: Name of the organisation.
        rules: The quorum, ``None`` for more than half of the committee, and whether patients are asked.
        now: Seconds since the epoch.

    Raises:
        NotFound: the hub knows no such organisation.
        BadRequest: that cannot name a node, or the quorum is none.
    """
    quorum, asks = rules
    if not is_name(node):
        raise BadRequest(f"{node[:63]!r} cannot name a node: 1 to 63 small letters, digits and hyphens.")
    if quorum is not None and not 0 <= quorum <= MOST_QUORUM:
        raise BadRequest(f"A quorum is a number from 0 to {MOST_QUORUM}.")
    found = Register(database).organisation_called(organisation)
    if not found:
        raise NotFound("This hub knows no such organisation; invite somebody of it first.")
    row = {"node": node, "organisation": found, "quorum": quorum, "asks_patients": int(asks)}
    with database.write() as connection:
        connection.execute(delete(HOLDER).where(HOLDER.c.node == node))
        connection.execute(insert(HOLDER), row)
        enter(connection, Event("holder named", row, now))
    return Holder(node, found, quorum, asks)


def holders_at(connection: Connection, nodes: frozenset[str]) -> list[tuple[Holder, str, int]]:
    """Every holder that was named or follows from a name: its rules, its organisation's name, and how many officers.

    Args:
        connection: A connection.
        nodes: Nodes of the hub.
    """
    roles = roles_at(connection)
    found = []
    for node in sorted(nodes | roles.holders.keys()):
        holder, body = roles.holder(node) or Holder(node, ""), roles.body(node)
        found.append((holder, roles.organisations.get(holder.organisation, ""), len(body.officers)))
    return found
