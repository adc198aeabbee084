"""Saved questions under a permit: who sees them, when they are judged again, and that others learn nothing of them."""

import json
from dataclasses import replace

import pytest
from tests.hub.callers import answer_of, told
from tests.hub.people.guests import guest
from tests.hub.saved.test_watching import HOUR, Federation
from tests.permits import BEGIN, END, body

from oncommons.hub.saved.waiters import WATCH_SECONDS
from oncommons.policy.access.deciding import beyond
from oncommons.schema.errors_of_permits import ConsentAwaited, TooManyWait
from oncommons.schema.permit import parse_permit

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
OLD = {"count": "person", "where": {"field": "age", "between": [60, None]}}
PERMIT = parse_permit(body(datasets=[{"node": "athens", "dataset": "lung"}]))


class Permitted(Federation):
    """The same under a permit of athens, which may refuse."""

    refusal = ""

    async def _ask(self, job, body, seconds, nodes=(), beside=None):
        exchange = self.watcher.exchange
        asked = exchange._put(job, body, seconds, nodes, set(), beside or {})
        for name in nodes:
            self.asked[name] += 1
            fault = {"error": {"code": "E374", "title": "t", "message": self.refusal}}
            told = fault if self.refusal else answer_of(self.people[name])
            self._work.finish(job, name, json.dumps(told), exchange.clock())
        return asked, self._work.progress(job)

    def save(self, given, question=WOMEN, **more):
        sent = {"name": "Women", "question": question, **more}
        return self.hub("POST", "/api/saved", json=sent, headers={"oncommons-permit": str(given)})

    def get(self, path, given=None):
        headers = {"oncommons-permit": str(given)} if given else {}
        return self.hub("GET", f"/api/saved{path}", headers=headers)


@pytest.fixture
def there(hub):
    hub.clock.now = BEGIN + 5.0
    return Permitted(hub, athens=40, bologna=9)


@pytest.fixture
def passes(there):
    return issue(there, PERMIT)


def issue(there, permit):
    return there.hub.app.state.permits.issue(permit, "https://hub.test", there.hub.clock())[1]


def test_it_is_asked_of_the_nodes_of_the_permit_alone(there, passes):
    saved = there.save(passes["ana"], reach=30).json()
    assert (saved["permit"], saved["count"]["value"], saved["watches"][0]["standing"]) == ("P-7", 40, "reached")
    assert there.asked == {"athens": 1, "bologna": 0}
    assert "Asked under permit P-7." in saved["citation"]


def test_the_pass_is_kept_nowhere(there, passes):
    there.save(passes["ana"], reach=30)
    with there.hub.hub.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM saved_question").all()
    assert tuple(rows[0])[-2:] == ("P-7", "ana")
    assert passes["ana"].secret not in str(rows)
    assert passes["ana"].digest() not in str(rows)


def test_only_who_saved_it_sees_it(there, passes):
    passes |= {"P-8": issue(there, replace(PERMIT, id="P-8"))["ana"]}
    plain = there.hub("POST", "/api/saved", json={"name": "All", "question": WOMEN, "reach": 3}).json()["id"]
    saved = there.save(passes["ana"], reach=30).json()["id"]
    assert saved != plain
    unknown = there.get("/nothing").json()["error"]["message"]
    for other in (None, passes["ben"], passes["P-8"]):
        for path in (f"/{saved}", f"/{saved}/feed.atom"):
            refusal = there.get(path, other)
            assert (told(refusal), refusal.json()["error"]["message"]) == ((404, "E404"), unknown)
        headers = {"oncommons-permit": str(other)} if other else {}
        assert told(there.hub("POST", f"/api/saved/{saved}/watch", json={"reach": 3}, headers=headers)) == (404, "E404")
        assert [one["id"] for one in there.get("", other).json()["saved"]] == [plain]
    assert {one["id"] for one in there.get("", passes["ana"]).json()["saved"]} == {plain, saved}
    assert there.get(f"/{saved}/feed.atom", passes["ana"]).text.count("<entry>") == 1


def test_the_feed_of_all_says_nothing_of_it_and_loses_nothing_by_it(there, passes, monkeypatch):
    monkeypatch.setattr("oncommons.hub.saved.drawer.MOST_SIGHTINGS", 1)
    there.hub("POST", "/api/saved", json={"name": "All", "question": WOMEN, "reach": 3})
    before = there.get("/feed.atom").text
    assert before.count("<entry>") == 1
    there.hub.clock.now += 60
    there.save(passes["ana"], reach=30)
    for given in (None, passes["ana"], passes["ben"]):
        assert there.get("/feed.atom", given).text == before


def test_what_the_permit_does_not_let_through_is_not_saved(there, passes):
    refused = there.save(passes["ana"], OLD)
    assert told(refused) == (403, "E374")
    assert "The rule variable says" in refused.json()["error"]["message"]
    assert told(there.save(passes["ana"], WOMEN | {"nodes": ["bologna"]})) == (403, "E374")
    assert there.get("", passes["ana"]).json() == {"saved": []}


@pytest.mark.parametrize("ends", ["end", "revoked"])
def test_a_watch_stops_with_the_permit_and_its_numbers_are_forgotten(there, passes, ends):
    saved = there.save(passes["ana"], reach=30).json()["id"]
    there.people["athens"] = 80
    there.hub.clock.now += 2 * HOUR
    there.publish("athens")
    there.hub.clock.now += 60
    assert there.round() == 1
    assert there.get(f"/{saved}", passes["ana"]).json()["count"]["value"] == 80
    if ends == "end":
        there.hub.clock.now = float(END)
    else:
        there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    (listed,) = there.get("", passes["ana"]).json()["saved"]  # before the hub has looked
    assert (listed["count"], listed["watches"]) == (None, [])
    there.publish("athens")
    before = dict(there.asked)
    assert (there.round(), there.asked) == (0, before)
    refused = there.get(f"/{saved}", passes["ana"])
    assert told(refused) == (403, "E374")
    assert f"The rule {ends} says" in refused.json()["error"]["message"]
    (listed,) = there.get("", passes["ana"]).json()["saved"]
    assert listed["stopped"] == refused.json()["error"]["message"]
    log = there.watcher.book
    assert (log.heard(saved), log.sightings(saved, 9), log.watched(there.hub.clock())) == ((), (), [])


def test_a_permit_taken_back_while_nodes_answer_gives_nothing_and_others_are_asked_on(there, passes):
    saved = there.save(passes["ana"], reach=30).json()["id"]
    plain = there.hub("POST", "/api/saved", json={"name": "All", "question": WOMEN, "reach": 3}).json()["id"]
    ask = there._ask

    async def and_meanwhile(*of):
        there.hub.app.state.permits.revoke("P-7", there.hub.clock())
        return await ask(*of)

    there.watcher.exchange.ask = and_meanwhile
    there.hub.clock.now += 2 * HOUR
    there.publish("athens")
    there.hub.clock.now += 60
    assert there.round() == 2
    assert (there.watcher.book.heard(saved), len(there.watcher.book.heard(plain))) == ((), 2)


def test_a_node_that_refuses_under_a_rule_takes_its_number_with_it_and_is_not_asked_all_the_time(there, passes):
    saved = there.save(passes["ana"], reach=30).json()["id"]
    there.refusal = "The node's data manager has not consented to the project."
    there.hub.clock.now += 2 * HOUR
    there.publish("athens")
    there.hub.clock.now += 60
    assert there.round() == 1
    now = there.get(f"/{saved}", passes["ana"]).json()
    assert (now["count"], now["heard"][0]["count"], now["watches"][0]["standing"]) == (None, None, "not known")
    there.hub.clock.now += 60
    assert there.round() == 0


def test_a_new_pass_of_the_same_person_sees_it_and_the_one_before_does_not(there, passes):
    saved = there.save(passes["ana"], reach=30).json()["id"]
    newer = there.hub.app.state.permits.renew("P-7", "ana", there.hub.clock())
    assert there.get(f"/{saved}", newer).status_code == 200
    assert told(there.get(f"/{saved}", passes["ana"])) == (404, "E375")


@pytest.fixture
def ana(hub):
    return guest(hub)


@pytest.fixture
def given(there, ana):
    """Ana's pass of a permit that names her account, and another person."""
    return issue(there, replace(PERMIT, people=(ana.id, "ben")))[ana.id]


def both(of, given):
    """Headers of somebody who is signed in, and shows a pass."""
    return {"authorization": f"Bearer {of.session}"} | ({"oncommons-permit": str(given)} if given else {})


def seen(of, path, given=None):
    return of.hub("GET", f"/api/account/{path}", headers=both(of, given)).json()


def waits(there, of, given):
    """Have somebody wait for thirty women, of whom there are forty."""
    body = {"name": "Secret", "question": WOMEN, "reach": 30}
    return there.hub("POST", "/api/saved", json=body, headers=both(of, given)).json()["id"]


def falls(there):
    """Two hours later there are ten."""
    there.people["athens"] = 10
    there.hub.clock.now += 2 * HOUR
    there.publish("athens")
    there.hub.clock.now += 60
    assert there.round() > 0


def says(of):
    return [one["says"] for one in seen(of, "inbox")["news"]]


def test_the_inbox_tells_of_it_without_name_and_number(there, ana, given):
    waits(there, ana, given)
    falls(there)
    assert says(ana) == ["A number that you wait for under permit P-7 has changed."]
    (kept,) = ana.about()["watches"]
    assert (kept["permit"], kept["reached"]) == ("P-7", "")


def test_that_somebody_waits_for_it_is_listed_with_the_pass_while_the_permit_holds(there, ana, given):
    saved = waits(there, ana, given)
    there.hub("POST", f"/api/saved/{saved}/watch", json={"reach": 3}, headers={"oncommons-permit": str(given)})
    assert seen(ana, "watches") == {"watches": []}
    assert [one["name"] for one in seen(ana, "watches", given)["watches"]] == ["Secret"]
    assert seen(ana, "watches", str(given) + "x") == {"watches": []}
    there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    assert seen(ana, "watches", given) == {"watches": []}


def test_an_account_that_is_not_the_permits_person_is_told_nothing(there, ana, given):
    eva = guest(there.hub, "eva@athens.example")
    waits(there, eva, given)
    falls(there)
    assert (says(eva), seen(eva, "watches", given)) == ([], {"watches": []})


def test_what_was_told_of_it_goes_with_the_permit_and_the_rest_stays(there, ana, given):
    waits(there, ana, given)
    ana("POST", "/api/saved", json={"name": "All", "question": WOMEN, "reach": 45})
    falls(there)
    assert len(says(ana)) == 2
    there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    there.round()
    assert [one for one in says(ana) if "P-7 has changed" in one or "Secret" in one] == []
    assert "“All”: 45 no longer reached." in says(ana)


def test_who_waits_is_told_once_that_the_permit_has_ended(there, ana, given):
    saved = waits(there, ana, given)
    there.hub("POST", f"/api/saved/{saved}/watch", json={"reach": 35}, headers=both(ana, given))
    assert len(seen(ana, "watches", given)["watches"]) == 2
    there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    for _ in range(2):
        there.round()
        there.hub.clock.now += 60
    assert says(ana) == ["The hub waits no more for a number: the permit P-7 does not let the question through."]


def test_who_waits_no_more_is_not_told_that_the_permit_has_ended(there, ana, given):
    saved = waits(there, ana, given)
    assert ana("DELETE", f"/api/account/watches/{saved}").status_code == 200
    there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    there.round()
    assert says(ana) == []


def test_what_was_heard_goes_with_the_permit_also_where_its_watch_ran_out_before(there):
    a_year_longer = replace(PERMIT, not_after=PERMIT.not_before + 3 * WATCH_SECONDS)
    given = issue(there, a_year_longer)["ana"]
    saved = there.save(given, reach=30).json()["id"]
    plain = there.hub("POST", "/api/saved", json={"name": "All", "question": WOMEN, "reach": 3}).json()["id"]
    there.hub.clock.now += WATCH_SECONDS + 1
    assert there.round() == 0
    log = there.watcher.book
    assert (len(log.heard(saved)), len(log.sightings(saved, 9)), len(log.permitted())) == (1, 1, 1)
    there.hub.app.state.permits.revoke("P-7", there.hub.clock())
    assert there.round() == 0
    assert (log.heard(saved), log.sightings(saved, 9), log.permitted()) == ((), (), [])
    (listed,) = [one for one in there.get("", given).json()["saved"] if one["id"] == saved]
    assert (listed["count"], len(log.heard(plain))) == (None, 2)
    assert count_of(there) == ("", None)


def count_of(there):
    with there.hub.hub.database.read() as connection:
        row = connection.exec_driver_sql("SELECT count, checked FROM saved_question WHERE permit != ''").one()
    return tuple(row)


class ByConsent(Permitted):
    """The same at a node whose data manager consents to each question, as the node says it: once it was agreed to, once."""

    agreed = False

    async def _ask(self, job, body, seconds, nodes=(), beside=None):
        agreed, self.agreed = self.agreed, False
        asked = self.watcher.exchange._put(job, body, seconds, nodes, set(), beside or {})
        for name in nodes:
            self.asked[name] += 1
            told = answer_of(self.people[name]) if agreed else self.fault.to_json()
            self._work.finish(job, name, json.dumps(told), self.watcher.exchange.clock())
        return asked, self._work.progress(job)

    def days(self, days):
        """Days go by, in which the node calls the hub all the time and the hub looks."""
        for _ in range(int(days * 4)):
            self.hub.clock.now += 6 * HOUR
            self.watcher.exchange.registry.called("athens", "1", self.hub.clock())
            self.hub.clock.now += 1
            self.round()


WAITS = ConsentAwaited("It waits.")
TOO_MANY = TooManyWait("20 wait.")
DECLINED = beyond("declined", "The node's data manager declined: Please leave out the age.")


@pytest.mark.parametrize("fault", [WAITS, TOO_MANY, DECLINED], ids=["waits", "too many", "declined"])
def test_a_consent_is_for_who_asks_and_is_not_used_up_by_the_hub(hub, fault):
    hub.clock.now = BEGIN + 5.0
    there = ByConsent(hub, athens=40)
    there.fault = fault
    given = issue(there, PERMIT)["ana"]
    (heard,) = there.save(given, reach=30).json()["heard"]
    assert (heard["code"], heard["count"], there.asked["athens"]) == (fault.code, None, 1)
    there.days(3)
    assert there.asked["athens"] == 1
    there.agreed = True
    there.days(1)
    there.publish("athens")
    there.days(1)
    by_hand = hub("POST", "/api/questions", json=WOMEN, headers={"oncommons-permit": str(given)}).json()
    assert (by_hand["nodes"][0]["status"], there.asked["athens"]) == ("answered", 2)
    there.agreed = True
    saved = there.save(given, reach=30).json()
    assert (saved["watches"][0]["standing"], saved["heard"][0]["code"]) == ("reached", "")
    there.agreed = True
    there.days(3)
    assert (there.agreed, there.asked["athens"]) == (True, 3)


def test_another_refusal_is_asked_again_by_the_hub(hub):
    hub.clock.now = BEGIN + 5.0
    there = ByConsent(hub, athens=40)
    there.fault = beyond("consent", "The node's data manager has not consented to the project.")
    there.save(issue(there, PERMIT)["ana"], reach=30)
    there.days(0.5)
    assert there.asked["athens"] > 1
