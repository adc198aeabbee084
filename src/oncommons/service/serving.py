"""Listening: a port of one's own, a server that ends when told, TLS when given."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp

from oncommons.schema.errors import MachineError, OncommonsError, PortInUse, StorageFailed

_LOOK_SECONDS = 0.05
"""How often it is looked whether a server that starts has ended instead."""


@dataclass(frozen=True)
class Listen:
    """Where and how a server listens.

    Attributes:
        host: Address; ``127.0.0.1`` is this machine only.
        port: Port; 0 takes a free one.
        certificate: PEM file of the server's certificate chain, for HTTPS without a proxy in front.
        key: PEM file of the certificate's private key.
    """

    host: str = "127.0.0.1"
    port: int = 8642
    certificate: str = ""
    key: str = ""


def check_files(listen: Listen) -> None:
    """See before anything else is done that the files for HTTPS are there.

    Raises:
        StorageFailed: one of them is not there, or only one is named.
    """
    if bool(listen.certificate) != bool(listen.key):
        raise StorageFailed("HTTPS needs both --certificate and --key.")
    for path in filter(None, (listen.certificate, listen.key)):
        if not Path(path).is_file():
            raise StorageFailed(f"There is no file {path}.")


def take_port(listen: Listen) -> socket.socket:
    """Bind the port before anything else is done, so that a port in use is told at once.

    Raises:
        PortInUse: another program listens there.
        MachineError: the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((listen.host, listen.port))
        taken.listen()
    except OSError as fault:
        taken.close()
        if fault.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {listen.port} is in use; choose another with --port, or 0 for a free one."
            ) from fault
        raise MachineError(f"Cannot listen at {listen.host}:{listen.port}: {fault.strerror}.") from fault
    return taken


def address_of(taken: socket.socket, listen: Listen) -> str:
    """The address that a bound port has for a browser on this machine."""
    scheme = "https" if listen.certificate else "http"
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{taken.getsockname()[1]}"


def _nothing() -> None:
    """Nobody waits in most servers."""


def serve(
    app: ASGIApp,
    taken: socket.socket,
    listen: Listen,
    ready: Callable[[], None],
    stopping: Callable[[], None] = _nothing,
) -> None:
    """Serve until interrupted or terminated.

    Args:
        app: The application.
        taken: The bound port.
        listen: Where and how.
        ready: Called once the server accepts requests.
        stopping: Called in the server's event loop when it is told to end, to let requests go that wait for something;
            those that are still there after two seconds are cut off.
    """
    _Server(_config(app, listen), ready, stopping).run(sockets=[taken])


class Serving:
    """A server in a thread of its own, that ends when told.

    Args:
        app: The application.
        taken: The bound port.
        listen: Where and how.

    Raises:
        StorageFailed: the certificate cannot be used.
    """

    def __init__(self, app: ASGIApp, taken: socket.socket, listen: Listen) -> None:
        self._ready = Event()
        self._server = _Server(_config(app, listen), self._ready.set)
        self._thread = Thread(target=self._run, args=[taken], name="oncommons server", daemon=True)

    def start(self) -> None:
        """Serve; returns once requests are accepted.

        Raises:
            MachineError: the application cannot start.
        """
        self._thread.start()
        while not self._ready.wait(_LOOK_SECONDS):
            if not self._thread.is_alive():
                raise MachineError("The server could not start; the log says why.")

    def _run(self, taken: socket.socket) -> None:
        with suppress(SystemExit):  # raised where the application cannot start, which has been logged
            self._server.run(sockets=[taken])

    def stop(self) -> None:
        """End, after the requests that are being answered."""
        self._server.should_exit = True
        self._thread.join()


def _config(app: ASGIApp, listen: Listen) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http="httptools",
        ssl_certfile=listen.certificate or None,
        ssl_keyfile=listen.key or None,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        server_header=False,
        date_header=True,
    )
    try:
        config.load()
    except (ssl.SSLError, OSError) as fault:
        raise StorageFailed("The certificate or its key cannot be used.", detail=repr(fault)) from fault
    return config


class _Server(uvicorn.Server):
    """A server that says when it is ready and when it ends."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None] = _nothing
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)


@asynccontextmanager
async def repeating(
    work: Callable[[], Awaitable[object]], every: float, log: Logger, failed: str, *, at_once: bool = False
) -> AsyncIterator[None]:
    """Do some work again and again in the background while the block lasts; when it ends, a round is waited for.

    Args:
        work: A round of it.
        every: Seconds of rest before each round.
        log: Where faults are told; none ends the repeating.
        failed: What is said of a fault that is not one of ours.
        at_once: Whether the first round comes without a rest.
    """
    ending = asyncio.Event()

    async def run() -> None:
        rest = 0.0 if at_once else every
        while not await _is_set(ending, rest):
            rest = every
            try:
                await work()
            except OncommonsError as fault:
                log.warning("%s %s %s", fault.code, fault.message, fault.detail)
            except Exception:
                log.exception(failed)

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        ending.set()
        await task


async def _is_set(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event comes within some seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
