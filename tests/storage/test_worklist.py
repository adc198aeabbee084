"""One conformance suite of work lists, run against every implementation."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from tests.storage.conftest import opened
from tests.storage.fakes import MemoryWorkList

from oncommons.storage.worklist import JOB, MOST_ATTEMPTS, Job, SqlWorkList, drop_jobs

LEASE = 5.0


def a_job(name="q", made=0.0, deadline=100.0):
    return Job(name, f'{{"body":"{name}"}}', f"order of {name}", made, deadline)


def names(tasks):
    return [task.job for task in tasks]


def state(work, recipient="athens", job="q"):
    return {w.recipient: w.state for w in work.progress(job)}[recipient]


def at_once(number, do):
    """What a call gives in each of so many threads that start together."""
    barrier = Barrier(number)

    def run(i):
        barrier.wait(10)
        return do(i)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_an_added_job_is_remembered_as_it_was(work):
    job = Job("q", '{"a":"ß"}', "order", 0.125, 1_790_000_000.25)
    assert work.add(job, ["athens"])
    assert work.job("q") == job


def test_a_job_that_nobody_added_is_not_there(work):
    assert work.job("q") is None
    assert work.progress("q") == []


def test_a_job_added_twice_changes_nothing(work):
    work.add(a_job(), ["athens"])
    assert not work.add(a_job(deadline=999), ["athens", "berlin"])
    assert work.job("q").deadline == 100
    assert [w.recipient for w in work.progress("q")] == ["athens"]


def test_a_job_for_nobody_is_a_job(work):
    assert work.add(a_job(), [])
    assert work.job("q") == a_job()


def test_work_handed_over_when_it_is_added_is_leased_until_then(work):
    work.add(a_job(), ["athens", "berlin"], ["athens"], 6)
    assert [(w.recipient, w.state, w.attempts) for w in work.progress("q")] == [
        ("athens", "leased", 1),
        ("berlin", "waiting", 0),
    ]
    assert (work.has_work("athens", 5.9), work.has_work("athens", 6)) == (False, True)
    assert [task.attempt for task in work.lease("athens", 6, LEASE)] == [2]


def test_work_handed_over_when_it_is_added_can_be_finished(work):
    work.add(a_job(), ["athens"], ["athens"], 6)
    assert work.finish("q", "athens", "{}", 1) == "accepted"


def test_work_is_handed_over_only_to_those_whom_the_job_is_for(work):
    work.add(a_job(), ["athens"], ["athens", "berlin"], 6)
    assert [w.recipient for w in work.progress("q")] == ["athens"]


def test_progress_is_in_order_of_recipient(work):
    work.add(a_job(), ["cork", "athens", "berlin"])
    assert [(w.recipient, w.state, w.attempts) for w in work.progress("q")] == [
        ("athens", "waiting", 0),
        ("berlin", "waiting", 0),
        ("cork", "waiting", 0),
    ]


def test_a_lease_hands_out_what_waits_oldest_first(work):
    for name, made in (("b", 2.0), ("c", 3.0), ("a", 1.0)):
        work.add(a_job(name, made), ["athens"])
    assert names(work.lease("athens", 4, LEASE)) == ["a", "b", "c"]


def test_a_task_is_the_order_its_deadline_and_the_attempt(work):
    work.add(a_job(), ["athens"])
    (task,) = work.lease("athens", 1, LEASE)
    assert (task.order, task.deadline, task.attempt) == ("order of q", 100, 1)


def test_work_is_handed_only_to_its_recipient(work):
    work.add(a_job(), ["athens"])
    assert not work.has_work("berlin", 1)
    assert work.lease("berlin", 1, LEASE) == []


def test_each_recipient_has_a_lease_of_its_own(work):
    work.add(a_job(), ["athens", "berlin"])
    assert names(work.lease("athens", 1, LEASE)) == names(work.lease("berlin", 1, LEASE)) == ["q"]


def test_leased_work_is_not_handed_out_again_while_the_lease_lasts(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    assert not work.has_work("athens", 5.9)
    assert work.lease("athens", 5.9, LEASE) == []


def test_leased_work_comes_again_when_the_lease_has_run_out(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    assert work.has_work("athens", 6)
    assert [task.attempt for task in work.lease("athens", 6, LEASE)] == [2]


def test_work_is_handed_out_only_so_often(work):
    work.add(a_job(), ["athens"])
    handed = [len(work.lease("athens", 10.0 * i, LEASE)) for i in range(MOST_ATTEMPTS + 2)]
    assert handed == [1] * MOST_ATTEMPTS + [0, 0]
    assert not work.has_work("athens", 99)


def test_work_handed_out_for_the_last_time_can_still_be_finished(work):
    work.add(a_job(), ["athens"])
    for i in range(MOST_ATTEMPTS):
        work.lease("athens", 10.0 * i, LEASE)
    assert work.finish("q", "athens", "{}", 90) == "accepted"


@pytest.mark.parametrize(("now", "handed"), [(99.9, 1), (100, 0), (100.1, 0)])
def test_work_is_not_handed_out_from_its_deadline_on(work, now, handed):
    work.add(a_job(), ["athens"])
    assert work.has_work("athens", now) is bool(handed)
    assert len(work.lease("athens", now, LEASE)) == handed


def test_a_result_in_time_is_accepted_and_kept(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    assert work.finish("q", "athens", '{"n":1}', 2) == "accepted"
    (found,) = work.progress("q")
    assert (found.state, found.result, found.finished, found.attempts) == ("done", '{"n":1}', 2, 1)


def test_a_result_at_the_deadline_is_in_time(work):
    work.add(a_job(), ["athens"])
    assert work.finish("q", "athens", "{}", 100) == "accepted"


def test_a_result_after_the_lease_ran_out_is_accepted(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    assert work.finish("q", "athens", "{}", 50) == "accepted"


def test_a_result_after_the_deadline_is_kept_as_late(work):
    work.add(a_job(), ["athens"])
    assert work.finish("q", "athens", "late", 101) == "late"
    assert (state(work), work.progress("q")[0].result) == ("late", "late")


@pytest.mark.parametrize("first", [2, 101])
def test_a_second_result_changes_nothing(work, first):
    work.add(a_job(), ["athens"])
    work.finish("q", "athens", "first", first)
    before = work.progress("q")
    assert work.finish("q", "athens", "second", 3) == "duplicate"
    assert work.progress("q") == before


@pytest.mark.parametrize(("job", "recipient"), [("other", "athens"), ("q", "berlin")])
def test_a_result_that_nobody_asked_for_is_unknown(work, job, recipient):
    work.add(a_job(), ["athens"])
    assert work.finish(job, recipient, "{}", 2) == "unknown"
    assert state(work) == "waiting"


def test_finished_work_is_not_handed_out_again(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    work.finish("q", "athens", "{}", 2)
    assert not work.has_work("athens", 50)
    assert work.lease("athens", 50, LEASE) == []


def test_cancelling_gives_up_the_open_work_of_one_recipient(work):
    for name in ("waiting", "leased"):
        work.add(a_job(name), ["athens", "berlin"])
    work.finish("leased", "berlin", "{}", 1)
    work.cancel("athens", 2)
    assert {state(work, "athens", job) for job in ("waiting", "leased")} == {"cancelled"}
    assert (state(work, "berlin", "waiting"), state(work, "berlin", "leased")) == ("waiting", "done")


def test_cancelling_keeps_what_was_finished(work):
    work.add(a_job(), ["athens"])
    work.finish("q", "athens", "result", 1)
    work.cancel("athens", 2)
    (found,) = work.progress("q")
    assert (found.state, found.result, found.finished) == ("done", "result", 1)


def test_withdrawing_gives_up_the_open_work_of_one_job_and_keeps_what_was_finished(work):
    for name in ("q", "other"):
        work.add(a_job(name), ["athens", "berlin", "cork"])
    work.lease("athens", 1, LEASE)
    work.finish("q", "berlin", "result", 1)
    work.withdraw("q", 2)
    assert [(one.recipient, one.state) for one in work.progress("q")] == [
        ("athens", "cancelled"),
        ("berlin", "done"),
        ("cork", "cancelled"),
    ]
    assert {one.state for one in work.progress("other")} == {"leased", "waiting"}
    assert names(work.lease("cork", 3, LEASE)) == ["other"]


def test_jobs_are_dropped_by_the_beginning_of_their_names(database):
    work = SqlWorkList(database)
    for name in ("run-0", "run-0-1", "runs-0", "run", "rum-0"):
        work.add(a_job(name), ["athens"])
    with database.write() as connection:
        drop_jobs(connection, "run")
    assert [name for name in ("run-0", "run-0-1", "runs-0", "run", "rum-0") if work.job(name)] == [
        "runs-0",
        "run",
        "rum-0",
    ]
    assert work.progress("run-0") == []


def test_a_result_of_cancelled_work_is_not_kept(work):
    work.add(a_job(), ["athens"])
    work.lease("athens", 1, LEASE)
    work.cancel("athens", 2)
    assert work.finish("q", "athens", "result", 3) == "cancelled"
    assert work.progress("q")[0].result == ""
    assert not work.has_work("athens", 50)


def test_forgetting_removes_jobs_whose_deadline_lies_before(work):
    for name, deadline in (("old", 10.0), ("edge", 20.0), ("new", 30.0)):
        work.add(a_job(name, deadline=deadline), ["athens"])
    assert work.forget(20) == 1
    assert [work.job(name) is not None for name in ("old", "edge", "new")] == [False, True, True]
    assert work.progress("old") == []
    assert work.finish("old", "athens", "{}", 5) == "unknown"


def test_forgetting_nothing_is_zero(work):
    assert work.forget(1e12) == 0


def test_a_forgotten_job_can_be_added_again(work):
    work.add(a_job(), ["athens"])
    work.forget(1e12)
    assert work.add(a_job(), ["athens"])
    assert state(work) == "waiting"


def test_of_many_who_lease_for_one_recipient_each_job_goes_to_one(work):
    for i in range(40):
        work.add(a_job(f"q{i:02}", made=float(i)), ["athens"])
    handed = at_once(8, lambda _: names(work.lease("athens", 50, LEASE)))
    assert sorted(chain(*handed)) == [f"q{i:02}" for i in range(40)]


def test_of_two_who_finish_the_same_work_one_is_accepted(work):
    for i in range(10):
        work.add(a_job(f"q{i}"), ["athens"])
        receipts = at_once(2, lambda who, i=i: work.finish(f"q{i}", "athens", str(who), 1))
        assert sorted(receipts) == ["accepted", "duplicate"]
        assert work.progress(f"q{i}")[0].result == str(receipts.index("accepted"))


@pytest.mark.parametrize("work", ["memory", "sqlite"], indirect=True)
def test_of_many_who_add_the_same_job_one_adds_it(work):
    for i in range(10):
        added = at_once(4, lambda _, i=i: work.add(a_job(f"q{i}"), ["athens", "berlin"]))
        assert sorted(added) == [False, False, False, True]


def test_a_job_that_another_worker_is_adding_is_not_added_again(postgres_url):
    with opened(postgres_url) as database, ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            connection.execute(insert(JOB), vars(a_job()))
            added = pool.submit(SqlWorkList(database).add, a_job(), ["athens"])
            while not added.done() and not somebody_waits(database):
                pass
        assert added.result(10) is False


def somebody_waits(database):
    with database.read() as connection:
        return connection.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first() is not None


def test_leasing_finishing_and_adding_at_the_same_time_lose_nothing(work):
    def one(i):
        job = f"q{i}"
        work.add(a_job(job, made=float(i)), ["athens"])
        taken = names(work.lease("athens", 50, LEASE))
        return [work.finish(name, "athens", "{}", 51) for name in taken]

    receipts = list(chain(*at_once(8, one)))
    left = names(work.lease("athens", 52, LEASE))
    assert receipts + ["accepted"] * len(left) == ["accepted"] * 8


JOBS, RECIPIENTS = st.sampled_from(["q1", "q2", "q3"]), st.sampled_from(["athens", "berlin"])
STEPS = st.one_of(
    st.tuples(st.just("add"), JOBS, st.sets(RECIPIENTS), st.sets(RECIPIENTS), st.sampled_from([4, 20, 60])),
    st.tuples(st.just("lease"), RECIPIENTS),
    st.tuples(st.just("finish"), JOBS, RECIPIENTS),
    st.tuples(st.just("cancel"), RECIPIENTS),
    st.tuples(st.just("withdraw"), JOBS),
    st.tuples(st.just("forget"), st.integers(0, 40)),
)


def step(work, now, kind, *rest):
    """Take one step; what the work list says of it, and how it stands then."""
    match kind, rest:
        case "add", (job, recipients, handed, seconds):
            said = work.add(a_job(job, now, now + seconds), sorted(recipients), handed, now + LEASE)
        case "lease", (recipient,):
            said = (work.has_work(recipient, now), work.lease(recipient, now, LEASE))
        case "finish", (job, recipient):
            said = work.finish(job, recipient, f"at {now}", now)
        case "cancel", (recipient,):
            said = work.cancel(recipient, now)
        case "withdraw", (job,):
            said = work.withdraw(job, now)
        case _, (ago,):
            said = work.forget(now - ago)
    return said, [(work.job(job), work.progress(job)) for job in ("q1", "q2", "q3")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.tuples(st.sampled_from([1, 3, 7]), STEPS), max_size=25))
def test_the_database_does_what_the_list_in_memory_does(database, walk):
    real, fake = SqlWorkList(database), MemoryWorkList()
    real.forget(1e12)
    now = 0.0
    for seconds, what in walk:
        now += seconds
        assert step(real, now, *what) == step(fake, now, *what)
