"""Packages with analyses, written into a folder as installers do."""

import os
import subprocess
import sys

HEAD = """
import numpy as np
from oncommons.algorithms.pair import Analysis, Basis, Partial, Result, Role, Unanswerable, added

def combine(settings, state, partials):
    if not added(partials, "people"):
        raise Unanswerable("Nobody is left.")
    return Result({"mean": float(added(partials, "sum") / added(partials, "people"))})

def told(table, settings):
    values = table.complete(settings["outcome"]).columns[settings["outcome"]]
    return Partial({"people": len(values), "sum": float(values.sum())}, Basis(len(values)))

def made(name, local, combine=combine):
    roles = (Role("outcome", frozenset({"number"}), "The number."),)
    return Analysis(name, 1, "Mean", "The mean.", "Student 1908", roles, (), True, local, combine)
"""
GOOD = "\ndef local(table, settings, state, least):\n    return told(table, settings)\n"
BAD = {
    "reads": ("", "    open('/etc/hostname').close()"),
    "asks": ("import socket", "    socket.socket().close()"),
    "starts": ("import subprocess", "    subprocess.run(['true'])"),
    "hides": ("", "    try:\n        open('/etc/hostname').close()\n    except Exception:\n        pass"),
    "clock": ("import time", "    time.time()"),
    "keeps": ("N = 0", "    global N\n    N += 1"),
}
"""Name to a line of its module, and what its local half does first."""
HASHED = """
def local(table, settings, state, least):
    part = told(table, settings)
    return Partial({**part.found, 'more': float(hash('a') % 997)}, part.basis)
"""


def install(folder, **modules):
    """Write a distribution ``mean`` with a module for each analysis, whose text follows the head."""
    for name, body in modules.items():
        (folder / f"own_{name}.py").write_text(f"{HEAD}{body}\nMINE = made({name!r}, local)\n")
    info = folder / "mean-1.0.dist-info"
    info.mkdir(exist_ok=True)
    points = "\n".join(f"{name} = own_{name}:MINE" for name in modules)
    (info / "entry_points.txt").write_text(f"[oncommons.analyses]\n{points}\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mean\nVersion: 1.0\n")
    return folder


def body_of(first, then):
    """A module whose local half does something before it tells."""
    return f"{first}\ndef local(table, settings, state, least):\n{then}\n    return told(table, settings)\n"


def python(folder, code, *words):
    """Run code where the packages of a folder are installed."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
