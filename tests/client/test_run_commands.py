"""The command that makes an analysis: what it prints, and what it keeps."""

import json

import pytest
from rich.console import Console
from tests.client.test_runs import RECORD
from tests.schema.test_run import RUN
from typer.testing import CliRunner

from oncommons.client import run_commands
from oncommons.client.run_commands import app, print_made
from oncommons.client.runs import Made
from oncommons.schema.errors import MalformedQuestion


@pytest.fixture
def asked(monkeypatch):
    calls = []

    def make(_, run, permit, identifier):
        calls.append((run, permit, identifier))
        return Made(RECORD)

    monkeypatch.setattr(run_commands, "make", make)
    return calls


@pytest.fixture
def file(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(RUN))
    return str(tmp_path / "run.json")


def test_who_took_part_stands_before_the_numbers(asked, file, tmp_path):
    done = CliRunner().invoke(app, [file, "--permit", "P-7.s", "--id", "mine", "--save", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert asked == [(RUN, "P-7.s", "mine")]
    order = [done.output.index(word) for word in ("Proportional", "athens", "bergen", "terms", "0.017", "Few events.")]
    assert order == sorted(order)
    assert "9 people; of 2 a variable is missing" in done.output
    assert "refused, The rule cells says no." in done.output
    assert (tmp_path / "out" / "terms.csv").exists()


def test_programs_get_the_record(asked, file):
    done = CliRunner().invoke(app, [file, "--permit", "P-7.s", "--json"])
    assert json.loads(done.output) == RECORD
    assert len(asked) == 1


def test_a_run_that_is_none_is_told_before_anybody_is_asked(asked, tmp_path):
    (tmp_path / "run.json").write_text("{")
    done = CliRunner().invoke(app, [str(tmp_path / "run.json"), "--permit", "P-7.s"])
    assert isinstance(done.exception, MalformedQuestion)
    assert asked == []


def test_of_long_tables_the_first_rows_are_printed_and_the_others_counted():
    console = Console(record=True, width=100)
    rows = [["group", "time"], *(["a", float(i)] for i in range(100))]
    print_made(Made(RECORD | {"tables": {"curve": rows}, "exact": False}), console)
    text = console.export_text()
    assert "and 76 more rows" in text
    assert "approximate" in text


def test_where_there_is_no_number_nothing_is_printed():
    console = Console(record=True, width=100)
    print_made(Made(RECORD | {"tables": {"histogram": [["from", "to"], [None, 2.0]]}}), console)
    assert "None" not in console.export_text()


def test_what_is_approximate_of_a_result_that_is_exact_else_is_named():
    console = Console(record=True, width=200)
    print_made(Made(RECORD | {"approximate": ["quantiles", "histogram"]}), console)
    assert (
        "as each node tells them, but for the approximate quantiles and histogram; 11 rounds" in console.export_text()
    )
