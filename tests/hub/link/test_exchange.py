"""The exchange: what is asked reaches who waits, who comes later and who comes back; nobody else."""

import asyncio
import json
import threading
from dataclasses import replace

import pytest
from joserfc.jwk import OKPKey
from tests.hub.callers import START, Clock
from tests.storage.fakes import MemoryHubLog, MemoryWorkList

from oncommons.hub.link.exchange import LEASE_SECONDS, Exchange
from oncommons.hub.link.registry import Node
from oncommons.hub.link.witness import Witness
from oncommons.schema.errors import AnswerRefused, BadRequest, HubUnreachable, UnknownValue
from oncommons.service.identity import Issuer, OrderReader

ATHENS = Node("athens", {}, 0, None, START, "1")
AWAY = Node("bologna", {}, 0, None, START - 3_600, "1")
REVOKED = Node("cork", {}, 0, START - 1, START, "1")


class Nodes:
    """A registry that only lists."""

    def __init__(self, *nodes):
        self.list = list(nodes)

    def nodes(self):
        return self.list


class CountingWorkList(MemoryWorkList):
    """Counts how often somebody looks whether there is work, and tells each look and each job."""

    def __init__(self):
        super().__init__()
        self.looks = 0
        self.looked, self.added = threading.Semaphore(0), threading.Event()

    def add(self, *arguments):
        done = super().add(*arguments)
        self.added.set()
        return done

    def has_work(self, recipient, now):
        self.looks += 1
        self.looked.release()
        return super().has_work(recipient, now)


class SteppingClock(Clock):
    """Each look at it moves it on, so that a deadline comes without waiting."""

    def __call__(self):
        self.now += 0.01
        return self.now


async def never():
    """The caller stays."""
    await asyncio.Event().wait()


async def at_once():
    """The caller has hung up."""


def exchange(*nodes, clock=None, work=None):
    key = OKPKey.generate_key("Ed25519")
    return Exchange(
        Nodes(*nodes), work or CountingWorkList(), Issuer(key), Witness(MemoryHubLog(), key), clock or Clock()
    )


async def looked(link):
    """Wait until one more request for work has looked and waits."""
    assert await asyncio.to_thread(link.work.looked.acquire, timeout=10)


async def answering(link, node=ATHENS, result="{}"):
    """Take work and answer it, once."""
    items = await link.fetch(node, 20, never)
    for item in items:
        await asyncio.to_thread(link.finish, node, item["id"], result)
    return items


def states(work):
    return {w.recipient: (w.state, w.attempts) for w in work}


def test_a_question_is_handed_to_the_node_that_waits_and_its_answer_wakes_the_asker():
    async def story():
        link = exchange(ATHENS)
        node = asyncio.create_task(answering(link))
        await looked(link)
        asked, work = await link.ask("q", {"count": "person"}, 60)
        return link, asked, work, await node

    link, asked, work, items = asyncio.run(story())
    assert states(work) == {"athens": ("done", 1)}
    assert [(item["id"], item["order"], item["seconds_left"]) for item in items] == [("q", asked.order, 60)]
    assert link.work.looks == 1


def test_a_node_that_does_not_wait_finds_its_work_when_it_comes():
    async def story():
        link = exchange(ATHENS)
        asking = asyncio.create_task(link.ask("q", {}, 60))
        await asyncio.to_thread(link.work.added.wait, 10)
        await answering(link)
        return (await asking)[1]

    assert states(asyncio.run(story())) == {"athens": ("done", 1)}


def test_the_order_is_the_question_signed_by_the_hub():
    async def story():
        link = exchange()
        return (await link.ask("q", {"count": "person"}, 60))[0]

    asked = asyncio.run(story())
    assert json.loads(asked.body) == {"count": "person"}
    assert asked.order.count(".") == 2
    assert (asked.made, asked.deadline) == (START, START + 60)


def test_a_node_that_is_away_is_asked_and_not_waited_for():
    asked, work = asyncio.run(exchange(AWAY).ask("q", {}, 300))
    assert states(work) == {"bologna": ("waiting", 0)}
    assert asked.deadline == START + 300


def test_a_revoked_node_is_not_asked():
    assert asyncio.run(exchange(REVOKED).ask("q", {}, 300))[1] == []


def test_a_node_that_does_not_answer_is_waited_for_until_the_deadline():
    work = asyncio.run(exchange(ATHENS, clock=SteppingClock()).ask("q", {}, 0.03))[1]
    assert states(work) == {"athens": ("waiting", 0)}


def test_an_idle_request_looks_at_the_work_list_when_it_begins_and_when_it_ends():
    link = exchange()
    assert asyncio.run(link.fetch(ATHENS, 0.3, never)) == []
    assert link.work.looks == 2


def test_a_request_that_does_not_wait_looks_once():
    link = exchange()
    assert asyncio.run(link.fetch(ATHENS, 0, never)) == []
    assert link.work.looks == 1


def test_a_caller_who_hangs_up_ends_the_request_at_once_and_leaves_nothing_behind():
    link = exchange()
    assert asyncio.run(link.fetch(ATHENS, 50, at_once)) == []
    assert link.work.looks <= 2
    assert link._polls == {}


def test_a_caller_who_hangs_up_while_waiting_is_given_nothing():
    async def story():
        link = exchange(replace(ATHENS, seen=None))
        hangs_up = asyncio.Event()
        waiting = asyncio.create_task(link.fetch(ATHENS, 50, hangs_up.wait))
        await looked(link)
        hangs_up.set()
        assert await waiting == []
        return (await link.ask("q", {}, 60))[1]

    assert states(asyncio.run(story())) == {"athens": ("waiting", 0)}


def test_a_request_that_is_given_up_by_the_server_leaves_nothing_behind():
    async def story():
        link = exchange()
        waiting = asyncio.create_task(link.fetch(ATHENS, 50, never))
        await looked(link)
        waiting.cancel()
        await asyncio.wait([waiting])
        return link._polls

    assert asyncio.run(story()) == {}


def test_a_question_handed_to_somebody_who_then_hung_up_is_kept_for_the_next_request():
    async def story():
        link = exchange(ATHENS)
        link._loop = asyncio.get_running_loop()
        link._hand_out(["athens"], {"id": "q"})
        return await link.fetch(ATHENS, 50, never), link._missed

    assert asyncio.run(story()) == ([{"id": "q"}], {})


def test_what_is_told_besides_is_looked_up_before_a_missed_question_is_handed_over():
    async def story():
        link, order = exchange(ATHENS), []
        link._loop = asyncio.get_running_loop()
        link._hand_out(["athens"], {"id": "q"})

        async def news():
            order.append("q" if "athens" not in link._missed else "news first")
            return True

        return await link.fetch(ATHENS, 50, never, news), order

    assert asyncio.run(story()) == ([{"id": "q"}], ["news first"])


def test_a_lost_hand_over_is_found_again_when_the_lease_has_ended():
    async def story():
        clock = Clock()
        link = exchange(replace(ATHENS, seen=None), clock=clock)
        waiting = asyncio.create_task(link.fetch(ATHENS, 50, never))
        await looked(link)
        await link.ask("q", {}, 60)
        lost = await waiting
        early = await link.fetch(ATHENS, 0, never)
        clock.now += LEASE_SECONDS
        return lost, early, await link.fetch(ATHENS, 0, never)

    lost, early, again = asyncio.run(story())
    assert ([i["id"] for i in lost], early, [i["id"] for i in again]) == (["q"], [], ["q"])
    assert again[0]["seconds_left"] == 60 - LEASE_SECONDS


def test_each_of_two_nodes_gets_the_question_once():
    async def story():
        bologna = replace(AWAY, seen=START)
        link = exchange(ATHENS, bologna)
        nodes = [asyncio.create_task(answering(link, node)) for node in (ATHENS, bologna)]
        for _ in nodes:
            await looked(link)
        work = (await link.ask("q", {}, 60))[1]
        return work, [len(await node) for node in nodes]

    work, given = asyncio.run(story())
    assert states(work) == {"athens": ("done", 1), "bologna": ("done", 1)}
    assert given == [1, 1]


def test_the_same_question_asked_again_under_one_id_gives_the_answers_of_the_first():
    async def story():
        link = exchange(ATHENS)
        node = asyncio.create_task(answering(link, result='{"n":1}'))
        first = await link.ask("q", {"a": 1, "b": 2}, 60)
        await node
        return first, await link.ask("q", {"b": 2, "a": 1}, 5), link

    first, again, link = asyncio.run(story())
    assert again == first
    assert len(link.work.jobs) == 1
    assert link._awaited == {}


def test_the_same_question_asked_twice_at_once_is_one_question():
    async def story():
        link = exchange(ATHENS)
        asked = [asyncio.create_task(link.ask("q", {}, 60)) for _ in range(2)]
        await answering(link)
        return [await one for one in asked]

    first, second = asyncio.run(story())
    assert first == second
    assert states(first[1]) == {"athens": ("done", 1)}


def test_another_question_under_the_same_id_is_refused_and_changes_nothing():
    async def story():
        link = exchange()
        await link.ask("q", {"count": "person"}, 60)
        with pytest.raises(BadRequest, match="identifier"):
            await link.ask("q", {"count": "series"}, 60)
        return link.progress("q")

    asked, _ = asyncio.run(story())
    assert json.loads(asked.body) == {"count": "person"}


def test_an_answer_to_what_was_not_asked_is_refused():
    with pytest.raises(AnswerRefused, match="did not put"):
        exchange().finish(ATHENS, "q", "{}")


def test_an_answer_to_a_question_that_was_taken_back_is_refused():
    link = exchange(AWAY)
    asyncio.run(link.ask("q", {}, 60))
    link.work.cancel("bologna", START)
    with pytest.raises(AnswerRefused, match="taken back"):
        link.finish(AWAY, "q", "{}")


def test_an_answer_is_recorded_once():
    async def story():
        link = exchange(AWAY)
        await link.ask("q", {}, 60)
        return [link.finish(AWAY, "q", text) for text in ('{"first":1}', '{"second":2}')], link.progress("q")[1]

    receipts, work = asyncio.run(story())
    assert receipts == ["accepted", "duplicate"]
    assert work[0].result == '{"first":1}'


def test_an_answer_after_the_deadline_is_late():
    async def story():
        clock = Clock()
        link = exchange(AWAY, clock=clock)
        await link.ask("q", {}, 60)
        clock.now += 61
        return link.finish(AWAY, "q", "{}")

    assert asyncio.run(story()) == "late"


def test_a_question_that_nobody_asked_has_no_progress():
    assert exchange().progress("q") is None


class SlowToTell(CountingWorkList):
    """Its first account of a question's progress takes until the test lets it go on."""

    def __init__(self):
        super().__init__()
        self.asked, self.go_on = threading.Event(), threading.Event()

    def progress(self, job):
        first = not self.asked.is_set()
        self.asked.set()
        if first:
            self.go_on.wait(10)
        return super().progress(job)


class ImpatientClock(Clock):
    """Counts the looks at it; it stands, and after many looks a day has passed."""

    looks = 0

    def __call__(self):
        self.looks += 1
        return self.now + (86_400 if self.looks > 200 else 0)


def test_who_asks_again_while_the_first_is_being_answered_does_not_spin():
    async def story():
        link = exchange(ATHENS, AWAY, work=SlowToTell(), clock=ImpatientClock())
        first = asyncio.create_task(link.ask("q", {}, 60))
        await answering(link)
        await asyncio.to_thread(link.work.asked.wait, 10)
        link.registry.list[1] = replace(AWAY, seen=START)  # bologna is back, and was not waited for so far
        again = asyncio.create_task(link.ask("q", {}, 60))
        await asyncio.wait([again], timeout=0.2)
        link.work.go_on.set()
        looks = link.clock.looks
        link.clock.now += 86_400
        await asyncio.wait([first, again])
        return looks

    assert asyncio.run(story()) < 20


def test_only_the_nodes_that_are_named_get_the_question_and_they_do_not_learn_who_else_does():
    async def story():
        link = exchange(ATHENS, replace(ATHENS, name="bologna"), replace(ATHENS, name="cork", revoked=1.0))
        node = asyncio.create_task(answering(link))
        await looked(link)
        asked, work = await link.ask("q", {"count": "person"}, 60, ["athens", "cork"])
        await node
        with pytest.raises(BadRequest):
            await link.ask("q", {"count": "person"}, 60)
        with pytest.raises(UnknownValue):
            await link.ask("r", {"count": "person"}, 60, ["rome"])
        return asked, work, link.progress("r"), link.issuer

    asked, work, unknown, asked_by = asyncio.run(story())
    assert states(work) == {"athens": ("done", 1)}
    assert json.loads(asked.body) == {"count": "person", "nodes": ["athens", "cork"]}
    assert OrderReader(asked_by.keys()).read(asked.order)[1] == {"count": "person"}
    assert unknown is None


def test_a_hub_that_is_stopped_lets_nodes_go_without_work_and_askers_with_an_error():
    async def story():
        link = exchange(ATHENS, replace(ATHENS, name="bologna"))
        waiting = asyncio.create_task(link.fetch(ATHENS, 50, never))
        await looked(link)
        asking = asyncio.create_task(link.ask("q", {}, 60))
        assert len(await waiting) == 1
        waiting = asyncio.create_task(link.fetch(ATHENS, 50, never))
        await asyncio.sleep(0)
        link.stop()
        ended = await asyncio.gather(asking, link.ask("r", {}, 60), return_exceptions=True)
        return await waiting, ended, [w.state for w in link.work.progress("q")]

    first, ended, states_ = asyncio.run(asyncio.wait_for(story(), 20))
    assert first == []
    assert [type(one) for one in ended] == [HubUnreachable, HubUnreachable]
    assert states_ == ["leased", "waiting"]


def test_an_answer_that_is_there_when_the_hub_is_stopped_is_still_given():
    async def story():
        link = exchange(ATHENS)
        node = asyncio.create_task(answering(link))
        await looked(link)
        link.work.added.clear()
        asking = asyncio.create_task(link.ask("q", {}, 60))
        await node
        link.stop()
        return await asking

    assert states(asyncio.run(story())[1]) == {"athens": ("done", 1)}


def test_a_question_that_is_withdrawn_lets_its_asker_go_and_no_node_gets_it():
    async def story():
        link = exchange(ATHENS)
        asking = asyncio.create_task(link.ask("q", {}, 60))
        await asyncio.to_thread(link.work.added.wait, 10)
        await asyncio.to_thread(link.withdraw, "q")
        _, work = await asking
        return work, await link.fetch(ATHENS, 0, never)

    work, items = asyncio.run(story())
    assert (states(work), items) == ({"athens": ("cancelled", 0)}, [])


def test_an_answer_to_a_question_that_was_withdrawn_is_refused():
    async def story():
        link = exchange(ATHENS)
        asking = asyncio.create_task(link.ask("q", {}, 60))
        await asyncio.to_thread(link.work.added.wait, 10)
        await link.fetch(ATHENS, 0, never)
        await asyncio.to_thread(link.withdraw, "q")
        await asking
        with pytest.raises(AnswerRefused, match="taken back"):
            link.finish(ATHENS, "q", "{}")

    asyncio.run(story())
