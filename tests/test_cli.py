"""The front door: commands, exit codes, errors, and how little it imports."""

import json
import subprocess
import sys

import pytest
from typer.main import get_command

from oncommons import __version__
from oncommons.cli import ALONE, EXIT_CODES, ROOMS, build, exit_code
from oncommons.schema import errors

HEAVY = (
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "starlette",
    "jinja2",
    "pandas",
    "oncommons.hub",
    "oncommons.web",
)
SERVER = ("duckdb", "pandas", "oncommons.node", "oncommons.demo")


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    return done.stdout.strip().splitlines()


def imported_by(*words):
    """The modules that a command line has brought in when it ends."""
    code = f"import sys, json\nfrom oncommons.cli import main\ntry:\n main({list(words)!r})\nfinally:\n print(*sys.modules)"
    return set(python(code)[-1].split())


def commands(command=None, path=()):
    """Every command that does something, with its words."""
    command = command or get_command(build())
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in sorted(command.commands.items()):
        yield from commands(inner, (*path, name))


COMMANDS = {" ".join(path): command for path, command in commands()}


def test_the_commands_are_these():
    assert list(COMMANDS) == [
        "ask",
        "audit export",
        "audit list",
        "audit verify",
        "demo",
        "figures",
        "hub clocks",
        "hub form check",
        "hub form set",
        "hub form show",
        "hub holders list",
        "hub holders name",
        "hub invite",
        "hub labels import",
        "hub labels list",
        "hub labels remove",
        "hub mail send",
        "hub mail set",
        "hub mail test",
        "hub nodes",
        "hub people invite",
        "hub people list",
        "hub people remove",
        "hub people reset",
        "hub permit issue",
        "hub permit list",
        "hub permit revoke",
        "hub permit show",
        "hub provider add",
        "hub provider check",
        "hub provider list",
        "hub provider map",
        "hub provider remove",
        "hub provider unmap",
        "hub revoke",
        "hub serve",
        "images",
        "node analyses admit",
        "node analyses apply",
        "node analyses check",
        "node analyses list",
        "node analyses resume",
        "node analyses withdraw",
        "node budget",
        "node check",
        "node clinical",
        "node compress",
        "node console",
        "node import",
        "node init",
        "node join",
        "node mappings accept",
        "node mappings export",
        "node mappings propose",
        "node optout add",
        "node optout list",
        "node optout withdraw",
        "node partners confirm",
        "node partners list",
        "node partners only",
        "node permits agree",
        "node permits consent",
        "node permits decline",
        "node permits list",
        "node permits restrict",
        "node permits revoke",
        "node permits serve",
        "node permits visits",
        "node permits waiting",
        "node policy",
        "node pull",
        "node quarantine list",
        "node quarantine reject",
        "node quarantine release",
        "node receive",
        "node serve",
        "node status",
        "node watch",
        "run",
        "runs cancel",
        "runs list",
        "runs show",
        "watch",
    ]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_an_example_and_prints_json(words):
    command = COMMANDS[words]
    assert command.epilog.startswith(f"Example: oncommons {words}")
    assert command.help
    assert "--json" in {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_is_explained(words):
    assert [p.name for p in COMMANDS[words].params if not getattr(p, "help", None)] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_help_shows_the_example(oncommons, words):
    status, out, _ = oncommons(*words.split(), "--help")
    assert (status, "Example: oncommons" in out) == (0, True)


@pytest.mark.parametrize("words", [(), ("hub",), ("node",)])
def test_without_a_command_the_help_is_shown(oncommons, words):
    _, out, err = oncommons(*words)
    assert "Commands" in out + err


def test_a_command_of_the_node_brings_no_server():
    found = imported_by("node", "--help")
    assert [name for name in HEAVY if name in found] == []


def test_the_researchers_command_brings_neither_server_nor_node():
    found = imported_by("ask", "--help")
    assert [name for name in (*HEAVY, *SERVER) if name in found] == []


def test_a_command_of_the_hub_brings_no_node_and_no_pages_before_it_serves():
    found = imported_by("hub", "--help")
    assert [name for name in (*SERVER, "oncommons.web", "jinja2") if name in found] == []


def test_the_package_itself_brings_only_the_client():
    found = set(python("import sys, oncommons; print(*sys.modules)")[-1].split())
    assert [name for name in (*HEAVY, *SERVER, "typer") if name in found] == []


@pytest.mark.parametrize(
    "words", [("nope",), ("node", "nope"), ("node", "init"), ("ask",), ("ask", "x", "--what"), ("hub", "invite")]
)
def test_a_command_that_is_not_understood_exits_with_two(oncommons, words):
    assert oncommons(*words)[0] == 2


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.QuestionError, 10),
        (errors.WrongScope, 10),
        (errors.LinkError, 20),
        (errors.HubUnreachable, 20),
        (errors.NodeError, 30),
        (errors.BadMapping, 30),
        (errors.MachineError, 40),
        (errors.PortInUse, 40),
        (errors.OncommonsError, 1),
    ],
)
def test_each_branch_of_the_errors_has_an_exit_code(kind, status):
    assert exit_code(kind("x")) == status


def test_every_error_has_an_exit_code_that_no_shell_uses():
    assert (
        {exit_code(kind("x")) for kind in errors.every_error()} == set(EXIT_CODES.values()) == {1, 10, 20, 30, 40, 50}
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("ask", "none.json"), 10),
        (("ask", "QUESTION", "--hub", "http://hub.example.org"), 20),
        (("node", "status", "--dir", "FOLDER"), 30),
        (("hub", "serve", "--dir", "FOLDER", "--certificate", "none.pem"), 40),
        (("hub", "revoke", "nobody", "--dir", "FOLDER"), 20),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_fault_exits_with_the_code_of_its_branch(oncommons, tmp_path, words, status, as_json):
    question = tmp_path / "question.json"
    question.write_text('{"count": "person"}')
    words = [{"QUESTION": question, "FOLDER": tmp_path}.get(word, word) for word in words]
    assert oncommons(*words, *(["--json"] if as_json else []))[0] == status


def test_an_error_is_told_with_its_code_its_title_and_where_to_read_more(oncommons, tmp_path):
    _, out, err = oncommons("node", "status", "--dir", tmp_path)
    first, *rest = err.splitlines()
    assert (out, first) == ("", "E301 The directory is not a node")
    assert "is not a node" in rest[0]
    assert rest[-1] == "  More: docs/errors/E301.md, or /help/errors/E301 at a hub."


def test_an_error_says_where_in_the_question_it_lies(oncommons, tmp_path):
    (tmp_path / "q.json").write_text('{"count": "person", "where": {"field": "sex", "in": ["X"]}}')
    _, _, err = oncommons("ask", tmp_path / "q.json")
    assert err.splitlines()[0].endswith("(at where.in[0])")


def test_an_error_for_programs_is_json_on_standard_output(oncommons, tmp_path):
    _, out, err = oncommons("node", "status", "--dir", tmp_path, "--json")
    assert err == ""
    assert json.loads(out)["error"]["code"] == "E301"
    assert str(tmp_path.parent) not in out


def test_a_command_that_is_named_is_made_without_the_others_of_its_room():
    assert [path for path, _ in commands(get_command(build("node", "import")))] == [("node", "import")]
    assert len(list(commands(get_command(build("node", "quarantine"))))) > 3
    assert len(list(commands(get_command(build("node", "no-such"))))) > 3
    assert [path for path, _ in commands(get_command(build("hub", "invite")))] == [("hub", "invite")]
    assert {path[:2] for path, _ in commands(get_command(build("hub", "permit")))} == {("hub", "permit")}


@pytest.mark.parametrize("words", [["node", "import", "--help"], ["node", "quarantine", "list", "--help"]])
def test_a_node_takes_in_images_without_client_cryptography_and_checks(words):
    needless = {
        "urllib3",
        "joserfc",
        "cryptography",
        "oncommons.client",
        "oncommons.node.checking",
    }
    assert needless.isdisjoint(imported_by(*words))


@pytest.mark.parametrize("words", [["hub", "invite", "--help"], ["hub", "permit", "--help"], ["hub", "mail", "--help"]])
def test_a_command_that_looks_after_a_hub_brings_nothing_that_serves_it(words):
    assert {"fastapi", "starlette", "uvicorn"}.isdisjoint(imported_by(*words))


@pytest.mark.parametrize("one", [one for one in ALONE if one[0] == "hub"], ids=" ".join)
def test_what_begins_alone_is_what_it_is_in_its_room(one):
    def told(command):
        return command.help, [parameter.name for parameter in command.params]

    found = {" ".join(path): told(command) for path, command in commands(get_command(build(*one)))}
    begun = " ".join(one)
    assert found == {words: told(command) for words, command in COMMANDS.items() if f"{words} ".startswith(f"{begun} ")}


def test_all_rooms_are_named_by_their_first_word():
    assert {words.split()[0] for words in COMMANDS} == set(ROOMS)


def test_the_module_can_be_run():
    done = subprocess.run(
        [sys.executable, "-m", "oncommons", "nope"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "No such command" in done.stderr) == (2, True)


def test_the_version_is_told(oncommons):
    assert oncommons("--version")[:2] == (0, f"{__version__}\n")
