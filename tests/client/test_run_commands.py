"""The command that makes an analysis: what it prints, and what it keeps."""

import io
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from rich.console import Console
from tests.client.test_runs import BEGUN, DONE, FAILED, GOES, NODES, RECORD, Wire, connection
from tests.schema.test_run import RUN
from typer.testing import CliRunner

from oncommons.client import run_commands
from oncommons.client.run_commands import app, fitting, print_made
from oncommons.client.runs import Made
from oncommons.schema.errors import BadRequest, MalformedQuestion
from oncommons.schema.errors_of_analyses import OutputWithheld

PASS = ["--permit", "P-7.s"]


@pytest.fixture
def hub(monkeypatch):
    """From what a hub says to the wire that says it."""

    def says(*bodies, module=run_commands):
        wire = Wire(*bodies)
        monkeypatch.setattr(module, "connect", lambda *_: nullcontext(connection(wire)))
        return wire

    return says


@pytest.fixture
def file(tmp_path):
    (tmp_path / "cox.json").write_text(json.dumps(RUN))
    return str(tmp_path / "cox.json")


@pytest.fixture
def record(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(RECORD | {"run": RUN, "version": 1}))
    return str(tmp_path / "run.json")


def run(*words):
    return CliRunner().invoke(app, [*words, *PASS])


def test_who_took_part_stands_before_the_numbers(hub, file, tmp_path):
    wire = hub(BEGUN, DONE)
    done = run(file, "--id", "mine", "--save", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output
    assert wire.asked[0] == "POST /api/runs?id=mine"
    order = [done.stdout.index(word) for word in ("Proportional", "athens", "bergen", "terms", "0.017", "Few events.")]
    assert order == sorted(order)
    assert "9 people; of at most 2 a variable is missing" in done.stdout
    assert "refused, The rule cells says no." in done.stdout
    assert (tmp_path / "out" / "terms.csv").exists()


def test_how_far_it_is_is_told_on_standard_error_once_for_each_change(hub, file):
    third = GOES | {"progress": {"round": 3, "nodes": NODES}}
    hub(BEGUN, GOES | {"progress": {"round": 0, "nodes": []}}, GOES, GOES, third, DONE)
    done = run(file)
    told = ["before the first round", *(f"round {i}: athens computing, bergen refused" for i in (2, 3))]
    assert done.stderr.splitlines() == told
    assert "round 2" not in done.stdout


def test_programs_get_the_record_and_nothing_else(hub, file):
    hub(BEGUN, GOES, DONE)
    done = run(file, "--json")
    assert (json.loads(done.stdout), done.stderr) == (RECORD, "")


def test_who_does_not_wait_is_told_how_to_follow(hub, file):
    wire = hub(BEGUN)
    done = run(file, "--no-wait")
    assert "oncommons runs show mine --wait" in done.stdout
    assert "oncommons runs cancel mine" in done.stdout
    assert json.loads(run(file, "--no-wait", "--json").stdout) == {"id": "mine"}
    assert {one.method for one in wire.sent} == {"POST"}


def test_how_many_nodes_must_take_part_is_asked_beside_the_file(hub, file):
    wire = hub(BEGUN)
    run(file, "--no-wait", "--fewest-nodes", "4")
    assert json.loads(wire.sent[0].content) == RUN | {"fewest_nodes": 4}


def test_an_interruption_leaves_the_run_going_and_says_how_to_go_on(hub, file, monkeypatch):
    hub(BEGUN, GOES)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_commands, "in_a_line", interrupted)
    done = run(file)
    assert done.exit_code == 130
    assert "Run mine goes on at the hub." in done.stderr
    assert "oncommons runs cancel mine" in done.stderr


def test_a_run_that_fails_is_told_as_its_error(hub, file):
    hub(BEGUN, FAILED)
    assert isinstance(run(file).exception, OutputWithheld)


def test_a_record_is_repeated_and_what_is_the_same_is_said(hub, record):
    wire = hub(BEGUN, DONE | {"record": RECORD | {"version": 1}})
    done = run("--repeat", record)
    assert (done.exit_code, done.stdout) == (0, "The result is the same as before, bit for bit.\n")
    assert json.loads(wire.sent[0].content) == RUN


def test_what_differs_from_a_record_is_named_and_told_by_the_exit_status(hub, record):
    rows = [["term", "coefficient"], ["age", 0.018]]
    hub(BEGUN, DONE | {"record": RECORD | {"version": 2, "tables": {"terms": rows}}})
    done = run("--repeat", record)
    assert done.exit_code == run_commands.DIFFERS
    assert "The result differs from the record in 1 places." in done.stdout
    assert "had version 1, and has version 2" in done.stdout
    assert "tables.terms[1][1]: 0.017 before, 0.018 now" in done.stdout


def test_where_only_numbers_differ_the_data_may_have_changed(hub, record):
    many = {"people": 9} | {f"n{i}": i for i in range(30)}
    hub(BEGUN, DONE | {"record": RECORD | {"version": 1, "result": many}})
    done = run("--repeat", record)
    assert "their data may have changed" in done.stdout
    assert "and 10 more" in done.stdout
    told = json.loads(run("--repeat", record, "--json").stdout)
    assert (told["same"], len(told["differences"])) == (False, 30)


@pytest.mark.parametrize("words", [[], ["FILE", "--repeat", "x"], ["--repeat", "x", "--no-wait"]])
def test_either_a_file_or_a_record_is_given(hub, file, words):
    wire = hub(BEGUN)
    assert isinstance(run(*(file if one == "FILE" else one for one in words)).exception, BadRequest)
    assert wire.sent == []


def test_a_run_that_is_none_is_told_before_anybody_is_asked(hub, tmp_path):
    wire = hub(BEGUN)
    (tmp_path / "run.json").write_text("{")
    assert isinstance(run(str(tmp_path / "run.json")).exception, MalformedQuestion)
    assert wire.sent == []


def test_who_did_not_take_part_is_said_in_sentences():
    console = Console(record=True, width=200)
    print_made(Made(RECORD | {"participation": {"says": ["1 of 2 nodes took part, with 9 people."]}}), console)
    assert "1 of 2 nodes took part, with 9 people." in console.export_text()


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


def test_where_nodes_are_strata_it_is_said():
    console = Console(record=True, width=200)
    print_made(Made(RECORD | {"by_node": True}), console)
    assert "equal to the pooled data, stratified by node, as each node tells them; 11 rounds" in console.export_text()


def test_what_is_approximate_of_a_result_that_is_exact_else_is_named():
    console = Console(record=True, width=200)
    print_made(Made(RECORD | {"approximate": ["quantiles", "histogram"]}), console)
    assert (
        "as each node tells them, but for the approximate quantiles and histogram; 11 rounds" in console.export_text()
    )


def test_a_run_is_made_from_words_as_from_a_file(hub, file):
    wire = hub(BEGUN, DONE)
    assert run(file, "--id", "mine").exit_code == 0
    words = [f"--variable={name}={json.dumps(one)}" for name, one in RUN["variables"].items()]
    words += [f"--param={name}={json.dumps(one)}" for name, one in RUN["settings"].items()]
    cohort = [] if "cohort" not in RUN else ["--cohort", file.replace("cox.json", "q.json")]
    if cohort:
        (Path(file).parent / "q.json").write_text(json.dumps(RUN["cohort"]))
    again = hub(BEGUN, DONE)
    assert run(RUN["analysis"], *words, *cohort, "--id", "mine").exit_code == 0
    assert again.sent[0] == wire.sent[0]


NUMBERS = [["term", "hazard_ratio", "p_value", "other", "low", "high"], ["age", 0.123456789, 0.5, -12.3456, 1e-9, None]]


def printed(rows, width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(fitting("terms", rows, console))
    return console.export_text()


@pytest.mark.parametrize(("width", "ratio"), [(80, "0.12346"), (42, "0.1235"), (30, "0.12346")])
def test_no_number_of_a_table_is_cut_off_on_a_narrow_terminal(width, ratio):
    found = printed(NUMBERS, width).split()
    assert ratio in found
    assert "1e-09" in found
    assert "…" not in "".join(found)


def test_a_table_that_is_long_and_too_wide_is_folded_and_keeps_all_digits():
    found = printed([NUMBERS[0], *[NUMBERS[1]] * 9], 30)
    assert "…" not in found
    assert found.count("9") >= 9
