"""The commands about runs that a hub keeps."""

import json

import pytest
from tests.client.test_run_commands import PASS, hub  # noqa: F401  a fixture
from tests.client.test_runs import BEGUN, DONE, FAILED, GOES, RECORD
from typer.testing import CliRunner

from oncommons.client import runs_commands
from oncommons.client.runs_commands import app
from oncommons.schema.errors_of_analyses import OutputWithheld


@pytest.fixture
def said(hub):  # noqa: F811
    return lambda *bodies: hub(*bodies, module=runs_commands)


def runs(*words):
    return CliRunner().invoke(app, [*words, *PASS], env={"COLUMNS": "200"})


def test_runs_are_listed_with_how_far_they_are(said):
    said({"runs": [DONE, GOES]})
    lines = [line for line in runs("list").stdout.splitlines() if "mine" in line]
    assert ["done" in lines[0], "running" in lines[1], "Cox" in lines[1]] == [True] * 3
    assert json.loads(runs("list", "--json").stdout) == [DONE, GOES]


def test_a_run_that_goes_on_is_shown_in_a_line(said):
    said(GOES)
    assert runs("show", "mine").stdout == "round 2: athens computing, bergen refused\n"
    assert json.loads(runs("show", "mine", "--json").stdout) == GOES


def test_a_run_is_waited_for_and_shown_and_saved(said, tmp_path):
    wire = said(GOES, DONE)
    done = runs("show", "mine", "--wait", "--save", str(tmp_path))
    assert "Proportional hazards" in done.stdout
    assert "round 2" in done.stderr
    assert json.loads((tmp_path / "run.json").read_text()) == RECORD
    assert {one.method for one in wire.sent} == {"GET"}


def test_a_run_that_failed_is_told_as_its_error_and_to_programs_as_it_is(said):
    said(FAILED)
    assert isinstance(runs("show", "mine").exception, OutputWithheld)
    assert json.loads(runs("show", "mine", "--json").stdout) == FAILED


@pytest.mark.parametrize(("state", "says"), [("cancelled", "Cancelled.\n"), ("done", "It had ended already: done.\n")])
def test_a_run_is_cancelled_where_it_goes_on(said, state, says):
    wire = said(BEGUN | {"state": state})
    assert runs("cancel", "mine").stdout == says
    assert json.loads(runs("cancel", "mine", "--json").stdout) == {"id": "mine", "state": state}
    assert wire.asked[0] == "POST /api/runs/mine/cancel"
