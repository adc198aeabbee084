"""A real federation for a story: processes of the command line, small real data, ports of their own."""

import contextlib
import io
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.stories.nursery import Copy

from oncommons.cli import main
from oncommons.client.connection import Connection, connect
from oncommons.client.link import NodeLink
from oncommons.client.transport import Transport
from oncommons.node.home import open_home
from oncommons.storage.keys import load_key

PATIENCE = 60
COLLECTIONS = {"athens": "lctsc", "bologna": "prostate_diagnosis", "cork": "soft_tissue_sarcoma"}
"""Three small collections of the IDC index; one a node."""
PEOPLE = {"athens": 60, "bologna": 92, "cork": 51}
"""Patients of the three collections, as the index lists them; all have a CT or an MR."""
MEN_AND_WOMEN = {"count": "person", "where": {"some": "series", "where": {"field": "modality", "in": ["CT", "MR"]}}}


def command(*words, check=True, env=None):
    """Run a command to its end; its JSON. It is a process of its own where its surroundings or its failure matter."""
    if check and env is None:
        return within(*words)
    done = subprocess.run(
        [sys.executable, "-m", "oncommons", *words, "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        env={**os.environ, **(env or {})},
    )
    if check:
        assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def within(*words):
    """Run a command in this process, which saves the second that a new one takes to start."""
    said, aside, code = io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(aside):
        try:
            main([*words, "--json"])
        except SystemExit as ended:
            code = ended.code
    assert not code, aside.getvalue() + said.getvalue()
    return json.loads(said.getvalue())


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def until(true, what):
    """Look every tenth of a second until it is true; fail after a minute."""
    for _ in range(PATIENCE * 10):
        with contextlib.suppress(Exception):
            if found := true():
                return found
        time.sleep(0.1)
    raise AssertionError(f"waited a minute for {what}")


@dataclass
class Process:
    """A serving command; what it says on standard error is kept in a file.

    Attributes:
        env: Beside that of the tests.
        copied: Whether it begins as a copy of the nursery, where nobody looks at how it begins.
        before: What a copy does before all else, where it is to be another than people have; a function of a module.
    """

    words: tuple
    log: Path
    env: dict = field(default_factory=dict)
    running: subprocess.Popen | Copy | None = None
    copied: bool = False
    before: Callable[[], None] | None = None

    def start(self):
        """Start, and wait for the line that says it is ready."""
        words = [*self.words, "--json"]
        copied = self.copied and not self.env
        self.running = Copy(words, self.log, self.before) if copied else self._anew(words)
        line = self.running.stdout.readline()
        assert line, self.log.read_text()
        return json.loads(line)

    def _anew(self, words):
        """It begins with nothing, as people start it."""
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "oncommons", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self.env},
            )

    def kill(self):
        """As a power cut would."""
        self.send(signal.SIGKILL)
        self.running.wait()
        self.running.stdout.close()

    def send(self, what):
        self.running.send_signal(what)

    @property
    def lives(self):
        return self.running is not None and self.running.poll() is None

    def stop(self):
        if self.lives:
            self.send(signal.SIGCONT)
            self.running.terminate()
            try:
                self.running.wait(15)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()
        if self.running is not None and not self.running.stdout.closed:
            self.running.stdout.close()


class Federation:
    """One hub and some nodes."""

    def __init__(self, folder, options=(), scheme="http", port=0):
        self.folder = folder
        self.port = port or free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.hub_folder = str(folder / "hub")
        words = ("hub", "serve", "--dir", self.hub_folder, "--port", str(self.port), *options)
        self.hub = Process(words, folder / "hub.log", copied=True)
        self.nodes: dict[str, Process] = {}

    def add(self, name, *options, collection=None, env=None):
        """A node, from init to import."""
        folder = str(self.folder / name)
        command("node", "init", folder, "--policy", "open")
        code = command("hub", "invite", name, "--dir", self.hub_folder)["code"]
        command("node", "join", self.url, code, "--dir", folder, *options, env=env)
        command("node", "import", "idc", "--collection", collection or COLLECTIONS[name], "--dir", folder)
        return self.take_in(name, env)

    def take_in(self, name, env=None):
        """A node whose directory is ready."""
        words = ("node", "serve", "--dir", str(self.folder / name))
        self.nodes[name] = Process(words, self.folder / f"{name}.log", env or {}, copied=True)
        return self.nodes[name]

    def connect(self, ca="") -> Connection:
        return connect(self.url, ca)

    def ask(self, question=None, deadline=10, ca=""):
        """Ask as a researcher does; the connection is closed again."""
        with self.connect(ca) as hub:
            return hub.ask(question or MEN_AND_WOMEN, deadline)

    def call(self, job, deadline):
        """Ask under an id of one's own, as a client does that may ask again; what the hub sends back."""
        params = {"id": job, "deadline": deadline}
        with self.connect() as hub:
            return hub.transport.call("POST", "/api/questions", body=dict(MEN_AND_WOMEN), params=params, timeout=60)

    def look(self, job):
        """A question asked before."""
        with self.connect() as hub:
            return hub.look(job)

    def await_work(self, node, *states):
        """Wait until the question that the hub has last is in one of these states for a node."""
        query = (
            "SELECT state FROM work JOIN job ON job.id = work.job WHERE recipient = ? AND deadline > ? "
            "ORDER BY made DESC LIMIT 1"
        )

        def is_there():
            with contextlib.closing(sqlite3.connect(f"file:{self.hub_folder}/hub.sqlite?mode=ro", uri=True)) as hub:
                (state,) = hub.execute(query, [node, time.time()]).fetchone()
                return state in states

        until(is_there, f"the question to be {' or '.join(states)} for {node}")

    def await_online(self, *names):
        wanted = set(names or self.nodes)
        with self.connect() as hub:
            until(
                lambda: wanted <= {n.name for n in hub.nodes() if n.presence == "online" and n.datasets},
                f"{wanted} online",
            )

    def stop(self):
        for node in self.nodes.values():
            node.stop()
        self.hub.stop()


def status_of(answer):
    """Node to status, and its reason."""
    return {node.node: node.status for node in answer.nodes}


def numbers(answer):
    """Node to how many there certainly are, of those that answered."""
    return {n.node: n.certain.at_least for n in answer.included}


def in_background(action):
    """Run in a thread; call the result to wait for what it gave."""
    given = []
    thread = threading.Thread(target=lambda: given.append(action()))
    thread.start()

    def wait():
        thread.join()
        return given[0]

    return wait


@contextlib.contextmanager
def link_of(federation, name):
    """A second hand on a node's link, with the node's own key."""
    home = open_home(federation.folder / name)
    member = home.joined()
    with contextlib.closing(Transport(member.url)) as transport:
        yield NodeLink(transport, member.name, load_key(home.key_file), member.issuer)
