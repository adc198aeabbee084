"""What a page on which somebody writes sends."""

import pytest

from oncommons.schema.errors import BadRequest
from oncommons.web.application_views import Conflict, digest
from oncommons.web.application_writing import Outcome, Sent, read_sent, saved


class Hub:
    """Notes what it is told; somebody else was faster with some answers."""

    def __init__(self, **late):
        self.late, self.calls = late, []

    def save(self, _identifier, answers, revisions):
        self.calls.append((answers, revisions))
        late = {n: {"value": v, "revision": 9, "by": "Bob", "at": "now"} for n, v in self.late.items() if n in answers}
        return {"revisions": dict.fromkeys(answers.keys() - late.keys(), 8), "late": late, "at": "now"}

    def __getattr__(self, name):
        return lambda *told, **more: self.calls.append((name, *told[1:], *more.values()))


def page(name, shown, typed, revision=3, kind="text"):
    """Fields of one paragraph."""
    values = [typed] if isinstance(typed, str) else typed
    fields = [(f"rev-{name}", str(revision)), (f"was-{name}", digest(shown)), (f"kind-{name}", kind)]
    return fields + [(f"a-{name}", value) for value in values]


def test_only_what_was_touched_is_saved():
    fields = (
        page("a", "old", "new") + page("b", "same\n", "same\r\n", 4) + page("c", ("x", "y"), ["y", "x"], 5, "choices")
    )
    hub = Hub()
    assert saved(hub, "a1", Sent(fields)).revisions == {"a": 8}
    assert hub.calls == [({"a": "new"}, {"a": 3})]


def test_nothing_is_asked_where_nothing_was_touched():
    hub = Hub()
    assert saved(hub, "a1", Sent(page("a", "old", "old"))) == Outcome({}, {}, {}, {}, "", "")
    assert hub.calls == []


def test_boxes_that_are_all_empty_are_an_answer():
    hub = Hub()
    saved(hub, "a1", Sent(page("a", ("x",), [], kind="choices") + page("b", "yes", [], kind="yes")))
    assert hub.calls == [({"a": (), "b": ""}, {"a": 3, "b": 3})]


def test_who_came_late_gets_both_texts():
    told = saved(Hub(a="theirs"), "a1", Sent(page("a", "old", "mine") + page("b", "", "x", 0)))
    assert told.conflicts == {"a": Conflict("theirs", "Bob", "now", "mine")}
    assert told.to_json() == {
        "stands": {"b": {"revision": 8, "was": digest("x")}},
        "late": {"a": {"value": "theirs", "by": "Bob", "at": "now", "revision": 9, "was": digest("theirs")}},
        "at": "now",
    }


@pytest.mark.parametrize("revision", ["", "x", "-1", "²", "9" * 10])
def test_what_is_no_revision_is_no_paragraph(revision):
    hub = Hub()
    saved(hub, "a1", Sent([("rev-a", revision), ("a-a", "x")]))
    assert hub.calls == []


MIXED = (
    b'--X\r\nContent-Disposition: form-data; name="place"\r\n\r\np-ethics\r\n'
    b'--X\r\nContent-Disposition: form-data; name="comment-title.c1"\r\n\r\nYes\r\n'
    b'--X\r\nContent-Disposition: form-data; name="comment-notes"\r\n\r\n \r\n'
    b'--X\r\nContent-Disposition: form-data; name="resolve"\r\n\r\nc2\r\n'
    b'--X\r\nContent-Disposition: form-data; name="detach"\r\n\r\nd1\r\n'
    b'--X\r\nContent-Disposition: form-data; name="a-x"\r\n\r\n1\r\n--X\r\nContent-Disposition: form-data; name="a-x"\r\n\r\n2\r\n'
    b'--X\r\nContent-Disposition: form-data; name="file-ethics"; filename="V\xc3\xa4.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n'
    b'--X\r\nContent-Disposition: form-data; name="file-more"; filename=""\r\n\r\n\r\n--X--\r\n'
)


def test_all_else_is_done_after_saving():
    sent, hub = read_sent("multipart/form-data; boundary=X", MIXED), Hub()
    assert (sent.all("a-x"), sent.one("nothing")) == (["1", "2"], "")
    saved(hub, "a1", sent).do_rest(hub, "a1", sent)
    assert hub.calls == [
        ("attach", "ethics", "Vä.pdf", b"%PDF"),
        ("detach", "d1"),
        ("say", "title", "Yes", "c1"),
        ("resolve", "c2", True),
    ]


def test_a_form_without_files_is_read_too():
    assert read_sent("application/x-www-form-urlencoded", b"a=1&a=2").all("a") == ["1", "2"]


def test_what_is_no_form_is_refused():
    with pytest.raises(BadRequest):
        read_sent("multipart/form-data", b"")
