"""How long a permit takes: to issue, to verify offline, to decide, and all together, beside one bare signature check.

    python benchmarks/permit.py --datasets 10 --variables 40 --times 300

Processor time of one thread, the median of so many times each, one after the other in turn, so that a slower moment of
the machine meets all alike.  Bare is one Ed25519 check of the permit's own bytes by the library alone (cryptography).
The goal is 1 ms for issuing and for verifying.
"""

from __future__ import annotations

import argparse
import base64
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc.jwk import OKPKey

from oncommons.policy.access.deciding import Conditions, decide, request_of
from oncommons.schema.parsing import parse_question
from oncommons.schema.permit import VARIABLES, parse_permit
from oncommons.service.identity import Issuer, OrderReader

GOAL_MS = 1.0
NOW = 1_796_169_600
QUESTION = {
    "count": "person",
    "where": {"all": [{"field": "sex", "in": ["F"]}, {"field": "age", "between": [40, 50]}]},
}


def medians(tasks: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median processor time of each, in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(times):
        for name, task in tasks.items():
            begun = time.thread_time_ns()
            task()
            taken[name].append((time.thread_time_ns() - begun) / 1e6)
    return {name: statistics.median(found) for name, found in taken.items()}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--datasets", type=int, default=10)
    parser.add_argument("--variables", type=int, default=40)
    parser.add_argument("--times", type=int, default=300)
    given = parser.parse_args()
    hub = Issuer(OKPKey.generate_key("Ed25519"))
    names = ["person.sex", "person.age", *sorted(VARIABLES)][: given.variables]
    body = {"id": "P-7", "project": "lung", "people": ["ana", "ben"], "variables": names, "analyses": ["count"]}
    body |= {"datasets": [{"node": "athens", "dataset": f"d{i}"} for i in range(given.datasets)]}
    body |= {"purpose": {"ehds": ["RESEARCH"], "duo": ["DUO:0000007"]}}
    body |= {"period": {"not_before": "2026-12-01", "not_after": "2027-12-01"}}
    permit = replace(parse_permit(body), hub=hub.name, address="https://hub.example.org")
    signed, reader = hub.permit(permit, NOW), OrderReader(hub.keys())
    message, _, signature = signed.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    point = base64.urlsafe_b64decode(str(hub.keys()["keys"][0]["x"]) + "==")
    bare = Ed25519PublicKey.from_public_bytes(point)
    asked = request_of(parse_question(QUESTION), "ana")
    here = Conditions(hub.name, "athens", {f"d{i}": "v" for i in range(given.datasets)}, "required")
    if not decide(reader.read_permit(signed), asked, NOW, here).allowed:
        return 1
    again = lru_cache(32)(reader.read_permit)
    found = medians(
        {
            "one bare signature check": lambda: bare.verify(raw, message.encode()),
            "issue": lambda: hub.permit(permit, NOW),
            "verify": lambda: reader.read_permit(signed),
            "verify again, as a node does": lambda: again(signed),
            "decide": lambda: decide(permit, asked, NOW, here),
            "verify and decide": lambda: decide(reader.read_permit(signed), asked, NOW, here),
        },
        given.times,
    )
    print(f"a permit of {given.datasets} datasets and {given.variables} variables, {len(signed):,} bytes signed")
    print("| what | ms | bare checks |\n| --- | --- | --- |")
    for name, ms in found.items():
        print(f"| {name} | {ms:.3f} | {ms / found['one bare signature check']:.1f} |")
    return 0 if max(found["issue"], found["verify"]) < GOAL_MS else 1


if __name__ == "__main__":
    sys.exit(main())
