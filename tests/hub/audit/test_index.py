"""Entries are found, all and no other: against what the test itself knows of them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete
from tests.hub.audit.logs import PERMITS, Story, a_story
from tests.hub.callers import START

from oncommons.hub.audit import index as module
from oncommons.hub.audit.index import Index
from oncommons.hub.audit.rules import Wanted
from oncommons.hub.audit.tables import MARK
from oncommons.storage.audit_hub import AUDIT_ENTRY

QUESTIONS = [
    Wanted(), Wanted(kind="answered"), Wanted(kind="labels"), Wanted(project="lung"), Wanted(permit="P-7"),
    Wanted(permit="P-70", kind="asked"), Wanted(node="athens"), Wanted(node="cork_1"), Wanted(node="athen"),
    Wanted(dataset="athens/d"), Wanted(dataset="bergen/d%"), Wanted(dataset="bergen/d"), Wanted(dataset="d"),
    Wanted(since="2026-09-23"), Wanted(until="2026-09-22"), Wanted(since="2026-09-22", until="2026-09-22"),
    Wanted(words=("m",), kind="asked"), Wanted(words=("icd-10",)), Wanted(words=("%",)), Wanted(words=("q1", '"f"')),
    Wanted(project="lung-2", node="bergen", since="2026-09-22", until="2026-10-02"), Wanted(permit="none"),
]  # fmt: skip


@pytest.fixture
def index(database):
    return Index(database, lambda: PERMITS)


def day(moment):
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")


def fits(what, line, wanted, seen):
    """The same question, asked of what the test knows."""
    project = PERMITS[what.permit].project if what.permit else ""
    return (
        wanted.kind in {"", what.kind}
        and wanted.permit in {"", what.permit}
        and wanted.project in {"", project}
        and (not wanted.node or wanted.node in what.nodes)
        and (not wanted.dataset or wanted.dataset in what.datasets)
        and (not wanted.since or wanted.since <= day(what.at))
        and (not wanted.until or day(what.at) <= wanted.until)
        and all(word.lower() in line.lower() for word in wanted.words)
        and (seen is None or bool(what.nodes & set(seen)))
    )


def every(index, wanted, seen):
    """All pages."""
    found, below = [], 0
    while True:
        page, below = index.find(wanted, seen, below)
        found += page
        if not below:
            return found


def test_all_that_fits_is_found_and_nothing_else(database, index):
    story = a_story(database)
    with database.read() as connection:
        lines = {row.number: row.line for row in connection.execute(AUDIT_ENTRY.select())}
    sizes = []
    for wanted in QUESTIONS:
        for seen in (None, ["athens"], ["bergen", "corkx1"], []):
            right = [n for n, what in enumerate(story.happened, 1) if fits(what, lines[n], wanted, seen)]
            found = [one.number for one in every(index, wanted, seen)]
            assert found == right[::-1], (wanted, seen)
            sizes.append(len(found))
    assert sum(size > module.PAGE for size in sizes) > 2  # several pages
    assert sum(0 < size <= module.PAGE for size in sizes) > 20


def test_the_number_of_answered_questions_is_that_of_the_story(database, index):
    story = a_story(database)
    told = {
        p: {w.job for w in story.happened if w.kind == "answered" and w.permit == p and not w.refused} for p in PERMITS
    }
    assert index.answered() == {permit: len(jobs) for permit, jobs in told.items()}
    assert min(index.answered().values()) > 5


def test_a_question_that_two_nodes_answered_is_one_and_one_that_was_refused_is_none(database, index):
    story = Story(database)
    story.ask(START, "q1", ["athens", "bergen"], "P-70")
    asked = story.happened[-1]
    story.answer(START, asked, "athens")
    story.answer(START, asked, "bergen")
    story.ask(START, "q2", ["athens"], "P-70")
    story.answer(START, story.happened[-1], "athens", refused=True)
    assert index.answered() == {"P-70": 1}


def test_marks_follow_the_log_and_are_made_anew_where_they_lack(database, index, monkeypatch):
    monkeypatch.setattr(module, "AT_A_TIME", 7)
    story = a_story(database, 40)
    assert (index.catch_up(), index.catch_up()) == (40, 0)
    before = every(index, Wanted(permit="P-7"), None)
    with database.write() as connection:
        connection.execute(delete(MARK))
    assert every(index, Wanted(permit="P-7"), None) == before
    story.ask(START + 9e6, "late", ["athens"])
    assert index.find(Wanted(), None)[0][0].job == "late"
    assert index.kinds() == ["answered", "asked", "labels", "permit issued"]


def test_an_entry_that_was_made_unreadable_is_found_as_such(database, index):
    a_story(database, 5)
    with database.write() as connection:
        connection.execute(AUDIT_ENTRY.update().where(AUDIT_ENTRY.c.number == 3).values(line="{"))
    assert [one.number for one in index.find(Wanted(kind="unreadable"), None)[0]] == [3]
    assert len(index.find(Wanted(), None)[0]) == 5
