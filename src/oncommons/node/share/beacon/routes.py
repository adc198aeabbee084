"""HTTP of a node's own Beacon (GA4GH Beacon v2.1.1): what its policy has released, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from oncommons.schema.answer import Answer, NodeAnswer
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon import (
    Address,
    addresses,
    beacon_id,
    close_query,
    open_query,
    read_request,
    tell_plainly,
)
from oncommons.schema.dialects.beacon_answer import Beacon, tell_fault
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.errors import OncommonsError
from oncommons.schema.parsing import MAX_BYTES
from oncommons.schema.question import Question
from oncommons.schema.sentence import sentence
from oncommons.service.http import error_response, home_of, json_body


@dataclass(frozen=True)
class BeaconAtHome:
    """The Beacon over a node's data.

    Attributes:
        name: Name of the node.
        version: Version of oncommons.
        ask: Answers a question's JSON, released by the node's policy.
        cards: Gives the node's dataset cards, released by the same policy.
        url: Address under which clients reach it; empty for the one that each has used.
        root: Path at which it is found, such as ``/beacon``.
    """

    name: str
    version: str
    ask: Callable[[object], NodeAnswer]
    cards: Callable[[], Sequence[DatasetCard]]
    url: str = ""
    root: str = ""

    def routes(self) -> list[Route]:
        """Its routes; its root is found with and without a slash at the end."""
        return [
            Route(path, self._endpoint(a), methods=list(a.methods))
            for a in addresses()
            for path in ([f"{self.root}{a.path}"] if a.path else dict.fromkeys([self.root or "/", f"{self.root}/"]))
        ]

    def _endpoint(self, address: Address) -> Any:
        async def endpoint(request: Request) -> JSONResponse:
            beacon, asked = self._beacon(request), BeaconRequest()
            try:
                body = await json_body(request, MAX_BYTES)
                asked = read_request(request.method, request.query_params.multi_items(), body)
                inside = request.path_params.get("id", "")
                return JSONResponse(await run_in_threadpool(self._tell, address, beacon, asked, inside))
            except OncommonsError as fault:
                status = error_response(fault).status_code
                return JSONResponse(tell_fault(beacon, asked, fault, status), status)

        return endpoint

    def _tell(self, address: Address, beacon: Beacon, asked: BeaconRequest, inside: str) -> dict[str, Any]:
        held = [(self.name, card) for card in self.cards()]
        if address.kind != "query":
            return tell_plainly(address, beacon, asked, held, inside)
        query = open_query(address.entry, asked, held, inside)
        answer = None if query.question is None else self._answer(query.question)
        return close_query(beacon, query, held, answer)

    def _answer(self, question: Question) -> Answer:
        body = question.to_json()
        part = self.ask(body)
        own = NodeAnswer(self.name, part.status, part.reason, part.code, part.policy, part.datasets)
        return Answer("here", body, sentence(question), (own,))

    def _beacon(self, request: Request) -> Beacon:
        url = home_of(request, self.url, self.root)
        return Beacon(beacon_id(url), f"Node {self.name}", url, self.version, self.name, url, ("CONTROLLED",))
