"""Nobody gets at what is somebody else's by guessing identifiers: every route of the hub, every role, real identifiers.

The table was written by hand.  Routes of people have theirs in tests/hub/people/test_escalation.py; a route that is in
neither fails.
"""

from functools import partial

import pytest
from tests.hub.callers import QUESTION
from tests.hub.lens.test_routes import b64
from tests.hub.people.guests import guest
from tests.hub.people.test_escalation import TABLE as OF_PEOPLE
from tests.hub.shapes import RUN, body_of, key_of, put_in, routes_of, words_of
from tests.hub.worlds import world
from tests.permits import body
from tests.schema.dialects.test_lens import or_

from oncommons.schema.people import ROLES
from oncommons.schema.permit import VARIABLES, parse_permit

HERE, ELSEWHERE = "Athens General", "Bologna Institute"
CALLERS = [
    "nobody",
    "pass",
    "token",
    "operator",
    *(f"{r} {p}" for r in ROLES if r != "operator" for p in ("here", "elsewhere")),
]
OPEN = {"else": 0}
ASK = {"nobody": 401, "pass": 0, "else": 0}
"""Whoever is signed in, programs, and who has the pass of a permit; with it one is nobody elsewhere."""
ASKED = {"nobody": 401, "pass": 404, "else": 404}
"""What somebody else has asked under a permit is not there for anybody, whatever their roles and permits."""
RECORD = {"nobody": 401, "pass": 403, "else": 403}
"""What nobody has who asks for it: a record of one person or image, of a Beacon; an analysis that no permit names."""
SELF = {"nobody": 401, "token": 403, "else": 0}
"""What is one's own, whatever it is."""
NODES = {"else": 401}
OWN = SELF | {"else": 404}
"""What is somebody else's is not there for anybody, whatever their roles."""
AUDIT = SELF | {"else": 403, "operator": 0, "access-officer here": 0, "access-officer elsewhere": 0}
DECIDERS = ("operator", "access-officer here", "committee-member here", "patient-representative here")
SEEN = OWN | dict.fromkeys(DECIDERS, 0)
"""An application that was handed in: those who decide about it, and operators, see it."""
STEP = OWN | dict.fromkeys(DECIDERS, 409)
"""A step that is not for them: it is the applicants', of another holder, or its time is over."""
DRAFT, CASE = "/api/applications/{identifier}", "/api/decisions/{identifier}"
ROWS = (
    (OPEN, "GET", "/api/hub", "/.well-known/jwks.json", "/api/dictionary", "/api/terms", "/api/labels", "/api/datasets", "/api/nodes", "/api/audit"),
    (OPEN, "GET", "/api/projects", "/api/projects/{permit}", "/api/saved", "/api/saved/feed.atom", "/api/analyses"),
    (RECORD, "POST", "/api/runs"),
    (RECORD | {"pass": 0}, "GET", "/api/runs"),
    (ASKED, "GET", "/api/runs/{run}"),
    (ASKED, "POST", "/api/runs/{run}/cancel"),
    ({"else": 404}, "GET", "/api/saved/{digest}", "/api/saved/{digest}/feed.atom"),
    (OPEN | {"else": 403}, "POST", "/api/nodes"),
    (NODES, "POST", "/api/token", "/api/link/work/{job}"),
    (NODES, "GET", "/api/link/work"),
    (NODES, "PUT", "/api/link/datasets"),
    (ASK, "POST", "/api/questions", "/api/feasibility", "/api/lens", "/api/lens/beam", "/api/saved"),
    (ASK, "GET", "/api/feasibility"),
    (ASKED, "POST", "/api/saved/{digest}/watch"),
    (ASKED, "GET", "/api/questions/{job}", "/api/lens/beam/{task}"),
    (ASK | {"pass": 403, "else": 404}, "POST", "/api/images/token"),
    (AUDIT, "GET", "/api/audit/entries"),
    (SELF, "GET", "/api/application-form", "/api/applications", "/api/decisions", "/api/permits", "/api/uses"),
    (SELF, "POST", "/api/applications"),
    (OWN, "POST", "/api/application-invitations"),
    (OWN, "GET", DRAFT, f"{DRAFT}/earlier/{{paragraph}}", f"{DRAFT}/documents/{{document}}"),
    (OWN, "PUT", f"{DRAFT}/answers", f"{DRAFT}/form", f"{DRAFT}/comments/{{thread}}"),
    (OWN, "POST", *(f"{DRAFT}/{last}" for last in ("copy", "documents", "invitations", "comments"))),
    (OWN, "DELETE", DRAFT, *(f"{DRAFT}/{last}" for last in ("documents/{document}", "invitations/{invitation}", "authors/{author}"))),
    (SEEN, "GET", CASE),
    (OWN, "GET", f"{CASE}/documents/{{document}}"),
    (OWN, "POST", "/api/permits/{identifier}/pass", f"{CASE}/submit"),
    (SEEN, "POST", f"{CASE}/comment"),
    (STEP, "POST", *(f"{CASE}/{move}" for move in ("withdraw", "end", "report", "return", "pass"))),
    (STEP, "POST", *(f"{CASE}/holders/{{holder}}/{move}" for move in ("close", "appoint", "decline", "accept", "conflict"))),
    (STEP, "POST", *(f"{CASE}/holders/{{holder}}/{move}" for move in ("vote", "answer", "propose", "ask"))),
)  # fmt: skip
"""What each caller gets, method and paths: a status, or 0 for anything but 401, 403 and errors of the server."""
TABLE = {key_of(method, path): rule for rule, method, *paths in ROWS for path in paths}
ABOUT = ("", "/info", "/service-info", "/configuration", "/map", "/entry_types", "/filtering_terms")


def rule_of(method, path):
    """The row of a route; the routes of a Beacon are many and alike."""
    last = path.removeprefix("/api/beacon")
    if last == path:
        return TABLE.get(key_of(method, path))
    if last in ABOUT or last.endswith("/filtering_terms") or last.startswith("/schemas/"):
        return OPEN
    return RECORD if last.endswith("/{id}") and not last.startswith(("/datasets", "/cohorts")) else ASK


def gets(world, caller):
    """Somebody who calls, as the hub is called."""
    if caller == "nobody":
        return world.hub
    if caller == "pass":
        return partial(world.hub, headers={"oncommons-permit": passes_of(world.hub, "P-8", "eve")["eve"]})
    if caller == "token":
        return guest(world.hub, "eva@else.example", "researcher", ELSEWHERE).token("ask", "save")
    role, _, place = caller.partition(" ")
    where = {"here": HERE, "elsewhere": ELSEWHERE}.get(place, "Hub")
    return guest(world.hub, f"{caller.replace(' ', '.')}@guess.example", role, where)


def tried(world, who, method, path):
    """A call with identifiers that are somebody else's."""
    options = {"params": put_in(world.ids, words_of(method, path))}
    if found := body_of(method, path):
        kind, body = found
        options |= (
            {"json": put_in(world.ids, body)}
            if "json" in kind
            else {"data" if isinstance(body, dict) else "content": body}
        )
    if path.startswith("/api/decisions") and "json" in options:
        options["json"].pop("seen", None)  # what is stale is refused before it is asked whose step it is
    if path.endswith("{identifier}/comment"):
        options["json"] = {"text": ""}  # those who may would say something
    return who(method, world.place(path), **options)


def passes_of(hub, permit, *people):
    """Passes of a permit for everything that the hub has."""
    dates = {"not_before": "2026-01-01", "not_after": "2028-01-01"}
    given = body(id=permit, people=list(people), period=dates, budget=0, variables=sorted(VARIABLES))
    given["analyses"] = ["count", "cox"] if permit == "P-7" else ["count"]
    given["datasets"] = [{"node": "athens", "dataset": "lung"}]
    if permit not in hub.app.state.permits.entries():
        hub.app.state.permits.issue(parse_permit(given), "https://hub.test", hub.clock())
    return {one: str(hub.app.state.permits.renew(permit, one, hub.clock())) for one in people}


def under_a_permit(made):
    """Put in the place of what everybody may see what was asked, left and saved under a permit."""
    headers = {"oncommons-permit": passes_of(made.hub, "P-7", "ana")["ana"]}
    asked = made.hub("POST", "/api/questions", json=QUESTION, headers=headers).json()["id"]
    made.ids["job"] = made.ids["JOB"] = asked  # the second is what is asked under, too
    made.ids["task"] = "00000000-0000-4000-8000-000000000007"
    left = {"id": made.ids["task"], "query": b64({"lang": "ast", "payload": b64({"ast": or_(), "id": "i"})})}
    assert made.hub("POST", "/api/lens/beam", json=left, headers=headers).status_code == 201
    kept = made.hub("POST", "/api/saved", json={"name": "Secret", "question": QUESTION, "reach": 5}, headers=headers)
    made.ids["digest"] = kept.json()["id"]
    run = {"headers": headers, "json": RUN, "params": {"id": "Secret"}}
    made.ids["run"] = made.hub("POST", "/api/runs", **run).json()["id"]
    for path in ("/api/runs/{run}", "/api/questions/{job}", "/api/lens/beam/{task}", "/api/saved/{digest}"):
        assert made.hub("GET", made.place(path), headers=headers).status_code == 200


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    with world(tmp_path_factory.mktemp("hub")) as made:
        under_a_permit(made)
        yield made


def test_every_route_of_the_hub_is_in_a_table(known):
    of_people = {key_of(*one) for one in OF_PEOPLE}
    there = routes_of(known.hub.app)
    assert {key_of(*one) for one in there if rule_of(*one) is None} == of_people
    assert {key for key in TABLE if key not in {key_of(*one) for one in there}} == set()


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_refused_is_refused_and_changes_nothing(known, caller):
    ana, who = known.people["ana"], gets(known, caller)
    mine = ("/api/applications", known.place(DRAFT), known.place(CASE), "/api/permits", "/api/account/inbox")
    before = [ana("GET", path).json() for path in mine]
    for method, path in sorted(routes_of(known.hub.app)):
        rule = rule_of(method, path)
        if rule is None:
            continue
        wanted = rule.get(caller, rule.get("nobody", rule["else"]) if caller == "pass" else rule["else"])
        got = tried(known, who, method, path)
        assert got.status_code == wanted or (not wanted and got.status_code not in {401, 403, 500}), (
            method,
            path,
            got.text,
        )
        if wanted or path.startswith("/api/saved"):
            assert "Secret" not in got.text, (method, path)
    assert [ana("GET", path).json() for path in mine] == before


def test_the_lists_of_somebody_else_have_nothing_of_it(known):
    eve = known.people["eve"]
    for path in ("/api/applications", "/api/decisions", "/api/permits", "/api/uses", "/api/account/inbox"):
        assert "Secret" not in eve("GET", path).text


def test_a_notice_of_somebody_else_stays_unread(known):
    ana, eve = known.people["ana"], known.people["eve"]
    before = ana("GET", "/api/account/inbox").json()
    ids = [one["id"] for one in before["news"]]
    assert ids
    assert eve("POST", "/api/account/inbox/read", json={"ids": ids}).json() == {"read": 0}
    assert ana("GET", "/api/account/inbox").json() == before
