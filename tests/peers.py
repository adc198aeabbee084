"""Programs of others that tests speak with: dcmtk and Orthanc, as Debian packs them."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest


@cache
def _found(name, mark):
    """A program whose ``--version`` holds a mark; pynetdicom installs others under the same names as dcmtk."""
    for folder in [*os.get_exec_path(), "/usr/bin", "/usr/sbin"]:
        path = Path(folder, name)
        if os.access(path, os.X_OK):
            told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            if mark in told.stdout:
                return path
    return None


def dcmtk(name):
    """Path of a program of dcmtk; the test is skipped where it is missing."""
    path = _found(name, "$dcmtk")
    if path is None:
        pytest.skip(f"{name} of dcmtk is not here: apt-get install dcmtk")
    return path


def run_dcmtk(name, *words, check=True):
    """What a program of dcmtk says, both channels in one."""
    done = subprocess.run(
        [dcmtk(name), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    said = done.stdout.decode(errors="replace")
    assert not check or done.returncode == 0, said
    return said
