"""What all tests share."""

import gc
import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from oncommons.cli import main

# How long something takes is shown in benchmarks/.  A gate draws the same cases each time; who looks for new ones says so.
settings.register_profile("oncommons", deadline=None, derandomize="ONCOMMONS_EXPLORE" not in os.environ)
settings.load_profile("oncommons")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell; what we start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONG = (
    "use/",
    "stories/",
    "demo/",
    "odd/test_bounds",
    "web/test_browser",
    "web/test_console_browser",
    "web/test_viewer",
)
"""Files whose tests take longest.  They come first, so that nobody waits for one of them at the end."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes longest; the rest stays in the order, by chance, that it has."""
    here = Path(__file__).parent
    items.sort(key=lambda item: not item.path.relative_to(here).as_posix().startswith(LONG))


def pytest_collection_finish():
    """Tests that were collected stay to the end; the garbage collector need not walk through them again and again."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish():
    """What is collected when Python ends is collected again."""
    gc.unfreeze()


@pytest.fixture
def oncommons(capsys):
    """Runs a command; gives its exit status, what it printed and what it said on standard error."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        return ended.value.code, *capsys.readouterr()

    return run
