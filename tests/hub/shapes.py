"""What every route of the hub takes: a body for each, real identifiers for each path, parameters that are not declared.

A route without a row fails in tests/hub/test_schemathesis.py.  Words in capitals stand for identifiers of a world.
"""

from tests.hub.callers import PUBLIC_KEY, QUESTION, answer_of, card, exact
from tests.hub.people.guests import PASSWORD

WRONG = "not the password"
TEXT = {"text": "Why?"}
BEACON = {
    "meta": {"apiVersion": "v2.1.1"},
    "query": {"filters": [{"id": "NCIT:C16576"}], "requestedGranularity": "count"},
}
TREE = {"ast": {"operand": "OR", "children": []}, "id": "00000000-0000-4000-8000-000000000000"}
RUN = {
    "analysis": "cox",
    "variables": {"t": {"value": "follow_up"}, "d": {"is": {"field": "sex", "in": ["F"]}}, "a": {"value": "follow_up"}},
    "settings": {"time": "t", "event": "d", "covariates": ["a"]},
}
BODIES = {
    "POST /api/nodes": {"secret": "x", "jwk": dict(PUBLIC_KEY), "version": "1"},
    "POST /api/sessions": {"email": "x@y.example", "password": WRONG, "code": "1", "device": "x"},
    "DELETE /api/account": {"password": WRONG, "code": "1"},
    "PUT /api/account/name": {"name": "Me"},
    "PUT /api/account/password": {"password": WRONG, "new": "another long password 77", "code": "1"},
    "POST /api/account/second-factor": {"sealed": "x"},
    "PUT /api/account/second-factor": {"password": PASSWORD, "code": "123456", "sealed": "x"},
    "DELETE /api/account/second-factor": {"password": PASSWORD, "code": "123456"},
    "POST /api/account/tokens": {"name": "x", "scopes": ["ask"], "days": 1, "password": PASSWORD},
    "POST /api/account/inbox/read": {"ids": ["x"], "all": True},
    "PUT /api/account/inbox/wishes": {"permit": "none", "waiting": "daily"},
    "POST /api/account/identities": {"provider": "keycloak", "password": PASSWORD, "code": "1", "browser": "x"},
    "DELETE /api/account/identities/{identifier}": {"password": PASSWORD, "code": "1"},
    "POST /api/sessions/providers/{name}": {"next": "/", "invitation": "x", "browser": "x", "again": True},
    "POST /api/sessions/providers/{name}/back": {"state": "s", "browser": "b", "code": "c", "error": "e", "iss": "i"},
    "POST /api/sessions/links": {"email": "x@x.example", "purpose": "sign-in", "browser": "b", "device": "d"},
    "POST /api/invitations/look": {"secret": "SECRET", "browser": "b"},
    "POST /api/invitations/accept": {"secret": "SECRET", "password": "short", "name": "x", "code": "1", "device": "x"},
    "POST /api/people/invitations": {"email": "z@x.example", "organisation": "Athens General", "role": "researcher"},
    "POST /api/people/{identifier}/roles": {"organisation": "ORGANISATION", "role": "data-manager"},
    "POST /api/people/{identifier}/link": {},
    "POST /api/images/token": {"node": "athens"},
    "POST /api/questions": QUESTION,
    "POST /api/runs": RUN,
    "POST /api/feasibility": QUESTION,
    "POST /api/saved": {"name": "Women", "question": QUESTION, "reach": 5},
    "POST /api/saved/{digest}/watch": {"reach": 5},
    "POST /api/lens": TREE,
    "POST /api/lens/beam": {"id": TREE["id"], "sites": ["athens"], "query": "e30="},
    "POST /api/applications": {"answers": {"title": "Lungs", "datasets": ["athens/lung"]}},
    "PUT /api/applications/{identifier}/answers": {"answers": {"title": "x"}, "revisions": {"title": 1}},
    "POST /api/applications/{identifier}/invitations": {"email": "z@x.example"},
    "POST /api/application-invitations": {"invitation": "SHARED"},
    "POST /api/applications/{identifier}/comments": {"paragraph": "title", "text": "x", "thread": "THREAD"},
    "PUT /api/applications/{identifier}/comments/{thread}": {"resolved": True},
    "POST /api/permits/{identifier}/pass": {},
    "POST /api/decisions/{identifier}/submit": {},
    "PUT /api/link/datasets": {"datasets": [card(codes={"sex": {"F": exact(3)}}, licence="CC BY 4.0", about="x", source="https://x.example")]},
    "POST /api/link/work/{job}": answer_of(3),
    **{f"POST /api/decisions/{{identifier}}/{move}": TEXT | {"seen": 1} for move in ("comment", "withdraw", "end", "report", "return", "pass")},
    **{
        f"POST /api/decisions/{{identifier}}/holders/{{holder}}/{move}": body | {"seen": 1, "text": "x"}
        for move, body in {
            "vote": {"yes": True},
            "propose": {"datasets": ["athens/lung"], "conditions": ["cite us"]},
            "appoint": {"person": "eve@people.example", "role": "officer"},
            **{key: {} for key in ("close", "decline", "accept", "conflict", "answer", "ask")},
        }.items()
    },
}  # fmt: skip
"""Method and path to a body that is understood."""
WITHOUT = {
    "POST /api/applications/{identifier}/copy",
    "PUT /api/applications/{identifier}/form",
    "POST /api/runs/{run}/cancel",
}
"""Routes that change something and take no body."""
OTHERWISE = {
    "POST /api/token": ("application/x-www-form-urlencoded", {
        "grant_type": "client_credentials", "client_assertion": "e30.e30.AAAA",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }),
    "POST /api/applications/{identifier}/documents": ("application/octet-stream", "%PDF-1.7\nan ethics committee says yes\n%%EOF\n"),
}  # fmt: skip
"""Bodies that are no JSON: their kind and the body."""
WORDS = {
    "GET /api/account/inbox": {"page": "1"},
    "GET /api/audit/entries": {
        "kind": "begun", "project": "P", "permit": "P", "node": "athens", "dataset": "athens/lung", "since": "2026-01-01",
        "until": "2026-12-31", "text": "x", "below": "1", "prove": "anew",
    },
    "GET /api/labels": {"codes": "ICD10:C34", "language": "de"},
    "GET /api/dictionary": {"language": "de"},
    "GET /api/terms": {"q": "lung", "language": "de"},
    "GET /api/datasets": {"q": "lung", "language": "de"},
    "POST /api/questions": {"id": "JOB", "deadline": "0.1", "language": "de"},
    "GET /api/questions/{job}": {"language": "de"},
    "POST /api/runs": {"id": "RUN"},
    "GET /api/runs/{run}": {"wait": "0"},
    "GET /api/feasibility": {"question": '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'},
    "GET /api/application-form": {"version": "1"},
    "POST /api/applications/{identifier}/documents": {"paragraph": "ethics", "name": "vote.pdf"},
    "GET /api/link/work": {"version": "1"},
}  # fmt: skip
"""Parameters of the query."""
ASKED = {
    "skip": "0",
    "limit": "10",
    "filters": "NCIT:C16576",
    "requestedGranularity": "count",
    "includeResultsetResponses": "HIT",
}
"""Parameters of the query of each GET of a Beacon."""


def key_of(method, path):
    return f"{method.upper()} {path}"


def routes_of(app):
    """Method and path of every route, hot ones too."""
    hot = {("GET", "/api/link/work"), ("POST", "/api/link/work/{job}")}
    return hot | {(m.upper(), path) for path, methods in app.openapi()["paths"].items() for m in methods}


def body_of(method, path):
    """Kind and example of a body; ``None`` where there is none."""
    key = key_of(method, path)
    if key in OTHERWISE:
        return OTHERWISE[key]
    if path.startswith("/api/beacon") and method.upper() == "POST":
        return "application/json", BEACON
    return ("application/json", BODIES[key]) if key in BODIES else None


def words_of(method, path):
    """Parameters of the query, each with an example."""
    beacon = path.startswith("/api/beacon") and method.upper() == "GET"
    return ASKED if beacon else WORDS.get(key_of(method, path), {})


def lacking(app):
    """Routes that change something, and have no row."""
    changing = {key_of(*one) for one in routes_of(app) if one[0] in {"POST", "PUT"} and "/beacon" not in one[1]}
    return changing - set(BODIES) - set(OTHERWISE) - WITHOUT


def put_in(world, example):
    """An example with the identifiers of a world in the place of words in capitals."""
    if isinstance(example, dict):
        return {key: put_in(world, value) for key, value in example.items()}
    if isinstance(example, list):
        return [put_in(world, one) for one in example]
    return world.get(example, example) if isinstance(example, str) else example
