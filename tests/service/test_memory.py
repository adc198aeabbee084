"""What start-up made is left alone by the garbage collector; what comes later is not."""

import gc
import subprocess
import sys
import weakref

import pytest

from oncommons.service.memory import keep_startup


class Ring:
    def __init__(self):
        self.me = self


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_only_what_was_there_before_is_kept():
    early = weakref.ref(Ring())
    held = Ring()
    kept = weakref.ref(held)
    keep_startup()
    late = weakref.ref(Ring())
    del held
    gc.collect()
    assert (early(), late()) == (None, None)
    assert kept() is not None
    assert gc.get_freeze_count() > 1000


def test_libraries_do_not_complain_of_leaks_at_the_end():
    program = "import duckdb; from oncommons.service.memory import keep_startup; keep_startup()"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stderr == ""
