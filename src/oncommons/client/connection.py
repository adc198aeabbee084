"""The researcher's way in: ``oncommons.connect(url)``."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Self

from oncommons.client.builder import Where
from oncommons.client.images import Images
from oncommons.client.transport import Transport
from oncommons.client.waiting import EVERY_SECONDS, Patience, standing, wait
from oncommons.schema.answer import Answer
from oncommons.schema.answer_json import answer_from_json
from oncommons.schema.dataset import DatasetCard, FoundCard, FoundCards
from oncommons.schema.errors import HubUnreachable
from oncommons.schema.feasibility import Feasibility
from oncommons.schema.federation import PERMIT_HEADER, ImageToken, NodeStatus, Pass
from oncommons.schema.parsing import parse_question
from oncommons.schema.saved import SavedQuestion

DEADLINE_SECONDS = 10.0
_FEASIBILITY_SECONDS = 45.0
_GRACE_SECONDS = 15.0
_RETRY_SECONDS = 0.3
_SAVED_SECONDS = 25.0
_CODES_AT_ONCE = 100


class Connection:
    """A connection to a hub.

    Args:
        transport: How to call it.
        resumes: Whether a question is taken up again when the connection is lost on the way; one within a process is
            lost only when that ends.
    """

    def __init__(self, transport: Transport, *, resumes: bool = True) -> None:
        self.transport = transport
        self._resumes = resumes

    def count(
        self,
        entity: str = "person",
        where: Where | None = None,
        by: str | Sequence[str] = (),
        deadline: float = DEADLINE_SECONDS,
        nodes: str | Sequence[str] = (),
        *,
        permit: str = "",
    ) -> Answer:
        """Count rows of an entity across the federation.

        Args:
            entity: ``person``, ``study``, ``series`` or another entity of the dictionary.
            where: Built with :func:`~oncommons.has` and :func:`~oncommons.some`; ``None`` counts all.
            by: ``dataset`` and up to two coded fields.
            deadline: Seconds to wait for slow nodes.
            nodes: Names of the nodes to ask; none for all. The others never hear of the question.
            permit: The pass of a permit, as in :meth:`ask`.

        Raises:
            QuestionError: the question is not one that the dictionary allows, or there is no such node.
            HubUnreachable: the hub cannot be reached.
            PermitError: as in :meth:`ask`.
        """
        question: dict[str, Any] = {"count": entity}
        if where is not None:
            question["where"] = where.to_json()
        if by:
            question["by"] = [by] if isinstance(by, str) else list(by)
        if nodes:
            question["nodes"] = [nodes] if isinstance(nodes, str) else list(nodes)
        return self.ask(question, deadline, permit=permit)

    def ask(
        self,
        question: Mapping[str, Any],
        deadline: float = DEADLINE_SECONDS,
        language: str = "",
        permit: str = "",
    ) -> Answer:
        """Ask a question given as JSON, all nodes or those under its key ``nodes``.

        It is checked here first, so a fault is told at once.  When the connection is lost on the way, as when the
        hub restarts, the same question is taken up again until its deadline has passed.

        Args:
            question: The question.
            deadline: Seconds to wait for slow nodes.
            language: Of the labels of codes in the question in words, such as ``de``.
            permit: The pass of a permit, ``ID.SECRET``, to ask under it; only its nodes are asked then.

        Raises:
            QuestionError: the question is not one that the dictionary allows.
            HubUnreachable: the hub cannot be reached.
            NoSuchPermit: the pass is nobody's.
            BeyondPermit: the permit does not let it through; the message names the rule.
        """
        body = parse_question(dict(question)).to_json()
        params = {"id": uuid.uuid4().hex, "deadline": deadline, **_in(language)}
        options = _under(permit)
        started = time.monotonic()
        while True:
            try:
                timeout = deadline + _GRACE_SECONDS
                reply = self.transport.call(
                    "POST", "/api/questions", body=body, params=params, timeout=timeout, **options
                )
                return answer_from_json(reply)
            except HubUnreachable:
                if not self._resumes or time.monotonic() - started > deadline:
                    raise
                time.sleep(_RETRY_SECONDS)

    def look(self, question: str, language: str = "", permit: str = "") -> Answer:
        """The answer to a question asked before, as it stands now; in words with labels in ``language``.

        Args:
            question: Its identifier, :attr:`Answer.id`.
            language: Of the labels of codes in the question in words, such as ``de``.
            permit: The pass under which it was asked, where it was.

        Raises:
            NotFound: the hub remembers no such question, or it was asked under another pass.
            NoSuchPermit: the pass is none.
            BeyondPermit: the permit was taken back since, or has ended.
        """
        path = f"/api/questions/{question}"
        return answer_from_json(self.transport.call("GET", path, params=_in(language), **_under(permit)))

    def feasibility(self, question: Mapping[str, Any], permit: str = "") -> Feasibility:
        """What each criterion of a question costs: how many rows dropping it would gain.

        Args:
            question: The question.
            permit: The pass of a permit, as in :meth:`ask`; all its questions are then asked under it.

        Raises:
            QuestionError: the question is not one that the dictionary allows.
            NobodyAnswered: no node answered.
            PermitError: as in :meth:`ask`.
        """
        body = parse_question(dict(question)).to_json()
        options = _under(permit)
        reply = self.transport.call("POST", "/api/feasibility", body=body, timeout=_FEASIBILITY_SECONDS, **options)
        return Feasibility.from_json(reply)

    def save(self, name: str, question: Mapping[str, Any], reach: int | None = None, permit: str = "") -> SavedQuestion:
        """Save a question under a name, so that it can be cited; with ``reach``, have it watched until so many are certain.

        Args:
            name: The name.
            question: The question.
            reach: So many have to be certain; none where nobody waits for a number.
            permit: The pass of a permit, as in :meth:`ask`: it is asked under it from then on, and nobody else sees it.

        Raises:
            QuestionError: the question is not one that the dictionary allows.
            BadRequest: the name or the number cannot be one.
            PermitError: as in :meth:`ask`.
        """
        body: dict[str, Any] = {"name": name, "question": parse_question(dict(question)).to_json()}
        if reach is not None:
            body["reach"] = reach
        return self._saved("POST", "", permit, body)

    def watch(self, digest: str, reach: int, permit: str = "") -> SavedQuestion:
        """Wait for a number of a saved question, for a year; nodes that have published since are asked now.

        From then on the hub asks again by itself when nodes have published.  Nodes with the rule ``private`` are asked
        only by calling this, since their answers take from a budget that ends.

        Args:
            digest: Identifier of the saved question.
            reach: So many have to be certain.
            permit: A pass of who saved it, where it was saved under a permit.

        Raises:
            NotFound: nothing is saved under that name, or it was saved under another permit or by somebody else.
            BadRequest: the number cannot be one, or too many are waited for.
            BeyondPermit: its permit does not let it through any more; the message names the rule.
        """
        return self._saved("POST", f"/{digest}/watch", permit, {"reach": reach})

    def wait(
        self, digest: str, reach: int, seconds: float | None = None, every: float = EVERY_SECONDS, permit: str = ""
    ) -> bool:
        """Wait until a number of a saved question is reached; the hub asks the nodes meanwhile, and looking costs nothing.

        A hub that cannot be reached is waited for as well.

        Args:
            digest: Identifier of the saved question.
            reach: The number; it has to be one that is watched.
            seconds: How long to wait at most; nothing for as long as it takes.
            every: Seconds between two looks.
            permit: As in :meth:`watch`.

        Returns:
            Whether it is reached.

        Raises:
            NotFound: as in :meth:`watch`.
            BeyondPermit: as in :meth:`watch`.
            HubUnreachable: the hub could not be reached up to the end.
        """
        patience = Patience(seconds, every)
        found = wait(lambda: self.saved_question(digest, permit), reach, patience, lambda _: None)
        return standing(found, reach) == "reached"

    def saved(self, permit: str = "") -> list[SavedQuestion]:
        """Every saved question, the newest first, and how far the numbers are that are waited for.

        Args:
            permit: The pass of a permit, to see those as well that you saved under it.
        """
        found = self.transport.call("GET", "/api/saved", **_under(permit))["saved"]
        return [SavedQuestion.from_json(one) for one in found]

    def saved_question(self, digest: str, permit: str = "") -> SavedQuestion:
        """A saved question with what was heard of it last, node by node, and how the numbers changed; nobody is asked.

        Args:
            digest: Identifier of the saved question.
            permit: As in :meth:`watch`.

        Raises:
            NotFound: as in :meth:`watch`.
            BeyondPermit: as in :meth:`watch`.
        """
        return self._saved("GET", f"/{digest}", permit)

    def _saved(self, method: str, path: str, permit: str, body: object = None) -> SavedQuestion:
        options = _under(permit)
        reply = self.transport.call(method, f"/api/saved{path}", body=body, timeout=_SAVED_SECONDS, **options)
        return SavedQuestion.from_json(reply)

    def datasets(self) -> list[tuple[str, DatasetCard]]:
        """Every dataset card, with the name of its node."""
        found = self.transport.call("GET", "/api/datasets")["datasets"]
        return [(str(body["node"]), DatasetCard.from_json(body)) for body in found]

    def find_datasets(self, words: str) -> FoundCards:
        """The dataset cards in which all words are found, or synonyms of them, the best first."""
        reply = self.transport.call("GET", "/api/datasets", params={"q": words})
        cards = [
            FoundCard(str(body["node"]), DatasetCard.from_json(body), tuple(str(part) for part in body.get("why", ())))
            for body in reply["datasets"]
        ]
        return FoundCards(tuple(cards), str(reply.get("instead", "")))

    def nodes(self) -> list[NodeStatus]:
        """Every node of the federation."""
        return [NodeStatus.from_json(body) for body in self.transport.call("GET", "/api/nodes")["nodes"]]

    def dictionary(self, language: str = "") -> dict[str, Any]:
        """The data dictionary as the hub serves it, with labels in ``language`` where the hub has them."""
        found: dict[str, Any] = self.transport.call("GET", "/api/dictionary", params=_in(language))
        return found

    def find_terms(self, words: str, language: str = "") -> list[dict[str, Any]]:
        """Fields and codes of the dictionary in which all words are found, or synonyms of them, the best first.

        Args:
            words: Such as ``lung cancer``.
            language: Of the imported labels that are looked through; all where empty.
        """
        found: list[dict[str, Any]] = self.transport.call("GET", "/api/terms", params={"q": words, **_in(language)})[
            "terms"
        ]
        return found

    def labels(self, codes: Sequence[str], language: str = "") -> dict[str, str]:
        """What codes such as those of ICD-10 are called; a code without a label is not there.

        Args:
            codes: The codes, with their systems.
            language: Such as ``de``; another language where the hub has no label in it.
        """
        found: dict[str, str] = {}
        for begin in range(0, len(codes), _CODES_AT_ONCE):
            part = ",".join(codes[begin : begin + _CODES_AT_ONCE])
            found |= self.transport.call("GET", "/api/labels", params={"codes": part, **_in(language)})["labels"]
        return found

    def image_token(self, node: str, permit: str) -> ImageToken:
        """What opens the images of a node by DICOMweb, for a quarter of an hour.

        Args:
            node: Name of the node.
            permit: The pass of a permit that names ``images``, and data of the node.

        Raises:
            NoSuchPermit: the pass is nobody's.
            BeyondPermit: the permit does not let it through; the message names the rule.
        """
        return ImageToken.from_json(
            self.transport.call("POST", "/api/images/token", body={"node": node}, **_under(permit))
        )

    def images(self, node: str, permit: str) -> Images:
        """Opens the images of a node for ``requests`` and ``dicomweb-client``, with a new token whenever one is needed.

        Args:
            node: Name of the node.
            permit: As in :meth:`image_token`.
        """
        return Images(self, node, permit)

    def audit(self) -> dict[str, Any]:
        """How far the audit logs of the hub and its nodes go, signed."""
        found: dict[str, Any] = self.transport.call("GET", "/api/audit")
        return found

    def about(self) -> dict[str, Any]:
        """Name, versions and time of the hub."""
        found: dict[str, Any] = self.transport.call("GET", "/api/hub")
        return found

    def showing(self, token: str, headers: Mapping[str, str]) -> Connection:
        """The same hub, asked for somebody else over the same connections; see :meth:`Transport.showing`."""
        return Connection(self.transport.showing(token, headers), resumes=self._resumes)

    def close(self) -> None:
        """Close the connection."""
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _in(language: str) -> dict[str, str]:
    return {"language": language} if language else {}


def _under(permit: str) -> dict[str, Any]:
    return {"headers": {PERMIT_HEADER: str(Pass.parse(permit))}} if permit else {}


def connect(url: str, ca: str = "", token: str = "") -> Connection:
    """Connect to a hub.

    Args:
        url: Its address.
        ca: File of certificates to trust instead of the system's, such as a corporate CA's.
        token: Made on your account's page, for a hub that wants to know who asks.

    Raises:
        InsecureAddress: plain HTTP to another machine.
    """
    return Connection(Transport(url, ca, token=token))
