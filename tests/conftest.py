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

gc.disable()  # until all tests are collected: what is imported stays, and to walk through it takes a third of the time
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell; what we start would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONG = (
    "attacks/",
    "demo/",
    "hub/decisions/test_docket",
    "hub/test_guessing",
    "hub/test_odd_calls",
    "hub/test_schemathesis",
    "node/index/test_leaving",
    "node/share/test_behind",
    "node/test_checking",
    "node/test_pacs",
    "odd/",
    "stories/",
    "use/",
    "web/test_browser",
    "web/test_console_browser",
    "web/test_quality_pages",
    "web/test_scripts",
    "web/test_viewer",
)
"""Files whose tests take longest.  They come first, so that nobody waits for one of them at the end."""
COPYING = ("corpus/", "use/", "node/test_intake", "node/test_workers", "node/test_image_commands", "node/test_flow")
"""Files whose tests import images with several processes.  These are copies of the process of the test, which must have no
other threads then, as an import has none: so they come before tests that leave threads of hubs behind."""

SELDOM = (10_000, 10, 20)
"""When the garbage collector walks through what is young, less young, and all: what hubs and nodes of tests are made of is
gone before the last, which comes once two million objects were made."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what copies its process, then with what takes longest; the rest stays in the order that it has."""
    here = Path(__file__).parent

    def turn(item):
        path = item.path.relative_to(here).as_posix()
        return 0 if path.startswith(COPYING) else 1 if path.startswith(LONG) else 2

    items.sort(key=turn)


def pytest_collection_finish():
    """Have the garbage collector walk again, though not through the tests."""
    _settle()
    gc.set_threshold(*SELDOM)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """When the last test of a file has let go of all, look after what is left: an import collects garbage, and would walk
    through it each time."""
    known = yield
    if (nextitem is None or nextitem.path != item.path) and any(gc.get_count()[1:]):
        _settle()  # unless little is left: after a collection the first count begins anew
    return known


def _settle():
    """What is here now stays to the end; the garbage collector need not walk through it again and again."""
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
