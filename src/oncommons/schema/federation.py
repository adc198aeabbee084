"""Nodes and their link to the hub, as both sides and the public see them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from oncommons.schema.errors import BadRequest, InvitationRefused
from oncommons.schema.errors_of_permits import NoSuchPermit, NoticeNotTrusted

WIRE_VERSION = 1
"""Version of the messages between node and hub; raised when an older side could misread a newer one."""
Presence = Literal["online", "away", "never", "revoked"]
ORDER_TYPE = "oncommons-order+jwt"
"""``typ`` of the signed order in which the hub hands a question to the nodes."""
PERMIT_HEADER = "oncommons-permit"
"""Header of a request with the pass of a person who asks under a permit."""
PLACE_HEADER = "oncommons-for"
"""Header in which pages tell the hub the address of who looks at them; heeded of the hub's own pages only."""
INSIDE = "oncommons.inside"
"""What the pages of the hub's own process put into the extensions of a request (ASGI 3); none over a socket has it."""
IMAGES_TYPE = "oncommons-images+jwt"
"""``typ`` of the token with which a person of a permit opens images at a node."""
IMAGES_SECONDS = 900
"""Life of such a token: so long it opens images at a node that does not hear from its hub."""
REVOKED_TYPE = "oncommons-revoked+jwt"
"""``typ`` of the list of a node's permits that the hub has taken back."""
CHECKPOINT_TYPE = "oncommons-checkpoint+jwt"
"""``typ`` of a signed checkpoint of an audit log."""
CHECKPOINT_HEADER = "oncommons-checkpoint"
"""Header in which a node sends the hub the checkpoint of its log."""
ACCESS_TYPE = "at+jwt"
"""``typ`` of an access token (RFC 9068)."""
ASSERTION_KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""How a node proves itself at the token endpoint: ``private_key_jwt`` (RFC 7523; OpenID Connect Core, section 9)."""
ASSERTION_SECONDS = 60
"""Life of an assertion."""
CLOCK_LEEWAY = 120
"""Seconds by which the clocks of node and hub may differ."""
_PASS = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.[A-Za-z0-9_-]{1,200}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
MOST_LISTED = 20
"""A message lists so many nodes."""
_PIN_LENGTH = 16
_LARGEST = 2**53
"""Largest number that every reader of JSON carries exactly (RFC 8259 section 6)."""
_PRESENCES: Mapping[str, Presence] = {presence: presence for presence in get_args(Presence)}


@dataclass(frozen=True)
class NodeStatus:
    """A node as the hub sees it.

    Attributes:
        name: Its name in the federation.
        presence: ``online`` (asked for work within the last minute or is asking now), ``away``, ``never`` or ``revoked``.
        joined: When it joined, ISO 8601 in UTC.
        last_seen: When it last called, ISO 8601 in UTC, or empty.
        version: Its version of oncommons, or empty.
        datasets: How many datasets it publishes.
    """

    name: str
    presence: Presence
    joined: str
    last_seen: str
    version: str
    datasets: int

    def to_json(self) -> dict[str, Any]:
        """The status as JSON."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> NodeStatus:
        """Read a status; raises :class:`BadRequest` where it is not one."""
        try:
            return cls(
                name=str(body["name"]),
                presence=_PRESENCES[body["presence"]],
                joined=str(body["joined"]),
                last_seen=str(body["last_seen"]),
                version=str(body["version"]),
                datasets=int(body["datasets"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as fault:
            raise BadRequest("The node's status cannot be read.", detail=repr(fault)) from None


@dataclass(frozen=True)
class Invitation:
    """What an invited node is given: a secret to use once, and the pin of the hub's key.

    The text form is ``SECRET.PIN``.  The pin is the start of the key's SHA-256 thumbprint (RFC 7638),
    so a node notices a hub in the middle even where a corporate proxy opens TLS.
    """

    secret: str
    pin: str

    def __str__(self) -> str:
        return f"{self.secret}.{self.pin}"

    @classmethod
    def parse(cls, text: str) -> Invitation:
        """Read an invitation as it was typed or pasted.

        Raises:
            InvitationRefused: where it does not have the form ``SECRET.PIN``.
        """
        secret, dot, pin = text.strip().partition(".")
        if not (secret and dot and len(pin) == _PIN_LENGTH):
            raise InvitationRefused("That is not an invitation. It has the form SECRET.PIN; paste it whole.")
        return cls(secret, pin)

    def digest(self) -> str:
        """What the hub keeps of the secret: its SHA-256, in hexadecimal."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


@dataclass(frozen=True)
class Pass:
    """What a person of a permit is given: its identifier, and a secret that is theirs alone; in text ``ID.SECRET``."""

    permit: str
    secret: str

    def __str__(self) -> str:
        return f"{self.permit}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> Pass:
        """Read a pass as it was typed or pasted.

        Raises:
            NoSuchPermit: where it does not have the form ``ID.SECRET``.
        """
        permit, _, secret = text.strip().partition(".")
        if not (permit and secret and text.isascii()):
            raise NoSuchPermit("That is not the pass of a permit. It has the form ID.SECRET; paste it whole.")
        return cls(permit, secret)

    @classmethod
    def shown(cls, headers: Mapping[str, str]) -> str:
        """The pass in the headers of a request, unread; empty without one.

        It stands in a header of its own, or as a bearer (RFC 6750, 2.1), which is all that a client of a standard can
        send: a Beacon says that it has controlled access (Beacon v2.1.1, framework, ``securityLevels``) and leaves to
        OAuth how that is opened.  What else is shown as a bearer, such as a session or a token of three parts, is none.
        """
        kind, _, bearer = headers.get("authorization", "").partition(" ")
        own = headers.get(PERMIT_HEADER, "")
        return own or (bearer.strip() if kind.lower() == "bearer" and _PASS.fullmatch(bearer.strip()) else "")

    def digest(self) -> str:
        """What the hub keeps of the secret: its SHA-256, in hexadecimal."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


@dataclass(frozen=True)
class ImageToken:
    """What opens the images of a node to one person of a permit, for a short time.

    Attributes:
        id: Its identifier, which the audit logs of hub and node name.
        node: The node's name.
        token: What is shown there, signed by the hub.
        ends: When it ends, in seconds since the epoch.
    """

    id: str
    node: str
    token: str = field(repr=False)
    ends: int

    def to_json(self) -> dict[str, Any]:
        """The token as JSON."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ImageToken:
        """Read a token; raises :class:`BadRequest` where it is not one."""
        try:
            return cls(str(body["id"]), str(body["node"]), str(body["token"]), int(body["ends"]))
        except (KeyError, TypeError, ValueError, OverflowError) as fault:
            raise BadRequest("The hub's token for images cannot be read.", detail=repr(fault)) from None


@dataclass(frozen=True)
class Revoked:
    """The permits of one node that its hub has taken back, as the hub signs them.

    The idea is that of the OAuth token status list: whoever holds tokens is handed the state of all of them, signed, and
    asks nobody about a single one.  Permits are few, so they are named instead of counted off in bits.

    Attributes:
        node: The node's name; another node's list might lack one of its own permits.
        number: Greater than that of every earlier list.
        permits: Their identifiers; those of permits that have ended by themselves need not be here.
    """

    node: str
    number: int
    permits: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The list as claims of a token (RFC 7519)."""
        return {"aud": self.node, "number": self.number, "revoked": list(self.permits)}

    @classmethod
    def from_json(cls, claims: Mapping[str, Any]) -> Revoked:
        """Read a list.

        Raises:
            NoticeNotTrusted: it is none.
        """
        node, number, permits = (claims.get(name) for name in ("aud", "number", "revoked"))
        named = isinstance(permits, list) and all(isinstance(one, str) for one in permits)
        if not isinstance(node, str) or type(number) is not int or not 0 < number < _LARGEST or not named:
            raise NoticeNotTrusted("What the hub has signed is not a list of permits that it took back.")
        return cls(node, number, tuple(permits or ()))


def pin_of(thumbprint: str) -> str:
    """The part of a key's RFC 7638 thumbprint that an invitation carries (96 bits)."""
    return thumbprint[:_PIN_LENGTH]


def listed(nodes: Collection[str]) -> str:
    """Which nodes there are, as the end of a message that somebody named another one."""
    if not nodes:
        return "no node has joined."
    first = sorted(nodes)[:MOST_LISTED]
    more = len(nodes) - len(first)
    return f"there are {', '.join(first)}{f' and {more} more' if more else ''}."


def lasting(seconds: float) -> str:
    """A stretch of time in words, as messages have it: at least a second, and minutes from one and a half on."""
    return f"{round(seconds / 60)} minutes" if seconds >= 90 else f"{max(round(seconds), 1)} seconds"  # noqa: PLR2004


def is_name(text: str) -> bool:
    """Whether a text can name a node: 1 to 63 small letters, digits and hyphens, as in a host name (RFC 1123)."""
    return _NAME.fullmatch(text) is not None
