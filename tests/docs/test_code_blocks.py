"""Every code block in the documentation runs, parses, uses known commands, or says why it does not."""

import json
import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command

from oncommons.cli import build
from oncommons.schema.errors import UnknownField
from oncommons.schema.parsing import parse_question

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^ *(?P=fence) *$", re.DOTALL | re.MULTILINE
)
REASON = re.compile(r'runs="([^"]+)"')

OURS = get_command(build())
"""Our commands, from the program itself."""
OTHERS = {
    "install",
    "cd",
    "cp",
    "curl",
    "df",
    "du",
    "export",
    "journalctl",
    "lint-imports",
    "ls",
    "mkdir",
    "mypy",
    "pg_dump",
    "pip",
    "pwd",
    "pytest",
    "python",
    "ruff",
    "source",
    "systemctl",
}
"""Commands of others that a page may show."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the reason why it does not run, and its text."""

    language: str
    reason: str
    body: str


def blocks_of(text):
    found = []
    for match in FENCE.finditer(text):
        language, _, rest = match["info"].strip().partition(" ")
        reason = REASON.search(rest)
        body = "".join(line.removeprefix(match["indent"]) for line in match["body"].splitlines(keepends=True))
        found.append(Block(language, reason[1] if reason else "", body))
    return found


def check_python(body, names):
    exec(compile(body, "<block>", "exec"), names)


def check_json(body, _names):
    value = json.loads(body)
    if isinstance(value, dict) and "count" in value:
        parse_question(value)


def check_toml(body, _names):
    tomllib.loads(body)


def check_bash(body, _names):
    for line in body.replace("\\\n", " ").splitlines():
        check_command(line)


def check_console(body, _names):
    """Lines after a prompt are commands, all others what they print."""
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    assert commands, "a console block shows at least one command after a prompt"
    for command in commands:
        check_command(command)


def check_command(line):
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|")
    lexer.whitespace_split = True
    words = list(lexer)
    for i, word in enumerate(words):
        if set(word) <= set("&|"):
            check_command(shlex.join(words[:i]))
            check_command(shlex.join(words[i + 1 :]))
            return
    if not words:
        return
    program, *rest = words
    program = Path(program).name
    if "=" in program and rest:
        check_command(shlex.join(rest))
        return
    if program != "oncommons":
        assert program in OTHERS, f"{program} is not among the commands that a page may show"
        return
    check_ours(rest)


def check_ours(words):
    """The words lead to a command of ours, and it has the options."""
    command, path = OURS, "oncommons"
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, f"{path} has no command {words[0]}"
        path = f"{path} {words[0]}"
        command, words = command.commands[words[0]], words[1:]
    asked = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
    if hasattr(command, "commands"):
        assert asked, f"{path} needs a command"
    known = {"--help", *(name for parameter in command.params for name in parameter.opts)}
    assert asked <= known, f"{path} has no {', '.join(asked - known)}"


CHECKS = {
    "bash": check_bash,
    "console": check_console,
    "json": check_json,
    "python": check_python,
    "toml": check_toml,
}


def check(text):
    """Check every block of a page; the Python blocks share their names."""
    names = {"__name__": "page"}
    blocks = blocks_of(text)
    assert len(re.findall(r"^ *```", text, re.MULTILINE)) == 2 * len(blocks), "a block that does not end"
    for block in blocks:
        assert block.language, "a block without a language"
        if not block.reason:
            assert block.language in CHECKS, f"a block of {block.language} says why it does not run"
            CHECKS[block.language](block.body, names)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_blocks_of_the_page_hold(page):
    check(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "```\nx\n```",
        "```python\nx = 1\n",
        "```text\nx\n```",
        "```python\nassert False\n```",
        '```json\n{"count": }\n```',
        "```toml\nx =\n```",
        "```bash\nrm -rf x\n```",
        "```bash\noncommons hub dance\n```",
        "```bash\noncommons hub\n```",
        "```bash\noncommons hub nodes --loud\n```",
        "```bash\npython x.py && oncommons hub dance\n```",
        "```console\nno prompt\n```",
        "1. In a list:\n\n   ```python\n   assert False\n   ```",
    ],
)
def test_a_bad_block_is_seen(text):
    with pytest.raises((AssertionError, ValueError)):
        check(text)


def test_a_question_that_cannot_be_asked_is_seen():
    with pytest.raises(UnknownField):
        check('```json\n{"count": "horse"}\n```')


@pytest.mark.parametrize(
    "text",
    [
        '```python runs="needs a hub, see tests/stories"\nassert False\n```',
        '```text runs="a picture"\nx\n```',
        "```python\nx = 1\n```\n\n```python\nassert x == 1\n```",
        '```json\n{"count": "person"}\n```',
        "```bash\npython -m pip install '.[demo]' && oncommons demo\n```",
        "```bash\noncommons --version\n```",
        "```bash\n# a comment\noncommons ask question.json \\\n  --json\n```",
        "```console\n$ oncommons hub nodes\ngraz online\n```",
    ],
)
def test_a_good_block_passes(text):
    check(text)
