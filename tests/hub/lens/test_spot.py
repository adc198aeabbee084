"""The wire of Spot: a request is left, then its results come as events, site by site, with the numbers of brute force."""

import base64
import json
import uuid

import pytest
from tests.hub.callers import ANSWER, QUESTION, told
from tests.hub.lens.test_routes import CASES, b64, holds
from tests.oracle import columns
from tests.schema.dialects.test_lens import MODALITY, SEX, and_, is_, or_

from oncommons.hub.lens import spot
from oncommons.hub.lens.spot import Left, Requests
from oncommons.hub.link.exchange import Exchange
from oncommons.hub.search.permitted import desk_of
from oncommons.schema.dialects.lens_site import NOT_TOLD
from oncommons.schema.errors import StorageFull
from oncommons.schema.errors_of_protocols import DialectError
from oncommons.schema.parsing import parse_question

TWO = parse_question({"count": "person"}), parse_question({"count": "study"})
TASK = "3a3dc6b9-4d0c-4c2e-8f0b-0a53c1c19a8e"


ATHENS, BOLOGNA = ("lctsc", "prostate_diagnosis"), ("soft_tissue_sarcoma", "qin_pet_phantom")


def least_of(people, counted):
    """What a threshold of 10 tells of bologna: of a dataset with fewer than ten such people nothing, else rounded down."""
    return sum(counted[name].certain // 10 * 10 for name in BOLOGNA if people[name].certain >= 10)


def body(tree, task=TASK, **more):
    query = b64({"lang": "ast", "payload": b64({"ast": tree, "id": "i"})})
    return {"id": task, "query": query} | more


def events(hub, tree, **more):
    """The events of a request, in their order."""
    task = str(uuid.uuid4())
    left = hub("POST", "/api/lens/beam", json=body(tree, task, **more))
    assert left.status_code == 201, left.text
    heard = hub("GET", f"/api/lens/beam/{task}?wait_count=2")
    assert heard.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in heard.text.split("\n\n") if block]
    assert all(block[0] == "event: new_result" and block[1].startswith("data: ") for block in blocks)
    return [json.loads(block[1].removeprefix("data: ")) for block in blocks]


def results(found):
    """Site to its result, read as Lens's guide reads it."""
    return {
        one["from"].split(".")[1]: json.loads(base64.b64decode(one["body"]))
        for one in found
        if one["status"] == "succeeded"
    }


@pytest.mark.parametrize(("tree", "where"), CASES)
def test_the_numbers_of_each_site_are_those_of_brute_force(real_hub, pool, tree, where):
    heard = events(real_hub, tree)
    found = results(heard)
    people = columns.answer({"count": "person"} | ({"where": where} if where else {}), pool)
    assert ("bologna" in found) is (least_of(people, people) > 0)
    if "bologna" not in found:  # of so few people it tells no number of examinations, not even a bound
        assert [e["body"] for e in heard if e["status"] == "permafailed"] == [NOT_TOLD]
    for entity, key in (("person", "patients"), ("study", "studies")):
        expected = columns.answer({"count": entity} | ({"where": where} if where else {}), pool)
        assert found["athens"]["totals"][key] == sum(expected[name].certain for name in ATHENS)
        if "bologna" in found:
            assert found["bologna"]["totals"][key] == least_of(people, expected)
            assert holds(found["bologna"]["counts"][key], sum(expected[name].certain for name in BOLOGNA))
    told_ = found["athens"]["stratifiers"]["collection"]
    true = {f"athens:{name}": people[name].certain for name in ("lctsc", "prostate_diagnosis")}
    assert told_ == {name: number for name, number in true.items() if number}


def test_every_site_claims_the_request_before_it_answers(real_hub):
    found = events(real_hub, or_())
    for site in ("athens", "bologna"):
        assert [e["status"] for e in found if e["from"].split(".")[1] == site] == ["claimed", "succeeded"]


def test_only_the_sites_that_were_asked_for_answer(real_hub):
    assert results(events(real_hub, or_(), sites=["athens"])).keys() == {"athens"}
    assert told(real_hub("POST", "/api/lens/beam", json=body(or_(), sites=["rome"]))) == (400, "E340")


def test_a_request_can_be_listened_to_twice_and_asks_once(real_hub):
    tree = or_(and_(or_(is_(MODALITY, "RID10321"))))
    assert real_hub("POST", "/api/lens/beam", json=body(tree)).status_code == 201
    assert real_hub("POST", "/api/lens/beam", json=body(tree)).status_code == 201
    first, second = (real_hub("GET", f"/api/lens/beam/{TASK}").text for _ in range(2))
    assert first == second
    assert told(real_hub("POST", "/api/lens/beam", json=body(or_()))) == (400, "E340")


def test_what_cannot_be_carried_is_refused_when_it_is_left(real_hub):
    tree = or_(and_(or_(is_(SEX, "SNOMEDCT248153007")), or_(is_("IMG1005459", "BI-RADS 4"))))
    assert told(real_hub("POST", "/api/lens/beam", json=body(tree))) == (400, "E341")
    assert told(real_hub("POST", "/api/lens/beam", json=body(or_(), "not a uuid"))) == (400, "E340")
    assert told(real_hub("POST", "/api/lens/beam", json={"query": b64({"ast": or_()})})) == (400, "E340")
    assert told(real_hub("GET", f"/api/lens/beam/{uuid.uuid4()}")) == (404, "E404")


def test_a_site_that_is_silent_fails_with_the_reason_and_holds_nobody_up(hub, monkeypatch):
    monkeypatch.setattr(spot, "DEADLINE_SECONDS", 0.0)
    hub.join("athens")
    (one,) = events(hub, or_())
    assert (one["status"], "never called" in one["body"]) == ("permafailed", True)


def test_a_hub_without_nodes_has_nothing_to_say(hub):
    assert events(hub, or_()) == []


def test_the_oldest_requests_are_forgotten(monkeypatch):
    monkeypatch.setattr(spot, "MOST_LEFT", 2)
    held = Requests()
    for task in "abc":
        held.leave(Left(task, TWO))
    assert [task for task, _ in held.found] == ["b", "c"]
    with pytest.raises(DialectError):
        held.leave(Left("c", (parse_question(QUESTION), TWO[1])))


def test_a_site_is_heard_while_another_one_has_not_answered(hub):
    members = {name: hub.member(name) for name in ("athens", "cork")}
    for member in members.values():
        member("GET", "/api/link/work")
    events = spot._events(desk_of(hub.app), Left(TASK, TWO))

    async def step():
        return await anext(events, None)

    def following():
        return hub.portal.start_task_soon(step)

    def heard(event):
        one = json.loads(event.split("data: ")[1])
        return one["from"].split(".")[1], one["status"]

    def answer(name):
        work = []
        while len(work) < len(TWO):
            work += members[name]("GET", "/api/link/work", params={"wait": 1}).json()["work"]
        for item in work:
            assert members[name]("POST", f"/api/link/work/{item['id']}", json=ANSWER).status_code == 200

    assert {heard(following().result(20)) for _ in members} == {("athens", "claimed"), ("cork", "claimed")}
    for name in ("cork", "athens"):
        result = following()
        answer(name)
        assert heard(result.result(20)) == (name, "succeeded")
    assert following().result(20) is None


def test_a_question_that_cannot_be_put_ends_the_stream(hub, monkeypatch):
    async def ask(*_):
        raise StorageFull("The disk is full.")

    monkeypatch.setattr(Exchange, "ask", ask)
    events = spot._events(desk_of(hub.app), Left(TASK, TWO))

    async def step():
        return await anext(events)

    with pytest.raises(StorageFull):
        hub.portal.call(step)


def test_the_stream_ends_when_the_hub_does(hub):
    member = hub.member("athens")
    member("GET", "/api/link/work")
    exchange = hub.app.state.exchange
    events = spot._events(desk_of(hub.app), Left(TASK, TWO))

    async def story():
        first = await anext(events)
        exchange.stop()
        return first, await anext(events, None)

    first, rest = hub.portal.call(story)
    assert "claimed" in first
    assert rest is None
