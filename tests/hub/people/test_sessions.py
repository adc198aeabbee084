"""Sessions, tokens and known browsers, in each kind of database."""

import pytest
from sqlalchemy import select

from oncommons.hub.people.register import Register, new_person
from oncommons.hub.people.sessions import MOST_TOKENS, Sessions
from oncommons.hub.people.tables import DEVICE, SESSION, TOKEN
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_people import SignInRefused

DAY = 86_400.0


@pytest.fixture
def sessions(database):
    return Sessions(database)


@pytest.fixture
def people(database):
    with Register(database).database.write() as connection:
        return [new_person(connection, f"{name}@x", name, "hash", 0.0) for name in ("ana", "eva")]


def test_secrets_are_kept_as_digests(sessions, people):
    secrets = [sessions.start(people[0], "b", 0, "hash"), sessions.know(people[0], 0)]
    secrets.append(sessions.make_token(people[0], "t", ("ask",), 1, 0))
    with sessions.database.read() as connection:
        kept = str([connection.execute(select(table)).all() for table in (SESSION, TOKEN, DEVICE)])
    assert not any(secret in kept for secret in secrets)


def test_who_shows_a_secret_is_known_by_it(sessions, people):
    session = sessions.start(people[0], "b", 0, "hash")
    token = sessions.make_token(people[0], "t", ("ask",), 1, 0)
    assert (sessions.asker(session, 1).person, sessions.asker(session, 1).scopes) == (people[0], ("ask", "save"))
    assert (sessions.asker(token, 1).session, sessions.asker(token, 1).scopes) == ("", ("ask",))
    assert token.startswith("onc_")


def test_another_secret_is_nobody(sessions, people):
    sessions.start(people[0], "b", 0, "hash")
    assert [sessions.asker(one, 1) for one in ("", "x", "onc_x", "\ud800", "x" * 100_000)] == [None] * 5


def test_the_identifier_in_a_list_opens_nothing(sessions, people):
    sessions.start(people[0], "b", 0, "hash")
    assert sessions.asker(sessions.sessions(people[0], 1)[0]["id"], 1) is None


def test_only_ones_own_is_ended(sessions, people):
    ana, eva = people
    sessions.start(ana, "b", 0, "hash")
    sessions.make_token(ana, "t", ("ask",), 1, 0)
    for end, found in ((sessions.end, sessions.sessions), (sessions.end_token, sessions.tokens)):
        with pytest.raises(NotFound):
            end(eva, found(ana, 1)[0]["id"])
        end(ana, found(ana, 1)[0]["id"])
        assert found(ana, 1) == []


def test_a_token_lives_for_its_days(sessions, people):
    token = sessions.make_token(people[0], "t", ("ask",), 2, 0)
    assert sessions.asker(token, 2 * DAY - 1)
    assert sessions.asker(token, 2 * DAY) is None


def test_a_person_has_so_many_tokens_and_no_more(sessions, people):
    for _ in range(MOST_TOKENS):
        sessions.make_token(people[0], "t", ("ask",), 1, 0)
    with pytest.raises(BadRequest):
        sessions.make_token(people[0], "t", ("ask",), 1, 0)


def test_what_has_ended_is_deleted_when_somebody_signs_in(sessions, people):
    sessions.start(people[0], "b", 0, "hash")
    sessions.make_token(people[0], "t", ("ask",), 1, 0)
    sessions.know(people[0], 0)
    sessions.start(people[1], "b", 366 * DAY, "hash")
    with sessions.database.read() as connection:
        left = [len(connection.execute(select(table)).all()) for table in (SESSION, TOKEN, DEVICE)]
    assert left == [1, 0, 0]


def test_a_browser_is_known_to_its_person_for_a_year_after_the_last_time(sessions, people):
    ana, eva = people
    known = sessions.know(ana, 0)
    assert sessions.is_known(ana, known, 364 * DAY)
    assert not sessions.is_known(eva, known, 1)
    assert sessions.know(ana, 300 * DAY, known) == known
    assert sessions.is_known(ana, known, 600 * DAY)
    assert not sessions.is_known(ana, known, 666 * DAY)
    assert sessions.devices(ana) == 1


def test_what_a_browser_calls_itself_is_one_short_line(sessions, people):
    sessions.start(people[0], "evil\n\x1b[31m\u202e" + "x" * 500, 0, "hash")
    told = sessions.sessions(people[0], 1)[0]["browser"]
    assert told.isprintable()
    assert len(told) == 120


def test_a_session_starts_with_the_password_that_is_right_now(sessions, people):
    with pytest.raises(SignInRefused):
        sessions.start(people[0], "b", 0, "an older hash")
    assert sessions.sessions(people[0], 1) == []


def test_what_was_opened_opens_nothing_for_who_was_erased_meanwhile(sessions, people):
    ana, eva = people
    register = Register(sessions.database)
    register.give(eva, register.organisation("Hub", 0), "operator", 0)
    register.erase(ana, 1)
    token = sessions.make_token(ana, "t", ("ask",), 1, 2)
    assert sessions.asker(token, 3) is None
    for shown in ("hash", ""):
        with pytest.raises(SignInRefused):
            sessions.start(ana, "b", 2, shown)
