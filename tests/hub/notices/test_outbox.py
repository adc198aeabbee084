"""E-mails go out once, are tried again, and tell nothing that is over."""

import pytest
from sqlalchemy import select
from tests.hub.callers import START
from tests.hub.notices.test_telling import DAY, notice, told

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.outbox import LEASE_SECONDS, Outbox, Round, standing
from oncommons.hub.notices.rules import MOST_TRIES
from oncommons.hub.notices.tables import MAIL, NOTICE
from oncommons.hub.notices.telling import settle
from oncommons.hub.notices.writing import From
from oncommons.hub.people.register import Register
from oncommons.schema.errors_of_notices import MailNotSent, MailRefused

HUB = From("Commons", "https://hub.example", "commons@athens.example")


@pytest.fixture
def url(sqlite_url):
    """SQLite only: what PostgreSQL could do otherwise is in test_on_both."""
    return sqlite_url


class Post:
    """A mail server in memory; ``says`` has what it says to the next e-mails."""

    def __init__(self, *says):
        self.says, self.taken, self.tried = list(says), [], []

    def __call__(self, message):
        self.tried.append(message)
        if self.says and (fault := self.says.pop(0)):
            raise fault
        self.taken.append(message)

    def told(self):
        return [(one["to"], one.get_content().count("\n- ")) for one in self.taken]


def out(database, *says):
    post = Post(*says)
    return post, Outbox(database, HUB, post)


def rows(database, table, *columns):
    with database.read() as connection:
        return connection.execute(select(*(table.c[name] for name in columns))).all()


def test_each_person_gets_one_e_mail_of_all_that_is_new_and_never_again(database, people):
    ana, ben, _ = people
    post, outbox = out(database)
    told(database, notice(ana), notice(ana, "news"), notice(ben))
    assert outbox.round(START) == Round(2)
    assert sorted(post.told()) == [("ana@athens.example", 2), ("ben@athens.example", 1)]
    assert outbox.round(START + DAY) == Round()
    assert standing(database) == {"waiting": 0, "sent": 2, "given_up": 0, "last_fault": ""}


def test_what_was_read_or_settled_before_is_not_written(database, people):
    ana, ben, eva = people
    post, outbox = out(database)
    told(database, *[notice(one, until=START + DAY) for one in (ana, ben, eva)])
    Inbox(database).read(ana, None, START)
    with database.write() as connection:
        settle(connection, "A-7", START, {(eva, "A-7 review")})
    outbox.round(START)
    assert post.told() == [("eva@athens.example", 1)]


def test_what_is_done_while_the_server_is_down_is_not_written_afterwards(database, people):
    post, outbox = out(database, MailNotSent("down"))
    told(database, notice(people[0], until=START + DAY))
    outbox.round(START)
    with database.write() as connection:
        settle(connection, "A-7", START)
    assert outbox.round(START + 60) == Round()
    assert (post.taken, standing(database)["waiting"], standing(database)["sent"]) == ([], 0, 0)


def test_a_server_that_is_down_is_tried_again_with_the_same_identifier(database, people):
    post, outbox = out(database, MailNotSent("down", detail="ana"), MailNotSent("down"))
    told(database, notice(people[0]))
    assert outbox.round(START) == Round(put_off=1)
    assert outbox.round(START + 59) == Round()
    assert outbox.round(START + 60) == Round(put_off=1)
    assert outbox.round(START + 60 + 119) == Round()
    assert outbox.round(START + 60 + 120) == Round(1)
    assert len({one["message-id"] for one in post.tried}) == 1
    assert standing(database)["last_fault"] == ""


def test_an_e_mail_is_given_up_after_many_tries(database, people):
    _, outbox = out(database, *[MailNotSent("down")] * MOST_TRIES)
    told(database, notice(people[0]))
    now, rounds = START, []
    while not rounds or rounds[-1].put_off:
        rounds.append(outbox.round(now))
        now += DAY
    assert (len(rounds), rounds[-1]) == (MOST_TRIES, Round(given_up=1))
    assert standing(database) == {"waiting": 0, "sent": 0, "given_up": 1, "last_fault": "E354 down"}


def test_an_address_that_is_refused_for_good_keeps_nobody_waiting(database, people):
    post, outbox = out(database, MailRefused("no"))
    told(database, *[notice(one) for one in people])
    assert outbox.round(START) == Round(2, given_up=1)
    assert len(post.tried) == 3


def test_of_a_process_that_dies_while_it_hands_over_another_one_goes_on(database, people):
    post, outbox = out(database, KeyboardInterrupt())
    told(database, notice(people[0]))
    with pytest.raises(KeyboardInterrupt):
        outbox.round(START)
    assert outbox.round(START + LEASE_SECONDS - 1) == Round()
    assert outbox.round(START + LEASE_SECONDS) == Round(1)
    assert len({one["message-id"] for one in post.tried}) == 1


def test_what_was_told_before_a_mail_server_was_named_is_old_news(database, people):
    post, outbox = out(database)
    told(database, notice(people[0], "old"))
    told(database, notice(people[0], "new"), now=START + 3 * DAY)
    outbox.round(START + 3 * DAY)
    assert post.told() == [("ana@athens.example", 1)]


def test_who_is_erased_gets_no_e_mail_that_was_on_its_way(database, people):
    post, outbox = out(database)
    told(database, notice(people[0]))
    assert outbox.collect(START) == 1
    Register(database).erase(people[0], START, [Inbox(database).keeper().forget])
    assert outbox.round(START) == Round()
    assert (post.tried, rows(database, MAIL, "id")) == ([], [])


def test_a_notice_names_the_e_mail_that_told_of_it(database, people):
    _, outbox = out(database)
    told(database, notice(people[0]), notice(people[0], "data", kind="data"))
    Inbox(database).wish(people[0], {"data": "none"})
    outbox.round(START)
    [(mail, sent)] = rows(database, MAIL, "id", "sent")
    assert dict(rows(database, NOTICE, "kind", "mail")) == {"decision": mail, "data": None}
    assert sent == START
