"""The tree of errors and its one JSON shape."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from oncommons import schema
from oncommons.schema import errors
from oncommons.schema.errors import (
    NodeRevoked,
    OncommonsError,
    QuestionError,
    UnknownField,
    error_from_json,
    every_error,
)

KINDS = list(every_error())


def test_every_code_belongs_to_one_error():
    assert len({kind.code for kind in KINDS}) == len(KINDS)


def test_the_root_comes_first_and_each_error_before_its_children():
    for kind in KINDS[1:]:
        assert KINDS.index(kind.__base__) < KINDS.index(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_code_a_title_and_a_docstring(kind):
    assert re.fullmatch(r"E[1-6]\d\d", kind.code)
    assert kind.title
    assert kind.__doc__


@pytest.mark.parametrize("kind", [k for k in KINDS if not k.__subclasses__()])
def test_the_drawing_of_the_tree_shows_every_error_with_its_code(kind):
    assert re.search(rf"{kind.__name__} +{kind.code}  ", errors.__doc__)


@pytest.mark.parametrize("kind", [k for k in KINDS if k is not OncommonsError])
def test_an_error_has_the_hundreds_of_its_branch(kind):
    branch = next(k for k in kind.__mro__ if k.__base__ is OncommonsError)
    assert kind.code[:2] == branch.code[:2]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_comes_back_from_the_wire_as_itself(kind):
    again = error_from_json(kind("It broke.", at="where").to_json())
    assert (type(again), again.message, again.at) == (kind, "It broke.", "where")


def test_the_tree_is_whole_wherever_it_is_read():
    """In a process that has loaded nothing else."""
    code = "from oncommons.schema.errors import every_error; print(*sorted({k.__module__ for k in every_error()}))"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    folder = Path(schema.__file__).parent
    assert seen == sorted(f"oncommons.schema.{file.stem}" for file in folder.glob("errors*.py"))


def test_the_detail_stays_behind():
    body = OncommonsError("It broke.", detail="/home/ana/secret").to_json()
    assert "secret" not in str(body)


def test_an_error_without_a_place_names_none():
    assert "at" not in OncommonsError("It broke.").to_json()["error"]


def test_the_text_of_an_error_is_its_message():
    assert str(UnknownField("No such field.", detail="private", at="where")) == "No such field."


def test_the_wire_shape_is_code_title_message_and_place():
    body = NodeRevoked("Revoked.", at="x").to_json()
    expected = {"code": "E203", "title": "The node's key was revoked", "message": "Revoked.", "at": "x"}
    assert body == {"error": expected}


@pytest.mark.parametrize("body", [None, [], "error", {}, {"error": "x"}, {"error": None}, 3])
def test_what_is_not_an_error_of_ours_becomes_the_root_error(body):
    assert type(error_from_json(body)) is OncommonsError


@pytest.mark.parametrize("code", ["E999", None, ["E203"], 203])
def test_an_unknown_code_becomes_the_root_error_with_the_message(code):
    again = error_from_json({"error": {"code": code, "message": "From the future."}})
    assert (type(again), again.message) == (OncommonsError, "From the future.")


def test_question_errors_are_caught_as_one():
    assert {k.code for k in KINDS if issubclass(k, QuestionError)} == {"E100", "E101", "E102", "E103", "E104", "E105"}


def test_a_message_or_place_of_null_is_empty():
    again = error_from_json({"error": {"code": "E203", "message": None, "at": None}})
    assert (again.message, again.at) == ("", "")
