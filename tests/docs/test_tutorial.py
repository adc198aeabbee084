"""The tutorial's commands are run, and print what the tutorial shows, but for numbers, codes and addresses."""

import io
import re
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.docs.test_code_blocks import blocks_of
from tests.stories.federation import PATIENCE, free_port, until

from oncommons.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "tutorial-first-federation.md"
ADDRESS = "http://127.0.0.1:8642"
CODE = r"[0-9a-f]{32}\.[\w-]{16}"


def shape(text):
    """What is left of a text without numbers, codes and the width of columns."""
    plain = re.sub(CODE, "CODE", text)
    plain = re.sub(r"\d[\d,.]*", "N", plain.replace(ADDRESS, "URL"))
    return [" ".join(line.split()) for line in plain.splitlines() if line.strip()]


def steps():
    """Commands of the console blocks, each with what the page shows below it."""
    for block in blocks_of(PAGE.read_text("utf-8")):
        if block.language == "json":
            yield "save", block.body
        for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:] if block.language == "console" else ():
            command, _, shown = part.partition("\n")
            yield command, shown


class Terminal:
    """Runs the commands of the page at another port, with codes that this hub has made."""

    def __init__(self, patch, running):
        self.patch, self.running = patch, running
        self.url = f"http://127.0.0.1:{free_port()}"
        patch.setenv("ONCOMMONS_HUB_URL", self.url)
        self.codes, self.asked = [], 0

    def type(self, command):
        """What a command prints; those that serve go on in the background."""
        words = shlex.split(command)
        if words[0] == "mkdir":
            Path(words[1]).mkdir()
            return ""
        if words[0] == "cd":
            self.patch.chdir(words[1])
            return ""
        words = [self._own(word) for word in words]
        if "serve" in words:
            port = ["--port", self.url.rpartition(":")[2]] if words[1] == "hub" else []
            return self.running.enter_context(serving([*words, *port])).replace(self.url, ADDRESS)
        said = run(words[1:])
        self.codes += re.findall(CODE, said) if "invite" in words else []
        return said.replace(self.url, ADDRESS)

    def _own(self, word):
        """This hub's address and the codes that it has made, in the order in which they are used."""
        if re.fullmatch(CODE, word):
            self.asked += 1
            return self.codes[self.asked - 1]
        return self.url if word == ADDRESS else word


def run(words):
    """What a command prints; it is run in this process, which saves the second that a new one takes to start."""
    said, aside = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(aside), pytest.raises(SystemExit) as ended:
        main(words)
    assert not ended.value.code, aside.getvalue()
    return said.getvalue()


@contextmanager
def serving(words):
    """A serving command; gives its first line."""
    line = [sys.executable, "-m", *words]
    with Path("log").open("a") as log:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=log, text=True)
    with process:
        try:
            yield process.stdout.readline()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.mark.skipif(find_spec("idc_index_data") is None, reason="the extra demo is not installed")
def test_the_commands_of_the_tutorial_print_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ExitStack() as running:
        terminal = Terminal(monkeypatch, running)
        for command, shown in steps():
            if command == "save":
                Path("question.json").write_text(shown, encoding="utf-8")
            elif command.endswith("hub nodes"):
                until(lambda: shape(terminal.type("oncommons hub nodes")) == shape(shown), "the nodes to be online")  # noqa: B023
            else:
                assert shape(terminal.type(command)) == shape(shown), command
        assert terminal.asked == 2


def test_shapes_tell_words_apart_and_not_numbers():
    code = "5c2cb8a23bc7993d026ff34fe00c2a5d.tA9TP8xUnQLbiEVK"
    assert shape(f"join {ADDRESS} {code}\n\n  1,234 series  in 3 ms.\n") == ["join URL CODE", "N series in N ms."]
    assert shape("8 series") != shape("8 people")
