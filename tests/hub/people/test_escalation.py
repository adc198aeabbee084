"""Nobody gets more than their roles give them by guessing identifiers: every route of people, every role.

The table was written by hand from the words of the roles.  The routes are those that the application has: a new one
without a row fails.
"""

import json
from functools import partial

import pytest
from tests.hub.people.guests import PASSWORD, desk_of, guest, link, opened
from tests.permits import body as permit_body

from oncommons.schema.people import ROLES
from oncommons.schema.permit import parse_permit

HERE, ELSEWHERE = "Athens General", "Bologna Institute"
OWN = {"nobody": 401, "token": 403}
"""What is about oneself: nobody and programs have no account."""
NOT_THEIRS = OWN | {"else": 404}
"""What is somebody else's own is not there for anybody, whatever their roles."""
STEWARDS = OWN | {"else": 403, "operator": 0, "coordinator here": 0}
OPERATORS = OWN | {"else": 403, "operator": 0}
EVERYBODY = {"else": 0}
SELF = OWN | {"else": 0}
PROOF = {"password": PASSWORD, "code": ""}
TABLE = {
    ("POST", "/api/sessions"): (EVERYBODY, {"email": "x@y.example", "password": "x"}),
    ("DELETE", "/api/sessions"): (SELF, None),
    ("GET", "/api/account"): (SELF, None),
    ("DELETE", "/api/account"): (SELF, {"password": "wrong"}),
    ("PUT", "/api/account/name"): (SELF, {"name": "Me"}),
    ("PUT", "/api/account/password"): (SELF, {"password": "wrong", "new": "another long password 77"}),
    ("POST", "/api/account/second-factor"): (SELF, {}),
    ("PUT", "/api/account/second-factor"): (SELF, PROOF | {"sealed": ""}),
    ("DELETE", "/api/account/second-factor"): (SELF, PROOF),
    ("DELETE", "/api/account/sessions/{identifier}"): (NOT_THEIRS, None),
    ("POST", "/api/account/tokens"): (SELF, {"name": "x", "scopes": ["ask"], "days": 1, "password": "wrong"}),
    ("DELETE", "/api/account/tokens/{identifier}"): (NOT_THEIRS, None),
    ("GET", "/api/account/inbox"): (SELF, None),
    ("GET", "/api/account/inbox/count"): (SELF, None),
    ("POST", "/api/account/inbox/read"): (SELF, {"all": True}),
    ("GET", "/api/account/inbox/wishes"): (SELF, None),
    ("PUT", "/api/account/inbox/wishes"): (SELF, {"permit": "none"}),
    ("GET", "/api/account/watches"): (SELF, None),
    ("DELETE", "/api/account/watches/{digest}"): (NOT_THEIRS, None),
    ("GET", "/api/sessions/links"): (EVERYBODY, None),
    ("POST", "/api/sessions/links"): (EVERYBODY, {"email": "x@y.example", "purpose": "sign-in"}),
    ("GET", "/api/sessions/providers"): (EVERYBODY, None),
    ("POST", "/api/sessions/providers/{name}"): (EVERYBODY, {}),
    ("POST", "/api/sessions/providers/{name}/back"): (EVERYBODY, {"state": "guess", "browser": "guess"}),
    ("GET", "/api/sessions/providers/{name}/leave"): (EVERYBODY, None),
    ("POST", "/api/account/identities"): (SELF, {"provider": "keycloak", "password": "wrong"}),
    ("DELETE", "/api/account/identities/{identifier}"): (NOT_THEIRS, {"password": PASSWORD}),
    ("POST", "/api/invitations/look"): (EVERYBODY, {"secret": "guess"}),
    ("POST", "/api/invitations/accept"): (EVERYBODY, {"secret": "guess", "password": PASSWORD, "name": "x"}),
    ("GET", "/api/people"): (STEWARDS | {"coordinator elsewhere": 0}, None),
    ("POST", "/api/people/invitations"): (
        STEWARDS,
        {"email": "z@athens.example", "organisation": HERE, "role": "researcher"},
    ),
    ("DELETE", "/api/people/invitations/{identifier}"): (STEWARDS | {"coordinator elsewhere": 404}, None),
    ("POST", "/api/people/{identifier}/roles"): (
        STEWARDS | {"coordinator elsewhere": 404},
        {"organisation": "HERE", "role": "data-manager"},
    ),
    ("DELETE", "/api/people/{identifier}/roles/{organisation}/{role}"): (
        STEWARDS | {"coordinator elsewhere": 404},
        None,
    ),
    ("POST", "/api/people/{identifier}/link"): (OPERATORS, {}),
    ("DELETE", "/api/people/{identifier}"): (OPERATORS, None),
}
"""What each caller gets: 401, 403 or 404, and 0 for anything but 401 for nobody and 403 and 404.

``else`` is every other caller; an operator is one wherever the role is held.  Who shows the pass of a permit as a bearer
is nobody here: it opens no account."""
CALLERS = ["nobody", "pass", "token", *(f"{role} {place}" for role in ROLES for place in ("here", "elsewhere"))]
CHANGING = [key for key in TABLE if key[0] != "GET" and key[1].startswith("/api/people")]


def wanted(rule, caller):
    """What a caller should get."""
    short = "operator" if caller.startswith("operator") else "nobody" if caller == "pass" else caller
    return rule.get(short, rule["else"])


def body_of(victim, body):
    return json.loads(json.dumps(body).replace('"HERE"', f'"{victim["organisation"]}"'))


def path_of(victim, path):
    kind = "session" if "sessions/" in path else "token" if "tokens/" in path else "person"
    kind = "invitation" if "invitations/" in path else kind
    place = path.replace("{identifier}", victim[kind])
    return place.replace("{organisation}", victim["organisation"]).replace("{role}", "researcher")


def met(hub):
    """Everybody of the table, and the identifiers of somebody whose roles and rights are tried."""
    ana = guest(hub, "ana@athens.example", "researcher", HERE)
    ana.token("ask")
    guest(hub, "spare@hub.example", "operator", "Hub")
    link(hub, "waits@athens.example", "researcher", HERE)
    about, desk = ana.about(), desk_of(hub)
    victim = {
        "person": ana.id,
        "session": about["sessions"][0]["id"],
        "token": about["tokens"][0]["id"],
        "organisation": about["roles"][0]["id"],
        "invitation": desk.links.waiting(None, hub.clock())[0].id,
    }
    dates = {"not_before": "2026-01-01", "not_after": "2027-01-01"}
    permit = parse_permit(permit_body(people=[ana.id], period=dates))
    passing = hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1][ana.id]
    holder = partial(hub, headers={"authorization": f"Bearer {passing}"})
    callers = {
        "nobody": hub,
        "pass": holder,
        "token": guest(hub, "eva@athens.example", "operator", HERE).token("ask", "save"),
    }
    for role in ROLES:
        for name, place in (("here", HERE), ("elsewhere", ELSEWHERE)):
            callers[f"{role} {name}"] = guest(hub, f"{role}.{name}@people.example", role, place)
    return ana, victim, callers


@pytest.fixture(scope="module")
def society(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub")) as hub:
        yield hub, *met(hub)


def test_every_route_of_people_is_in_the_table(society):
    hub = society[0]
    prefixes = ("/api/sessions", "/api/account", "/api/people", "/api/invitations")
    paths = hub.app.openapi()["paths"].items()
    there = {(method.upper(), path) for path, methods in paths for method in methods if path.startswith(prefixes)}
    assert there == set(TABLE)


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_refused_is_refused_and_changes_nothing(society, caller):
    _, ana, victim, callers = society
    before = ana.about(), [one["id"] for one in callers["operator here"]("GET", "/api/people").json()["invitations"]]
    for (method, path), (rule, body) in TABLE.items():
        if (status := wanted(rule, caller)) == 0:
            continue
        options = {} if body is None else {"json": body_of(victim, body)}
        got = callers[caller](method, path_of(victim, path), **options)
        assert got.status_code == status, (caller, method, path, got.text)
    after = ana.about(), [one["id"] for one in callers["operator here"]("GET", "/api/people").json()["invitations"]]
    assert before == after


@pytest.mark.parametrize(
    ("caller", "route"),
    [(caller, key) for key in CHANGING for caller in CALLERS if wanted(TABLE[key][0], caller) == 0],
    ids=lambda x: x if isinstance(x, str) else " ".join(x),
)
def test_what_is_allowed_is_done(tmp_path, caller, route):
    role, place = caller.rsplit(" ", 1)
    with opened(tmp_path) as hub:
        ana = guest(hub, "ana@athens.example", "researcher", HERE)
        guest(hub, "spare@hub.example", "operator", "Hub")
        link(hub, "waits@athens.example", "researcher", HERE)
        victim = {
            "person": ana.id,
            "organisation": ana.about()["roles"][0]["id"],
            "invitation": desk_of(hub).links.waiting(None, hub.clock())[0].id,
        }
        somebody = guest(hub, "me@people.example", role, HERE if place == "here" else ELSEWHERE)
        body = TABLE[route][1]
        options = {} if body is None else {"json": body_of(victim, body)}
        assert somebody(route[0], path_of(victim, route[1]), **options).status_code in {200, 201}


@pytest.mark.parametrize("role", ["operator", "coordinator"])
def test_a_coordinator_makes_no_operator_and_reaches_no_other_organisation(society, role):
    hub, ana, victim, callers = society
    boss = callers["coordinator here"]
    place = victim["organisation"] if role == "operator" else callers["coordinator elsewhere"].about()["roles"][0]["id"]
    name = HERE if role == "operator" else ELSEWHERE
    given = {"organisation": place, "role": role}
    assert boss("POST", f"/api/people/{ana.id}/roles", json=given).status_code == 403
    assert boss("POST", f"/api/people/{boss.id}/roles", json=given).status_code == 403
    asked = {"email": "w@x.example", "organisation": name, "role": role}
    assert boss("POST", "/api/people/invitations", json=asked).status_code == 403
    asked["organisation"] = f"{name} that is new"
    assert boss("POST", "/api/people/invitations", json=asked).status_code == 403
    assert f"{name} that is new" not in desk_of(hub).register.organisations().values()


def test_a_coordinator_sees_the_own_organisation_only(society):
    _, _, _, callers = society
    found = callers["coordinator elsewhere"]("GET", "/api/people").json()
    assert {role["organisation"] for one in found["people"] for role in one["roles"]} == {ELSEWHERE}
    assert found["invitations"] == []
    assert [one["name"] for one in found["organisations"]] == [ELSEWHERE]


def test_a_coordinator_withdraws_no_invitation_of_an_operator(tmp_path):
    with opened(tmp_path) as hub:
        boss = guest(hub, "boss@athens.example", "coordinator", HERE)
        link(hub, "waits@athens.example", "operator", HERE)
        (waiting,) = boss("GET", "/api/people").json()["invitations"]
        assert boss("DELETE", f"/api/people/invitations/{waiting['id']}").status_code == 403
