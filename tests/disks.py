"""A small disk, for tests of what happens when it is full."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(mebibytes: int) -> Iterator[Path]:
    """A folder on a disk of its own; the test is skipped where none can be made."""
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    line = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(folder)]
    if subprocess.run(line, check=False, capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()
