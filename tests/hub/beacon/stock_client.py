"""Asks a Beacon by the client ai4gh, as its makers publish it; run by a Python that has it.

Reads JSON from standard input: the Beacon's address and queries, and what the client shows as a bearer.  Writes what the client made of the answers.
"""

import asyncio
import json
import sys

from ai4gh.compliance.suites.beacon import BeaconComplianceSuite
from ai4gh.core.auth import BearerTokenAuth
from ai4gh.specs.beacon.client import BeaconClient
from ai4gh.specs.beacon.models import Granularity


async def answered(client, entry, filters, granularity):
    """One query; an error of the client in its words."""
    try:
        answer = await client.query(entry, filters=filters, granularity=Granularity(granularity))
    except Exception as fault:  # noqa: BLE001  whatever the client raises is what its user sees
        return {"fault": type(fault).__name__, "message": str(fault)}
    return answer.model_dump(mode="json")


async def shown(url, queries, token):
    """What it is answered that shows a token, as its makers have it."""
    async with BeaconClient(url, auth=BearerTokenAuth(token)) as client:
        return [await answered(client, **query) for query in queries]


async def asked(url, queries):
    """What the client reads."""
    async with BeaconClient(url) as client:
        about = await client.get_info()
        service = await client.get_service_info()
        terms = await client.get_filtering_terms(skip=0, limit=5)
        places = (await client.get_map())["response"]["endpointSets"]
        types = (await client.get_entry_types())["response"]["entryTypes"]
        settings = (await client.get_configuration())["response"]
        answers = [await answered(client, **query) for query in queries]
    suite = BeaconComplianceSuite(url)
    checks = [getattr(suite, name) for name in dir(suite) if name.startswith("test_")]
    results = [await check() for check in checks]
    return {
        "about": about.name,
        "service": service.type.artifact,
        "terms": len(terms["response"]["filteringTerms"]),
        "places": places,
        "types": types,
        "configured": settings["entryTypes"],
        "answers": answers,
        "checks": {one.name: one.status.value for one in results},
    }


request = json.load(sys.stdin)
json.dump(asyncio.run((shown if "token" in request else asked)(**request)), sys.stdout)
