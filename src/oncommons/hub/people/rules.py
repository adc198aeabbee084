"""What is decided about people, purely: roles, whose a node is, how long to wait, when a session ends, which passwords do.

Sources: NIST SP 800-63B-4 (passwords by length, no rules of composition, throttling: sections 3.1.1 and 3.2.2);
OWASP Cheat Sheet Series, Authentication, "Login throttling" and "Device cookies".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oncommons.schema.errors_of_people import BadPassword
from oncommons.schema.people import LONGEST_PASSWORD, ROLES, SHORTEST_PASSWORD

HOUR, DAY = 3_600.0, 86_400.0
IDLE_SECONDS = 12 * HOUR
"""A session that nobody uses ends after so long."""
SESSION_SECONDS = 7 * DAY
"""A session ends after so long in any case."""
FRESH_SECONDS = 600.0
"""For so long after signing in by a provider, who has no password proves by the session who they are."""
PROVEN = "proven"
"""Under what an identity keeps when its provider asked somebody who they are; it keeps none where it is not known."""
DEVICE_SECONDS = 365 * DAY
TOKEN_DAYS = 365
"""Days of the longest life of a program's token."""
_FEWEST_SIGNS = 5
_OPERATOR, _COORDINATOR = "operator", "coordinator"
GIVES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        _OPERATOR: frozenset(ROLES),
        _COORDINATOR: frozenset(ROLES) - {_OPERATOR},
    },
)
"""Which roles somebody with a role may give and take: an operator at every organisation, a coordinator at their own."""


@dataclass(frozen=True)
class Kind:
    """What a link that works once may do.

    Attributes:
        seconds: It lives so long.
        made_by: ``steward``: who may give the role that it gives; ``operator``; ``owner``: whoever asks for one to the
            address of an account, and it goes to that address.
        does: ``bound``: it works only in the browser in which it was asked for.  ``password``: it sets one, which ends
            all sessions and tokens that there are.  ``code``: who has a second factor is asked for it.  ``unlocks``: it
            turns the second factor off and unlinks identities.
    """

    seconds: float
    made_by: str
    does: frozenset[str]

    @property
    def is_bound(self) -> bool:
        """Whether it works only in the browser in which it was asked for."""
        return "bound" in self.does

    @property
    def sets_password(self) -> bool:
        """Whether it sets a password."""
        return "password" in self.does

    @property
    def asks_code(self) -> bool:
        """Whether who has a second factor is asked for it."""
        return "code" in self.does

    @property
    def unlocks(self) -> bool:
        """Whether it turns the second factor off and unlinks identities."""
        return "unlocks" in self.does


LINK_KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "join": Kind(7 * DAY, "steward", frozenset({"password", "code"})),
        "reset": Kind(HOUR, "operator", frozenset({"password", "unlocks"})),
        "password": Kind(HOUR / 4, "owner", frozenset({"bound", "password", "code"})),
        "sign-in": Kind(HOUR / 4, "owner", frozenset({"bound", "code"})),
    }
)
"""Every kind of link that works once: an invitation; an operator's for who has lost password or second factor; a person's
own for a forgotten password; a person's own to sign in."""
OWN_LINKS = tuple(name for name, kind in LINK_KINDS.items() if kind.made_by == "owner")
"""Kinds that people ask for themselves, by e-mail."""
PASSWORD_LINKS = tuple(name for name, kind in LINK_KINDS.items() if kind.made_by != "steward")
"""Kinds that open an account that there is: a new password ends them."""
ASKED_SECONDS = HOUR / 4
"""A link that was asked for is sent within so long, or not at all."""


@dataclass(frozen=True)
class Membership:
    """A role at an organisation, by the organisation's identifier."""

    organisation: str
    role: str


@dataclass(frozen=True)
class Pace:
    """How wrong tries are slowed down.

    Attributes:
        free: So many are taken at once.
        first: Seconds to wait after the next one; they double with every other one.
        longest: Seconds of the longest wait.
        forget: Seconds after the end of the last wait until all is forgotten.
    """

    free: int
    first: float
    longest: float
    forget: float

    def wait(self, count: int) -> float:
        """Seconds to wait after so many wrong tries."""
        over = count - self.free
        return 0.0 if over < 0 else min(self.first * 2.0 ** min(over, 40), self.longest)


STRANGERS = Pace(5, 2, 900, DAY)
"""At one account, from all browsers in which its owner has never signed in together."""
KNOWN = Pace(10, 2, 900, DAY)
"""At one account, from one browser in which its owner has signed in: strangers do not make it wait."""
ADDRESS = Pace(50, 2, 900, HOUR)
"""From one address, at all accounts: many people of a hospital may share one."""
CODES = Pace(5, 60, DAY, 30 * DAY)
"""Codes of a second factor at one account, once the password was right: 16 in a day and 381 in a year at most."""
PROOFS = Pace(5, 2, 900, DAY)
"""Passwords and codes that a session is asked for again."""
LINKS = Pace(20, 2, 900, HOUR)
"""Links that were wrong, from one address."""


ASKED = Pace(3, 60, 4 * HOUR, DAY)
"""Links that were asked for to one address, so that nobody fills the mailbox of somebody else."""
ASKED_HERE = Pace(20, 2, 900, HOUR)
"""Links that were asked for from one address on the network."""


def is_operator(held: Collection[Membership]) -> bool:
    """Whether somebody runs the hub."""
    return any(one.role == _OPERATOR for one in held)


def may_give(held: Collection[Membership], organisation: str, role: str) -> bool:
    """Whether somebody with these roles may give or take a role at an organisation."""
    return any(
        role in GIVES.get(one.role, ()) and (one.role == _OPERATOR or one.organisation == organisation) for one in held
    )


def sees(held: Collection[Membership]) -> frozenset[str] | None:
    """The organisations whose people somebody with these roles sees; ``None`` for all."""
    if is_operator(held):
        return None
    return frozenset(one.organisation for one in held if one.role in GIVES)


def session_ends(made: float, seen: float) -> float:
    """When a session ends, in seconds since the epoch, if it is not used again."""
    return min(made + SESSION_SECONDS, seen + IDLE_SECONDS)


def check_password(password: object, *known: str) -> str:
    """A password that is long enough and not too easy to guess.

    Args:
        password: What was chosen.
        known: What others know of its owner: address and name.

    Raises:
        BadPassword: it is too short, too long, of too few signs, or holds what others know.
    """
    if not isinstance(password, str) or not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadPassword(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if len(set(password)) < _FEWEST_SIGNS:
        raise BadPassword(f"A password has at least {_FEWEST_SIGNS} different characters.")
    plain = password.casefold()
    if any(len(word) >= 4 and word in plain for words in known for word in _parts(words)):  # noqa: PLR2004
        raise BadPassword("The password holds your name or address, which others try first.")
    return password


def slug(name: str) -> str:
    """The name of an organisation as a node could bear it: ``Athens General`` gives ``athens-general``."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")


def organisation_of(node: str, named: Mapping[str, str], organisations: Mapping[str, str]) -> str:
    """The organisation whose a node is: the one that was named for it, else the only one of its name.

    Args:
        node: Name of the node.
        named: Node to the identifier of the organisation that was named for it.
        organisations: Identifier of each organisation of the hub to its name.

    Returns:
        Its identifier; empty where none was named, and none or several have the node's name.
    """
    if node in named:
        return named[node]
    same = [key for key, name in organisations.items() if slug(name) == node]
    return same[0] if len(same) == 1 else ""


def _parts(words: str) -> list[str]:
    return words.casefold().replace("@", " ").replace(".", " ").split()
