"""A token for the images of a node: who gets one, what it says, and what the audit log has of it."""

import json

import pytest
from tests.hub.callers import START, calling, told
from tests.permits import body

from oncommons.schema.federation import IMAGES_SECONDS, PERMIT_HEADER
from oncommons.schema.permit import parse_permit
from oncommons.service.identity import OrderReader

PLACE = "/api/images/token"
PERIOD = {"not_before": "2026-09-01", "not_after": "2027-09-01"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with calling(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


def passes(hub, name, **parts):
    """Passes of a permit that names images, unless something else is said."""
    whole = body(id=name, **{"analyses": ["images"], "period": PERIOD} | parts)
    _, found = hub.app.state.permits.issue(parse_permit(whole), "http://hub.test", START)
    return {person: str(given) for person, given in found.items()}


def ask(hub, passing, node="athens", **options):
    sent = {"json": {"node": node}, "headers": {PERMIT_HEADER: passing}} | options
    return hub("POST", PLACE, **sent)


def entries(hub):
    return [json.loads(line) for line in hub.app.state.permits.log.lines()]


def test_a_person_of_a_permit_gets_a_token_that_the_node_reads_offline(hub):
    got = ask(hub, passes(hub, "P-1")["ana"]).json()
    opening = OrderReader(hub.app.state.exchange.issuer.keys()).read_image_token(got["token"], "athens", START)
    assert (opening.id, opening.person, opening.permit.id) == (got["id"], "ana", "P-1")
    assert [(h.node, h.dataset) for h in opening.permit.datasets] == [("athens", "d")]
    assert (got["node"], got["ends"]) == ("athens", int(START) + IMAGES_SECONDS)


def test_a_pass_opens_as_a_bearer_too_and_a_wrong_one_is_told_as_of_all_bearers(hub):
    given = passes(hub, "P-9")["ana"]
    assert ask(hub, "", headers={"authorization": f"Bearer {given}"}).json()["node"] == "athens"
    assert ask(hub, "", headers={"authorization": "Bearer P-9.wrong"}).status_code == 401


def test_that_a_token_was_given_is_entered_and_not_to_whom(hub):
    got = ask(hub, passes(hub, "P-2")["ben"]).json()
    last = entries(hub)[-1]
    assert (last["kind"], last["body"]) == ("images opened", {"permit": "P-2", "node": "athens", "token": got["id"]})


@pytest.mark.parametrize(
    ("parts", "at"),
    [
        ({"analyses": ["count"]}, "permit.analysis"),
        ({"variables": ["person.sex"]}, "permit.variable"),
        ({"period": {"not_before": "2026-09-22", "not_after": "2027-09-01"}}, "permit.begin"),
        ({"datasets": [{"node": "bergen", "dataset": "d"}]}, "permit.node"),
    ],
)
def test_what_the_permit_does_not_cover_is_refused_before_any_node_is_troubled(hub, parts, at):
    name = at.replace(".", "-")
    got = ask(hub, passes(hub, name, **parts)["ana"])
    assert (told(got), got.json()["error"]["at"]) == ((403, "E374"), at)


def test_a_permit_that_was_taken_back_opens_nothing(hub):
    passing = passes(hub, "P-3")["ana"]
    assert ask(hub, passing).status_code == 200
    hub.app.state.permits.revoke("P-3", START)
    assert told(ask(hub, passing)) == (403, "E374")


@pytest.mark.parametrize("passing", ["P-1.wrong", "P-99.x", "x"])
def test_a_stranger_gets_none(hub, passing):
    assert told(ask(hub, passing)) == (404, "E375")


def test_without_a_pass_there_is_none(hub):
    assert told(hub("POST", PLACE, json={"node": "athens"})) == (404, "E375")


@pytest.mark.parametrize("sent", ["{", "[]", "{}", '{"node": 7}', '{"node": "athens", "person": "ben"}'])
def test_a_request_that_is_none_is_told_as_such(hub, sent):
    assert told(ask(hub, "P-1.x", json=None, content=sent)) == (400, "E405")


def test_a_request_that_is_too_long_is_not_read(hub):
    assert told(ask(hub, "P-1.x", node="a" * 2_000)) == (400, "E405")


def test_a_permit_of_too_many_datasets_is_told(hub):
    many = [{"node": "athens", "dataset": f"collection number {n}"} for n in range(200)]
    assert told(ask(hub, passes(hub, "P-4", datasets=many)["ana"])) == (422, "E371")


def test_who_has_erased_their_account_gets_no_token(hub):
    desk = hub.app.state.people
    place = desk.register.organisation("Athens General", START)
    ana = desk.links.join(desk.links.invite("a@b.example", place, "researcher", "", START), "Ana", "hash", START)
    given = passes(hub, "P-left", people=[ana, "ben"])
    assert ask(hub, given[ana]).status_code == 200
    desk.erase_person(ana)
    assert told(ask(hub, given[ana])) == (404, "E375")
    assert ask(hub, given["ben"]).status_code == 200
