"""The hub's book of permits: a file that only ever grows, with every permit that was issued or taken back.

::

    HUB/permits.jsonl
    {"did": "issued", "at": 1790000000.0, "permit": {...}, "signed": "eyJ…", "passes": {"SHA-256 of a secret": "ana"}}
    {"did": "passed", "at": 1790000005.0, "id": "P-7", "person": "ana", "digest": "SHA-256 of a secret"}
    {"did": "revoked", "at": 1790000009.0, "id": "P-7"}

A serving hub looks at the file's size and time with every question, so what a command writes holds at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any

from oncommons.schema.errors import StorageFailed
from oncommons.schema.errors_of_permits import BadPermit, NoSuchPermit
from oncommons.schema.federation import Pass
from oncommons.schema.permit import Permit, parse_permit
from oncommons.service.identity import Issuer
from oncommons.storage.audit_hub import HubLog
from oncommons.storage.chain import Event
from oncommons.storage.journal import append, every_record

BOOK = "permits.jsonl"
_SECRET_BYTES = 24
GONE = "This hub has no such permit, or the pass is not that of one of its people."
"""What a stranger is told, and somebody who has left: the same."""


@dataclass(frozen=True)
class Entry:
    """A permit that was issued.

    Attributes:
        permit: The permit.
        signed: It itself, signed.
        passes: Digest of a pass's secret to whose it is.
        issued: When, in seconds since the epoch.
        revoked: When it was taken back; ``None`` where it was not.
        number: Of its being taken back: greater than those of all that were taken back before; 0 where it was not.
    """

    permit: Permit
    signed: str
    passes: Mapping[str, str] = field(repr=False)
    issued: float
    revoked: float | None = None
    number: int = 0

    def standing(self, now: float) -> str:
        """``revoked``, ``not yet``, ``holds`` or ``ended``."""
        if self.revoked is not None:
            return "revoked"
        if now < self.permit.not_before:
            return "not yet"
        return "holds" if now < self.permit.not_after else "ended"


HasLeft = Callable[[str], bool]


def _nobody(_person: str) -> bool:
    """At a hub without accounts nobody leaves."""
    return False


class PermitBook:
    """The permits of one hub.

    Args:
        folder: The hub's directory.
        issuer: The hub's signing side.
        log: The hub's audit log, in which it is entered what was issued and taken back.
        has_left: Says whether a person had an account here that was erased: asked whenever a pass is shown, so that no
            pass outlives its account, not even one that was given in the same moment.
    """

    def __init__(self, folder: Path, issuer: Issuer, log: HubLog, has_left: HasLeft = _nobody) -> None:
        self.path, self.issuer, self.log, self.has_left = folder / BOOK, issuer, log, has_left
        self._lock = Lock()
        self._read: tuple[tuple[int, int], dict[str, Entry]] = ((0, 0), {})

    def issue(self, permit: Permit, address: str, now: float) -> tuple[Entry, dict[str, Pass]]:
        """Sign a permit and keep it.

        Args:
            permit: The permit; this hub's name is put into it, and its address where it has none.
            address: The hub's public address.
            now: Seconds since the epoch.

        Returns:
            What is kept, and a pass for each person, which is told this once.

        Raises:
            BadPermit: a permit of that identifier was issued before, it has ended, or it is another hub's.
            MachineError: it cannot be kept, or not be entered in the audit log; nobody has a pass then.
        """
        if permit.hub not in {"", self.issuer.name}:
            raise BadPermit("The permit is another hub's.", at="hub")
        if permit.not_after <= now:
            raise BadPermit("The permit has ended before it is issued.", at="period.not_after")
        if permit.id in self.entries():
            raise BadPermit(f"A permit {permit.id} was issued before; give this one another identifier.", at="id")
        whole = replace(permit, hub=self.issuer.name, address=permit.address or address)
        passes = {person: Pass(permit.id, secrets.token_urlsafe(_SECRET_BYTES)) for person in permit.people}
        kept = {given.digest(): person for person, given in passes.items()}
        entry = Entry(whole, self.issuer.permit(whole, now), kept, now)
        record = {"did": "issued", "at": now, "permit": whole.to_json(), "signed": entry.signed, "passes": kept}
        append(self.path, record)
        told = {"project": whole.project, "nodes": sorted({h.node for h in whole.datasets})}
        body = {"permit": whole.id, **told, "signed": _digest(entry.signed)}
        self.log.enter(Event("permit issued", body, now))
        return entry, passes

    def renew(self, permit: str, person: str, now: float) -> Pass:
        """A new pass for one of a permit's people, which is told this once; the one before opens nothing any more.

        Raises:
            NoSuchPermit: no permit bears the name, or it is not that person's.
            MachineError: it cannot be kept, or not be entered in the audit log.
        """
        if person not in self.entry(permit).permit.people:
            raise NoSuchPermit(GONE)
        given = Pass(permit, secrets.token_urlsafe(_SECRET_BYTES))
        append(self.path, {"did": "passed", "at": now, "id": permit, "person": person, "digest": given.digest()})
        self.log.enter(Event("pass given", {"permit": permit, "person": person}, now))
        return given

    def revoke(self, permit: str, now: float) -> Entry:
        """Take a permit back; one that was taken back stays so.

        Raises:
            NoSuchPermit: no permit bears the name.
            MachineError: it cannot be taken back; or it was, but that cannot be entered in the audit log.
        """
        entry = self.entry(permit)
        if entry.revoked is None:
            append(self.path, {"did": "revoked", "at": now, "id": permit})
            self.log.enter(Event("permit revoked", {"permit": permit}, now))
        return self.entry(permit)

    def entry(self, permit: str) -> Entry:
        """A permit.

        Raises:
            NoSuchPermit: no permit bears the name.
        """
        found = self.entries().get(permit)
        if found is None:
            raise NoSuchPermit(f"No permit is called {permit[:64]!r}: oncommons hub permit list.")
        return found

    def held(self, permit: str, person: str) -> Entry:
        """A permit, as somebody asks under it whose pass was looked at before; nobody does who has left since.

        Args:
            permit: Its identifier.
            person: Who asks, as the permit calls them.

        Raises:
            NoSuchPermit: no permit bears the name, or the person had an account here that was erased.
        """
        if self.has_left(person):
            raise NoSuchPermit(GONE)
        return self.entry(permit)

    def whose(self, text: str) -> tuple[Entry, str]:
        """The permit of a pass, and whose pass it is; who had an account here and erased it has none any more.

        A stranger is told the same whether there is no such permit or the secret is wrong.

        Raises:
            NoSuchPermit: it is nobody's.
        """
        given = Pass.parse(text)
        entry = self.entries().get(given.permit)
        digest = given.digest()
        person = next((p for d, p in (entry.passes if entry else {}).items() if hmac.compare_digest(d, digest)), "")
        if entry is None or not person or self.has_left(person):
            raise NoSuchPermit(GONE)
        return entry, person

    def entries(self) -> dict[str, Entry]:
        """Every permit by its identifier, in the order in which they were issued.

        Raises:
            StorageFailed: the book is damaged.
        """
        with self._lock:
            try:
                found = self.path.stat()
            except FileNotFoundError:
                return {}
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp != self._read[0]:
                self._read = (stamp, _entries(every_record(self.path)))
            return self._read[1]


def _digest(signed: str) -> str:
    """What stands for a signed permit where the names of its people must not stand."""
    return hashlib.sha256(signed.encode()).hexdigest()


def _entries(book: list[dict[str, Any]]) -> dict[str, Entry]:
    """What the lines of a book say.

    Raises:
        StorageFailed: a line cannot be read; a permit could hold that was taken back in it.
    """
    try:
        return _told(book)
    except (KeyError, TypeError, BadPermit) as fault:
        raise StorageFailed(f"{BOOK} is damaged; restore it from a backup.", detail=repr(fault)) from fault


def _told(book: list[dict[str, Any]]) -> dict[str, Entry]:
    """Revocations are numbered by their time in milliseconds, and in the order of the book, whatever its clock did.

    So a hub that was restored from a backup goes on with greater numbers than those which its nodes know.
    """
    found: dict[str, Entry] = {}
    number = 0
    for line in book:
        if line["did"] == "issued":
            permit = parse_permit(line["permit"])
            found.setdefault(permit.id, Entry(permit, line["signed"], line["passes"], line["at"]))
        elif line["did"] == "passed":
            one = found[line["id"]]
            others = {digest: person for digest, person in one.passes.items() if person != line["person"]}
            found[line["id"]] = replace(one, passes=others | {line["digest"]: line["person"]})
        elif found[line["id"]].revoked is None:
            number = max(number + 1, int(line["at"] * 1000))
            found[line["id"]] = replace(found[line["id"]], revoked=line["at"], number=number)
    return found
