"""The commands about people who opted out, run as the front door runs them."""

import io
import json
import sys

import pytest

from oncommons.node.desk import Desk
from oncommons.node.optout_commands import read_numbers
from oncommons.node.optouts import opted_out, pseudonyms_of
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import NotANumber


@pytest.fixture
def call(oncommons, home, with_rows):
    with_rows(home, *({"person": f"p{n}"} for n in range(5)))
    return lambda *words: oncommons("node", "optout", *words, "--dir", home.folder)


def test_a_person_is_listed_told_and_let_back_in(call, home):
    (pseudonym,) = pseudonyms_of(home, ["p1"])
    status, out, _ = call("add", "p1")
    assert (status, out.splitlines()) == (
        0,
        [
            "1 have opted out now, 0 had before; 1 are on the list.",
            "Of those named, the node has data of 1: they are in no answer any more.",
        ],
    )
    assert call("list")[1].startswith(f"{pseudonym}  20")
    assert Desk(home).answer({"count": "person"}).certain.at_least == 4
    assert call("withdraw", "--pseudonym", pseudonym)[1].startswith("1 came back, 0 were not on the list; 0 are on it.")
    assert call("list")[1].strip() == "Nobody has opted out."
    assert Desk(home).answer({"count": "person"}).certain.at_least == 5


def test_json_tells_the_same(call):
    assert json.loads(call("add", "p1", "p2", "else", "--json")[1]) == {"changed": 3, "same": 0, "here": 2, "listed": 3}
    assert json.loads(call("withdraw", "p1", "--json")[1]) == {"changed": 1, "same": 0, "here": 1, "listed": 2}
    assert len(json.loads(call("list", "--json")[1])["opted_out"]) == 2


def test_who_is_not_here_may_be_a_number_that_was_mistyped(call):
    assert "If you expected some, check the numbers." in call("add", "P1")[1]


def test_numbers_come_from_a_file_and_wrong_ones_change_nothing(call, home, tmp_path):
    file = tmp_path / "numbers.txt"
    file.write_bytes(b"\xef\xbb\xbfp1\r\n\r\n p2 \r\n")
    assert json.loads(call("add", "--file", file, "--json")[1])["here"] == 2
    file.write_text("p3\na\\b\n" + "x" * 65 + "\n", "utf-8")
    status, _, fault = call("add", "--file", file)
    assert status
    assert "number 2, number 3" in fault
    assert len(opted_out(home)) == 2


def test_numbers_come_from_a_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"p1\np2\n")))
    assert read_numbers("-") == ["p1", "p2"]


def test_nobody_named_no_file_and_no_text_are_errors(call, tmp_path):
    (tmp_path / "odd").write_bytes(b"p1\n\xff\xfe\n")
    with pytest.raises(NotANumber, match="Line 2 is not text"):
        read_numbers(str(tmp_path / "odd"))
    with pytest.raises(UnreadableSource, match="none cannot be read"):
        read_numbers(str(tmp_path / "none"))
    assert "E365" in call("add")[2]
    assert "E365" in call("withdraw")[2]
