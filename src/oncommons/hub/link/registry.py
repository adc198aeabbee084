"""The nodes of the federation: invited, joined, seen, revoked."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import delete, insert, select, update

from oncommons.hub.link.tables import ASSERTION, INVITATION, NODE
from oncommons.schema.errors import (
    BadRequest,
    InvitationRefused,
    NameTaken,
    NodeRevoked,
    NodeUnknown,
    TokenRefused,
    UnknownValue,
)
from oncommons.schema.federation import Invitation, Presence, is_name, listed
from oncommons.storage.audit_hub import enter
from oncommons.storage.chain import Event
from oncommons.storage.database import Database

INVITATION_SECONDS = 7 * 86_400
"""How long an invitation can be used."""
ONLINE_SECONDS = 60
"""A node that called within so many seconds is online; its requests for work are held open for 25."""
_SEEN_EVERY = 10
_REMEMBER_SECONDS = 1.0


@dataclass(frozen=True)
class Node:
    """A node as the registry knows it; times are seconds since the epoch.

    Attributes:
        analyses: Name of each analysis that it makes, as it told, to its version; ``None`` where it has not told.
    """

    name: str
    jwk: Mapping[str, Any]
    joined: float
    revoked: float | None
    seen: float | None
    version: str
    analyses: Mapping[str, int] | None = None

    def presence(self, now: float) -> Presence:
        """Whether it is here now."""
        if self.revoked is not None:
            return "revoked"
        if self.seen is None:
            return "never"
        return "online" if now - self.seen < ONLINE_SECONDS else "away"


class Registry:
    """The nodes in the hub's database.

    Args:
        database: The hub's database.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._known: dict[str, tuple[Node, float]] = {}

    def invite(self, name: str, pin: str, now: float) -> Invitation:
        """A one-time invitation for a node of that name; an unused one for the name stops being valid.

        Raises:
            BadRequest: the name is not 1 to 63 small letters, digits and hyphens.
            NameTaken: a node of that name has joined and was not revoked.
        """
        if not is_name(name):
            raise BadRequest(f"{name!r} cannot name a node: 1 to 63 small letters, digits and hyphens.")
        invitation = Invitation(secrets.token_hex(16), pin)
        with self.database.write() as connection:
            if connection.execute(select(NODE.c.name).where(NODE.c.name == name, NODE.c.revoked.is_(None))).first():
                raise NameTaken(f"A node {name!r} has joined already; revoke it first, or choose another name.")
            connection.execute(delete(INVITATION).where(INVITATION.c.name == name, INVITATION.c.used.is_(None)))
            row = {"digest": invitation.digest(), "name": name, "expires": now + INVITATION_SECONDS, "used": None}
            connection.execute(insert(INVITATION), row)
            enter(connection, Event("invited", {"node": name}, now))
        return invitation

    def join(self, secret: str, jwk: Mapping[str, Any], version: str, now: float) -> str:
        """Register a node's public key under the invited name; returns the name.

        Raises:
            InvitationRefused: the secret is wrong, used or expired.
            BadRequest: the key is not a public Ed25519 key.
        """
        key = _public_key(jwk)
        digest = Invitation(secret, "").digest()
        with self.database.write() as connection:
            row = connection.execute(select(INVITATION).where(INVITATION.c.digest == digest)).first()
            if row is None or row.used is not None or row.expires < now:
                raise InvitationRefused(
                    _why_refused(known=row is not None, used=row is not None and row.used is not None)
                )
            unused = update(INVITATION).where(INVITATION.c.digest == digest, INVITATION.c.used.is_(None))
            if connection.execute(unused.values(used=now)).rowcount != 1:
                raise InvitationRefused(_why_refused(known=True, used=True))
            connection.execute(delete(NODE).where(NODE.c.name == row.name))
            values = {"name": row.name, "jwk": json.dumps(key), "joined": now, "version": version[:64]}
            connection.execute(insert(NODE), {**values, "revoked": None, "seen": None})
            body = {"node": row.name, "log": key["kid"], "version": values["version"]}
            enter(connection, Event("joined", body, now))
        return str(row.name)

    def node(self, name: str) -> Node:
        """A node that may call.

        Raises:
            NodeUnknown: there is none of that name.
            NodeRevoked: its key was revoked.
        """
        with self.database.read() as connection:
            row = connection.execute(select(NODE).where(NODE.c.name == name)).mappings().first()
        if row is None:
            raise NodeUnknown("This hub does not know the node. Ask its operator for an invitation and join again.")
        if row["revoked"] is not None:
            raise NodeRevoked(
                "The hub no longer accepts this node's key. Ask its operator why; a new invitation mends it."
            )
        return _node(row)

    def remembered(self, name: str, now: float) -> Node | None:
        """A node that :meth:`called` let in within the last second; a revocation takes effect when that has passed."""
        node, until = self._known.get(name, (None, 0.0))
        return node if until > now >= until - _REMEMBER_SECONDS else None

    def called(self, name: str, version: str, now: float) -> Node:
        """Let a node in and note that it called; raises as :meth:`node`."""
        self._known.pop(name, None)
        node = self.node(name)
        self.saw(node, version, now)
        self._known[name] = (node, now + _REMEMBER_SECONDS)
        return node

    def nodes(self) -> Sequence[Node]:
        """Every node, revoked ones too, in order of name."""
        with self.database.read() as connection:
            return [_node(row) for row in connection.execute(select(NODE).order_by(NODE.c.name)).mappings()]

    def saw(self, node: Node, version: str, now: float) -> None:
        """Note that a node called; written at most every ten seconds."""
        if node.seen is not None and now - node.seen < _SEEN_EVERY and version in {"", node.version}:
            return
        values: dict[str, object] = {"seen": now} | ({"version": version[:64]} if version else {})
        with self.database.write() as connection:
            connection.execute(update(NODE).where(NODE.c.name == node.name).values(values))

    def makes(self, name: str, analyses: Mapping[str, int] | None) -> None:
        """Note which analyses a node makes.

        Args:
            name: The node.
            analyses: Name to version; ``None`` where it does not tell.
        """
        told = None if analyses is None else json.dumps(dict(sorted(analyses.items())))
        with self.database.write() as connection:
            connection.execute(update(NODE).where(NODE.c.name == name).values(analyses=told))

    def revoke(self, name: str, now: float) -> None:
        """Stop accepting a node's key.

        Raises:
            NodeUnknown: there is none of that name.
        """
        with self.database.write() as connection:
            done = connection.execute(update(NODE).where(NODE.c.name == name).values(revoked=now))
            if done.rowcount == 0:
                raise NodeUnknown(f"There is no node {name!r}: oncommons hub nodes lists them.")
            enter(connection, Event("revoked", {"node": name}, now))

    def is_revoked(self, name: str) -> bool:
        """Whether a node's key is not accepted any more."""
        with self.database.read() as connection:
            return connection.execute(select(NODE.c.revoked).where(NODE.c.name == name)).scalar() is not None

    def use_assertion(self, jti: str, expires: float, now: float) -> None:
        """Remember an assertion, so that it serves once.

        Raises:
            TokenRefused: it was used before.
        """
        with self.database.write() as connection:
            connection.execute(delete(ASSERTION).where(ASSERTION.c.expires < now))
            if connection.execute(select(ASSERTION.c.jti).where(ASSERTION.c.jti == jti)).first():
                raise TokenRefused("This proof of the node's key was used before.")
            connection.execute(insert(ASSERTION), {"jti": jti, "expires": expires})


def named(nodes: Sequence[Node], names: Sequence[str]) -> Sequence[Node]:
    """The nodes of these names, revoked ones too; all where nobody is named.

    Raises:
        UnknownValue: there is no node of some name.
    """
    if not names:
        return nodes
    found = {node.name: node for node in nodes}
    for i, name in enumerate(names):
        if name not in found:
            here = [node.name for node in nodes if node.revoked is None]
            raise UnknownValue(f'"{name}" is not a node of this federation; {listed(here)}', at=f"nodes[{i}]")
    return [found[name] for name in names]


def _why_refused(*, known: bool, used: bool) -> str:
    if used:
        return "The invitation was used before. Ask the hub's operator for a new one."
    if known:
        return "The invitation has expired. Ask the hub's operator for a new one."
    return "The hub does not know this invitation. Paste it whole, or ask for a new one."


def _public_key(jwk: Mapping[str, Any]) -> dict[str, Any]:
    try:
        key = OKPKey.import_key({name: str(jwk[name]) for name in ("kty", "crv", "x")})
        if key.as_dict()["crv"] != "Ed25519":
            raise BadRequest("A node's key is an Ed25519 key.")
        return {**key.as_dict(private=False), "kid": key.thumbprint()}
    except (JoseError, KeyError, TypeError, ValueError) as fault:
        raise BadRequest("The node's public key cannot be read.", detail=repr(fault)) from fault


def _node(row: Mapping[Any, Any]) -> Node:
    analyses = None if row["analyses"] is None else json.loads(row["analyses"])
    return Node(
        row["name"], json.loads(row["jwk"]), row["joined"], row["revoked"], row["seen"], row["version"], analyses
    )
