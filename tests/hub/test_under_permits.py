"""Every way of asking, under permits of every kind: what is refused, is refused by its rule, in the way's own form.

The hub lets only its people ask, so the pass of a permit is all that a standard client has.
"""

import base64
import json
import uuid
from dataclasses import dataclass, replace

import pytest
from tests.hub.lens.test_routes import b64
from tests.hub.people.guests import opened
from tests.hub.permitted_node import answering
from tests.official import faults, framework
from tests.permits import BEGIN, body
from tests.schema.dialects.test_lens import MODALITY, SEX, and_, is_, or_

from oncommons.schema.permit import parse_permit

DAY = 86_400.0
WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
CT = {"count": "person", "where": {"some": "series", "where": {"field": "modality", "in": ["CT"]}}}
TREES = {
    "women": or_(and_(or_(is_(SEX, "SNOMEDCT248152002")))),
    "ct": or_(and_(or_(is_(MODALITY, "RID10321")))),
}
FILTERS = {"women": "NCIT:C16576", "ct": "DCM:CT"}
QUESTIONS = {"women": WOMEN, "ct": CT}


@dataclass
class Said:
    """What a way of asking says: a number, or why there is none."""

    status: int
    number: object = None
    code: str = ""
    words: str = ""


def _error(got):
    fault = got.json()["error"]
    return Said(got.status_code, None, fault["code"], fault["message"])


def search(hub, headers, kind):
    got = hub("POST", "/api/questions", json=QUESTIONS[kind], headers=headers)
    if got.status_code != 200:
        return _error(got)
    (part,) = [n for n in got.json()["nodes"] if n["node"] == "athens"]
    if part["status"] == "refused":
        return Said(200, None, part["code"], part["reason"])
    return Said(200, got.json()["total"]["certain"]["value"])


def feasibility(hub, headers, kind):
    got = hub("POST", "/api/feasibility", json=QUESTIONS[kind], headers=headers)
    return _error(got) if got.status_code != 200 else Said(200, got.json()["certain"]["value"])


def beacon(hub, headers, kind, place="individuals", **more):
    params = {"filters": FILTERS[kind], "requestedGranularity": "count"} | more
    got = hub("GET", f"/api/beacon/{place}", params=params, headers=headers)
    found = got.json()
    if got.status_code == 200:
        return Said(200, found["responseSummary"].get("numTotalResults"))
    assert not faults(found, framework("responses/beaconErrorResponse"))
    assert found["error"]["errorCode"] == got.status_code
    code, _, words = found["error"]["errorMessage"].partition(": ")
    return Said(got.status_code, None, code[:4], words)


def lens(hub, headers, kind):
    got = hub("POST", "/api/lens", json={"ast": TREES[kind], "id": "i"}, headers=headers)
    return _error(got) if got.status_code != 200 else Said(200, got.json()["total"]["subjects_count"])


def spot(hub, headers, kind, task=""):
    task = task or str(uuid.uuid4())
    query = b64({"lang": "ast", "payload": b64({"ast": TREES[kind], "id": "i"})})
    got = hub("POST", "/api/lens/beam", json={"id": task, "query": query}, headers=headers)
    return _error(got) if got.status_code != 201 else heard(hub, headers, task)


def heard(hub, headers, task):
    got = hub("GET", f"/api/lens/beam/{task}", headers=headers)
    if got.status_code != 200:
        return _error(got)
    told = [json.loads(line[6:]) for line in got.text.split("\n") if line.startswith("data: ")]
    (last,) = [one for one in told if one["status"] != "claimed"]
    if last["status"] == "permafailed":
        code, _, words = last["body"].partition(" ")
        return Said(200, None, code, words)
    return Said(200, json.loads(base64.b64decode(last["body"]))["totals"]["patients"])


def saved(hub, headers, kind):
    sent = {"name": "N", "question": QUESTIONS[kind], "reach": 5}
    got = hub("POST", "/api/saved", json=sent, headers=headers)
    if got.status_code != 201:
        return _error(got)
    return Said(201, (got.json()["count"] or {}).get("value"))


WAYS = (search, feasibility, beacon, lens, spot, saved)
CASES = {
    "ended": ("women", 403, "E374", "The rule end says"),
    "revoked": ("women", 403, "E374", "The rule revoked says"),
    "images": ("women", 403, "E374", "The rule analysis says"),
    "holds": ("ct", 403, "E374", "The rule variable says"),
    "elsewhere": ("women", 403, "E374", "The rule dataset says"),
    "guessed": ("women", 404, "E375", "no such permit"),
}
"""What each permit is asked, and what every way of asking says; written by hand."""


def shown(passing, how="header"):
    return {"oncommons-permit": passing} if how == "header" else {"authorization": f"Bearer {passing}"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    plain = parse_permit(
        body(datasets=[{"node": "athens", "dataset": "d"}], variables=["person.sex", "study"], budget=0)
    )
    other = parse_permit(body(datasets=[{"node": "athens", "dataset": "other"}], variables=["person.sex", "study"]))
    kinds = {
        "holds": plain,
        "ended": replace(plain, not_after=int(BEGIN + 5 * DAY)),
        "revoked": plain,
        "images": replace(plain, analyses=("images",)),
        "elsewhere": replace(other, budget=0),
    }
    with opened(folder, people="required") as hub:
        hub.clock.now = BEGIN + 5.0
        book = hub.app.state.permits
        hub.passes = {}
        for number, (kind, permit) in enumerate(kinds.items()):
            _, made = book.issue(replace(permit, id=f"P-{number}", project=kind), "https://hub.test", hub.clock())
            hub.passes[kind] = {person: str(passing) for person, passing in made.items()}
        hub.passes["guessed"] = {"ana": f"{hub.passes['holds']['ana']}x"}
        book.revoke("P-2", hub.clock())
        hub.clock.now = BEGIN + 20 * DAY
        with answering(hub, "athens", folder) as gate:
            held = gate.desk.cards()
            hub.shelf_cards = [*held, replace(held[0], dataset="other")]  # which the node tells of and has no more
            hub.app.state.shelf.replace("athens", hub.shelf_cards, hub.clock())
            yield hub


@pytest.mark.parametrize("how", ["header", "bearer"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_of_asking_is_answered_under_a_permit_that_holds(hub, way, how):
    assert way(hub, shown(hub.passes["holds"]["ana"], how), "women").number == 7


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_is_answered_without(hub, way):
    said = way(hub, {}, "women")
    assert (said.status, said.number, said.code) == (401, None, "E382")


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_a_permit_does_not_cover_is_refused_by_the_rule_in_the_form_of_the_way(hub, way, kind):
    asked, status, code, words = CASES[kind]
    said = way(hub, shown(hub.passes[kind]["ana"]), asked)
    if kind == "elsewhere" and way in {search, spot, saved}:  # told as of the node, whose rule it is
        assert (said.status, said.number) == (201 if way is saved else 200, None)
        assert way is saved or (said.code == code and words in said.words)
        return
    assert (said.status, said.number, said.code) == (status, None, code)
    assert words in said.words


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_bearer_that_is_the_pass_of_nobody_is_told_as_every_bearer(hub, way):
    said = way(hub, shown(hub.passes["guessed"]["ana"], "bearer"), "women")
    assert (said.status, said.code) == (401, "E382")


def test_a_beacon_refuses_a_named_dataset_that_the_permit_does_not_name(hub):
    """The node would leave it out unasked, which would look like nobody."""
    mine = shown(hub.passes["holds"]["ana"])
    named = {"requestParameters": {"datasets": {"datasetIds": ["athens:d", "athens:other"]}}}
    posted = hub("POST", "/api/beacon/individuals", json={"query": named}, headers=mine)
    for got in (posted, hub("GET", "/api/beacon/datasets/athens:other/individuals", headers=mine)):
        assert got.status_code == 403
        words = got.json()["error"]["errorMessage"]
        assert words.startswith("E374 (at permit.dataset): The permit does not name the dataset athens:other. The rule")
    assert beacon(hub, mine, "women", "datasets/athens:d/individuals").number == 7


def test_a_request_of_lens_is_listened_to_by_who_left_it(hub):
    task, passes = str(uuid.uuid4()), hub.passes["holds"]
    assert spot(hub, shown(passes["ana"]), "women", task).number == 7
    for other in (passes["ben"], hub.passes["elsewhere"]["ana"]):
        assert heard(hub, shown(other), task).code == "E404"
    assert heard(hub, shown(passes["ana"], "bearer"), task).number == 7


def test_a_permit_that_is_taken_back_while_sites_answer_makes_them_fail(hub):
    """What is told as a stream cannot be refused as a whole."""
    given = replace(hub.app.state.permits.entry("P-0").permit, id="P-late")
    passing = str(hub.app.state.permits.issue(given, "https://hub.test", hub.clock())[1]["ana"])
    exchange = hub.app.state.exchange
    progress = exchange.progress

    def and_meanwhile(job):
        hub.app.state.permits.revoke("P-late", hub.clock())
        return progress(job)

    exchange.progress = and_meanwhile
    said = spot(hub, shown(passing), "women")
    exchange.progress = progress
    assert (said.number, said.code) == (None, "E374")
    assert "The rule revoked says" in said.words


def test_the_audit_log_says_of_every_way_under_which_permit_was_asked_and_never_who(hub):
    for way in WAYS:
        before = hub.app.state.exchange.witness.log
        size = len(list(before.lines()))
        if way is saved:
            hub.clock.now += 1  # so that the watched question is asked anew
            hub.app.state.shelf.replace("athens", hub.shelf_cards, hub.clock())
        way(hub, shown(hub.passes["holds"]["ben"]), "women")
        new = [json.loads(line) for line in list(before.lines())[size:]]
        asked = [one["body"] for one in new if one["kind"] == "asked"]
        assert asked
        assert {one.get("permit") for one in asked} == {"P-0"}
        assert {tuple(one["nodes"]) for one in asked} == {("athens",)}
        assert not any('"ben"' in json.dumps(one) for one in new)
