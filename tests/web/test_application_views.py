"""Applications as pages show them."""

import json
from dataclasses import replace

import pytest
from tests.schema.forms import FORM, WRITTEN

from oncommons.schema.application import Attachment
from oncommons.schema.application_form import KINDS
from oncommons.web.application_views import Conflict, application_view, digest, in_words, kind_words, size_words

VOTE = Attachment("d1", "ethics", "vote.pdf", "application/pdf", 12, "0" * 64, "ana", 0.0)
LOST = replace(VOTE, id="d2", paragraph="gone")


def body(application=WRITTEN, **more):
    told = {
        "application": application.to_json(), "form": FORM.to_json(), "newest": 2, "revisions": {"title": 7}, "faults": [],
        "datasets": [], "people": {"ana": "Ana", "bob": ""}, "comments": [], "invitations": [], "you": "ana",
    }  # fmt: skip
    return json.loads(json.dumps(told | more))


def said(number, thread, resolved=""):
    return {
        "id": f"c{number}",
        "thread": thread,
        "paragraph": "title",
        "by": "ana",
        "at": "",
        "text": "x",
        "resolved": resolved,
    }


def paragraph(view, name):
    return next(p for s in view.sections for p in s.paragraphs if p.asked.id == name)


def test_a_view_tells_what_stands_and_what_lacks():
    faults = [
        {"paragraph": "title", "says": "Too long.", "missing": False},
        {"paragraph": "ethics", "says": "x", "missing": True},
    ]
    view = application_view(body(faults=faults), "more")
    assert [(s.section.id, s.lacking, s.current) for s in view.sections] == [("project", 1, False), ("more", 1, True)]
    assert (view.lacking, view.is_mine, view.called("ana"), view.called("bob")) == (2, True, "Ana", "somebody who left")
    title = paragraph(view, "title")
    assert (title.value, title.revision, title.was, title.fault) == (
        WRITTEN.title,
        7,
        digest(WRITTEN.title),
        "Too long.",
    )


def test_threads_are_put_together():
    view = application_view(body(comments=[said(1, "c1", "2026"), said(2, "c1"), said(3, "c3")]))
    threads = paragraph(view, "title").threads
    assert [(t.id, len(t.comments), t.resolved) for t in threads] == [("c1", 2, True), ("c3", 1, False)]
    assert (paragraph(view, "title").open_threads, view.sections[0].talks) == (1, 1)


def test_in_a_conflict_ones_own_text_is_shown_and_the_other_stands():
    mine = Conflict("Lungs", "Bob", "", "My lungs")
    title = paragraph(application_view(body(), conflicts={"title": mine}), "title")
    assert (title.value, title.words, title.was) == ("My lungs", WRITTEN.title, digest(WRITTEN.title))


def test_nothing_of_an_earlier_form_is_lost():
    written = replace(WRITTEN, answers={**WRITTEN.answers, "old": ("a", "b")}, attachments=(VOTE, LOST))
    view = application_view(body(written))
    assert (view.unasked, [one.id for one in view.homeless]) == ({"old": "a\nb"}, ["d2"])
    assert [one.id for one in paragraph(view, "ethics").documents] == ["d1"]


def test_what_cannot_be_chosen_any_more_stays_chosen():
    written = replace(WRITTEN, answers={**WRITTEN.answers, "ehds": ("RESEARCH", "FUN"), "place": "moon"})
    view = application_view(body(written))
    assert [o.code for o in paragraph(view, "ehds").options if o.chosen] == ["RESEARCH", "FUN"]
    assert [o.code for o in paragraph(view, "place").options if o.chosen] == ["moon"]


def test_answers_are_read_in_words():
    question = '{"count": "person", "where": {"field": "sex", "in": ["F"]}}'
    form = FORM.to_json()
    kinds = [{"id": f"k{kind}", "kind": kind, "label": "K"} for kind in KINDS if kind not in {"choice", "choices"}]
    form["sections"][1]["paragraphs"] += kinds
    answers = {
        "kquestion": question,
        "kyes": "yes",
        "kyesno": "no",
        "kresearch": ("methods",),
        "kvariables": ("person.sex",),
    }
    view = application_view(body(replace(WRITTEN, answers={**WRITTEN.answers, **answers}), form=form))
    words = {name: paragraph(view, name).words for name in answers}
    assert words.pop("kquestion") == "Count people where sex is F, by dataset."
    assert words == {
        "kyes": "Yes",
        "kyesno": "No",
        "kresearch": "Methods: software, statistics, algorithms",
        "kvariables": "person.sex",
    }


def test_a_digest_does_not_see_how_lines_end_or_the_order_of_a_list():
    assert digest("a\r\nb") == digest("a\nb") != digest("a b")
    assert digest(("a", "b")) == digest(("b", "a")) != digest("a")
    assert digest("") != digest(())


@pytest.mark.parametrize(("size", "words"), [(12, "0.1 kB"), (45_300, "45.3 kB"), (20_000_000, "20.0 MB")])
def test_sizes_are_told_in_words(size, words):
    assert size_words(size) == words


def test_kinds_are_told_in_words():
    assert [kind_words("application/pdf"), kind_words("application/vnd.oasis.opendocument.text")] == [
        "PDF",
        "office document",
    ]
    assert in_words(("a", "b")) == "a\nb"
