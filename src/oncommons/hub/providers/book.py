"""The providers that a hub signs people in by: settings in a file, which only its owner may read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from oncommons.client.transport import check_address
from oncommons.schema.errors import BadRequest, NotFound, OncommonsError, StorageFailed
from oncommons.schema.people import check_role, check_words
from oncommons.storage.files import replace_file

FILE = "providers.json"
SCOPES = ("openid", "profile", "email")
"""What is asked for where nothing else is named (OpenID Connect Core 1.0, section 5.4)."""
SHOWN_IN = ("", "header", "form")
"""Where a client's secret is shown (RFC 6749 section 2.3.1)."""
MOST_TEXT = 500
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
"""A scope-token (RFC 6749 section 3.3)."""
_ACR = re.compile(r"[\x21-\x7e]{1,200}")
"""A value of ``acr_values``, which are set apart by spaces (OpenID Connect Core 1.0, section 3.1.2.1)."""


@dataclass(frozen=True)
class Given:
    """A role that follows from what a provider says.

    Attributes:
        claim: The claim, such as ``eduperson_entitlement`` or ``realm_access.roles``.
        value: The value that must be there, exactly.
        organisation: Name of the organisation.
        role: The role there, which is never that of an operator.
    """

    claim: str
    value: str
    organisation: str
    role: str

    def to_json(self) -> dict[str, str]:
        """The JSON form."""
        return {"claim": self.claim, "value": self.value, "organisation": self.organisation, "role": self.role}


@dataclass(frozen=True)
class Provider:
    """One provider.

    Attributes:
        name: What the hub calls it in addresses: small letters, digits, hyphens.
        title: What people call it.
        issuer: Its issuer, under which it describes itself.
        client: What it calls this hub.
        secret: What proves that to it; empty where it wants none.
        scopes: What is asked for.
        given: Roles that follow from what it says.
        visas: Issuers of visas that are trusted, and where their keys are; empty where the issuer describes itself.
        shown_in: Where the secret is shown: ``header``, ``form``, or empty for as the provider describes itself.
        acr: Ways of signing in there, of which one is asked for and must be told (``acr``); empty for any way.
    """

    name: str
    title: str
    issuer: str
    client: str
    secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = SCOPES
    given: tuple[Given, ...] = ()
    visas: Mapping[str, str] = field(default_factory=dict)
    shown_in: str = ""
    acr: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON form, without the secret."""
        told: dict[str, Any] = {"name": self.name, "title": self.title, "issuer": self.issuer, "client": self.client}
        given = [one.to_json() for one in self.given]
        told |= {"scopes": list(self.scopes), "roles": given, "visa_issuers": dict(self.visas)}
        return told | {"secret_in": self.shown_in, "acr": list(self.acr)}


class ProviderBook:
    """The providers of one hub.

    Args:
        folder: The hub's directory.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    def every(self) -> dict[str, Provider]:
        """Every provider by its name, in the order in which they were added; a change counts at once.

        Raises:
            StorageFailed: the file cannot be read.
        """
        try:
            body = json.loads(self.path.read_text("utf-8"))
            found = [_read(one) for one in body["providers"]]
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OncommonsError) as fault:
            raise StorageFailed(f"{FILE} cannot be read.", detail=repr(fault)) from fault
        return {one.name: one for one in found}

    def provider(self, name: str) -> Provider:
        """A provider; raises :class:`NotFound` where none has the name."""
        found = self.every().get(name)
        if found is None:
            raise NotFound("This hub knows no such provider.")
        return found

    def put(self, provider: Provider) -> None:
        """Keep a provider, in the place of one of the same name.

        Raises:
            BadRequest: something of it cannot be.
            InsecureAddress: an address is neither HTTPS nor of this machine.
        """
        self._write({**self.every(), provider.name: check_provider(provider)})

    def remove(self, name: str) -> None:
        """Forget a provider; raises :class:`NotFound` where none has the name."""
        self.provider(name)
        self._write({key: one for key, one in self.every().items() if key != name})

    def change(self, name: str, how: Callable[[tuple[Given, ...]], tuple[Given, ...]]) -> Provider:
        """Change the roles that follow from what a provider says.

        Args:
            name: The provider's.
            how: The new roles from the old.

        Raises:
            NotFound: none has the name.
            BadRequest: a role cannot be.
        """
        old = self.provider(name)
        new = replace(old, given=how(old.given))
        self.put(new)
        return new

    def _write(self, every: Mapping[str, Provider]) -> None:
        body = {"providers": [one.to_json() | {"secret": one.secret} for one in every.values()]}
        try:
            replace_file(self.path, json.dumps(body, indent=2, ensure_ascii=False).encode(), 0o600)
        except OSError as fault:
            raise StorageFailed(f"{FILE} cannot be written.", detail=repr(fault)) from fault


def check_provider(one: Provider) -> Provider:
    """A provider of which everything can be.

    Raises:
        BadRequest: something cannot.
        InsecureAddress: an address is neither HTTPS nor of this machine.
    """
    if not _NAME.fullmatch(one.name):
        raise BadRequest("A provider's name has 1 to 32 small letters, digits and hyphens.")
    for address in (one.issuer, *one.visas, *(keys for keys in one.visas.values() if keys)):
        check_provider_address(address)
    check_words(one.title, "A provider's title")
    check_words(one.client, "What the provider calls this hub", MOST_TEXT)
    if "openid" not in one.scopes or not all(_SCOPE.fullmatch(scope) for scope in one.scopes):
        raise BadRequest("The scopes are words without space, and openid is one of them.")
    if one.shown_in not in SHOWN_IN:
        raise BadRequest(f"The secret is shown in one of {', '.join(filter(None, SHOWN_IN))}.")
    if not all(_ACR.fullmatch(acr) for acr in one.acr):
        raise BadRequest("A way of signing in at a provider (acr) is a word without space.")
    for given in one.given:
        for text, what in ((given.claim, "A claim"), (given.value, "A claim's value")):
            check_words(text, what, MOST_TEXT)
        check_words(given.organisation, "An organisation's name")
        if check_role(given.role) == "operator":
            raise BadRequest("No provider makes operators; invite them.")
    return one


def check_provider_address(address: str, *, remote: bool = False) -> str:
    """An address of a provider, as it is written.

    Args:
        address: The address.
        remote: Whether it must be another machine's and so HTTPS: what a provider elsewhere names is never here.

    Raises:
        BadRequest: it holds more than an address.
        InsecureAddress: it is neither HTTPS nor, where that may be, of this machine.
    """
    check_address(address)
    parts = urlsplit(address)
    if parts.username is not None or parts.fragment or not address.isascii() or not address.isprintable():
        raise BadRequest("The address of a provider has no name, password, fragment or sign outside of ASCII in it.")
    if remote and parts.scheme != "https":
        raise BadRequest("A provider elsewhere names an address on this machine.")
    return address


def _read(body: Mapping[str, Any]) -> Provider:
    given = tuple(Given(**{key: _text(value) for key, value in one.items()}) for one in body.get("roles", ()))
    visas = {_text(issuer): _text(keys) for issuer, keys in body.get("visa_issuers", {}).items()}
    name, title, issuer, client = (_text(body[key]) for key in ("name", "title", "issuer", "client"))
    secret, way, scopes = _text(body.get("secret", "")), _text(body.get("secret_in", "")), body.get("scopes", SCOPES)
    acr = _texts(body.get("acr", ()))
    return check_provider(Provider(name, title, issuer, client, secret, _texts(scopes), given, visas, way, acr))


def _texts(found: Sequence[object]) -> tuple[str, ...]:
    return tuple(_text(one) for one in found)


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("not a text")
    return found
