"""Watched questions are asked again by the hub: when, of whom, and by which of several hubs."""

import asyncio
import json
import logging

import pytest
from tests.hub.callers import answer_of, calling, card

from oncommons.hub.saved.drawer import Drawer
from oncommons.hub.saved.logbook import WATCH_SECONDS, Watched
from oncommons.hub.saved.watching import TURN_SECONDS, watching
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import StorageFailed
from oncommons.schema.parsing import parse_question

DAY, HOUR = 86_400.0, 3_600.0
WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
PRIVATE = "private: numbers in answers are differentially private; cards tell no numbers"


class Federation:
    """A hub whose nodes answer at once, from a table of numbers; it counts what each is asked."""

    def __init__(self, hub, **people):
        self.hub, self.people = hub, people
        self.asked, self.rules = dict.fromkeys(people, 0), {}
        for name in people:
            hub.join(name)
        self.watcher = hub.app.state.watcher
        for name in people:
            self.publish(name)
        self.watcher.exchange.ask = self._ask
        self._work = hub.app.state.exchange.work

    async def _ask(self, job, body, seconds, nodes=(), _beside=None):
        exchange = self.watcher.exchange
        asked = exchange._put(job, body, seconds, nodes, set())
        for name in nodes:
            self.asked[name] += 1
            if self.people[name] is not None:
                text = answer_of(self.people[name], policy=self.rules.get(name, ""))
                self._work.finish(job, name, json.dumps(text), exchange.clock())
        return asked, self._work.progress(job)

    def publish(self, name, policy="open"):
        self.rules[name] = policy
        self.watcher.shelf.replace(name, [DatasetCard.from_json(card(policy=policy))], self.hub.clock())

    def watch(self, reach=30):
        sent = {"name": "Women", "question": WOMEN, "reach": reach}
        return self.hub("POST", "/api/saved", json=sent).json()

    def round(self, watcher=None):
        """One look of the hub; how many questions it asked."""
        return self.hub.portal.call((watcher or self.watcher).round)

    def now(self, saved):
        return self.hub("GET", f"/api/saved/{saved['id']}").json()


@pytest.fixture
def there(hub):
    return Federation(hub, athens=12, bologna=9)


def test_somebody_who_waits_is_told_and_the_hub_tells_when_it_is_reached(there):
    saved = there.watch()
    assert (saved["count"]["value"], saved["watches"][0]["standing"]) == (21, "not reached")
    there.people["athens"] = 25
    there.hub.clock.now += 2 * HOUR
    there.publish("athens")
    there.hub.clock.now += 60
    assert there.round() == 1
    later = there.now(saved)
    assert (later["count"]["value"], later["watches"][0]["standing"]) == (34, "reached")
    assert [one["standing"] for one in later["sightings"]] == ["reached", "not reached"]
    assert there.asked == {"athens": 2, "bologna": 1}


def test_nobody_is_asked_without_news_before_a_day_has_passed(there):
    there.watch()
    there.hub.clock.now += DAY - 1
    assert there.round() == 0
    there.hub.clock.now += 1
    assert there.round() == 1
    assert there.asked == {"athens": 2, "bologna": 2}


def test_a_node_that_imports_all_day_is_asked_once_an_hour(there):
    there.watch()
    for _ in range(6 * 12):
        there.hub.clock.now += 300
        there.publish("athens")
        there.hub.clock.now += 1
        there.round()
    assert there.asked == {"athens": 1 + 6, "bologna": 1}


def test_a_private_budget_is_spent_by_people_only(there):
    there.publish("bologna", PRIVATE)
    there.hub.clock.now += 1
    saved = there.watch()
    for _ in range(3):
        there.hub.clock.now += DAY
        there.publish("bologna", PRIVATE)
        there.hub.clock.now += 1
        there.round()
    assert there.asked == {"athens": 4, "bologna": 1}
    assert [one["node"] for one in there.now(saved)["heard"]] == ["athens", "bologna"]
    there.watch()
    assert there.asked["bologna"] == 2


def test_a_node_that_was_away_is_asked_when_it_is_back(there):
    there.people["bologna"] = None
    saved = there.watch()
    assert saved["count"]["value"] == 12
    there.people["bologna"] = 30
    there.hub.clock.now += HOUR
    assert there.round() == 0
    there.watcher.exchange.registry.called("bologna", "1", there.hub.clock())
    there.round()
    assert there.now(saved)["count"]["value"] == 42


def test_a_node_that_joins_is_asked_and_one_that_is_revoked_is_left_out(there):
    saved = there.watch()
    there.people["cork"], there.asked["cork"] = 50, 0
    there.hub.join("cork")
    there.round()
    assert there.asked["cork"] == 0  # its rule may be private, as long as it has no cards
    there.publish("cork")
    there.round()
    assert there.now(saved)["watches"][0]["standing"] == "reached"
    there.hub.hub.registry.revoke("cork", there.hub.clock())
    there.round()
    assert there.now(saved)["sightings"][0]["standing"] == "not reached"
    assert there.asked["cork"] == 1


def told(there, saved):
    return {one["node"]: one["count"] and one["count"]["value"] for one in there.now(saved)["heard"]}


def test_an_answer_to_an_older_question_does_not_overwrite_a_newer_one(there):
    saved = there.watch(20)
    there.hub.clock.now += DAY

    async def an_hour_later():
        there.watcher.exchange.ask = there._ask
        there.hub.clock.now += 5
        there.people["athens"] = 25
        there.publish("athens")
        there.hub.clock.now += 1
        await there.watcher.look(Watched(saved["id"], parse_question(WOMEN)))
        there.hub.clock.now += 20

    async def slow(*words):
        answered = await there._ask(*words)
        await an_hour_later()
        return answered

    there.watcher.exchange.ask = slow
    there.people["athens"] = 3
    there.round()
    assert told(there, saved) == {"athens": 25, "bologna": 9}
    assert [one["standing"] for one in there.now(saved)["sightings"]] == ["reached"]


def test_what_a_private_node_told_somebody_during_a_round_is_kept(there):
    """The round asks one question after the other; meanwhile somebody begins to wait for a number of the second."""
    first = there.watch()
    men = {"count": "person", "where": {"field": "sex", "in": ["M"]}}
    there.hub.clock.now += 1
    second = there.hub("POST", "/api/saved", json={"name": "Men", "question": men, "reach": 20}).json()
    first, second = sorted([first, second], key=lambda one: one["checked"])
    there.hub.clock.now += 2 * HOUR
    there.publish("athens", PRIVATE)
    there.publish("bologna")
    heard = []

    async def slowly(*of):
        found = await there._ask(*of)
        if not heard:
            there.hub.clock.now += 30
            heard.append("athens")
            await there.watcher.look(Watched(second["id"], parse_question(men)))
            there.hub.clock.now += 30
        return found

    there.watcher.exchange.ask = slowly
    there.round()
    assert told(there, second)["athens"] == 12
    assert "athens" not in told(there, first)


def test_a_rule_that_changed_while_others_were_waited_for_counts(there):
    saved = there.watch()
    there.hub.clock.now += DAY

    async def slowly(*of):
        found = await there._ask(*of)
        there.hub.clock.now += 30
        there.publish("athens", PRIVATE)
        there.hub.clock.now += 30
        return found

    there.watcher.exchange.ask = slowly
    there.round()
    there.watcher.exchange.ask = there._ask
    there.hub.clock.now += 60
    there.round()
    assert "athens" not in told(there, saved)


def test_a_number_told_under_another_rule_is_forgotten_and_a_private_budget_not_spent(there):
    saved = there.watch()
    there.hub.clock.now += 60
    there.publish("athens", PRIVATE)
    there.publish("bologna", "threshold: from 10 on")
    there.hub.clock.now += 1
    there.people["bologna"] = 10
    there.round()
    assert (told(there, saved), there.now(saved)["count"]["value"]) == ({"bologna": 10}, 10)
    assert there.asked == {"athens": 1, "bologna": 2}
    assert there.round() == 0
    there.watch()
    assert told(there, saved) == {"athens": 12, "bologna": 10}
    assert there.round() == 0


def test_a_number_that_came_under_a_rule_that_no_card_tells_yet_is_kept(there):
    there.rules["athens"] = PRIVATE
    saved = there.watch()
    assert (told(there, saved), there.round()) == ({"athens": 12, "bologna": 9}, 0)


def test_when_nobody_waits_any_more_numbers_of_revoked_and_changed_nodes_are_forgotten(there):
    saved = there.watch()
    there.hub.clock.now += WATCH_SECONDS
    there.hub.hub.registry.revoke("athens", there.hub.clock())
    assert there.round() == 0
    assert (told(there, saved), there.now(saved)["count"]["value"]) == ({"bologna": 9}, 9)
    assert there.now(saved)["watches"] == []
    there.publish("bologna", PRIVATE)
    assert there.round() == 0
    assert (told(there, saved), there.now(saved)["count"]) == ({}, None)


def test_when_no_node_is_left_that_is_told(there):
    saved = there.watch(20)
    for name in there.people:
        there.hub.hub.registry.revoke(name, there.hub.clock())
    there.hub.clock.now += 60
    there.round()
    assert [one["standing"] for one in there.now(saved)["sightings"]] == ["not known", "reached"]
    there.hub.clock.now += 60
    there.round()
    assert len(there.now(saved)["sightings"]) == 2


def test_of_two_hubs_with_one_database_one_asks(tmp_path, postgres_url):
    with calling(tmp_path / "one", postgres_url) as first, calling(tmp_path / "two", postgres_url) as second:
        there, other = Federation(first, athens=12), second.app.state.watcher
        there.watch()
        for caller in (first, second):
            caller.clock.now += DAY
        assert first.portal.call(there.watcher._take)
        assert second.portal.call(other.round) == 0
        assert there.round() == 1
        second.clock.now += DAY + TURN_SECONDS
        assert second.portal.call(other.round) == 1


def test_after_a_restart_it_goes_on_where_it_was(tmp_path):
    address = f"sqlite:///{tmp_path / 'kept.sqlite'}"
    with calling(tmp_path, address) as hub:
        there = Federation(hub, athens=12)
        saved = there.watch()
    with calling(tmp_path, address) as again:
        watcher = again.app.state.watcher
        assert again.portal.call(watcher.round) == 0
        assert [one.digest for one in watcher.book.watched(again.clock())] == [saved["id"]]


async def _until_asked(watcher, rounds):
    """Run the background until it has looked so often; what it raised is what it does at each look in turn."""
    looked = asyncio.Event()

    async def look():
        fault = rounds.pop(0)
        if not rounds:
            looked.set()
        if fault:
            raise fault
        return 0

    watcher.every, watcher.round = 0.0, look
    async with watching(watcher):
        await looked.wait()


def test_it_looks_in_the_background_logs_faults_and_ends_with_the_hub(hub, caplog):
    watcher = hub.app.state.watcher
    with caplog.at_level(logging.WARNING):
        hub.portal.call(_until_asked, watcher, [StorageFailed("No disk."), ValueError("ours"), None])
    assert "No disk." in caplog.text
    assert "watched questions could not be asked" in caplog.text
    assert watcher.turns.take("watching", "another", hub.clock(), 1)


def test_the_hub_that_ends_lets_a_question_go_that_waits(hub):
    hub.member("athens")("GET", "/api/link/work", params={"wait": 0})
    watcher = hub.app.state.watcher
    watcher.shelf.replace("athens", [DatasetCard.from_json(card())], hub.clock())
    digest = hub("POST", "/api/saved", json={"name": "Women", "question": WOMEN}).json()["id"]
    Drawer(hub.hub.database, "Hub", "").watch(digest, 3, hub.clock())

    ask, asking = watcher.exchange.ask, asyncio.Event()

    async def told_of(*words):
        asking.set()
        return await ask(*words)

    async def ends_while_it_asks():
        watcher.every, watcher.exchange.ask = 0.0, told_of
        async with watching(watcher):
            await asking.wait()

    hub.portal.call(ends_while_it_asks)
    assert watcher.exchange._awaited == {}


def test_the_application_starts_and_ends_it(hub):
    watcher, began = hub.app.state.watcher, []

    async def live():
        async with hub.app.router.lifespan_context(hub.app):
            await asyncio.sleep(0)
            began.append(watcher._ending.is_set())

    hub.portal.call(live)
    assert (began, watcher._ending.is_set()) == ([False], True)
