"""Who outside the hospital may have which images: people of permits, with a token that the hub has made for this node.

Everything is looked at anew with each request, and again before each file that is opened: what the data manager or a
patient decides meanwhile holds at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

from oncommons.node.deidentify import node_keys
from oncommons.node.home import Home, open_home, version_of
from oncommons.node.keep.shelf import Shelf
from oncommons.node.optouts import Gone, state_of
from oncommons.node.recording import Asker, Recorder
from oncommons.node.share.dicomweb.scoped import Scoped
from oncommons.node.share.dicomweb.store import NOBODY, LedgerImages, Part
from oncommons.policy.access.deciding import Conditions, decide, request_of_images
from oncommons.policy.access.demands import Restriction
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.errors_of_permits import ImagesClosed, ImagesNotOpened
from oncommons.schema.permit import Permit
from oncommons.service.identity import Opening, OrderReader
from oncommons.storage.ledger import Ledger
from oncommons.storage.permitted import Permitted, Visit

_SCOPES = 8
"""So many parts of the images are remembered at a time; each has a row a series."""


def tracer(home: Home) -> Callable[[str], str]:
    """Makes what stands for an identifier of an image in the audit log: 128 bits that only the node's secret can make.

    Args:
        home: The node.
    """
    uid_of = node_keys(home.secret_file).uid

    def traced(uid: str) -> str:
        made = uid_of(b"looked at " + uid.encode("utf-8", "replace"))
        return f"{int(made.removeprefix(b'2.25.')):032x}"

    return traced


@dataclass(frozen=True)
class Visitor:
    """Somebody who was let in.

    Attributes:
        opening: What their token says.
        datasets: The datasets whose images they may have.
        versioned: Those of them that the permit names at a version.
    """

    opening: Opening
    datasets: frozenset[str]
    versioned: frozenset[str]

    @property
    def asker(self) -> Asker:
        """Who it is, for the audit log: the project and permit, never the person."""
        return Asker(self.opening.permit.project, permit=self.opening.permit.id)


@dataclass
class _AtVersion:
    """Tells which series are not as they were in the tables whose version a permit names.

    An import keeps images some time before it brings them into the tables.

    Attributes:
        home: The node.
        ledger: Its ledger; whoever calls keeps its lock.
        datasets: The datasets that are named at a version.
    """

    home: Home
    ledger: Ledger
    datasets: frozenset[str]
    _known: tuple[tuple[int, str], frozenset[str]] = ((-1, ""), frozenset())

    def __call__(self) -> Container[str]:
        """By Series Instance UID; the same object as long as nothing changes."""
        state = self.ledger.version(), self.home.tables.state()
        if state != self._known[0]:
            self._known = state, self._changed()
        return self._known[1]

    def _changed(self) -> frozenset[str]:
        connection = self.home.tables.open()
        if connection is None:
            return frozenset()
        query = (
            "SELECT d.name, s.id, s.instances FROM series s JOIN dataset d ON d.key = s.dataset "
            "WHERE list_contains($1, d.name)"
        )
        with connection:
            known = {
                (name, series): n for name, series, n in connection.execute(query, [list(self.datasets)]).fetchall()
            }
        return frozenset(
            row.series
            for name in self.datasets
            for row in self.ledger.series(name)
            if known.get((name, row.series)) != row.instances
        )


@dataclass
class ImageGate:
    """Lets people of permits come to images.

    Attributes:
        home: The node, as it was when the gate was made; what its data manager changes is read anew.
        ledger: Its ledger; used by this gate alone.
        clock: Seconds since the epoch.
    """

    home: Home
    ledger: Ledger
    clock: Callable[[], float] = time.time
    _lock: Lock = field(default_factory=Lock)
    _held: tuple[str, dict[str, str]] = ("", {})

    def __post_init__(self) -> None:
        self.orders = OrderReader(self.home.joined().keys)
        self.permits = Permitted(self.home.permits_file)
        self.recorder = Recorder(self.home, self.clock)
        self.recorder.log.head()  # opened now, before many threads enter
        self._open = Shelf(self.home.blobs, self.home.quarantine, self.ledger).open
        self._gone, self._of_ledger = Gone(self.home), Lock()
        self._images = lru_cache(maxsize=_SCOPES)(self._part)
        self.trace = tracer(self.home)

    def let_in(self, authorization: str) -> Visitor:
        """Somebody who shows a token.

        What is refused to who has a good token is entered in the audit log; others could fill it.

        Args:
            authorization: The header of their request (RFC 6750).

        Raises:
            ImagesNotOpened: it is not a token of the hub for this node, or has ended.
            ImagesClosed: nobody outside may have images.
            BeyondPermit: a rule refuses; the message names it.
            OptOutsLost: nobody knows who has opted out.
            MachineError: the refusal cannot be entered.
        """
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer":
            raise ImagesNotOpened("A token of a permit is needed: oncommons images NODE.")
        opening = self.orders.read_image_token(token.strip(), self.home.joined().name, self.clock())
        permit = opening.permit
        with self._lock:
            self.permits.open(Visit(opening.id, permit.id, opening.person, self.clock()), permit.project)
        with self._entering(Visitor(opening, frozenset(), frozenset())):
            datasets = self._decide(opening)
        return Visitor(opening, datasets, datasets & {h.dataset for h in permit.datasets if h.version})

    def scope(self, visitor: Visitor) -> Scoped:
        """The images that somebody may have."""

        def check() -> None:
            if self._decide(visitor.opening) != visitor.datasets:
                raise NotFound("There is no such object.")

        return Scoped(self._images(visitor.datasets, visitor.versioned), check)

    def state(self) -> str:
        """Stands for who has opted out.

        Raises:
            OptOutsLost: nobody knows.
        """
        return state_of(self.home)

    def enter(self, visitor: Visitor, access: dict[str, object]) -> None:
        """Enter in the audit log what somebody asked for, before it leaves.

        Raises:
            MachineError: it cannot be entered; then nothing may leave.
        """
        self.recorder.images(visitor.asker, {"token": visitor.opening.id, **access})

    def close(self) -> None:
        """Close what the node knows of permits, and its log."""
        self.permits.close()
        self.recorder.close()

    @contextmanager
    def _entering(self, visitor: Visitor) -> Iterator[None]:
        try:
            yield
        except OncommonsError as fault:
            self.enter(visitor, {"code": fault.code, "message": fault.message})
            raise

    def _decide(self, opening: Opening) -> frozenset[str]:
        """The datasets whose images a person of a permit may have."""
        home = open_home(self.home.folder)
        if home.showing == "off":
            raise ImagesClosed("This node gives no images to the outside.")
        with self._lock:
            here = self._conditions(home, opening.permit)
        decision = decide(opening.permit, request_of_images(opening.person), self.clock(), here)
        decision.enforce()
        return decision.datasets or frozenset()

    def _conditions(self, home: Home, permit: Permit) -> Conditions:
        membership, standing = home.joined(), self.permits.standing(permit.project)
        needed = {"consent": standing.consented if home.demand == "consent" else 0.0}
        asks = home.showing == "consent" or home.demand == "run"  # images are no run that could wait
        needed["images"] = standing.images if asks else 0.0
        return Conditions(
            hub=membership.issuer,
            node=membership.name,
            datasets=self._datasets(home),
            demand="consent",
            revoked=self.permits.is_revoked(permit.id),
            consented=None not in needed.values(),
            restriction=Restriction.of(standing.restriction),
        )

    def _datasets(self, home: Home) -> dict[str, str]:
        """Dataset that is held here to its version; read anew when the tables have changed."""
        state = home.tables.state()
        if state != self._held[0]:
            connection, names = home.tables.open(), []
            if connection is not None:
                with connection:
                    names = connection.execute("SELECT name FROM dataset").fetchall()
            self._held = state, dict.fromkeys((name for (name,) in names), version_of(state))
        return self._held[1]

    def _part(self, datasets: frozenset[str], versioned: frozenset[str]) -> LedgerImages:
        hidden = _AtVersion(self.home, self.ledger, versioned) if versioned else lambda: NOBODY
        return LedgerImages(self.ledger, self._open, self._gone, Part(datasets, hidden, self._of_ledger))
