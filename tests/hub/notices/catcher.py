"""A mail server of a test's own that keeps what it takes, and misbehaves as it is told (RFC 5321)."""

from __future__ import annotations

import base64
import socketserver
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from threading import Thread

import trustme

AUTHORITY = trustme.CA()


@dataclass
class Caught:
    """What a mail server took, and how it behaves.

    Attributes:
        port: Where it listens.
        security: As the hub's setting.
        name: What its certificate says.
        refuse: Word of a client, such as ``RCPT``, to the answer in place of yes; ``DROP`` hangs up.
        envelopes: Sender and recipients of what came.
        raw: What came, as it came.
        people: Who may sign in, with their passwords; nobody need where there is none.
    """

    port: int = 0
    security: str = "none"
    name: str = "localhost"
    refuse: dict = field(default_factory=dict)
    envelopes: list = field(default_factory=list)
    raw: list = field(default_factory=list)
    people: dict = field(default_factory=dict)
    signed_in: list = field(default_factory=list)

    @property
    def messages(self):
        return [message_from_bytes(one, policy=policy.default) for one in self.raw]


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    timeout = 5

    def handle(self):
        self.caught = self.server.caught
        self.over_tls = False
        try:
            if self.caught.security == "tls":
                self._tls()
            self.say("220 catcher")
            while self._step():
                pass
        except (OSError, ssl.SSLError):
            pass  # the client has hung up, or did not trust us

    def _step(self):
        line = self.rfile.readline().decode().rstrip("\r\n")
        word = line.partition(" ")[0].upper()
        if not line or self.caught.refuse.get(word) == "DROP":
            return False
        if word in self.caught.refuse:
            self.say(self.caught.refuse[word])
            return True
        return getattr(self, f"do_{word.lower()}", self._no)(line)

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())
        return True

    def _no(self, line):
        return self.say("502 not known")

    def _tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        AUTHORITY.issue_cert(self.caught.name).configure_cert(context)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.setup_files()

    def setup_files(self):
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.over_tls = True

    def finish(self):
        super().finish()
        self.connection.close()

    def do_ehlo(self, line):
        offers = ["catcher", "8BITMIME"]
        offers += ["STARTTLS"] if self.caught.security == "starttls" and not self.over_tls else []
        offers += ["AUTH PLAIN"] if self.caught.people else []
        for one in offers[:-1]:
            self.say(f"250-{one}")
        return self.say(f"250 {offers[-1]}")

    def do_starttls(self, line):
        self.say("220 go on")
        self._tls()
        return True

    def do_auth(self, line):
        _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
        if not self.over_tls or self.caught.people.get(user) != password:
            return self.say("535 no")
        self.caught.signed_in.append(user)
        return self.say("235 yes")

    def do_mail(self, line):
        self.envelope = [line.partition("<")[2].partition(">")[0]]
        return self.say("250 yes")

    def do_rcpt(self, line):
        self.envelope.append(line.partition("<")[2].partition(">")[0])
        return self.say("250 yes")

    def do_data(self, line):
        self.say("354 go on")
        lines = []
        while (one := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(one.removeprefix(b"."))
            if self.caught.refuse.get("BODY") == "DROP":
                return False
        if "BODY" in self.caught.refuse:
            return self.say(self.caught.refuse["BODY"])
        self.caught.envelopes.append(tuple(self.envelope))
        self.caught.raw.append(b"".join(lines))
        if self.caught.refuse.get("END") == "DROP":
            return False  # it has the e-mail, and the client does not hear of it
        return self.say("250 taken")

    def do_rset(self, line):
        return self.say("250 yes")

    def do_quit(self, line):
        self.say("221 bye")
        return False


class Server(socketserver.ThreadingTCPServer):
    """Listens in a thread."""

    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def catching(security="none", name="localhost", **refuse):
    """A mail server for the length of a test."""
    caught = Caught(security=security, name=name, refuse=refuse)
    with Server(("127.0.0.1", 0), Talk) as server:
        server.caught, caught.port = caught, server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield caught
        finally:
            server.shutdown()
            thread.join()
