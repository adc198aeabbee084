"""Analyses over a federation, as one caller makes them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oncommons.client.artefacts import Artefacts
from oncommons.client.connection import Connection
from oncommons.client.transport import in_path
from oncommons.client.waiting import Patience
from oncommons.schema.errors import HubUnreachable, NotFound, error_from_json
from oncommons.schema.errors_of_analyses import RunCancelled
from oncommons.schema.federation import PERMIT_HEADER, Pass
from oncommons.schema.run import parse_run

WAIT_SECONDS = 20.0
"""How long a hub holds the request of who waits for a run."""
PATIENCE = Patience(60.0, every=1.0)
"""How long a hub that cannot be reached is waited for, as when it is started anew."""
_GRACE_SECONDS = 15.0
_LETTERS = 12
"""Of an identifier that nobody has chosen; it is one's own, so a short one can be read out."""


@dataclass(frozen=True)
class Made(Artefacts):
    """What came of an analysis: its numbers, tables and figures, and all of it in files.

    Attributes:
        record: All of it as JSON: what is needed to repeat it, each node's part, the numbers.
    """

    record: Mapping[str, Any]

    @property
    def found(self) -> Mapping[str, Any]:
        """The numbers, by their names."""
        found: Mapping[str, Any] = self.record["result"]
        return found

    @property
    def tables(self) -> Mapping[str, Sequence[Sequence[Any]]]:
        """Name to rows, the first of which names the columns."""
        found: Mapping[str, Sequence[Sequence[Any]]] = self.record["tables"]
        return found


@dataclass(frozen=True)
class Seen:
    """A run as the hub tells it at a moment.

    Attributes:
        body: All of it as JSON.
    """

    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its identifier."""
        return str(self.body["id"])

    @property
    def state(self) -> str:
        """``running``, ``done``, ``failed`` or ``cancelled``."""
        return str(self.body["state"])

    @property
    def round(self) -> int:
        """The round that it is in, counted from 1; 0 before the first."""
        return int(self.body["progress"]["round"])

    @property
    def nodes(self) -> Mapping[str, str]:
        """How far each node is with the round: asked, computing, answered; or why it is left out."""
        return {one["node"]: one["status"] for one in self.body["progress"]["nodes"]}

    def made(self) -> Made:
        """What came of it.

        Raises:
            OncommonsError: it failed, for this reason.
            RunCancelled: it was cancelled.
            NotFound: it goes on.
        """
        if self.state == "failed":
            raise error_from_json(self.body)
        if self.state == "cancelled":
            raise RunCancelled("The run was cancelled, and has no result.")
        if "record" not in self.body:
            raise NotFound("The run goes on, and has no result yet.")
        return Made(self.body["record"])


Tell = Callable[[Seen], None]
"""Told how far a run is."""


def _silent(_seen: Seen) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Going:
    """A run that was begun; it goes on at the hub, whoever waits for it.

    Attributes:
        connection: To the hub.
        permit: The pass of its permit; empty where the connection shows it, as that of a page does.
        id: Its identifier.
        patience: How long a hub that cannot be reached is waited for, as when it is started anew.
    """

    connection: Connection
    permit: str = field(repr=False)
    id: str
    patience: Patience = PATIENCE

    def look(self, wait: float = 0.0) -> Seen:
        """How far it is; when it has ended, or after so many seconds (60 at most).

        Raises:
            NotFound: there is no such run under this pass.
            BeyondPermit: the permit was taken back, or has ended.
            HubUnreachable: the hub cannot be reached.
        """
        options: dict[str, Any] = {"params": {"wait": wait}, "timeout": wait + _GRACE_SECONDS}
        return Seen(self.connection.transport.call("GET", self._path, headers=_under(self.permit), **options))

    def made(self, tell: Tell = _silent, wait: float = WAIT_SECONDS) -> Made:
        """Wait until it has ended; what came of it.

        Args:
            tell: Told how far it is at each look.
            wait: Seconds between two looks, at most 60.

        Raises:
            OncommonsError: it failed, for this reason.
            RunCancelled: it was cancelled.
            HubUnreachable: the hub could not be reached for a minute.
        """
        lost: float | None = None
        while True:
            try:
                seen, lost = self.look(wait), None
            except HubUnreachable:
                now = self.patience.clock()
                lost = now if lost is None else lost
                if now - lost >= (self.patience.seconds or 0.0):
                    raise
                self.patience.sleep(self.patience.every)
                continue
            tell(seen)
            if seen.state != "running":
                return seen.made()

    def cancel(self) -> str:
        """End it; the state in which it is then, another one where it had ended.

        Raises:
            NotFound: as :meth:`look`.
        """
        reply = self.connection.transport.call("POST", f"{self._path}/cancel", headers=_under(self.permit))
        return str(reply["state"])

    @property
    def _path(self) -> str:
        return f"/api/runs/{in_path(self.id)}"


def begin(connection: Connection, run: Mapping[str, Any], permit: str, identifier: str = "") -> Going:
    """Begin an analysis under a permit; it goes on at the hub.

    Args:
        connection: To the hub.
        run: What is asked, see :mod:`oncommons.schema.run`; checked here first.
        permit: The pass of a permit; empty where the connection shows it.
        identifier: Of the run: asked again under the same, it is the same run.

    Raises:
        QuestionError: the run asks for what cannot be.
        BeyondPermit: the permit does not let it through; the message names the rule.
        TooManyRuns: as many go on as may at once.
        HubUnreachable: the hub cannot be reached.
    """
    body = parse_run(dict(run)).to_json()
    options: dict[str, Any] = {"params": {"id": identifier or uuid.uuid4().hex[:_LETTERS]}, "headers": _under(permit)}
    reply = connection.transport.call("POST", "/api/runs", body=body, **options)
    return Going(connection, permit, str(reply["id"]))


def make(connection: Connection, run: Mapping[str, Any], permit: str, identifier: str = "") -> Made:
    """Make an analysis under a permit and wait for its result.

    Args:
        connection: To the hub.
        run: As in :func:`begin`.
        permit: The pass of a permit.
        identifier: As in :func:`begin`.

    Raises:
        QuestionError: the run asks for what cannot be.
        BeyondPermit: the permit does not let it through; the message names the rule.
        AnalysisError: it has no answer.
        HubUnreachable: the hub cannot be reached.
    """
    return begin(connection, run, permit, identifier).made()


def runs_under(connection: Connection, permit: str) -> list[Seen]:
    """Your runs under a permit, the newest first, without their records.

    Args:
        connection: To the hub.
        permit: As in :func:`begin`.

    Raises:
        BeyondPermit: the permit was taken back, or has ended.
    """
    found = connection.transport.call("GET", "/api/runs", headers=_under(permit))["runs"]
    return [Seen(one) for one in found]


def analyses_at(connection: Connection) -> dict[str, Any]:
    """The analyses that a hub can put together, and which nodes make them, as its ``GET /api/analyses`` tells it.

    Args:
        connection: To the hub.
    """
    found: dict[str, Any] = connection.transport.call("GET", "/api/analyses")
    return found


def _under(permit: str) -> dict[str, str]:
    return {PERMIT_HEADER: str(Pass.parse(permit))} if permit else {}
