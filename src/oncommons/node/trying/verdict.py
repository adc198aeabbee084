"""Whether an analysis passes: it is tried in two processes with different orders of what has none, which must agree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from oncommons.algorithms.conformance.checks import Fault
from oncommons.schema.errors_of_analyses import NotConforming

SECONDS = 900.0
"""How long an analysis is tried."""
_CHILD = "oncommons.node.trying.child"


def verdicts(names: Sequence[str]) -> dict[str, tuple[Fault, ...]]:
    """What is wrong with each of some analyses that are installed; nothing with those that pass.

    Args:
        names: Their names.

    Raises:
        NotConforming: one ends the process in which it is tried, or takes too long.
    """
    if not names:
        return {}
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(_told, (names, ["--bits", *names]), ("1", "2"))
    found = {}
    for name in names:
        faults = [Fault(check, why) for check, why in first[name]["faults"]]
        if first[name]["digest"] != second[name]["digest"]:
            faults.append(Fault("processes", "in another process the same rows give other bits"))
        found[name] = tuple(faults)
    return found


def see(names: Sequence[str]) -> None:
    """See that analyses pass.

    Args:
        names: Their names.

    Raises:
        NotConforming: one does not; the message says what is wrong.
    """
    for name, faults in verdicts(names).items():
        if faults:
            told = "; ".join(f"{one.check}: {one.why}" for one in faults)
            raise NotConforming(f"{name} does not pass the checks of analyses, and is not admitted. {told}.")


def _told(words: Sequence[str], seed: str) -> Mapping[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", _CHILD, *words]
    try:
        done = subprocess.run(  # noqa: S603  our own module, and names of analyses that are installed
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        found: Mapping[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as fault:
        told = f"{', '.join(words[-1:])} cannot be tried: it ends the process, prints, or takes more than {SECONDS / 60:.0f} minutes."
        raise NotConforming(told, detail=getattr(fault, "stderr", None) or repr(fault)) from fault
    return found
