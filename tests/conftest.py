"""What all tests share."""

import signal

import pytest

from oncommons.cli import main

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell; what we start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def oncommons(capsys):
    """Runs a command; gives its exit status, what it printed and what it said on standard error."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        return ended.value.code, *capsys.readouterr()

    return run
