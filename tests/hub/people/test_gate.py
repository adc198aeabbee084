"""Who may ask at a hub that wants to know its people."""

import pytest
from tests.hub.callers import QUESTION, told
from tests.hub.people.guests import guest, opened
from tests.official import faults, framework
from tests.permits import body

from oncommons.hub.people.gate import needed
from oncommons.schema.permit import parse_permit

OPEN = {
    "/api/hub", "/api/dictionary", "/api/terms", "/api/labels", "/api/datasets", "/api/nodes", "/api/token", "/api/audit",
    "/api/saved", "/api/saved/{digest}", "/api/saved/feed.atom", "/api/saved/{digest}/feed.atom", "/api/link/datasets",
    "/api/projects", "/api/projects/{permit}", "/api/analyses",
}  # fmt: skip
"""Written by hand: what describes the federation, what nodes call, how far audit logs go, and saved questions to look at."""
CLOSED = {
    ("POST", "/api/questions"): "ask",
    ("GET", "/api/questions/{job}"): "ask",
    ("POST", "/api/feasibility"): "ask",
    ("GET", "/api/feasibility"): "ask",
    ("POST", "/api/images/token"): "ask",
    ("POST", "/api/saved"): "save",
    ("POST", "/api/saved/{digest}/watch"): "save",
    ("POST", "/api/lens"): "ask",
    ("POST", "/api/lens/beam"): "ask",
    ("GET", "/api/lens/beam/{task}"): "ask",
    ("GET", "/api/audit/entries"): "ask",
    ("POST", "/api/runs"): "ask",
    ("GET", "/api/runs"): "ask",
    ("GET", "/api/runs/{run}"): "ask",
    ("POST", "/api/runs/{run}/cancel"): "ask",
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub"), people="required") as hub:
        yield hub


@pytest.fixture(scope="module")
def ana(hub):
    return guest(hub)


def routes(hub):
    paths = hub.app.openapi()["paths"].items()
    return {(m.upper(), path) for path, methods in paths for m in methods}


def test_every_route_is_open_or_closed_as_the_table_says(hub):
    people = (
        "/api/sessions",
        "/api/account",
        "/api/people",
        "/api/invitations",
        "/api/application",
        "/api/decisions",
        "/api/permits",
        "/api/uses",
        "/api/beacon",
        "/.well-known",
    )
    for method, path in routes(hub):
        if path.startswith(people):
            continue
        scope = needed(method, path.replace("{", "").replace("}", ""))
        assert scope == CLOSED.get((method, path), ""), (method, path)
        assert bool(scope) or path in OPEN, (method, path)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_beacon_describes_itself_to_everybody_and_answers_people_only(method):
    for path in ("", "/", "/info", "/service-info", "/map", "/filtering_terms", "/individuals/filtering_terms"):
        assert needed(method, f"/api/beacon{path}") == ""
    for path in ("/individuals", "/individuals/x", "/datasets/x/individuals", "/info/x", "/individuals/filtering_term"):
        assert needed(method, f"/api/beacon{path}") == "ask"


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_nobody_is_told_to_sign_in(hub, method, path):
    got = hub(method, path.replace("{", "").replace("}", ""))
    assert told(got) == (401, "E382")
    assert got.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("shown", ["Bearer x", "Bearer ", "Basic eDp4", "Bearer onc_x", "SESSION", "Basic SESSION"])
def test_what_is_not_a_session_opens_nothing(hub, ana, shown):
    headers = {"authorization": shown.replace("SESSION", ana.session)}
    assert told(hub("POST", "/api/questions", json=QUESTION, headers=headers)) == (401, "E382")


def test_a_cookie_opens_nothing(hub, ana):
    headers = {"cookie": f"oncommons_session={ana.session}"}
    assert told(hub("POST", "/api/questions", json=QUESTION, headers=headers)) == (401, "E382")


def test_who_is_signed_in_asks_and_saves(hub, ana):
    assert ana("POST", "/api/questions", json=QUESTION).status_code == 200
    assert ana("POST", "/api/saved", json={"name": "Women", "question": QUESTION}).status_code == 201
    assert hub("GET", "/api/saved").status_code == 200


def test_a_token_does_what_it_was_made_for(ana):
    asking, saving = ana.token("ask"), ana.token("save")
    body = {"name": "Women", "question": QUESTION}
    assert asking("POST", "/api/questions", json=QUESTION).status_code == 200
    assert told(asking("POST", "/api/saved", json=body)) == (403, "E383")
    assert saving("POST", "/api/saved", json=body).status_code == 201
    assert told(saving("POST", "/api/questions", json=QUESTION)) == (403, "E383")


@pytest.fixture(scope="module")
def passing(hub):
    """The pass of somebody who has no account."""
    dates = {"not_before": "2026-01-01", "not_after": "2027-01-01"}
    bare = parse_permit(body(people=["eve"], period=dates))
    _, passes = hub.app.state.permits.issue(bare, "https://hub.test", float(bare.not_before))
    return str(passes["eve"])


PASSED = set(CLOSED) - {("GET", "/api/audit/entries")}
"""Written by hand: all reads the pass of a permit but the log, which is for officers."""


@pytest.mark.parametrize("shown", ["oncommons-permit", "authorization"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_beacon_reads_the_pass_of_a_permit_in_both_places(hub, passing, method, shown):
    headers = {shown: f"{'Bearer ' if shown == 'authorization' else ''}{passing}"}
    options = {"json": {}} if method == "POST" else {}
    assert hub(method, "/api/beacon/individuals", headers=headers, **options).status_code not in {401, 404}


@pytest.mark.parametrize("shown", ["oncommons-permit", "authorization"])
@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_the_pass_of_a_permit_says_who_asks_where_it_is_read_and_nowhere_else(hub, passing, method, path, shown):
    headers = {shown: f"{'Bearer ' if shown == 'authorization' else ''}{passing}"}
    there = path.replace("{", "").replace("}", "")
    code = hub(method, there, headers=headers, json=QUESTION).json().get("error", {}).get("code", "")
    assert (code == "E382") is ((method, path) not in PASSED)


@pytest.mark.parametrize(("method", "path"), sorted(PASSED))
@pytest.mark.parametrize("wrong", ["{}x", "P-8.secret", "x", "P-7.", " "])
def test_a_pass_of_nobody_opens_nothing(hub, passing, method, path, wrong):
    headers = {"oncommons-permit": wrong.format(passing)}
    got = told(hub(method, path.replace("{", "").replace("}", ""), headers=headers, json=QUESTION))
    assert got in {(404, "E375"), (422, "E371"), (401, "E382")}
    headers = {"authorization": f"Bearer {wrong.format(passing)}"}
    got = hub(method, path.replace("{", "").replace("}", ""), headers=headers, json=QUESTION)
    assert (*told(got), got.headers["www-authenticate"]) == (401, "E382", "Bearer")


def test_who_shows_a_session_that_has_ended_is_told_so_though_there_is_a_pass(hub, passing):
    headers = {"oncommons-permit": passing, "authorization": "Bearer onc_x"}
    assert told(hub("POST", "/api/questions", json=QUESTION, headers=headers)) == (401, "E382")


def test_a_pass_is_enough_beside_a_token_that_is_not(hub, ana, passing):
    saving = ana.token("save").keywords["headers"]
    assert told(hub("POST", "/api/questions", json=QUESTION, headers=saving)) == (403, "E383")
    both = saving | {"oncommons-permit": passing}
    got = hub("POST", "/api/questions", json=QUESTION, headers=both, params={"deadline": 0.1})
    assert got.status_code not in {401, 403, 404}
    wrong = saving | {"oncommons-permit": f"{passing}x"}
    assert told(hub("POST", "/api/questions", json=QUESTION, headers=wrong)) == (404, "E375")


def test_nodes_join_and_work_as_before(tmp_path):
    with opened(tmp_path, people="required") as hub:  # of its own: a node that is silent would be waited for
        assert hub.member("athens")("GET", "/api/link/work").status_code == 200


def test_at_an_open_hub_everybody_asks(small):
    assert small("POST", "/api/questions", json=QUESTION).status_code == 200


@pytest.mark.parametrize(("scope", "status", "code"), [("", 401, "E382"), ("save", 403, "E383")])
def test_a_beacon_refuses_in_beacons_own_shape(hub, ana, scope, status, code):
    asks = ana.token(scope) if scope else hub
    for method, path in (("GET", "/individuals"), ("POST", "/individuals"), ("GET", "/datasets/x/individuals")):
        got = asks(method, f"/api/beacon{path}", **({"json": {}} if method == "POST" else {}))
        assert (got.status_code, got.json()["error"]["errorCode"]) == (status, status)
        assert not faults(got.json(), framework("responses/beaconErrorResponse"))
        assert got.json()["error"]["errorMessage"].startswith(code)
        assert got.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)


def test_a_beacon_says_whether_it_wants_to_know_who_asks(hub, small):
    def levels(at):
        return at("GET", "/api/beacon/configuration").json()["response"]["securityAttributes"]["securityLevels"]

    assert (levels(hub), levels(small)) == (["CONTROLLED"], ["PUBLIC", "CONTROLLED"])
