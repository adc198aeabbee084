"""A hub that does what a test tells it to, over real HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc.jwk import OKPKey

from oncommons.schema.errors import NodeRevoked
from oncommons.schema.federation import Invitation, pin_of
from oncommons.service.identity import Issuer


class FakeHub:
    """Hands out prepared work, keeps what it is sent, and revokes the node when there is nothing left to do.

    Attributes:
        issuer: Its signing side.
        work: Lists of work, one for each request.
        heard: Method, path and body of every request but those for work and tokens.
        keys: The JWK set that it shows to whoever asks.
        joined_keys: The JWK set in its reply to a node that joins.
    """

    def __init__(self):
        self.issuer = Issuer(OKPKey.generate_key("Ed25519"))
        self.work, self.heard = [], []
        self.keys = self.joined_keys = self.issuer.keys()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def invitation(self):
        return str(Invitation("0123456789abcdef", pin_of(self.issuer.key.thumbprint())))

    def heard_at(self, start):
        return [body for _, path, body in self.heard if path.startswith(start)]

    def answer(self, method, path, body):
        match path.partition("?")[0]:
            case "/api/token":
                return 200, {"access_token": "token"}
            case "/api/link/work" if self.work:
                return 200, {"work": self.work.pop(0)}
            case "/api/link/work":
                return 401, NodeRevoked("That is all.").to_json()
        self.heard.append((method, path, json.loads(body or "null")))
        if path == "/.well-known/jwks.json":
            return 200, self.keys
        if path.startswith("/api/link/"):
            return 200, {"recorded": "accepted", "work": []}
        return 201, {"name": "athens", "issuer": self.issuer.name, "keys": self.joined_keys}

    def _handler(self):
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self):
                length = int(self.headers.get("content-length", 0))
                status, body = hub.answer(self.command, self.path, self.rfile.read(length))
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815  names that the standard library asks for

            def log_message(self, *_):
                pass

        return Handler
