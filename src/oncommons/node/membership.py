"""The node's dealings with its hub: joining it, and serving it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from joserfc.jwk import OKPKey

from oncommons.client.link import NodeLink
from oncommons.client.transport import Transport
from oncommons.node.admitting import admitted
from oncommons.node.desk import Desk
from oncommons.node.home import Home, Membership
from oncommons.node.optouts import state_of
from oncommons.node.permits import Gate
from oncommons.node.recording import Asker, Recorder, record
from oncommons.node.revocations import Revocations
from oncommons.policy.disclosure.budget import EVERYBODY
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import BadRequest, HubNotTrusted, OncommonsError
from oncommons.schema.federation import Invitation, pin_of
from oncommons.service.identity import OrderReader, read_checkpoint, sign_checkpoint, thumbprint_of
from oncommons.storage.chain import Head
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
        joined = home.with_membership(Membership(str(reply["name"]), transport.url, str(reply["issuer"]), keys, ca))
        kept = _checked(str(reply.get("checkpoint") or ""), keys)
        record(
            joined, "joined", {"hub": transport.url, "issuer": str(reply["issuer"]), "name": str(reply["name"]), **kept}
        )
        return joined
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
    desk, key = Desk(home), load_key(home.key_file)
    gate = Gate(desk, OrderReader(membership.keys))
    revocations = Revocations(gate)
    if admitted(home):
        import_module("oncommons.node.compute")  # now, and not while somebody waits for the first result
    desk.recorder.serving(version)
    link = NodeLink(
        Transport(membership.url, membership.ca),
        membership.name,
        key,
        membership.issuer,
        version,
        standing=standing_of(gate),
        checkpoint=checkpoints(desk.recorder, key),
        number=revocations.number,
        hear=revocations.hear,
    )

    def answer(job: str, order: str, checkpoint: str) -> dict[str, Any]:
        try:
            asked = gate.read(order)
            if asked.job != job:
                raise BadRequest("The order is for another question.")
            _checked(checkpoint, membership.keys)
        except OncommonsError as fault:
            desk.recorder.refused(Asker(EVERYBODY, job), None, fault)
            raise
        return answered(gate.answer(asked, checkpoint))

    try:
        link.serve(answer, publisher(desk, link.publish))
    finally:
        gate.close()
        desk.close()
        link.transport.close()


def answered(told: NodeAnswer | dict[str, Any]) -> dict[str, Any]:
    """What is sent to the hub: the answer to a question, or a part of the result of an analysis, as JSON."""
    return told if isinstance(told, dict) else node_answer_to_json(told)


def checkpoints(recorder: Recorder, key: OKPKey) -> Callable[[], str]:
    """What gives the checkpoint of the node's log as it is now.

    Args:
        recorder: Has the log.
        key: The node's key.
    """
    last: tuple[Head, str] = (Head(), "")

    def checkpoint() -> str:
        nonlocal last
        head = recorder.log.head()
        if last[0] != head or not last[1]:
            last = (head, sign_checkpoint(key, head, recorder.clock()))
        return last[1]

    return checkpoint


def publisher(desk: Desk, publish: Callable[[list[dict[str, Any]], Mapping[str, int]], None]) -> Callable[[], None]:
    """What publishes the node's dataset cards, and the analyses that it makes, whenever the hub has not had them as they are.

    Args:
        desk: Where the cards come from.
        publish: Sends them to the hub; where it fails, they are sent again the next time.
    """
    published = ""

    def publish_news() -> None:
        nonlocal published
        analyses = admitted(desk.home)
        made = " ".join(f"{name}={version}" for name, version in analyses.items())
        state = (
            f"{desk.state()} {made}".strip()
        )  # first: what an import or an opt-out brings meanwhile is published anew
        if state != published:
            cards = [card.to_json() for card in desk.cards()]
            desk.recorder.published(cards)
            publish(cards, analyses)
            published = state

    return publish_news


def standing_of(gate: Gate) -> Callable[[str], str]:
    """What stands, for a signed order, for who has opted out and for what the gate would decide now.

    Args:
        gate: Lets orders through.
    """

    def standing(order: str) -> str:
        try:
            return f"{state_of(gate.desk.home)} {gate.standing(gate.read(order))}"
        except Exception as fault:  # noqa: BLE001  whoever answers is stopped by it as well, and tells why
            return fault.code if isinstance(fault, OncommonsError) else type(fault).__name__

    return standing


def _checked(checkpoint: str, keys: Mapping[str, Any]) -> dict[str, str]:
    """What is entered of a hub's checkpoint, which its pinned key must have signed; nothing of a hub without a log.

    Raises:
        BadCheckpoint: another key has signed it.
    """
    if checkpoint:
        read_checkpoint(checkpoint, keys["keys"][0])
    return {"checkpoint": checkpoint} if checkpoint else {}


def _pinned(keys: Any, invitation: Invitation) -> dict[str, Any]:
    """The one key that the invitation names, out of what a hub shows; no other is trusted."""
    shown = keys["keys"] if isinstance(keys, dict) and isinstance(keys.get("keys"), list) else []
    invited = [key for key in shown if pin_of(thumbprint_of(key)) == invitation.pin]
    if not invited:
        raise HubNotTrusted("The hub's key is not the one that the invitation names. Is somebody in between?")
    return {"keys": invited[:1]}
