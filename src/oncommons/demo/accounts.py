"""People of a demonstration in which the hub wants to know who asks: the four sides of an application for data."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from oncommons.client.transport import Transport

_BYTES = 9
"""Of chance in the password, 72 bits: the hub is open to whoever uses this machine."""


@dataclass(frozen=True)
class Account:
    """Somebody who has an account.

    Attributes:
        email: The address to sign in with.
        name: What they are called.
        organisation: Where they work; one that is named like a node decides for its data.
        role: What they are there.
        sees: What is theirs to do, in words.
    """

    email: str
    name: str
    organisation: str
    role: str
    sees: str


ACCOUNTS = (
    Account(
        "ines@university.example", "Inês Duarte", "university", "researcher", "asks, applies for data, uses the permit"
    ),
    Account(
        "otto@hub.example", "Otto Berg", "hub", "operator", "runs the hub, sees whether an application is complete"
    ),
    Account("eleni@athens.example", "Eleni Markou", "athens", "access-officer", "decides about the data of athens"),
    Account(
        "petros@athens.example", "Petros Vlachos", "athens", "data-manager", "sees what the data of athens are for"
    ),
)
"""The four; the first asks the questions of the demonstration."""


def new_password() -> str:
    """A password that all of them have."""
    return secrets.token_urlsafe(_BYTES)


def open_accounts(hub: Transport, invite: Callable[[Account], str], password: str) -> Mapping[str, str]:
    """Make the accounts as people do: each uses the link of an invitation, and is signed in then.

    Args:
        hub: The hub.
        invite: Gives the link for somebody.
        password: What all of them sign in with.

    Returns:
        Address to session.

    Raises:
        OncommonsError: the hub does not let them in.
    """
    sessions = {}
    for one in ACCOUNTS:
        sent: dict[str, Any] = {"secret": invite(one).rpartition("/")[2], "password": password, "name": one.name}
        sessions[one.email] = str(hub.call("POST", "/api/invitations/accept", body=sent)["session"])
    return sessions
