"""Applications at a hub, over its public wire: what the pages for writing them call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oncommons.client.transport import Caller, File, in_path
from oncommons.schema.application import Value


class Applications(Caller):
    """Applications at a hub, as one caller sees them; each call raises :class:`NotFound` for who does not write it."""

    def mine(self) -> dict[str, Any]:
        """The caller's applications, and invitations to their address.

        Raises:
            NotSignedIn: the session has ended.
        """
        return self._call("GET", "/api/applications")

    def begin(self, answers: Mapping[str, Value]) -> str:
        """Begin an application with some answers; its identifier."""
        return str(self._call("POST", "/api/applications", {"answers": dict(answers)})["id"])

    def one(self, identifier: str) -> dict[str, Any]:
        """An application with its form, faults, terms of use, comments and invitations."""
        return self._call("GET", _at(identifier))

    def save(self, identifier: str, answers: Mapping[str, Value], revisions: Mapping[str, int]) -> dict[str, Any]:
        """Save answers; ``late`` are those that somebody else was faster with."""
        body = {"answers": dict(answers), "revisions": dict(revisions)}
        return self._call("PUT", _at(identifier, "answers"), body)

    def earlier(self, identifier: str, paragraph: str) -> list[dict[str, Any]]:
        """Texts of a paragraph that do not stand, the newest first."""
        found: list[dict[str, Any]] = self._call("GET", _at(identifier, "earlier", paragraph))["earlier"]
        return found

    def copy(self, identifier: str) -> str:
        """A new application with the same answers and documents; its identifier."""
        return str(self._call("POST", _at(identifier, "copy"))["id"])

    def take_form(self, identifier: str) -> None:
        """Write on with the newest form."""
        self._call("PUT", _at(identifier, "form"))

    def delete(self, identifier: str) -> None:
        """Delete a draft."""
        self._call("DELETE", _at(identifier))

    def attach(self, identifier: str, paragraph: str, name: str, content: bytes) -> None:
        """Attach a document.

        Raises:
            AttachmentRefused: it is too large, empty, or of a kind that is not accepted.
        """
        self.transport.send(
            _at(identifier, "documents"), content, {"paragraph": paragraph, "name": name}, self.transport.always
        )

    def document(self, identifier: str, document: str) -> File:
        """A document."""
        return self.transport.fetch(_at(identifier, "documents", document))

    def detach(self, identifier: str, document: str) -> None:
        """Take a document away."""
        self._call("DELETE", _at(identifier, "documents", document))

    def invite(self, identifier: str, email: str = "") -> str:
        """The link of an invitation: to whoever has an address, or to whoever has the link."""
        body = {"email": email} if email else {}
        return str(self._call("POST", _at(identifier, "invitations"), body)["link"])

    def withdraw(self, identifier: str, invitation: str) -> None:
        """Withdraw an invitation."""
        self._call("DELETE", _at(identifier, "invitations", invitation))

    def join(self, invitation: str) -> str:
        """Become an author; the application's identifier."""
        return str(self._call("POST", "/api/application-invitations", {"invitation": invitation})["id"])

    def leave(self, identifier: str, author: str) -> None:
        """Take an author away."""
        self._call("DELETE", _at(identifier, "authors", author))

    def say(self, identifier: str, paragraph: str, text: str, thread: str = "") -> None:
        """Say something about a paragraph."""
        body = {"paragraph": paragraph, "text": text, **({"thread": thread} if thread else {})}
        self._call("POST", _at(identifier, "comments"), body)

    def resolve(self, identifier: str, thread: str, *, resolved: bool) -> None:
        """Resolve a thread, or open it again."""
        self._call("PUT", _at(identifier, "comments", thread), {"resolved": resolved})


def _at(*parts: str) -> str:
    """A path of which each part stays in its place, however it was sent; never nothing, which would name another route."""
    return "/".join(("/api/applications", *(in_path(one) for one in parts)))
