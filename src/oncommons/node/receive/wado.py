"""An archive that is asked by DICOMweb: QIDO-RS for what it has, WADO-RS for the objects (PS3.18 sections 10.4, 10.6)."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson
from urllib3 import BaseHTTPResponse, PoolManager, Timeout, make_headers
from urllib3.exceptions import HTTPError, ProtocolError

from oncommons.imaging.syntax import sop_instance_of
from oncommons.node.receive.dimse.listening import Heard, Take, is_uid
from oncommons.node.receive.folder import LARGEST_FILE
from oncommons.node.receive.message import Parts, Received, boundary_of
from oncommons.node.receive.pulling import Series
from oncommons.node.receive.studies import WebAddress
from oncommons.schema.errors import BadRequest, ImageTooLarge, StorageFailed
from oncommons.schema.errors_of_protocols import PacsRefused, PacsUnreachable

_OBJECTS = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_CONNECT_SECONDS, _READ_SECONDS = 10.0, 300.0
_CHUNK = 256 * 1024
_LONGEST_ANSWER = 64 * 1024 * 1024
_PAGE = 1000
_NOTHING = frozenset({204, 404})
"""Statuses that say that nothing is found."""
_SERIES_UID, _SOP_UID, _INSTANCES = "0020000E", "00080018", "00201209"


@dataclass(frozen=True)
class Login:
    """How this node is known to a web server: a user with a password, or a token; neither where it is not asked.

    Attributes:
        user: Name of the user.
        password: The password.
        token: A bearer token (RFC 6750).
        ca: PEM file of the certificates to trust; empty for the system's.
    """

    user: str = ""
    password: str = ""
    token: str = ""
    ca: str = ""

    def headers(self) -> Mapping[str, str]:
        """The header that says so."""
        if self.token:
            return {"authorization": f"Bearer {self.token}"}
        return make_headers(basic_auth=f"{self.user}:{self.password}") if self.user else {}


class WebArchive:
    """An archive behind a web server.  An archive inside the hospital is asked without a proxy.

    Args:
        address: Where it is.
        login: How this node is known there.
        dataset: Which dataset its objects belong to.
        take: Takes an object in.
        hear: Hears of each object.
        room: Directory in which large objects lie while they come.

    Raises:
        StorageFailed: the file of certificates cannot be read.
    """

    def __init__(
        self,
        address: WebAddress,
        login: Login,
        dataset: str,
        take: Take,
        hear: Callable[[Heard], None],
        room: Path | None = None,
    ) -> None:
        self._url, self._headers = address.url, login.headers()
        self._dataset, self._take, self._hear, self._room = dataset, take, hear, room
        self._host = urlsplit(address.url).netloc
        try:
            context = ssl.create_default_context(cafile=login.ca or None)
        except (OSError, ssl.SSLError) as fault:
            raise StorageFailed(f"The certificates in {login.ca} cannot be read.", detail=repr(fault)) from fault
        self._pool = PoolManager(ssl_context=context)

    def series(self, study: str) -> Sequence[Series]:
        """The series of a study; raises as :class:`~oncommons.node.receive.pulling.Archive` says."""
        return [self._series(study, told) for told in self._listed(f"/studies/{study}/series", _INSTANCES)]

    def fetch(self, study: str, series: str = "", instances: Sequence[str] = ()) -> None:
        """Take in a study, a series or some objects; raises as :class:`~oncommons.node.receive.pulling.Archive` says."""
        path = f"/studies/{study}" + (f"/series/{series}" if series else "")
        for place in [f"{path}/instances/{quote(sop, safe='')}" for sop in instances] or [path]:
            with self._asked(place, _OBJECTS) as answer:
                for part in _parts(answer, self._room):
                    self._hear(self._taken(part))

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _series(self, study: str, told: Mapping[str, Any]) -> Series:
        uid = _text(told, _SERIES_UID)
        if not is_uid(uid):
            raise PacsRefused("The archive told of a series without a UID.")
        listed = self._listed(f"/studies/{study}/series/{uid}/instances", _SOP_UID)
        count = _text(told, _INSTANCES)
        return Series(uid, frozenset(_text(i, _SOP_UID) for i in listed), int(count) if count.isdigit() else 0)

    def _listed(self, path: str, field: str) -> list[Mapping[str, Any]]:
        """All that the archive lists, page by page, until nothing new comes; some give less than a page, or all at once."""
        found: list[Mapping[str, Any]] = []
        while True:
            query = urlencode({"includefield": field, "limit": _PAGE, "offset": len(found)})
            page = self._json(f"{path}?{query}")
            if not page or page == found[-len(page) :]:
                return found
            found += page

    def _json(self, path: str) -> list[Mapping[str, Any]]:
        with self._asked(path, "application/dicom+json", _NOTHING) as answer:
            if answer.status in _NOTHING:
                return []
            raw = answer.read(_LONGEST_ANSWER)
        try:
            told = orjson.loads(raw)
        except ValueError as fault:
            raise PacsRefused("The archive's answer is not JSON.", detail=raw[:200].decode(errors="replace")) from fault
        return [entry for entry in told if isinstance(entry, dict)] if isinstance(told, list) else []

    @contextmanager
    def _asked(self, path: str, accept: str, also: Collection[int] = ()) -> Iterator[BaseHTTPResponse]:
        """An answer of the archive that is a success, or has one of some other statuses."""
        ask = partial(
            self._pool.urlopen,
            "GET",
            self._url + path,
            headers={"accept": accept, **self._headers},
            preload_content=False,
            redirect=False,
            retries=False,
            timeout=Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
        )
        try:
            try:
                answer = ask()
            except ProtocolError:  # a server may close a kept connection while it is asked (RFC 9112 section 9.5)
                answer = ask()
            try:
                _check(answer, also)
                yield answer
            finally:
                answer.close()
        except (HTTPError, OSError) as fault:
            hint = " Its certificate is not trusted here; --ca FILE." if "CERTIFICATE_VERIFY" in str(fault) else ""
            raise PacsUnreachable(f"{self._host} cannot be reached.{hint}", detail=repr(fault)) from fault

    def _taken(self, part: Received) -> Heard:
        if part.size > LARGEST_FILE:
            return Heard(self._host, "", "failed", ImageTooLarge.code)
        sop = sop_instance_of(part.content).decode("ascii", "replace")
        taken = self._take(part.content, self._dataset, self._host)
        return Heard(self._host, sop, taken.outcome, taken.code)


def _parts(answer: BaseHTTPResponse, room: Path | None) -> Iterator[Received]:
    """The parts of an answer as they come."""
    kind = answer.headers.get("content-type", "")
    media = kind.partition(";")[0].strip().lower()
    if not media.startswith("multipart/"):
        raise PacsRefused(f"The archive answered with {media or 'nothing'} where objects were asked for.")
    try:
        parts = Parts(boundary_of(kind), LARGEST_FILE, room)
        pieces = iter(partial(answer.read1, _CHUNK), b"")
        while not parts.ended and (piece := next(pieces, b"")):
            yield from parts.feed(piece)
    except BadRequest as fault:
        raise PacsRefused("The archive's answer cannot be taken apart.", detail=fault.message) from fault
    if not parts.ended:
        raise PacsUnreachable("The archive's answer ended in the middle.")


def _check(answer: BaseHTTPResponse, also: Collection[int]) -> None:
    if answer.status in {401, 403}:
        raise PacsRefused("The archive does not let this node in; check the user and the password or token.")
    if answer.status not in {200, *also}:
        detail = answer.read(500).decode(errors="replace")
        raise PacsRefused(f"The archive answered with status {answer.status}.", detail=detail)


def _text(told: Mapping[str, Any], tag: str) -> str:
    """The first value of an attribute in DICOM's JSON (PS3.18 annex F)."""
    element = told.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return str(values[0]).strip("\0 ") if isinstance(values, list) and values else ""
