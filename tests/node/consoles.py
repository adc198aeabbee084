"""A node's console that really listens, for as long as a test needs it."""

import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from oncommons.node.console import DICOMWEB, ConsoleSettings, console_token, make_console
from oncommons.service.door import Lock


@dataclass(frozen=True)
class Running:
    """Where it listens and what opens it."""

    url: str
    token: str

    @property
    def dicomweb(self):
        return f"{self.url}{DICOMWEB}"

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def console(home, dataset="received", quiet=3600.0, origins=(), *, beacon=False):
    """Run a console in a thread; what was received is indexed when it ends, or when it was quiet for some seconds."""
    token = console_token(home)
    lock = Lock(token, origins=frozenset(origins))
    app = make_console(home, ConsoleSettings(lock, dataset=dataset, quiet=quiet, beacon=beacon))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield Running(f"http://127.0.0.1:{taken.getsockname()[1]}", token)
        finally:
            server.should_exit = True
            thread.join(30)
