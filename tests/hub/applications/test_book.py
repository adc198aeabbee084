"""Where applications are written, on each kind of database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import event

from oncommons.hub.applications.book import MOST_EARLIER, Book
from oncommons.hub.applications.rules import AT_ONCE_SECONDS
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_applications import ApplicationError

NOW = 1_790_000_000.0


@pytest.fixture
def book(database):
    return Book(database)


@pytest.fixture
def draft(book):
    return book.begin("ana", 1, {"title": "Lungs", "ehds": ("CARE",)}, NOW)


def one_draft(database):
    book = Book(database)
    return book, book.begin("ana", 1, {"title": "Lungs"}, NOW)


def put(book, draft, person="ana", seen=1, at=NOW + 1, **answers):
    return book.save(draft, person, answers, dict.fromkeys(answers, seen), at)


def test_what_was_written_is_read(book, draft):
    found = book.one(draft, "ana").application
    assert (found.title, found.ehds, found.revision, found.form) == ("Lungs", ("CARE",), 1, 1)
    assert [one.id for one in book.mine("ana")] == [draft]
    assert book.mine("bob") == []


def test_a_list_is_in_order_and_takes_as_many_queries_for_many_as_for_one(plain):
    book, asked = Book(plain), []
    event.listen(plain.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    mine, numbers = [], []
    for i in range(4):
        mine.append(book.begin("ana", 1, {"title": f"Lungs {i}"}, NOW + i))
        asked.clear()
        assert [one.id for one in book.mine("ana")] == mine[::-1]
        numbers.append(len(asked))
    assert [one.title for one in book.mine("ana")] == ["Lungs 3", "Lungs 2", "Lungs 1", "Lungs 0"]
    assert len(set(numbers)) == 1


def test_what_is_read_while_another_saves_never_has_older_answers_than_its_revision_says(database, book, draft):
    saved = []

    def save_between(*told):
        if "FROM application_answer" in told[2] and not saved:
            saved.append(None)
            with ThreadPoolExecutor() as pool:
                pool.submit(put, book, draft, title="Lungs and more").result()

    event.listen(database.engine, "before_cursor_execute", save_between)
    found = book.one(draft, "ana").application
    assert saved
    assert (found.revision, found.title) in {(1, "Lungs"), (1, "Lungs and more"), (2, "Lungs and more")}


@pytest.mark.parametrize("asks", ["bob", ""])
def test_to_others_it_is_not_there(plain, asks):
    book, draft = one_draft(plain)
    for work in (
        lambda: book.one(draft, asks),
        lambda: put(book, draft, asks, title="x"),
        lambda: book.earlier(draft, asks, "title"),
        lambda: book.take_form(draft, asks, 2, NOW),
        lambda: book.delete(draft, asks),
    ):
        with pytest.raises(NotFound):
            work()
    assert book.one(draft, "ana").application.title == "Lungs"


def test_a_change_counts_and_what_is_the_same_does_not(book, draft):
    assert put(book, draft, title="Lungs").revision == 1
    saved = put(book, draft, title="Two lungs", notes="n")
    assert (saved.revision, saved.revisions) == (2, {"title": 2, "notes": 2})
    assert book.one(draft, "ana").application.answers == {"title": "Two lungs", "ehds": ("CARE",), "notes": "n"}


def test_who_comes_late_overwrites_nothing_and_loses_nothing(book, draft):
    put(book, draft, title="First")
    saved = put(book, draft, title="Second", notes="n", seen=1)
    assert (saved.late["title"].value, saved.revisions) == ("First", {"notes": 3})
    assert book.one(draft, "ana").application.title == "First"
    assert [(e.value, e.aside) for e in book.earlier(draft, "ana", "title")] == [("Second", True)]


def test_who_decides_between_two_texts_loses_neither(plain):
    book, draft = one_draft(plain)
    put(book, draft, title="First")
    put(book, draft, title="Second", seen=1)
    put(book, draft, title="Third", seen=2)
    assert book.one(draft, "ana").application.title == "Third"
    assert [(e.value, e.aside) for e in book.earlier(draft, "ana", "title")] == [("Second", True), ("First", False)]


def test_earlier_texts_are_kept(plain):
    book, draft = one_draft(plain)
    put(book, draft, title="Lungs and", at=NOW + 5)
    put(book, draft, seen=2, title="Lungs and more", at=NOW + AT_ONCE_SECONDS)
    assert [(e.value, e.at, e.aside) for e in book.earlier(draft, "ana", "title")] == [("Lungs and", NOW + 5, False)]
    put(book, draft, seen=3, title="", at=NOW + AT_ONCE_SECONDS + 1)
    assert [e.value for e in book.earlier(draft, "ana", "title")] == ["Lungs and more", "Lungs and"]


def test_the_oldest_of_many_make_room(plain):
    book, draft = one_draft(plain)
    for i in range(MOST_EARLIER + 3):
        put(book, draft, seen=1 + i, title=f"t{i}", at=NOW + (i + 1) * AT_ONCE_SECONDS)
    found = [e.value for e in book.earlier(draft, "ana", "title")]
    assert (len(found), found[0], found[-1]) == (MOST_EARLIER, f"t{MOST_EARLIER + 1}", "t2")


def test_what_was_handed_in_is_not_written(plain):
    book, draft = one_draft(plain)
    with plain.write() as connection:
        book.set_state(connection, draft, "check")
    for work in (
        lambda: put(book, draft, title="x"),
        lambda: book.take_form(draft, "ana", 2, NOW),
        lambda: book.delete(draft, "ana"),
    ):
        with pytest.raises(ApplicationError):
            work()
    assert book.one(draft, "ana").application.state == "check"


def test_an_application_has_so_many_answers(plain):
    book, draft = one_draft(plain)
    with pytest.raises(ApplicationError):
        put(book, draft, **{f"p{i}": "x" for i in range(400)})


def test_a_draft_is_deleted_with_all_that_belongs_to_it(plain):
    book, draft = one_draft(plain)
    put(book, draft, title="First")
    assert book.delete(draft, "ana") == ()
    with pytest.raises(NotFound):
        book.one(draft, "ana")


def test_another_form_takes_nothing_away(plain):
    book, draft = one_draft(plain)
    book.take_form(draft, "ana", 2, NOW + 9)
    found = book.one(draft, "ana").application
    assert (found.form, found.title, found.changed) == (2, "Lungs", NOW + 9)


def test_of_many_who_save_at_once_each_text_stands_or_is_kept(book, draft):
    barrier = Barrier(8)

    def write(i):
        barrier.wait()
        return put(book, draft, title=f"text {i}")

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(write, range(8)))
    stands = book.one(draft, "ana").application.title
    beside = [e.value for e in book.earlier(draft, "ana", "title") if e.aside]
    assert sorted([stands, *beside]) == [f"text {i}" for i in range(8)]
    assert sum(not one.late for one in saved) == 1


def test_two_who_write_different_paragraphs_do_not_meet(book, draft):
    barrier = Barrier(6)

    def write(i):
        barrier.wait()
        return put(book, draft, seen=0, **{f"part{i}": "text"})

    with ThreadPoolExecutor(6) as pool:
        assert [dict(one.late) for one in pool.map(write, range(6))] == [{}] * 6
    assert len(book.one(draft, "ana").application.answers) == 8
