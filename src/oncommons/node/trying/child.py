"""A process that tries analyses under watch, and tells what it found as JSON: ``python -m oncommons.node.trying.child NAME``.

What opens a file, a socket or a process while they run is stopped and told; a hook of the interpreter cannot be taken off
(PEP 578).
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from oncommons.algorithms.conformance.checks import digest, faults
from oncommons.algorithms.conformance.federating import Broken
from oncommons.algorithms.pair import Analysis
from oncommons.node.trying.reading import read
from oncommons.service.analyses import analyses

WORLD = (
    "ctypes.", "fcntl.", "ftplib.", "glob.", "http.", "imaplib.", "mmap.", "open", "os.", "pathlib.", "pty.", "shutil.",
    "signal.", "smtplib.", "socket.", "sqlite3.", "subprocess.", "syslog.", "tempfile.", "time.sleep", "urllib.", "webbrowser.",
)  # fmt: skip
"""Events that the interpreter tells of when a program leaves what it was given (Python library reference, Audit events)."""


BITS = "--bits"


class Opened(RuntimeError):
    """An analysis has opened something."""


@dataclass
class Watch:
    """What is told of by the interpreter while an analysis runs.

    Attributes:
        on: Whether one runs.
        seen: What was opened.
    """

    on: bool = False
    seen: list[str] = field(default_factory=list)

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:
        """Stop what is not importing a module."""
        if self.on and event.startswith(WORLD) and not _importing(sys._getframe(1)):  # noqa: SLF001  no other way to the caller
            self.seen.append(f"{event} {told[0] if told else ''}".strip()[:200])
            raise Opened(self.seen[-1])


def tried(analysis: Analysis, watch: Watch, *, bits_only: bool = False) -> dict[str, Any]:
    """What is wrong with an analysis, and a digest of all that came of it.

    Args:
        analysis: The analysis.
        watch: What sees whether it opens anything.
        bits_only: Only the digest is wanted.
    """
    found = [("read", one) for one in read(analysis)][:1]
    watch.on, watch.seen = True, []
    try:
        found += [] if bits_only else [(one.check, one.why) for one in faults(analysis)]
        bits = digest(analysis)
    except Broken as fault:
        bits = str(fault)
    finally:
        watch.on = False
    if watch.seen:
        found.append(("quiet", f"it opens something: {watch.seen[0]}"))
    return {"faults": found, "digest": bits}


def main(words: Sequence[str]) -> None:
    """Try analyses by their names, and print what was found.

    Args:
        words: ``--bits``, where only digests are wanted; then the names.
    """
    names = [word for word in words if word != BITS]
    warnings.simplefilter("ignore")
    known, watch = analyses(), Watch()
    sys.addaudithook(watch)
    sys.stdout.write(json.dumps({name: tried(known[name], watch, bits_only=BITS in words) for name in names}))


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    main(sys.argv[1:])
