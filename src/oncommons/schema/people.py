"""The words about people that hub, client and pages share: roles, scopes of tokens, names and addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from types import MappingProxyType

from oncommons.schema.errors import BadRequest

ROLES: Mapping[str, str] = MappingProxyType(
    {
        "data-manager": "looks after the data of the organisation",
        "researcher": "asks questions and applies for data",
        "access-officer": "handles applications for the organisation's data",
        "committee-member": "decides on applications",
        "patient-representative": "speaks for patients where applications are decided",
        "coordinator": "invites people of the organisation and gives them roles",
        "operator": "runs the hub and invites everybody",
    },
)
"""Every role that a person can have at an organisation, and what it is for."""
SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "ask": "ask questions, weigh them, and look at answers",
        "save": "save questions and watch their numbers",
    },
)
"""What a program with a token can be allowed to do; never anything about people or accounts."""
PEOPLE: Mapping[str, str] = MappingProxyType(
    {
        "open": "everybody who reaches the hub may ask",
        "required": "only people who are signed in, and their programs, may ask, save and watch",
    },
)
"""What a hub wants to know of who asks."""
LINKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"all": ("sign-in", "password"), "password": ("password",), "none": ()},
)
"""Setting of a hub to what its people may have links by e-mail for: to sign in, to set a new password."""
VISAS: Mapping[str, str] = MappingProxyType(
    {
        "AffiliationAndRole": "where somebody works, and as what",
        "AcceptedTermsAndPolicies": "terms that somebody has accepted",
        "ResearcherStatus": "somebody is a researcher in good faith",
        "ControlledAccessGrants": "data that a committee lets somebody use",
        "LinkedIdentities": "other identities of the same person",
    },
)
"""Kinds of visas, and what each says (GA4GH Passport 1.2, "Standard Visa Type Definitions")."""
STANDINGS: Mapping[str, str] = MappingProxyType(
    {
        "verified": "signed by an issuer that this hub trusts",
        "untrusted": "this hub does not trust its issuer, and has not checked it",
        "unchecked": "its issuer did not answer when you signed in",
        "forged": "its signature is not that of its issuer",
        "ended": "its time is over",
        "another's": "it is about somebody else",
    },
)
"""How a visa stands, and what that means."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
"""Characters of a password (NIST SP 800-63B-4, 3.1.1.2: longer is better than of many kinds)."""
LONGEST_NAME = 120
LONGEST_EMAIL = 254
"""RFC 5321 section 4.5.3.1.3: a path has 256 octets, of which two are brackets."""
_EMAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}@[^\s@<>()\[\]\\,;:\"]{1,189}")


def check_words(text: object, what: str, most: int = LONGEST_NAME) -> str:
    """A line of text as it is kept: without space around it, in normal form C, of signs that can be shown.

    Args:
        text: What was given.
        what: What it is, for the error.
        most: Characters at most.

    Raises:
        BadRequest: it is empty, too long, or holds signs that cannot be shown.
    """
    line = unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else ""
    if not 0 < len(line) <= most or not line.isprintable():
        raise BadRequest(f"{what} is one line of 1 to {most} characters.")
    return line


def check_email(text: object) -> str:
    """An e-mail address as it is kept: in small letters.

    Raises:
        BadRequest: it cannot be one.
    """
    line = check_words(text, "An e-mail address", LONGEST_EMAIL).lower()
    if not _EMAIL.fullmatch(line):
        raise BadRequest("That is not an e-mail address.")
    return line


def check_role(text: object) -> str:
    """A role.

    Raises:
        BadRequest: there is none of that name.
    """
    if not isinstance(text, str) or text not in ROLES:
        raise BadRequest(f"There is no such role; there are {', '.join(ROLES)}.")
    return text


def check_scopes(given: object) -> tuple[str, ...]:
    """Scopes, each once, in their order.

    Raises:
        BadRequest: none is given, or one that there is not.
    """
    named: Collection[object] = given if isinstance(given, list | tuple) else ()
    if not named or not all(isinstance(one, str) and one in SCOPES for one in named):
        raise BadRequest(f"A token has one or more scopes of {', '.join(SCOPES)}.")
    return tuple(scope for scope in SCOPES if scope in named)
