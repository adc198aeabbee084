"""Inbox and outbox where SQLite and PostgreSQL could differ: on both."""

from tests.hub.callers import START
from tests.hub.notices.test_inbox import inbox, says  # noqa: F401  fixture
from tests.hub.notices.test_outbox import Round, out
from tests.hub.notices.test_telling import DAY, notice, number, told

from oncommons.hub.notices import inbox as module
from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import standing, tidy
from oncommons.hub.notices.telling import settle
from oncommons.hub.people.register import Register
from oncommons.schema.errors_of_notices import MailNotSent


def test_two_hubs_with_one_database_do_not_write_the_same(database, people):
    (first, one), (second, two) = out(database), out(database)
    told(database, *[notice(person) for person in people])
    one.collect(START)
    assert two.collect(START) == 0
    mail = one._claim(START)
    assert two.round(START).sent == 2
    assert one._hand_over(mail, START)
    assert sorted(first.told() + second.told()) == [(f"{name}@athens.example", 1) for name in ("ana", "ben", "eva")]


def test_one_e_mail_a_day_or_none_where_that_is_wanted(database, people):
    ana, ben, _ = people
    post, outbox = out(database)  # it is 14:13
    Inbox(database).wish(ana, {"decision": "daily"})
    Inbox(database).wish(ben, {"decision": "none"})
    for i in range(4):
        told(database, notice(ana, f"a{i}"), notice(ben, f"b{i}"), now=START + i * 3_600)
        outbox.round(START + i * 3_600)
    assert post.told() == []
    outbox.round(START + DAY)
    outbox.round(START + DAY + 3_600)
    assert post.told() == [("ana@athens.example", 4)]


def test_while_the_server_is_down_the_others_are_not_tried(database, people):
    post, outbox = out(database, MailNotSent("down"))
    told(database, *[notice(one) for one in people])
    assert outbox.round(START) == Round(put_off=1)
    assert (len(post.tried), standing(database)["waiting"]) == (1, 3)
    assert outbox.round(START + 60).sent == 3


def test_only_what_is_done_with_is_deleted_after_a_year(database, people):
    _, outbox = out(database, None, MailNotSent("down"))
    told(database, notice(people[0]), notice(people[1]))
    outbox.round(START)
    assert tidy(database, START + 364 * DAY) == 0
    assert tidy(database, START + 366 * DAY) == 1
    assert standing(database)["waiting"] == 1


def test_wishes_are_kept_by_kind_and_the_rest_comes_at_once(inbox, people):  # noqa: F811
    inbox.wish(people[0], {"decision": "daily"})
    inbox.wish(people[0], {"decision": "none", "permit": "daily"})
    assert inbox.wishes(people[0]) == {
        "application": "at once", "decision": "none", "permit": "daily", "data": "at once", "watch": "at once",
        "account": "at once",
    }  # fmt: skip
    assert set(inbox.wishes(people[1]).values()) == {"at once"}


def test_what_is_long_over_is_deleted_and_what_waits_or_is_unread_stays(database, people, inbox):  # noqa: F811
    ana = people[0]
    told(
        database,
        notice(ana, "waits", says="Waits.", until=START + DAY),
        notice(ana, "done", until=START, subject="A-8"),
    )
    told(database, notice(ana, "read", says="Read."), notice(ana, "new", says="New."))
    read = next(one["id"] for one in inbox.news(ana)[0] if one["says"] == "Read.")
    waits = inbox.waiting(ana)[0]["id"]
    inbox.read(ana, [read, waits], START)
    with database.write() as connection:
        settle(connection, "A-8", START)
    assert inbox.tidy(START + module.KEEP_SECONDS - 1) == 0
    assert inbox.tidy(START + module.KEEP_SECONDS) == 2
    assert says(inbox.waiting(ana) + inbox.news(ana)[0]) == ["Waits.", "New."]


def test_unread_news_come_first_and_then_the_newest(database, people, inbox):  # noqa: F811
    for i in range(4):
        told(database, notice(people[0], str(i), says=f"News {i}."), now=START + i)
    inbox.read(people[0], [inbox.news(people[0])[0][0]["id"]], START + 9)
    assert says(inbox.news(people[0])[0]) == ["News 2.", "News 1.", "News 0.", "News 3."]


def test_a_person_sees_all_that_is_kept_and_erasure_takes_it_along(database, people, inbox):  # noqa: F811
    ana, ben, _ = people
    told(database, notice(ana, until=START + DAY), notice(ana, "news"), notice(ben))
    inbox.wish(ana, {"data": "none"})
    seen = inbox.keeper().told(ana)
    assert (len(seen["told"]), seen["by_email"]["data"]) == (2, "none")
    assert seen["told"][0]["made"] == "2026-09-21T14:13:20+00:00"
    Register(database).erase(ana, START, [inbox.keeper().forget])
    assert inbox.keeper().told(ana) == {"by_email": dict.fromkeys(seen["by_email"], "at once"), "told": []}
    assert number(database) == 1
