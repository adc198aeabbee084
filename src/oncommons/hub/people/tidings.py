"""What people are told of their own accounts: the sentences, and who is to tell them.

Accounts lie below the inbox, so whoever puts the hub together says how people are told (:data:`Tell`).  It is done in
the transaction of what is told.  The sentences name no person and no browser, since they go out by e-mail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import Connection

from oncommons.schema.notices import Notice

Tell = Callable[[Connection, Collection[Notice], float], object]
"""Tells people some notices, within a transaction, at a time in seconds since the epoch."""
KIND = "account"
_NOT_YOU = "If it was not you, set a new password."


def untold(connection: Connection, notices: Collection[Notice], now: float) -> None:
    """Tells nobody anything."""


def signed_in(person: str, now: float) -> Notice:
    """Somebody has signed in from a browser that was not known."""
    return _of(person, "sign-in", now, f"Somebody has signed in to your account from a new browser. {_NOT_YOU}")


def password_changed(person: str, purpose: str, now: float) -> Notice:
    """The password is another one.

    Args:
        person: Whose.
        purpose: The kind of link by which it was set; empty where it was changed on the account's page.
        now: Seconds since the epoch.
    """
    by = {
        "": "Your password was changed. All else that was open has ended.",
        "password": "Your password was set anew by a link from an e-mail to you. All that was open has ended.",
        "reset": "Your password was set anew by an operator's link, which turned the second factor off and unlinked "
        "accounts elsewhere.",
    }
    return _of(person, "password", now, f"{by[purpose]} If it was not you, tell the operator of this hub.")


def factor_changed(person: str, *, is_on: bool, now: float) -> Notice:
    """The second factor was turned on or off."""
    return _of(
        person, "factor", now, f"The second factor of your account was turned {'on' if is_on else 'off'}. {_NOT_YOU}"
    )


def identity_linked(person: str, now: float) -> Notice:
    """An identity of a provider opens the account from now on."""
    return _of(person, "identity", now, f"An account elsewhere opens your account here from now on. {_NOT_YOU}")


def role_changed(person: str, held: tuple[str, str, str], now: float, *, is_given: bool) -> Notice:
    """A role was given or taken.

    Args:
        person: Whose.
        held: Identifier and name of the organisation, and the role.
        now: Seconds since the epoch.
        is_given: Whether it was given.
    """
    place, name, role = held
    says = f"You are {role} of {name} now." if is_given else f"You are {role} of {name} no longer."
    return _of(person, f"role {place} {role} {'given' if is_given else 'taken'}", now, says)


def invitation_accepted(by: str, held: tuple[str, str, str], now: float) -> Notice:
    """Somebody has accepted an invitation; for who has made it.

    Args:
        by: Who has made it.
        held: Identifier and name of the organisation, and the role.
        now: Seconds since the epoch.
    """
    place, name, role = held
    says = f"Your invitation of a new {role} of {name} was accepted."
    return _of(by, f"invitation {place} {role}", now, says, "/people")


def _of(person: str, what: str, now: float, says: str, where: str = "/account") -> Notice:
    return Notice(person, KIND, says, where, f"account {what} {now:.3f}")
