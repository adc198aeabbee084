"""What a person at a terminal sees of a command at work, and what others do not."""

import io
import sys

import pytest

from oncommons.node.progress import advancing, working


class Screen(io.StringIO):
    """Errors of a command that is run at a terminal."""

    def isatty(self):
        return True


@pytest.fixture
def look(monkeypatch):
    """Sits down at a terminal; to be called in the test, since pytest takes the errors for itself before it."""

    def sit_down():
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stderr", Screen())
        return sys.stderr

    return sit_down


@pytest.mark.parametrize("total", [3, None])
def test_a_person_sees_how_many_are_done(look, total):
    screen = look()
    with advancing("Importing [a] folder", lambda: total) as advance:
        for _ in range(3):
            advance()
    assert "Importing [a] folder" in screen.getvalue()
    assert "3/3" in screen.getvalue() or total is None


def test_nothing_is_drawn_before_the_first_is_done(look):
    screen = look()
    with advancing("Importing", lambda: 3):
        assert screen.getvalue() == ""


def test_a_person_sees_that_something_is_done(look):
    screen = look()
    with working("Reading …"):
        pass
    assert "Reading" in screen.getvalue()


def test_programs_see_nothing(capsys):
    with advancing("Importing", lambda: pytest.fail("nobody looks")) as advance, working("Reading"):
        advance()
    assert capsys.readouterr().err == ""
