"""What concerns only the log in a hub's database; the rest is in test_audit."""

import json

import pytest
from tests.storage.chains import oracle

from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.storage.audit_hub import HubLog, Pending, enter, open_hub_log
from oncommons.storage.chain import Event
from oncommons.storage.database import Database
from oncommons.storage.worklist import Job, SqlWorkList


def event(number, of=""):
    return Event("answered", {"number": number}, 0, of)


def test_what_happens_and_its_entry_are_one_transaction(database):
    log = HubLog(database)
    with database.write() as connection:
        enter(connection, event(1))
        connection.rollback()
    assert list(log.lines()) == []
    log.enter(event(2))
    assert oracle(list(log.lines())) == log.head()


def test_a_log_begins_once(database):
    log = HubLog(database)
    for name in ("first", "second"):
        log.begin(Event("begun", {"log": name}, 0))
    assert [json.loads(line)["body"] for line in log.lines()] == [{"log": "first"}]


def test_the_last_checkpoint_of_a_node_is_found(database):
    log = HubLog(database)
    log.enter(event(1, "athens"), event(2, "bologna"), event(3, "athens"), event(4))
    assert (log.kept_of("athens").number, log.kept_of("bologna").number, log.kept_of("cork")) == (3, 2, None)


def test_what_is_pending_is_settled_by_the_last_checkpoint_when_it_is_entered(database):
    log, seen = HubLog(database), []

    def settle(last):
        seen.append(last and last.number)
        return event(len(seen), "athens") if len(seen) < 3 else None

    pending = Pending("athens", settle)
    log.enter(event(0), pending)
    log.enter(event(9, "bologna"))
    log.enter(pending)
    before = log.head()
    assert (log.enter(pending), seen) == (before, [None, 2, 4])
    assert oracle(list(log.lines())) == log.head()


def test_work_is_entered_when_it_is_put_and_finished_and_never_twice(database):
    log, work = HubLog(database), SqlWorkList(database)
    job = Job("q", "{}", "order", 0, 10)
    for _ in range(2):
        work.add(job, ["athens"], event=event(1))
        work.finish("q", "athens", "{}", 1, event(2))
    work.finish("q", "cork", "{}", 1, event(3))
    assert [json.loads(line)["body"]["number"] for line in log.lines()] == [1, 2]
    assert work.progress("q")[0].state == "done"


def test_an_answer_that_cannot_be_entered_is_not_recorded(database):
    work = SqlWorkList(database)
    work.add(Job("q", "{}", "order", 0, 10), ["athens"])
    with pytest.raises(ValueError):
        work.finish("q", "athens", "{}", 1, Event("answered", {"wrong": "\ud800"}, 0))
    assert work.progress("q")[0].state == "waiting"


def test_a_database_without_a_log_is_told_and_left_as_it_is(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'hub.sqlite'}")
    with pytest.raises(NoAuditLog):
        open_hub_log(database)
    database.close()
