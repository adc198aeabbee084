"""Logs of a running server: one line an event on standard error; private details stay here."""

from __future__ import annotations

import logging
import sys


def start_logs(*, verbose: bool = False) -> None:
    """Send our log to standard error; ``verbose`` adds every request."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    ours = logging.getLogger("oncommons")
    ours.handlers[:] = [handler]
    ours.setLevel(logging.DEBUG if verbose else logging.INFO)
    ours.propagate = False
