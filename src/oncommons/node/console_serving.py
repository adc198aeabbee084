"""Serving a node's console on a port."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from fastapi import FastAPI

from oncommons.node.console import BEACON, DICOMWEB, ConsoleSettings, console_token, make_console
from oncommons.node.home import Home
from oncommons.schema.errors import BadRequest, UnreadableSource
from oncommons.service.door import OWN_NAMES, PARAMETER, Lock
from oncommons.service.memory import keep_startup
from oncommons.service.serving import Listen, Serving, address_of, check_files, serve, take_port

_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  names for it, nothing is bound here


@dataclass(frozen=True)
class Asked:
    """What the command was asked for.

    Attributes:
        host: Address to listen at.
        port: Port; 0 takes a free one.
        certificate: PEM file of a certificate, for HTTPS.
        key: PEM file of its key.
        url: Address under which others reach it; empty for the one that it listens at.
        origins: Sites whose pages may ask.
        dicomweb: Whether DICOMweb is served.
        dataset: Dataset of what is sent.
        new_token: Whether a new token is made.
        beacon: Whether a GA4GH Beacon is served.
    """

    host: str
    port: int
    certificate: str = ""
    key: str = ""
    url: str = ""
    origins: tuple[str, ...] = ()
    dicomweb: bool = False
    dataset: str = ""
    new_token: bool = False
    beacon: bool = False


@dataclass(frozen=True)
class Opened:
    """A console that has its port and is not served yet.

    Attributes:
        application: The application.
        taken: The bound port.
        listen: Where and how it listens.
        body: Its address and the link with the token, as JSON.
        text: The same in words.
    """

    application: FastAPI
    taken: socket.socket
    listen: Listen
    body: Mapping[str, Any]
    text: str


def open_console(home: Home, asked: Asked, finish: Callable[[Any], None]) -> Opened:
    """Take the port of a console, and make what is served there.

    Args:
        home: The node.
        asked: What the command was asked for.
        finish: Puts pages over the application.

    Raises:
        PortInUse: another program listens there.
        UnreadableSource: the dataset has no name.
        BadRequest: the address is not one.
        MachineError: a file cannot be used.
    """
    if not asked.dataset.strip():
        raise UnreadableSource("The dataset needs a name: --dataset NAME.")
    if asked.url and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", asked.url):
        raise BadRequest("--url takes an address such as https://images.hospital.example.")
    listen = Listen(asked.host, asked.port, asked.certificate, asked.key)
    check_files(listen)
    taken = take_port(listen)
    here = address_of(taken, listen)
    token = console_token(home, new=asked.new_token)
    place = (asked.dataset.strip(), asked.url.rstrip("/"))
    settings = ConsoleSettings(lock_of(token, asked), asked.dicomweb, *place, beacon=asked.beacon)
    link = f"{here}/?{PARAMETER}={token}"
    body = {"url": here, "link": link} | ({"dicomweb": f"{here}{DICOMWEB}"} if asked.dicomweb else {})
    lines = [f"The console listens at {here}; only who has this link may come in:", f"  {link}"]
    if asked.dicomweb:
        lines.append(f"DICOMweb: {here}{DICOMWEB}, with the token as Bearer or as the password of a login.")
    if asked.beacon:
        body |= {"beacon": f"{here}{BEACON}"}
        lines.append(f"Beacon: {here}{BEACON}, with the token as Bearer.")
    application = make_console(home, settings)
    finish(application)
    return Opened(application, taken, listen, body, "\n".join(lines))


def serve_console(
    home: Home, asked: Asked, say: Callable[[dict[str, Any], str], None], finish: Callable[[Any], None]
) -> None:
    """Serve until interrupted or terminated.

    Args:
        home: The node.
        asked: What the command was asked for.
        say: Tells the address and the link with the token, once the server accepts requests.
        finish: Puts pages over the application.

    Raises:
        OncommonsError: as :func:`open_console` tells.
    """
    opened = open_console(home, asked, finish)

    def ready() -> None:
        keep_startup()
        say(dict(opened.body), opened.text)

    serve(opened.application, opened.taken, opened.listen, ready)


class ConsoleBeside:
    """A console that is served beside other work of the same process.

    Args:
        home: The node.
        asked: What the command was asked for.
        finish: Puts pages over the application.

    Raises:
        OncommonsError: as :func:`open_console` tells.
    """

    def __init__(self, home: Home, asked: Asked, finish: Callable[[Any], None]) -> None:
        opened = open_console(home, asked, finish)
        self.body, self.text = opened.body, opened.text
        self._serving = Serving(opened.application, opened.taken, opened.listen)

    def __enter__(self) -> Self:
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.stop()


def lock_of(token: str, asked: Asked) -> Lock:
    """Who may come in: the token, under the names of this machine."""
    names = {(urlsplit(asked.url).hostname or "").lower(), asked.host.lower()} - _EVERYWHERE
    origins = frozenset(origin.strip().rstrip("/").lower() for origin in asked.origins)
    return Lock(token, OWN_NAMES | names, origins)
