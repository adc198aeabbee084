"""What authors say to one another."""

import pytest
from sqlalchemy import event

from oncommons.hub.applications.book import Book
from oncommons.hub.applications.comments import LONGEST_COMMENT, Comments
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError

NOW = 1_790_000_000.0


@pytest.fixture
def comments(plain):
    return Comments(plain)


@pytest.fixture
def draft(comments):
    return Book(comments.database).begin("ana", 1, {}, NOW)


def test_a_thread_is_answered_resolved_and_opened_again(comments, draft):
    first = comments.say(draft, "ana", ("title", "", " Too long? "), NOW)
    other = comments.say(draft, "ana", ("summary", "", "Good."), NOW + 1)
    comments.say(draft, "ana", ("title", first, "No."), NOW + 2)
    assert [(c.text, c.thread) for c in comments.of(draft, "ana")] == [
        ("Too long?", first),
        ("No.", first),
        ("Good.", other),
    ]
    comments.resolve(draft, "ana", first, NOW + 3)
    assert [(c.resolved, c.resolver) for c in comments.of(draft, "ana")][:2] == [(NOW + 3, "ana"), (None, "")]
    comments.say(draft, "ana", ("title", first, "Yes."), NOW + 4)
    assert comments.of(draft, "ana")[0].resolved is None
    comments.resolve(draft, "ana", first, NOW + 5)
    comments.resolve(draft, "ana", first, None)
    assert (comments.of(draft, "ana")[0].resolved, comments.of(draft, "ana")[0].resolver) == (None, "")


@pytest.mark.parametrize(
    "said", [("title", "", ""), ("title", "", " \n"), ("title", "", "x" * (LONGEST_COMMENT + 1)), ("T", "", "x")]
)
def test_what_is_no_comment_is_refused(comments, draft, said):
    with pytest.raises(ApplicationError):
        comments.say(draft, "ana", said, NOW)


def test_a_thread_is_of_one_paragraph_and_one_application(comments, draft):
    first = comments.say(draft, "ana", ("title", "", "x"), NOW)
    reply = comments.say(draft, "ana", ("title", first, "y"), NOW)
    elsewhere = Book(comments.database).begin("ana", 1, {}, NOW)
    for identifier, said in (
        (draft, ("summary", first, "z")),
        (draft, ("title", reply, "z")),
        (elsewhere, ("title", first, "z")),
    ):
        with pytest.raises(NotFound):
            comments.say(identifier, "ana", said, NOW)
    for identifier, thread in ((draft, reply), (elsewhere, first)):
        with pytest.raises(NotFound):
            comments.resolve(identifier, "ana", thread, NOW)


def test_strangers_neither_see_nor_say_anything(comments, draft):
    first = comments.say(draft, "ana", ("title", "", "x"), NOW)
    for work in (
        lambda: comments.of(draft, "eve"),
        lambda: comments.say(draft, "eve", ("title", "", "x"), NOW),
        lambda: comments.resolve(draft, "eve", first, NOW),
    ):
        with pytest.raises(NotFound):
            work()


def test_to_resolve_a_thread_the_application_itself_is_not_read(comments, draft):
    first, asked = comments.say(draft, "ana", ("title", "", "x"), NOW), []
    event.listen(comments.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    comments.resolve(draft, "ana", first, NOW)
    assert not [one for one in asked if "FROM application_answer" in one]
