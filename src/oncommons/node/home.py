"""The directory of a node: its key, its place in a federation, its policy and its tables.

::

    node.json     policy, place of the images, whether they are compressed, and after joining the name, the hub's address and pinned keys
    key.pem       the node's Ed25519 key, readable by its owner only; it never leaves
    index/        the tables, see oncommons.storage.generations
    profile.toml  the node's own de-identification profile, if it has one, see oncommons.imaging.deid.own
    sums.key      the key with which it secures sums with other hospitals (X25519); it never leaves
    analysed.sqlite whose rows analyses used, and with which hospitals they were summed, see oncommons.storage.analysed
    tried.json    which analyses of others have passed here, and in which version, see oncommons.node.trying.book
    deid.key      the secret that pseudonyms are made with; it never leaves
    images/       kept images, one directory a series; unless they are in an object store
    quarantine/   files that wait for a person, as they came
    drafts/       what running imports have not put in its place yet
    readings/     what an import of clinical data that did not end has read, see oncommons.node.receive.clinical.resuming
    quality.jsonl what each check of the images found; quality.latest.json has the latest reports in full
    ledger.sqlite what became of every file, see oncommons.storage.ledger
    disclosure.key the secret that noise is made with, see oncommons.policy.disclosure.noise; it never leaves
    permits.sqlite what its data manager decided about permits, and what was asked under them, see oncommons.storage.permitted
    told.sqlite   what was told, and what each project has asked, see oncommons.storage.released; it never leaves
    optouts.list  the pseudonyms of people who opted out; optouts.jsonl the proof of who listed whom, and when
    audit.sqlite  what was told, refused, imported and changed, see oncommons.storage.audit; others keep its checkpoints
    mappings.csv  the mappings that the node's people accepted; mappings.jsonl who accepted which, and when
    console.token what lets people of this machine into the console; it never leaves
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from oncommons.policy.access.demands import DEMANDS, SHOWINGS, Demand, Showing
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.schema.errors import AlreadyANode, NotANode, NotJoined
from oncommons.storage.audit import AUDIT, KEY
from oncommons.storage.blobs import Blobs, blobs_at
from oncommons.storage.files import plain_file_errors, replace_file, write_once
from oncommons.storage.generations import Generations
from oncommons.storage.permitted import PERMITS

_FILE = "node.json"
NOISE_KEY = "disclosure.key"
NOISE_KEY_BYTES = 32


@dataclass(frozen=True)
class Membership:
    """The node's place in a federation.

    Attributes:
        name: Its name there.
        url: Address of the hub.
        issuer: How the hub names itself in tokens.
        keys: The hub's public keys, pinned when joining (a JWK set, RFC 7517).
        ca: Path of a file with the certificates to trust, or empty for the system's.
    """

    name: str
    url: str
    issuer: str
    keys: Mapping[str, Any]
    ca: str = ""


@dataclass(frozen=True)
class Home:
    """A node's directory, read.

    Attributes:
        folder: The directory.
        policy: What may be told.
        membership: The node's place in a federation, if it has one.
        store: Address of the object store of the images; empty where they are in the directory.
        compress: Whether images are kept losslessly compressed.
        budget: How much a project may ask, under the rule ``noise``.
        privacy: How much may be lost, under the rule ``private``.
        demand: Whether questions need a permit, or the data manager's consent, too.
        showing: Whether people of permits outside may have images, or only with the data manager's consent, too.
        analyses: Names of the analyses that it makes for people of permits.
        confirmed: Whether it secures sums only with hospitals whose keys its data manager has confirmed.
    """

    folder: Path
    policy: Policy
    membership: Membership | None = None
    store: str = ""
    compress: bool = False
    budget: Budget = field(default_factory=Budget)
    privacy: Privacy = field(default_factory=Privacy)
    demand: Demand = "optional"
    showing: Showing = "off"
    analyses: frozenset[str] = frozenset()
    confirmed: bool = False

    @property
    def key_file(self) -> Path:
        """Where the private key lies."""
        return self.folder / KEY

    @property
    def tables(self) -> Generations:
        """The node's tables."""
        return Generations(self.folder / "index")

    @property
    def readings(self) -> Path:
        """Where it is kept what an import of clinical data has read, until it ends."""
        return self.folder / "readings"

    @property
    def secret_file(self) -> Path:
        """Where the secret of the pseudonyms lies."""
        return self.folder / "deid.key"

    @property
    def profile_file(self) -> Path:
        """Where the node's own de-identification profile lies, if it has one."""
        return self.folder / "profile.toml"

    @property
    def images(self) -> Path:
        """Where kept images lie, unless they are in an object store."""
        return self.folder / "images"

    @property
    def blobs(self) -> Blobs:
        """The place of the kept images.

        Raises:
            MachineError: there is no such kind of store, or its package is missing.
        """
        return blobs_at(self.store or str(self.images))

    @property
    def quarantine(self) -> Path:
        """Where files lie that wait for a person."""
        return self.folder / "quarantine"

    @property
    def drafts(self) -> Path:
        """Where running imports write before they put files in their places."""
        return self.folder / "drafts"

    @property
    def ledger_file(self) -> Path:
        """Where the ledger of files lies."""
        return self.folder / "ledger.sqlite"

    @property
    def optouts_file(self) -> Path:
        """The pseudonyms of those who opted out."""
        return self.folder / "optouts.list"

    @property
    def optouts_log(self) -> Path:
        """The proof of each opting out and coming back."""
        return self.folder / "optouts.jsonl"

    @property
    def permits_file(self) -> Path:
        """What the data manager decided about permits, and what was asked under them."""
        return self.folder / PERMITS

    @property
    def analysed_file(self) -> Path:
        """The ledger of analyses."""
        return self.folder / "analysed.sqlite"

    @property
    def tried_file(self) -> Path:
        """Which analyses of others have passed."""
        return self.folder / "tried.json"

    @property
    def sums_file(self) -> Path:
        """Where the key lies with which sums are secured."""
        return self.folder / "sums.key"

    @property
    def audit_file(self) -> Path:
        """Where the audit log lies."""
        return self.folder / AUDIT

    @property
    def mappings_file(self) -> Path:
        """What the node's people accepted as the meaning of raw values."""
        return self.folder / "mappings.csv"

    @property
    def decided_file(self) -> Path:
        """Who accepted which mapping, and when."""
        return self.folder / "mappings.jsonl"

    @property
    def quality_file(self) -> Path:
        """Where the results of checks are noted."""
        return self.folder / "quality.jsonl"

    @property
    def latest_file(self) -> Path:
        """Where the latest report of each dataset lies."""
        return self.folder / "quality.latest.json"

    def joined(self) -> Membership:
        """The node's place in a federation.

        Raises:
            NotJoined: it has none yet.
        """
        if self.membership is None:
            raise NotJoined("This node has not joined a hub: oncommons node join URL CODE.")
        return self.membership

    def with_membership(self, membership: Membership) -> Home:
        """The same node, joined; written to disk."""
        return _written(replace(self, membership=membership))

    def with_policy(self, policy: Policy) -> Home:
        """The same node under another policy; written to disk."""
        return _written(replace(self, policy=policy))

    def with_budget(self, budget: Budget) -> Home:
        """The same node with another budget; written to disk."""
        return _written(replace(self, budget=budget))

    def with_privacy(self, privacy: Privacy) -> Home:
        """The same node with other settings of the rule ``private``; written to disk."""
        return _written(replace(self, privacy=privacy))

    def with_demand(self, demand: Demand) -> Home:
        """The same node, which asks for permits otherwise; written to disk."""
        return _written(replace(self, demand=demand))

    def with_showing(self, showing: Showing) -> Home:
        """The same node, which gives images to people of permits or does not; written to disk."""
        return _written(replace(self, showing=showing))

    def with_analyses(self, analyses: frozenset[str]) -> Home:
        """The same node, which makes other analyses; written to disk."""
        return _written(replace(self, analyses=analyses))

    def with_confirmed(self, *, confirmed: bool) -> Home:
        """The same node, which secures sums with confirmed hospitals only, or with all; written to disk."""
        return _written(replace(self, confirmed=confirmed))

    def with_compress(self, *, compress: bool) -> Home:
        """The same node, compressing what it keeps or not; written to disk."""
        return _written(replace(self, compress=compress))


def version_of(state: str) -> str:
    """The version of the datasets that a state of the tables holds, as permits name it; empty for none."""
    return hashlib.sha256(state.encode()).hexdigest()[:12] if state else ""


def make_home(folder: Path, policy: Policy, store: str = "", *, compress: bool = False) -> Home:
    """Make a node: its directory and its key.

    Args:
        folder: The directory.
        policy: What may be told.
        store: Address of an object store for the images, such as ``s3://bucket/athens``.
        compress: Whether images are kept losslessly compressed.

    Raises:
        AlreadyANode: there is one already; nothing was changed.
        MachineError: the directory cannot be written.
    """
    if (folder / _FILE).exists():
        raise AlreadyANode(f"{folder.name} is a node already; nothing was changed.", detail=str(folder))
    with plain_file_errors():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        import_module("oncommons.storage.keys").new_key(folder / KEY)  # what reads a home needs no cryptography
        write_once(folder / NOISE_KEY, secrets.token_bytes(NOISE_KEY_BYTES))
    return _written(Home(folder, policy, store=store, compress=compress))


def open_home(folder: Path) -> Home:
    """Read a node's directory.

    Raises:
        NotANode: it is not one.
    """
    try:
        body = json.loads((folder / _FILE).read_text("utf-8"))
        policy = Policy.of(body["policy"]["rule"], body["policy"]["k"])
        membership = Membership(**body["membership"]) if body["membership"] else None
        store, compress = str(body.get("images", "")), body.get("compress", False) is True
        budget, privacy = Budget(**body.get("budget", {})), Privacy(**body.get("privacy", {}))
        demand, showing = DEMANDS[body.get("permits", "optional")], SHOWINGS[body.get("outside", "off")]
        analyses, confirmed = frozenset(map(str, body.get("analyses", []))), body.get("confirmed", False) is True
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise NotANode(
            f"{folder.name or 'This directory'} is not a node: oncommons node init DIR makes one, --dir names it.",
            detail=f"{folder}: {fault!r}",
        ) from fault
    return Home(folder, policy, membership, store, compress, budget, privacy, demand, showing, analyses, confirmed)


def _written(home: Home) -> Home:
    body = {
        "policy": {"rule": home.policy.rule, "k": home.policy.k},
        "images": home.store,
        "compress": home.compress,
        "budget": vars(home.budget),
        "privacy": vars(home.privacy),
        "permits": home.demand,
        "outside": home.showing,
        "analyses": sorted(home.analyses),
        "confirmed": home.confirmed,
        "membership": vars(home.membership) if home.membership else None,
    }
    with plain_file_errors():
        replace_file(home.folder / _FILE, json.dumps(body, indent=2).encode("utf-8"))
    return home
