"""The node's side of the federation: ``serve(handler)``.

The node asks the hub for work over HTTPS and reports back; it opens no port.  A lost connection, a restarted hub,
an expired token are waited out; an answer is sent until the hub has it or says that it does not want it.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from joserfc.jwk import OKPKey

from oncommons.client.credentials import make_assertion
from oncommons.client.transport import Transport
from oncommons.schema.errors import (
    AnswerRefused,
    BadRequest,
    HubUnreachable,
    NodeRevoked,
    NodeUnknown,
    NotFound,
    OncommonsError,
    TokenRefused,
)
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.schema.federation import ASSERTION_KIND, CHECKPOINT_HEADER

WAIT_SECONDS = 25
"""How long the hub holds a request for work open; below the idle limit of common proxies (30 to 60 s)."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_REFUSED_PAUSE = 2.0

log = logging.getLogger("oncommons.link")

Handler = Callable[[str, str, str], dict[str, Any]]
"""From a job's id, signed order and the checkpoint of the hub's log to the JSON that answers it; an error of ours
becomes a refusal."""
Item = tuple[str, str, str]
"""What a handler is given."""

_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass
class NodeLink:
    """A node's connection to its hub.

    Attributes:
        transport: The hub.
        name: The node's name in the federation.
        key: The node's private key.
        audience: The name that the hub goes by in tokens.
        version: The node's version of oncommons.
        stopped: Set it to end :meth:`serve`.
        standing: From a signed order to what stands for what it is answered from, and for whether it may be; it is looked
            at before each time that an answer is sent, which is made anew where it has changed.
        checkpoint: Gives the checkpoint of the node's audit log as it is now, which the hub keeps; empty for none.
        number: Gives the number of the list of revoked permits that the node has; ``None`` where it keeps none.
        hear: Takes a newer one that the hub has signed, before the work beside it is done; it may refuse it.
    """

    transport: Transport
    name: str
    key: OKPKey
    audience: str
    version: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.time
    standing: Callable[[str], str] = lambda _: ""
    checkpoint: Callable[[], str] = lambda: ""
    number: Callable[[], int | None] = lambda: None
    hear: Callable[[str], None] = lambda _: None
    _token: str = ""
    _kept: str = ""

    def publish(self, cards: list[dict[str, Any]], analyses: Mapping[str, int] = _NONE) -> None:
        """Replace this node's dataset cards at the hub, and the analyses that it makes; raises what the hub reports.

        Args:
            cards: The cards.
            analyses: Name to version.
        """
        self._call("PUT", "/api/link/datasets", body={"datasets": cards, "analyses": dict(analyses)})

    def serve(self, handler: Handler, between: Callable[[], None] = lambda: None) -> None:
        """Ask for work, do it, report, until stopped.

        Args:
            handler: Does one piece of work.
            between: Called before each request for work, such as to publish news.

        Raises:
            NodeRevoked: the hub no longer accepts this node's key.
            NodeUnknown: the hub does not know this node.
        """
        pause = _FIRST_PAUSE
        while not self.stopped.is_set():
            try:
                between()
                work = self._take(self._call("GET", "/api/link/work", **self._waiting(WAIT_SECONDS)))
                pause = _FIRST_PAUSE
            except (NodeRevoked, NodeUnknown):
                raise
            except OncommonsError as fault:
                pause = self._wait_out(fault, pause)
                continue
            while work and not self.stopped.is_set():
                item, *others = work
                work = others + self._report(item, handler, 0 if others else WAIT_SECONDS)

    def _do(self, item: Item, handler: Handler) -> dict[str, Any]:
        try:
            return handler(*item)
        except OncommonsError as fault:
            log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            return fault.to_json()
        except Exception:
            log.exception("a question could not be answered")
            return OncommonsError("The node could not answer; its own log says why.").to_json()

    def _report(self, item: Item, handler: Handler, wait: int) -> list[Item]:
        """Make an answer, and send it until the hub has it; the same request waits for more work, which it returns."""
        (job, order, _), pause = item, _FIRST_PAUSE
        standing, body = None, None
        while not self.stopped.is_set():
            while (now := self.standing(order)) != standing:  # again once it is made, which takes its time, too
                standing, body = now, self._do(item, handler)
            try:
                return self._take(self._call("POST", f"/api/link/work/{job}", body=body, **self._waiting(wait)))
            except (AnswerRefused, BadCheckpoint, BadRequest, NotFound) as fault:
                log.warning("The hub did not take an answer: %s %s", fault.code, fault.message)
                break
            except (NodeRevoked, NodeUnknown):
                raise
            except OncommonsError as fault:
                pause = self._wait_out(fault, pause)
        return []

    def _take(self, reply: object) -> list[Item]:
        """The work in a reply of the hub; what it says of permits is heard first, and where that is refused, work goes on.

        The hub would tell it again at once, so the node pauses.
        """
        work = _work_of(reply)
        told = reply.get("revoked") if isinstance(reply, dict) else None
        try:
            if told:
                self.hear(str(told))
        except OncommonsError as fault:
            log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            if not work:
                self.stopped.wait(_REFUSED_PAUSE)
        return work

    def _waiting(self, seconds: int) -> dict[str, Any]:
        number = self.number()
        heard = {} if number is None else {"revoked": number}
        return {"params": {"wait": seconds, "version": self.version, **heard}, "timeout": seconds + 15}

    def _wait_out(self, fault: OncommonsError, pause: float) -> float:
        log.warning("%s %s %s Trying again in %.1f s.", fault.code, fault.message, fault.detail, pause)
        self.stopped.wait(pause * random.uniform(0.7, 1.3))  # noqa: S311  not for secrets: spreads the callers out
        return min(pause * 2, _LONGEST_PAUSE)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """Call with an access token; a token that the hub refuses is renewed once.

        The checkpoint goes with it where the hub does not have it yet.
        """
        checkpoint = self.checkpoint()
        news = {CHECKPOINT_HEADER: checkpoint} if checkpoint != self._kept else {}
        for last in (False, True):
            if not self._token:
                self._token = self._new_token()
            try:
                headers = {"authorization": f"Bearer {self._token}", **news}
                reply = self.transport.call(method, path, headers=headers, **options)
            except TokenRefused:
                self._token = ""
                if last:
                    raise
            else:
                self._kept = checkpoint
                return reply
        return None

    def _new_token(self) -> str:
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_KIND,
            "client_assertion": make_assertion(self.name, self.key, self.audience, self.clock),
        }
        reply = self.transport.form("/api/token", fields)
        if not isinstance(reply, dict) or not isinstance(reply.get("access_token"), str):
            raise HubUnreachable("The hub's reply to a request for a token is not one.")
        return str(reply["access_token"])


def _work_of(reply: object) -> list[Item]:
    """Jobs, their orders and the hub's checkpoint, where it has one, in a reply of the hub.

    Raises:
        HubUnreachable: the reply is not the hub's; something in between answered.
    """
    try:
        work = reply["work"]  # type: ignore[index]
        return [(str(item["id"]), str(item["order"]), str(item.get("checkpoint") or "")) for item in work]
    except (KeyError, TypeError, AttributeError) as fault:
        raise HubUnreachable("The hub's reply is not one; is something in between?", detail=repr(fault)) from fault
