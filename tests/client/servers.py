"""Servers on this machine for the client to call: HTTPS with a certificate of one's own, and a proxy."""

import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Recorder(ThreadingHTTPServer):
    """Answers every request with one text; ``asked`` keeps method and path, ``named`` what callers of a proxy prove."""

    def __init__(self, content=b'{"ok": true}', status=200):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content, self.status, self.asked, self.named = content, status, [], []

    def handle_error(self, *_):
        """A caller that does not trust the certificate hangs up; that is no news."""


class _Handler(BaseHTTPRequestHandler):
    def _serve(self):
        self.server.asked.append((self.command, self.path))
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(self.server.status)
        self.send_header("content-length", str(len(self.server.content)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(self.server.content)

    do_GET = do_POST = _serve  # noqa: N815  names that the standard library asks for

    def do_CONNECT(self):
        """As a proxy: pass bytes on to ``server.target``, whatever machine was named."""
        self.server.asked.append((self.command, self.path))
        self.server.named.append(self.headers.get("proxy-authorization"))
        if self.server.target is None:
            self.send_error(403)
            return
        with socket.create_connection(self.server.target) as target:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pass_on, args=(target, self.connection))
            back.start()
            _pass_on(self.connection, target)
            back.join()

    def log_message(self, *_):
        pass


def _pass_on(source, sink):
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def serving(server):
    """Run a server in a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def https(authority, name):
    """A server whose certificate an authority of one's own signed for a name."""
    server = Recorder()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server


@contextmanager
def proxy(target):
    """A proxy that connects everybody to one address, or refuses when there is none."""
    server = Recorder()
    server.target = target
    with serving(server):
        yield server
