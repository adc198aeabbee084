"""Analyses over a federation, as one caller makes them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.client.artefacts import Artefacts
from oncommons.client.connection import Connection
from oncommons.schema.federation import PERMIT_HEADER, Pass
from oncommons.schema.run import parse_run

RUN_SECONDS = 3_600.0
"""How long a run may take."""


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


def make(connection: Connection, run: Mapping[str, Any], permit: str, identifier: str = "") -> Made:
    """Make an analysis under a permit and wait for its result.

    Args:
        connection: To the hub.
        run: What is asked, see :mod:`oncommons.schema.run`; checked here first.
        permit: The pass of a permit.
        identifier: Of the run: asked again under the same, rounds that were answered are not asked again.

    Raises:
        QuestionError: the run asks for what cannot be.
        BeyondPermit: the permit does not let it through; the message names the rule.
        AnalysisError: it has no answer.
        HubUnreachable: the hub cannot be reached.
    """
    body = parse_run(dict(run)).to_json()
    headers = {PERMIT_HEADER: str(Pass.parse(permit))}
    params = {"id": identifier or uuid.uuid4().hex}
    options: dict[str, Any] = {"params": params, "headers": headers, "timeout": RUN_SECONDS}
    return Made(connection.transport.call("POST", "/api/runs", body=body, **options))
