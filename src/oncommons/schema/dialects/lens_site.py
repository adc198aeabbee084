"""Our answers as Samply Lens itself reads them: the result of one site, in the envelope of Spot.

Sources: samply/lens (``LensResult``, ``SpotResult``) and samply/spot, both Apache-2.0; only the form is theirs.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from oncommons.schema.answer import NodeAnswer
from oncommons.schema.dialects.beacon_answer import dataset_id
from oncommons.schema.dialects.beacon_counts import not_excluded
from oncommons.schema.dialects.lens import SCOPE_RULE
from oncommons.schema.errors import OncommonsError

APP = "oncommons"
"""Name of the program that answers, in the sender's address."""
NOT_TOLD = "The node's policy tells no number here, not even a bound."


def claimed(task: str, node: str) -> dict[str, Any]:
    """Word that a site has the request and will answer."""
    return _envelope(task, node, "claimed", "")


def refused(task: str, node: str, fault: OncommonsError) -> dict[str, Any]:
    """Word that a site's answer is not told, and why; Lens leaves such a site out."""
    return _envelope(task, node, "permafailed", f"{fault.code} {fault.message}")


def told(task: str, people: NodeAnswer, studies: NodeAnswer, sentence: str) -> dict[str, Any]:
    """What became of a request at one site.

    Lens reads a missing number as 0, and a site that failed as one to leave out.  So a site whose numbers are not told
    at all has failed, with the reason.

    Args:
        task: Identifier of the request.
        people: The site's answer that counts people.
        studies: The one that counts examinations.
        sentence: The question in words, as it was understood.
    """
    for part in (people, studies):
        if part.status != "answered":
            return _envelope(task, part.node, "permafailed", " ".join(filter(None, (part.code, part.reason))))
    if not (people.certain.is_told and studies.certain.is_told):
        return _envelope(task, people.node, "permafailed", NOT_TOLD)
    body = json.dumps(_result(people, studies) | {"sentence": sentence, "scope_rule": list(SCOPE_RULE)})
    return _envelope(task, people.node, "succeeded", base64.b64encode(body.encode("ascii")).decode("ascii"))


def _result(people: NodeAnswer, studies: NodeAnswer) -> dict[str, Any]:
    """A ``LensResult``; the exactness of its totals stands beside them under ``counts``."""
    counts = {"patients": people.certain, "studies": studies.certain}
    collections = {
        dataset_id(people.node, one.dataset): one.certain.number
        for one in people.datasets
        if not_excluded(one.certain) and one.certain.is_told
    }
    return {
        "totals": {
            name: sum(one.certain.number for one in part.datasets)
            for name, part in (("patients", people), ("studies", studies))
        },
        "stratifiers": {"collection": collections},
        "counts": {name: count.to_json() for name, count in counts.items()},
    }


def _envelope(task: str, node: str, status: str, body: str) -> dict[str, Any]:
    """A result as Beam carries it; Lens takes the site from the second part of ``from``."""
    here = f"{APP}.{node}.hub"
    return {"task": task, "from": here, "to": [f"lens.{APP}.hub"], "status": status, "body": body, "metadata": None}
