"""The words about notices that hub, client and pages share: kinds, how e-mail comes, what a notice says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oncommons.schema.errors import BadRequest

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "application": "your applications: how they stand, and what you are asked about them",
        "decision": "what you check, decide or vote on",
        "permit": "permits under which you may ask",
        "data": "projects that use data of your organisation",
        "watch": "saved questions of which you wait for a number",
        "account": "your account: sign-ins from new browsers, password, second factor, roles",
    },
)
"""What a notice can be about, and what that is for somebody who chooses how to be told."""
HOWS: Mapping[str, str] = MappingProxyType(
    {
        "at once": "an e-mail as soon as it happens",
        "daily": "in one e-mail a day",
        "none": "no e-mail; it is in the inbox only",
    },
)
"""How somebody wants to be told by e-mail of what is in the inbox anyway."""
AT_ONCE, DAILY, NONE = HOWS
LONGEST_SAYS, LONGEST_WHERE, LONGEST_NAME = 300, 300, 200
_WHERE = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@dataclass(frozen=True)
class Notice:
    """Something that one person is told.

    Attributes:
        person: Who, by the identifier of the account.
        kind: Of :data:`KINDS`.
        says: What happened, or what is to be done, in one sentence; it goes out by e-mail, so it names no person.
        where: The page where one can act or read more, as a path of the hub.
        once: Names what happened: a person is told of it once, however often it is told.
        subject: What it is about, such as an application; what waits is settled by it.
        until: By when the person must act, in seconds since the epoch; ``None`` for news that nobody must act on.

    Raises:
        ValueError: the kind is none, the path leads elsewhere, or a name is empty or too long.
    """

    person: str
    kind: str
    says: str
    where: str
    once: str
    subject: str = ""
    until: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of notice: {self.kind!r}")
        if not _WHERE.fullmatch(self.where) or len(self.where) > LONGEST_WHERE:
            raise ValueError(f"no path of the hub: {self.where[:80]!r}")
        if not 0 < len(self.once) <= LONGEST_NAME or len(self.subject) > LONGEST_NAME:
            raise ValueError("once and subject name things in 1 to 200 characters")

    @property
    def line(self) -> str:
        """What it says, as it is kept: one line of signs that can be shown, not longer than is kept."""
        return one_line(self.says, LONGEST_SAYS)


def one_line(text: str, most: int) -> str:
    """A text as one line of signs that can be shown; what is too long ends with an ellipsis.

    Args:
        text: What somebody wrote, perhaps over several lines.
        most: Characters at most.
    """
    plain = unicodedata.normalize("NFC", text)
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def check_wishes(body: object) -> dict[str, str]:
    """How somebody wants to be told, kind by kind.

    Raises:
        BadRequest: it is no object of kinds and ways.
    """
    known: dict[str, Any] = body if isinstance(body, dict) else {"": ""}
    if not known or not all(kind in KINDS and isinstance(how, str) and how in HOWS for kind, how in known.items()):
        raise BadRequest(f"The body has some of {', '.join(KINDS)}, and for each one of {', '.join(HOWS)}.")
    return dict(known)
