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
COPYING = ("corpus/", "use/", "node/test_intake", "node/test_workers", "node/test_image_commands", "node/test_flow")
"""Files whose tests import images with several processes.  These are copies of the process of the test, which must have no
other threads then, as an import has none: so they come before tests that leave threads of hubs behind."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what copies its process, then with what takes longest; the rest stays in the order that it has."""
    here = Path(__file__).parent

    def turn(item):
        path = item.path.relative_to(here).as_posix()
        return 0 if path.startswith(COPYING) else 1 if path.startswith(LONG) else 2

    items.sort(key=turn)


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
