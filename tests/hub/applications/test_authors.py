"""Who writes together."""

import pytest

from oncommons.hub.applications.authors import MOST_AUTHORS, WEEK_SECONDS, Authors
from oncommons.hub.applications.book import Book
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError

NOW = 1_790_000_000.0
BOB = "bob@berlin.example"


@pytest.fixture
def authors(plain):
    return Authors(plain)


@pytest.fixture
def draft(authors):
    return Book(authors.database).begin("ana", 1, {}, NOW)


def writers(authors, draft):
    return Book(authors.database).one(draft, "ana").application.writers


def test_a_link_makes_one_author(authors, draft):
    secret = authors.invite(draft, "ana", "", NOW)
    assert authors.join("bob", BOB, secret, NOW + 1) == draft
    assert writers(authors, draft) == {"ana", "bob"}
    with pytest.raises(NotFound):
        authors.join("eve", "eve@x.example", secret, NOW + 2)


def test_an_address_joins_without_a_link(authors, draft):
    authors.invite(draft, "ana", BOB, NOW)
    (waiting,) = authors.waiting_for(BOB, NOW)
    assert (waiting.application, waiting.by, authors.waiting(draft, "ana", NOW)) == (draft, "ana", [waiting])
    authors.join("bob", BOB, waiting.id, NOW)
    assert (writers(authors, draft), authors.waiting_for(BOB, NOW)) == ({"ana", "bob"}, [])


def test_an_invitation_to_an_address_is_for_nobody_else(authors, draft):
    secret = authors.invite(draft, "ana", BOB, NOW)
    (waiting,) = authors.waiting_for(BOB, NOW)
    for shown in (secret, waiting.id, waiting.id.upper(), "", "x"):
        with pytest.raises(NotFound):
            authors.join("eve", "eve@x.example", shown, NOW)
    assert authors.waiting_for("", NOW) == []


def test_the_identifier_of_a_link_opens_nothing(authors, draft):
    authors.invite(draft, "ana", "", NOW)
    (waiting,) = authors.waiting(draft, "ana", NOW)
    for email in ("", BOB):
        with pytest.raises(NotFound):
            authors.join("eve", email, waiting.id, NOW)


def test_an_invitation_ends(authors, draft):
    late = authors.invite(draft, "ana", "", NOW)
    with pytest.raises(NotFound):
        authors.join("bob", BOB, late, NOW + WEEK_SECONDS)
    withdrawn = authors.invite(draft, "ana", "", NOW + 1)
    authors.withdraw(draft, "ana", authors.waiting(draft, "ana", NOW)[-1].id)  # the last one
    with pytest.raises(NotFound):
        authors.join("bob", BOB, withdrawn, NOW)


def test_who_left_invites_nobody(authors, draft):
    authors.join("bob", BOB, authors.invite(draft, "ana", "", NOW), NOW)
    secret = authors.invite(draft, "bob", "", NOW)
    authors.leave(draft, "bob", "bob", NOW)
    with pytest.raises(NotFound):
        authors.join("eve", "eve@x.example", secret, NOW)


def test_the_applicant_takes_others_away_and_nobody_takes_the_applicant(authors, draft):
    for one in ("bob", "cleo"):
        authors.join(one, f"{one}@x.example", authors.invite(draft, "ana", "", NOW), NOW)
    with pytest.raises(ApplicationError):
        authors.leave(draft, "bob", "cleo", NOW)
    for who in ("ana", "bob"):
        with pytest.raises(NotFound):
            authors.leave(draft, who, "ana", NOW)
    authors.leave(draft, "ana", "cleo", NOW)
    assert writers(authors, draft) == {"ana", "bob"}


def test_strangers_invite_and_see_nobody(authors, draft):
    for work in (
        lambda: authors.invite(draft, "eve", "", NOW),
        lambda: authors.waiting(draft, "eve", NOW),
        lambda: authors.withdraw(draft, "eve", "x"),
        lambda: authors.leave(draft, "eve", "ana", NOW),
    ):
        with pytest.raises(NotFound):
            work()


def test_an_application_has_so_many_authors(authors, draft):
    for i in range(MOST_AUTHORS):
        authors.invite(draft, "ana", f"p{i}@x.example", NOW)
    authors.invite(draft, "ana", "p0@x.example", NOW)  # in the place of the first one
    with pytest.raises(ApplicationError):
        authors.invite(draft, "ana", "", NOW)
