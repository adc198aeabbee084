"""Commands about the analyses that a node makes."""

import json
from contextlib import closing

import pytest
from typer.testing import CliRunner

from oncommons.node.analysis_commands import analyses
from oncommons.node.home import open_home
from oncommons.node.recording import open_log
from oncommons.schema.errors import UnknownValue
from oncommons.storage.analysed import Analysed


@pytest.fixture
def command(home):
    def run(*words):
        done = CliRunner().invoke(analyses, [*words, "--dir", str(home.folder), "--json"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return json.loads(done.output)

    return run


def test_a_new_node_makes_none_and_lists_what_there_is(command):
    found = {one["name"]: one["admitted"] for one in command("list")["analyses"]}
    assert {"cox", "glm", "survival"} <= found.keys()
    assert not any(found.values())


def test_what_is_admitted_is_kept_and_entered_and_taken_back(command, home):
    assert command("admit", "cox", "survival") == {"analyses": ["cox", "survival"]}
    assert command("admit", "cox") == {"analyses": ["cox", "survival"]}
    assert open_home(home.folder).analyses == {"cox", "survival"}
    assert command("withdraw", "cox", "nothing") == {"analyses": ["survival"]}
    assert set(command("admit", "all")["analyses"]) >= {"cox", "glm", "survival"}
    assert command("withdraw", "all") == {"analyses": []}
    with closing(open_log(home)) as log:
        entries = [json.loads(line) for line in log.lines()]
    assert [one["body"]["analyses"] for one in entries if "analyses" in one["body"]][:2] == [["cox", "survival"]] * 2


def test_one_that_is_not_there_changes_nothing(command, home):
    with pytest.raises(UnknownValue, match="no analysis 'nothing'"):
        command("admit", "cox", "nothing")
    assert open_home(home.folder).analyses == frozenset()


def test_people_read_it_in_lines(home):
    done = CliRunner().invoke(analyses, ["list", "--dir", str(home.folder)])
    assert "       -  cox" in done.output
    assert "This node makes cox" in CliRunner().invoke(analyses, ["admit", "cox", "--dir", str(home.folder)]).output
    assert "makes no analyses" in CliRunner().invoke(analyses, ["withdraw", "cox", "--dir", str(home.folder)]).output


def test_a_project_begins_anew_and_who_decided_it_is_entered(command, home):
    with closing(Analysed(home.analysed_file)) as ledger:
        ledger.enter_withheld("lung", b"1", 10.0)
    assert command("resume", "lung") == {"project": "lung", "forgotten": 1}
    assert command("resume", "lung") == {"project": "lung", "forgotten": 0}
    with closing(open_log(home)) as log:
        entries = [json.loads(line)["body"] for line in log.lines()]
    assert [(one["resumed"], one["way"]) for one in entries if "resumed" in one] == [("lung", "command line")]
