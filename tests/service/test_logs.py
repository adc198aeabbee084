"""Where our log goes."""

import logging
import re

import pytest

from oncommons.service.logs import start_logs


@pytest.fixture(autouse=True)
def as_before():
    """Our log as it was before the test."""
    ours = logging.getLogger("oncommons")
    before = ours.handlers[:], ours.level, ours.propagate
    yield
    ours.handlers[:], ours.propagate = before[0], before[2]
    ours.setLevel(before[1])


def test_a_line_says_when_how_grave_where_and_what(capsys):
    start_logs()
    logging.getLogger("oncommons.http").warning("E401 %s", "full")
    said = capsys.readouterr()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING oncommons\.http E401 full\n", said.err)
    assert said.out == ""


def test_started_twice_it_says_everything_once(capsys):
    start_logs()
    start_logs()
    logging.getLogger("oncommons").info("once")
    assert capsys.readouterr().err.count("once") == 1


@pytest.mark.parametrize("verbose", [False, True])
def test_only_a_verbose_log_tells_details(capsys, verbose):
    start_logs(verbose=verbose)
    logging.getLogger("oncommons.hub").debug("a request")
    assert ("a request" in capsys.readouterr().err) is verbose


def test_the_logs_of_others_are_left_alone(capsys):
    start_logs(verbose=True)
    logging.getLogger("another").debug("theirs")
    assert "theirs" not in capsys.readouterr().err


def test_our_log_is_not_said_again_by_the_root(caplog):
    start_logs()
    logging.getLogger("oncommons").warning("ours")
    assert caplog.records == []
