"""Accounts at a hub, over its public wire: what the pages for people call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oncommons.client.transport import Caller, in_path


class People(Caller):
    """Accounts at a hub, as one caller sees them."""

    def sign_in(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Open a session with ``email``, ``password``, ``code`` and ``device``.

        Raises:
            SignInRefused: something was wrong.
            TooManyTries: too much was wrong before.
        """
        return self._call("POST", "/api/sessions", sent)

    def sign_out(self) -> None:
        """End the session."""
        self._call("DELETE", "/api/sessions")

    def account(self) -> dict[str, Any]:
        """All that the hub knows of the caller.

        Raises:
            NotSignedIn: the session has ended.
        """
        return self._call("GET", "/api/account")

    def rename(self, name: str) -> None:
        """Change the caller's name."""
        self._call("PUT", "/api/account/name", {"name": name})

    def change_password(self, proof: Mapping[str, str], new: str) -> None:
        """Change the caller's password; ``proof`` has ``password`` and ``code``."""
        self._call("PUT", "/api/account/password", {**proof, "new": new})

    def new_factor(self, sealed: str = "") -> dict[str, Any]:
        """A secret for a second factor: ``secret``, ``address`` and ``sealed``; again the one that was sealed, if any."""
        return self._call("POST", "/api/account/second-factor", {"sealed": sealed} if sealed else {})

    def factor_on(self, proof: Mapping[str, str], sealed: str) -> list[str]:
        """Turn the second factor on; the recovery codes."""
        found: list[str] = self._call("PUT", "/api/account/second-factor", {**proof, "sealed": sealed})[
            "recovery_codes"
        ]
        return found

    def factor_off(self, proof: Mapping[str, str]) -> None:
        """Turn the second factor off."""
        self._call("DELETE", "/api/account/second-factor", dict(proof))

    def end_session(self, identifier: str) -> None:
        """End one of the caller's sessions."""
        self._call("DELETE", f"/api/account/sessions/{in_path(identifier)}")

    def make_token(self, proof: Mapping[str, str], name: str, scopes: Sequence[str], days: int) -> str:
        """A new token for a program."""
        body = {**proof, "name": name, "scopes": list(scopes), "days": days}
        return str(self._call("POST", "/api/account/tokens", body)["token"])

    def end_token(self, identifier: str) -> None:
        """End one of the caller's tokens."""
        self._call("DELETE", f"/api/account/tokens/{in_path(identifier)}")

    def erase(self, proof: Mapping[str, str]) -> None:
        """Erase the caller's account."""
        self._call("DELETE", "/api/account", dict(proof))

    def links(self) -> list[str]:
        """What the hub sends links by e-mail for: ``sign-in``, ``password``."""
        found: list[str] = self._call("GET", "/api/sessions/links")["links"]
        return found

    def ask_link(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Have a link sent, with ``email``, ``purpose``, ``browser`` and ``device``: ``browser`` is what to show with it.

        Raises:
            LinksOff: the hub sends no such link.
            TooManyTries: too many were asked for.
        """
        return self._call("POST", "/api/sessions/links", sent)

    def look(self, secret: str, browser: str = "") -> dict[str, Any]:
        """What a link is for.

        Raises:
            InviteRefused: it is not valid.
            OtherBrowser: it was asked for in another browser.
        """
        return self._call("POST", "/api/invitations/look", {"secret": secret, "browser": browser})

    def accept(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Use a link, with ``secret``, ``password``, ``name``, ``code``, ``browser`` and ``device``."""
        return self._call("POST", "/api/invitations/accept", sent)

    def providers(self) -> list[dict[str, str]]:
        """The providers by which people sign in: ``name`` and ``title`` of each."""
        found: list[dict[str, str]] = self._call("GET", "/api/sessions/providers")["providers"]
        return found

    def begin(self, provider: str, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Where somebody signs in by a provider: ``address``, and ``browser``, the secret to show when they are back.

        Raises:
            ProviderFailed: the provider does not answer, or cannot be trusted.
        """
        return self._call("POST", f"/api/sessions/providers/{in_path(provider)}", sent)

    def back(self, provider: str, sent: Mapping[str, str]) -> dict[str, Any]:
        """Open a session, or link an identity, with ``state``, ``browser``, ``code``, ``error`` and ``iss``.

        Raises:
            SignInRefused: it was not begun in this browser, or is over.
            ProviderFailed: the provider does not answer, or cannot be trusted.
        """
        return self._call("POST", f"/api/sessions/providers/{in_path(provider)}/back", sent)

    def leave(self, provider: str) -> str:
        """Where somebody signs out at a provider.

        Raises:
            ProviderFailed: the provider does not answer, or does not say where.
        """
        return str(self._call("GET", f"/api/sessions/providers/{in_path(provider)}/leave")["address"])

    def begin_link(self, proof: Mapping[str, str], provider: str) -> dict[str, Any]:
        """Where the caller shows an identity that is to be linked to the account; as :meth:`begin`."""
        return self._call("POST", "/api/account/identities", {**proof, "provider": provider})

    def unlink(self, proof: Mapping[str, str], identifier: str) -> None:
        """Unlink one of the caller's identities."""
        self._call("DELETE", f"/api/account/identities/{in_path(identifier)}", dict(proof))

    def everybody(self) -> dict[str, Any]:
        """People, roles and invitations that the caller looks after.

        Raises:
            NotAllowed: the caller looks after nobody.
        """
        return self._call("GET", "/api/people")

    def invite(self, email: str, organisation: str, role: str) -> str:
        """The link of an invitation."""
        body = {"email": email, "organisation": organisation, "role": role}
        return str(self._call("POST", "/api/people/invitations", body)["link"])

    def withdraw(self, identifier: str) -> None:
        """Withdraw an invitation."""
        self._call("DELETE", f"/api/people/invitations/{in_path(identifier)}")

    def give(self, person: str, organisation: str, role: str) -> None:
        """Give somebody a role at an organisation, by its identifier."""
        body = {"organisation": organisation, "role": role}
        self._call("POST", f"/api/people/{in_path(person)}/roles", body)

    def take(self, person: str, organisation: str, role: str) -> None:
        """Take a role from somebody."""
        self._call("DELETE", f"/api/people/{in_path(person)}/roles/{in_path(organisation)}/{in_path(role)}")

    def renew(self, person: str) -> str:
        """A link for a new password of somebody."""
        return str(self._call("POST", f"/api/people/{in_path(person)}/link", {})["link"])

    def remove(self, person: str) -> None:
        """Erase somebody's account."""
        self._call("DELETE", f"/api/people/{in_path(person)}")
