"""Sign-ins that are under way at a provider: each is for one browser, lasts ten minutes and is used once."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass

from sqlalchemy import delete, insert, select

from oncommons.hub.people.sealing import Seal, digest_of
from oncommons.hub.providers.rules import VISIT_SECONDS
from oncommons.hub.providers.tables import VISIT
from oncommons.schema.errors_of_people import SignInRefused
from oncommons.storage.database import Database

_REFUSED = (
    "This sign-in was not begun in this browser, was finished before, or took longer than ten minutes. Begin again."
)


@dataclass(frozen=True)
class Visit:
    """What a sign-in was begun with.

    Attributes:
        provider: Name of the provider.
        nonce: What it is to put into the ID token.
        verifier: Of PKCE.
        back: Where it sends people back to.
        next: Where somebody wants to go when it is done.
        invitation: Secret of a link that is accepted with it; empty for none.
        session: Identifier of the session whose owner links an identity; empty where somebody signs in.
        made: When it was begun, in seconds since the epoch.
        again: Whether the provider is to ask who is there even where it knows.
    """

    provider: str
    nonce: str
    verifier: str
    back: str
    next: str = ""
    invitation: str = ""
    session: str = ""
    made: float = 0.0
    again: bool = False


class Visits:
    """The sign-ins in the hub's database.

    Args:
        database: The hub's database.
        seal: Seals what nobody may read there.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self.database, self.seal = database, seal

    def begin(self, visit: Visit, state: str, browser: str) -> None:
        """Keep a sign-in; those that took too long are forgotten.

        Args:
            visit: The sign-in.
            state: What the provider gives back.
            browser: Secret of the browser in which it was begun.
        """
        digest = digest_of(state)
        row = {"digest": digest, "browser": digest_of(browser), "provider": visit.provider, "made": visit.made}
        sealed = self.seal.close(json.dumps(asdict(visit)).encode(), f"visit {digest}")
        with self.database.write() as connection:
            connection.execute(delete(VISIT).where(VISIT.c.made <= visit.made - VISIT_SECONDS))
            connection.execute(insert(VISIT), row | {"sealed": sealed})

    def end(self, provider: str, state: str, browser: str, now: float) -> Visit:
        """A sign-in, used up, whatever becomes of it.

        Args:
            provider: Name of the provider to whose own address somebody came back.
            state: What they brought back.
            browser: Secret of the browser in which they came.
            now: Seconds since the epoch.

        Raises:
            SignInRefused: it was begun elsewhere or with another provider, was used, or took too long.
        """
        digest = digest_of(state)
        with self.database.write() as connection:
            row = connection.execute(select(VISIT).where(VISIT.c.digest == digest).with_for_update()).first()
            if row is None or not hmac.compare_digest(row.browser, digest_of(browser)):
                raise SignInRefused(_REFUSED)
            connection.execute(delete(VISIT).where(VISIT.c.digest == digest))
        if row.provider != provider or now >= row.made + VISIT_SECONDS:
            raise SignInRefused(_REFUSED)
        return Visit(**json.loads(self.seal.open(row.sealed, f"visit {digest}")))
