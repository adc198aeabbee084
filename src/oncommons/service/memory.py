"""Memory of a process that serves for long."""

from __future__ import annotations

import atexit
import gc


def keep_startup() -> None:
    """Take what start-up made out of the garbage collector's sight; it lives as long as the process.

    Without this, every full collection looks through all modules again, which stops a hub for 70 ms.  It is shown again
    at the end of the process, so that libraries find their own things gone, and do not complain of leaks.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
