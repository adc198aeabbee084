"""Serving processes that begin as copies of one in which the modules of hubs and nodes are imported already.

Each is a process of its own, with its own number, signals and end.  What it saves is to import the same modules again, which
takes a hub a second: stories start dozens of them.  That the command line starts from nothing is shown where a demonstration
is run as a person runs it, and where a process has an environment of its own.
"""

import os
import signal
import subprocess
from multiprocessing import get_context

from oncommons.cli import main

_ROOM = get_context("forkserver")
_ROOM.set_forkserver_preload(["tests.stories.imported", __name__])


class Copy:
    """A command as a copy; it is spoken to as :class:`subprocess.Popen` is.

    Attributes:
        stdout: What it prints, as text.
        pid: Its number.
    """

    def __init__(self, words, stderr, before=None):
        """Start it, in the environment of the tests.

        Args:
            words: Those of the command line.
            stderr: Path of the file to which it adds what it says on standard error.
            before: Called in it before all else.
        """
        told, tells = _ROOM.Pipe(duplex=False)
        self._process = _ROOM.Process(target=_run, args=(words, tells, str(stderr), dict(os.environ), before))
        self._process.start()
        tells.close()
        self.stdout = os.fdopen(os.dup(told.fileno()), encoding="utf-8")
        told.close()
        self.pid = self._process.pid

    def poll(self):
        """How it has ended; None while it lives."""
        return self._process.exitcode

    def wait(self, timeout=None):
        """How it ends."""
        self._process.join(timeout)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout)
        return self.poll()

    def send_signal(self, what):
        if self.poll() is None:
            os.kill(self.pid, what)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def _run(words, tells, stderr, env, before):
    """In the copy: the command, with the output and the environment that it is to have."""
    os.environ.clear()
    os.environ.update(env)
    os.dup2(tells.fileno(), 1)
    tells.close()
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    if before:
        before()
    main(words)
