"""An application as it is written."""

import json
from dataclasses import replace

import pytest
from tests.schema.forms import WRITTEN

from oncommons.schema.application import Attachment, parse_application, read_answers
from oncommons.schema.errors_of_applications import ApplicationError
from oncommons.schema.permit import Holding

DOCUMENT = Attachment("d1", "ethics", "vote.pdf", "application/pdf", 12, "0" * 64, "ana", 1_790_000_050.0)
FULL = replace(WRITTEN, attachments=(DOCUMENT,))


def test_an_application_says_the_same_after_json():
    assert parse_application(json.loads(json.dumps(FULL.to_json()))) == FULL


def test_datasets_are_grouped_by_holder():
    assert WRITTEN.datasets == (Holding("athens", "breast"), Holding("athens", "lung"), Holding("berlin", "chest/ct"))
    assert WRITTEN.holders == {"athens": ("breast", "lung"), "berlin": ("chest/ct",)}


def test_what_is_no_dataset_is_no_holding():
    assert replace(WRITTEN, answers={"datasets": ("athens", "/x", "athens/")}).datasets == ()


def test_an_answer_of_another_kind_is_none():
    odd = replace(WRITTEN, answers={"title": ("a",), "ehds": "RESEARCH"})
    assert (odd.title, odd.ehds, odd.summary) == ("", (), "")


def test_all_authors_write_while_it_is_open():
    assert WRITTEN.writers == {"ana", "bob"}
    assert [replace(WRITTEN, state=state).is_open for state in ("draft", "incomplete", "check", "review")] == [
        True,
        True,
        False,
        False,
    ]


def test_documents_are_found_by_their_paragraph():
    assert (FULL.documents("ethics"), FULL.documents("notes")) == ((DOCUMENT,), ())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../x"}, {"id": 7}, {"form": "1"}, {"form": True}, {"revision": 1.5}, {"answers": []}, {"made": "x"},
        {"attachments": [{}]}, {"authors": None}, {"more": 1}, {"attachments": [DOCUMENT.to_json() | {"size": "1"}]},
    ],
)  # fmt: skip
def test_what_is_no_application_is_refused(change):
    with pytest.raises(ApplicationError):
        parse_application(FULL.to_json() | change)


@pytest.mark.parametrize(
    "answers",
    [
        {"Title": "x"}, {"": "x"}, {"title": 7}, {"title": None}, {"title": "x" * 20_001}, {"ehds": [1]}, {"ehds": ["x" * 301]},
        {"ehds": ["x"] * 501}, {7: "x"}, [], None,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(answers):
    with pytest.raises(ApplicationError):
        read_answers(answers)


def test_an_entry_stands_once_in_a_list():
    assert read_answers({"ehds": ["B", "A", "B"], "title": "a\r\nb"}) == {"ehds": ("B", "A"), "title": "a\nb"}
