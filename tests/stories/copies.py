"""Commands in processes that are copies of one that has loaded the program already, which takes a new one a second.

What a command is given, says and leaves is as in a process of its own, which it has: arguments, environment, directory,
output, signals, exit status. That it starts from nothing is tested in ``hub/test_commands`` and ``node/test_serve_commands``.
"""

import atexit
import contextlib
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

LOADED = ("cli", "client.inside", "hub.commands", "node.commands", "web.app")
"""Modules of oncommons that serving commands bring in."""
MOST = 1 << 17
"""Bytes of arguments and environment."""
_TURN = threading.Lock()


class Copy:
    """A running command; as much of ``subprocess.Popen`` as stories use."""

    def __init__(self, words, log, env):
        stdout, given = os.pipe()
        ended, tells = os.pipe()
        message = json.dumps({"words": words, "env": env, "folder": str(Path.cwd())}).encode()
        try:
            with _TURN:
                socket.send_fds(_model(), [message], [given, log.fileno(), tells])
        finally:
            os.close(given)
            os.close(tells)
        self.stdout = os.fdopen(stdout, encoding="utf-8")
        self._ended = os.fdopen(ended, encoding="ascii")
        self.pid, self.returncode = int(self._ended.readline()), None

    def poll(self):
        return self._look(0)

    def wait(self, timeout=None):
        if self._look(timeout) is None:
            raise subprocess.TimeoutExpired("oncommons", timeout)
        return self.returncode

    def send_signal(self, what):
        if self.poll() is None:
            os.kill(self.pid, what)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout):
        if self.returncode is None and select.select([self._ended], [], [], timeout)[0]:
            self.returncode = int(self._ended.read())
            self._ended.close()
        return self.returncode


@cache
def _model():
    """Start the process that is copied; it ends when this one does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        model = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )

    @atexit.register
    def end():
        ours.close()
        model.wait(20)

    return ours


def copying(asked):
    """Copy this process for each command that is asked for; returns in the copy, with the command's words."""
    for name in LOADED:
        importlib.import_module(f"oncommons.{name}")
    for what in (signal.SIGINT, signal.SIGTERM):
        signal.signal(what, signal.SIG_IGN)
    while True:
        message, given, *_ = socket.recv_fds(asked, MOST, 3)
        if not message:
            while True:  # until no command is left, so that what they took is counted
                try:
                    os.wait()
                except ChildProcessError:
                    os._exit(0)
        if os.fork() == 0:
            asked.close()
            return _begun(json.loads(message), *given)
        for file in given:
            os.close(file)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _begun(command, stdout, log, tells):
    """Watch over another copy, and tell its number and its end; returns in that one."""
    child = os.fork()
    if child:
        os.close(stdout)
        os.close(log)
        os.write(tells, f"{child}\n".encode())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(tells, str(status).encode())
        os._exit(0)
    os.close(tells)
    for file, place in ((stdout, 1), (log, 2)):
        os.dup2(file, place)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["folder"])
    return command["words"]


if __name__ == "__main__":
    words = copying(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["oncommons", *words]
    importlib.import_module("oncommons.cli").main(words)
