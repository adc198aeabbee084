"""How a command says its result."""

import json
import signal

import pytest
import typer
from typer.testing import CliRunner

from oncommons.service.commands import AsJson, Terminated, Wiring, end_when_terminated, say, stoppable


def an_app():
    app = typer.Typer()

    @app.command()
    def tell(context: typer.Context, as_json: AsJson = False) -> None:
        wiring: Wiring = context.obj
        say({"version": wiring.version, "city": "Köln"}, f"Köln\nversion {wiring.version}", as_json=as_json)

    return app


def run(*words):
    return CliRunner().invoke(an_app(), words, obj=Wiring(lambda: "1.2", lambda app, url: None))


def test_a_result_is_said_as_text():
    assert run().stdout == "Köln\nversion 1.2\n"


def test_a_result_is_said_as_json_in_one_line():
    said = run("--json").stdout
    assert json.loads(said) == {"version": "1.2", "city": "Köln"}
    assert said.count("\n") == 1


def test_json_keeps_letters_as_they_are():
    assert "Köln" in run("--json").stdout


def test_a_result_goes_to_standard_output_only():
    assert run("--json").stderr == ""


def test_the_option_says_what_it_is_for():
    assert "for programs" in run("--help").stdout


@pytest.mark.parametrize(("fault", "status"), [(KeyboardInterrupt, 130), (Terminated, 0)])
def test_work_that_is_stopped_says_what_stays_and_how_to_go_on(capsys, fault, status):
    with pytest.raises(typer.Exit) as ended, stoppable("Half is done; repeat the command."):
        raise fault
    assert ended.value.exit_code == status
    assert capsys.readouterr() == ("", "Stopped. Half is done; repeat the command.\n")


def test_a_request_to_end_is_told_apart_from_an_interruption():
    before = signal.getsignal(signal.SIGTERM)
    try:
        end_when_terminated()
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
