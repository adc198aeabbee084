"""Calls to providers: HTTPS with the machine's proxies and certificates, and bounds on all that comes back.

No redirect is followed, nothing is unpacked, nothing is longer than a mebibyte, and a call ends after ten seconds even
where a provider sends one byte at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from threading import BoundedSemaphore, Thread
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from oncommons.client.transport import new_pool
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_people import ProviderFailed

SECONDS = 10.0
MOST_BYTES = 1_048_576
MOST_AT_ONCE = 16
"""Calls to one provider at the same time, those included that were given up and still hang."""
_OK = 200
T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """What comes back, whatever it is.

    Attributes:
        status: The HTTP status.
        headers: The headers, by small letters.
        content: The bytes, no more than may be and one.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes

    def body(self) -> dict[str, Any]:
        """The JSON object in it; an empty one where there is none."""
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Wire:
    """Calls one provider.

    Args:
        title: What people call it, for errors.
        seconds: After which a call is given up.
        most: Bytes of the longest answer.
    """

    def __init__(self, title: str, seconds: float = SECONDS, most: int = MOST_BYTES) -> None:
        self.title, self.seconds, self.most = title, seconds, most
        self._turn = BoundedSemaphore(MOST_AT_ONCE)
        self._pools: dict[str, PoolManager] = {}

    def get(self, url: str, bearer: str = "") -> dict[str, Any]:
        """The JSON object at an address.

        Args:
            url: The address.
            bearer: An access token; empty for none.

        Raises:
            ProviderFailed: there is none, or not in time, or it is too long.
        """
        shown = {"authorization": f"Bearer {bearer}"} if bearer else {}
        return self._object(f"GET {url}", self.ask(url, None, shown))

    def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object that comes back for a form; raises as :meth:`get`."""
        return self._object(f"POST {url}", self.ask(url, fields, headers))

    def distrust(self, reason: str) -> ProviderFailed:
        """The error for an answer that cannot be trusted; the reason is for the hub's log only."""
        words = (
            f"What {self.title} answered cannot be trusted, and nobody was signed in. Tell the operator of this hub."
        )
        return ProviderFailed(words, detail=f"{self.title}: {reason}")

    def ask(self, url: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """What comes back from an address, whatever it is: for a form where there are fields.

        Raises:
            ProviderFailed: nothing does, or not in time.
        """
        if fields is None:
            return self._reply("GET", url, headers or {}, None)
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self._reply("POST", url, {**kind, **(headers or {})}, urlencode(fields).encode())

    def _reply(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        try:
            return within(self.seconds, self._turn, lambda: self._send(method, url, headers, body))
        except (HTTPError, OSError, OncommonsError) as fault:  # a timeout of the whole call is an OSError
            words = f"{self.title} does not answer; try again in a minute."
            raise ProviderFailed(words, detail=f"{method} {url}: {fault!r}") from fault

    def _object(self, asked: str, reply: Reply) -> dict[str, Any]:
        if reply.status != _OK:
            raise self.distrust(f"{asked} answered {reply.status}: {reply.content[:300]!r}")
        if len(reply.content) > self.most:
            raise self.distrust(f"{asked} answered more than {self.most} bytes")
        try:
            found = json.loads(reply.content)
        except (ValueError, RecursionError) as fault:
            raise self.distrust(f"{asked} answered no JSON: {fault!r}") from fault
        if not isinstance(found, dict):
            raise self.distrust(f"{asked} answered no object")
        return found

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc}"
        pool = self._pools.setdefault(place, self._pools.get(place) or new_pool(place, ""))
        response = pool.urlopen(
            method,
            url,
            body=body,
            headers={"accept": "application/json", "accept-encoding": "identity", **headers},
            timeout=Timeout(connect=self.seconds, read=self.seconds),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            told = {name.lower(): text for name, text in response.headers.items()}
            return Reply(response.status, told, response.read(self.most + 1, decode_content=False))
        finally:
            response.close()


def within(seconds: float, turn: BoundedSemaphore, work: Callable[[], T]) -> T:
    """What some work gives back, or raises, in time; work that takes longer goes on alone and is not waited for.

    Args:
        seconds: The time.
        turn: How much of it may go on at the same time.
        work: The work.

    Raises:
        TimeoutError: it took longer, or too much goes on already.
    """
    if not turn.acquire(blocking=False):
        raise TimeoutError("too many calls hang")
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as fault:  # noqa: BLE001  whatever it is, it is raised in the thread that waits
            done.set_exception(fault)
        finally:
            turn.release()

    Thread(target=run, name="provider", daemon=True).start()
    return done.result(seconds)
