"""The node's dealings with its hub: joining it, and serving it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oncommons.client.link import NodeLink
from oncommons.client.transport import Transport
from oncommons.node.desk import Desk
from oncommons.node.home import Home, Membership
from oncommons.node.optouts import state_of
from oncommons.node.permits import Gate
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import BadRequest, HubNotTrusted
from oncommons.schema.errors_of_rows import OptOutsLost
from oncommons.schema.federation import Invitation, pin_of
from oncommons.service.identity import OrderReader, thumbprint_of
from oncommons.storage.keys import load_key, public_part


def join_hub(home: Home, url: str, code: str, ca: str, version: str) -> Home:
    """Register this node's public key with a hub and pin the hub's.

    The hub's key is checked against the invitation before the secret is shown to anybody.

    Raises:
        InvitationRefused: the code is wrong, used or expired.
        HubNotTrusted: the hub's key is not the one that the invitation names.
        HubUnreachable: no connection; nothing has changed.
    """
    invitation = Invitation.parse(code)
    transport = Transport(url, ca)
    try:
        _pinned(transport.call("GET", "/.well-known/jwks.json"), invitation)
        jwk = public_part(load_key(home.key_file))
        body = {"secret": invitation.secret, "jwk": jwk, "version": version}
        reply = transport.call("POST", "/api/nodes", body=body)
        keys = _pinned(reply["keys"], invitation)
        return home.with_membership(Membership(str(reply["name"]), transport.url, str(reply["issuer"]), keys, ca))
    finally:
        transport.close()


def serve_node(home: Home, version: str) -> None:
    """Answer the hub's questions until interrupted.

    Raises:
        NotJoined: the node has not joined a hub.
        NodeRevoked: the hub no longer accepts this node's key.
        NodeUnknown: the hub does not know this node.
        KeyboardInterrupt: it was interrupted or terminated.
    """
    membership = home.joined()
    desk = Desk(home)
    gate = Gate(desk, OrderReader(membership.keys))
    link = NodeLink(
        Transport(membership.url, membership.ca),
        membership.name,
        load_key(home.key_file),
        membership.issuer,
        version,
        standing=lambda: _standing(home),
    )

    def answer(job: str, order: str) -> dict[str, Any]:
        asked = gate.orders.read(order)
        if asked.job != job:
            raise BadRequest("The order is for another question.")
        return node_answer_to_json(gate.answer(asked))

    try:
        link.serve(answer, publisher(desk, link.publish))
    finally:
        gate.close()
        link.transport.close()


def publisher(desk: Desk, publish: Callable[[list[dict[str, Any]]], None]) -> Callable[[], None]:
    """What publishes the node's dataset cards whenever the hub has not had those of the tables as they are now.

    Args:
        desk: Where the cards come from.
        publish: Sends them to the hub; where it fails, they are sent again the next time.
    """
    published = ""

    def publish_news() -> None:
        nonlocal published
        state = desk.state()  # first: what an import or an opt-out brings meanwhile is published once more
        if state != published:
            publish([card.to_json() for card in desk.cards()])
            published = state

    return publish_news


def _standing(home: Home) -> str:
    """Stands for who has opted out."""
    try:
        return state_of(home)
    except OptOutsLost as fault:
        return fault.code


def _pinned(keys: Any, invitation: Invitation) -> dict[str, Any]:
    """The one key that the invitation names, out of what a hub shows; no other is trusted."""
    shown = keys["keys"] if isinstance(keys, dict) and isinstance(keys.get("keys"), list) else []
    invited = [key for key in shown if pin_of(thumbprint_of(key)) == invitation.pin]
    if not invited:
        raise HubNotTrusted("The hub's key is not the one that the invitation names. Is somebody in between?")
    return {"keys": invited[:1]}
