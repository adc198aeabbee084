"""The order of a check, and nowhere else: kept files, rules, links, tables, report.

The headers of the kept files are read again, so that a check also finds files that are gone or damaged.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any, BinaryIO, TypeVar

import orjson

from oncommons.imaging.attributes import TAGS
from oncommons.imaging.checks.findings import Finding
from oncommons.imaging.checks.frames import LAST, frames_of, has_frames
from oncommons.imaging.checks.series import EVERY_TAG, check_series
from oncommons.imaging.checks.twins import Twins, fingerprint, twin_finding, twins
from oncommons.imaging.elements import read_elements
from oncommons.imaging.headers import Read, pixel_digest, read_header
from oncommons.imaging.references import References, references
from oncommons.imaging.syntax import open_file
from oncommons.imaging.tags import Attributes, Tag
from oncommons.node.decoding import check_decoding
from oncommons.node.home import Home
from oncommons.node.optouts import open_seen, opted_out
from oncommons.node.report.anonymity import Anonymity, anonymity
from oncommons.node.report.links import Link, count_links, kind_of, link_finding, links_of
from oncommons.node.report.quality import CheckedSeries, QualityReport, check_coverage, way_of, write_report
from oncommons.schema.errors import ImageError, NotFound
from oncommons.storage.blobs import Blobs
from oncommons.storage.files import alone_in, plain_file_errors, private_file
from oncommons.storage.journal import append, records
from oncommons.storage.ledger import Entry, Ledger
from oncommons.storage.mapped import mapped

T = TypeVar("T")
Reader = Callable[[Entry], Attributes]


@dataclass(frozen=True)
class _Source:
    """Where attributes are read: how those of an object and of its frames are, and which of them can be there."""

    read: Reader
    known: frozenset[str]
    frames: Callable[[Entry, Attributes], Iterable[Attributes]]


@dataclass
class _Checked:
    """What was read of a node so far; series by identifier.

    Attributes:
        gone: Pseudonyms of those whose series are not looked at.
    """

    gone: Container[str]
    series: dict[str, CheckedSeries] = field(default_factory=dict)
    datasets: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    prints: dict[str, list[bytes]] = field(default_factory=dict)
    links: defaultdict[str, list[tuple[str, tuple[Link, ...]]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, uid: str, *findings: Finding) -> None:
        """Note more findings about a series."""
        self.series[uid] = self.series[uid].with_findings(*findings)


def check(home: Home, dataset: str = "", *, quick: bool = False, pixels: bool = False) -> list[QualityReport]:
    """Check what a node keeps, and note the result beside those of earlier checks.

    Args:
        home: The node.
        dataset: One dataset; all if left out.
        quick: Whether to believe the ledger instead of reading the files again.
        pixels: Whether to decode compressed pixels, every frame.

    Raises:
        NotFound: the node keeps no images of this dataset.
        MissingPackage: pixels are to be decoded, and the extra that does it is not installed.
        MachineError: the node's ledger or tables cannot be read.
    """
    source = _ledger() if quick else _files(home.blobs)
    with closing(Ledger(home.ledger_file)) as ledger:
        outcomes = ledger.outcomes()
        names = [name for name, found in outcomes.items() if found.get("kept") and dataset in {"", name}]
        if dataset and not names:
            raise NotFound(f"This node keeps no images of a dataset {dataset!r}.")
        checked = _Checked(opted_out(home))
        for name in names:
            _check_dataset(ledger, home.blobs, name, source, checked)
            if pixels:
                for uid in checked.datasets[name]:
                    checked.add(uid, *check_decoding(home.blobs, ledger.in_series(uid)))
        _find_twins(ledger, home.blobs, checked)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    way = "pixels" if pixels else "quick" if quick else "files"
    before = {(str(record.get("dataset")), way_of(record)): record for record in records(home.quality_file)}
    reports = []
    for name in names:
        series = [checked.series[uid] for uid in checked.datasets[name]]
        report = write_report(name, at, series, outcomes[name].get("quarantined", 0))
        links, hiding = count_links(checked.links[name]), _hiding(home, name)
        decoded = {} if pixels else before.get((name, "pixels"), {})
        earlier = before.get((name, way), {})
        reports.append(replace(report, links=links, anonymity=hiding, before=earlier, way=way, decoded=decoded))
        append(home.quality_file, reports[-1].record())
    _note_latest(home, reports)
    return reports


def latest_reports(home: Home) -> dict[str, Any]:
    """Dataset to its latest report, as JSON; none where the file is not there, or is spoilt.

    Raises:
        MachineError: the file cannot be read.
    """
    with plain_file_errors():
        try:
            told = orjson.loads(home.latest_file.read_bytes())
        except (FileNotFoundError, orjson.JSONDecodeError):
            return {}
    return dict(told) if isinstance(told, dict) else {}


def _note_latest(home: Home, reports: Sequence[QualityReport]) -> None:
    """Put the reports in the place of earlier ones of the same datasets."""
    with alone_in(home.folder):
        told = latest_reports(home) | {report.dataset: report.to_json() for report in reports}
        with private_file(home.latest_file) as put:
            put([orjson.dumps(told).decode()])


def _check_dataset(ledger: Ledger, images: Blobs, dataset: str, source: _Source, checked: _Checked) -> None:
    """Each series of a dataset by itself, and what its objects describe; those of people who opted out are left out."""
    seen = (entry for entry in ledger.kept(dataset) if entry.patient not in checked.gone)
    for uid, group in groupby(seen, key=lambda entry: entry.series):
        entries = list(group)
        checked.datasets[dataset].append(uid)
        checked.series[uid], instances = _check_series(entries, source)
        checked.prints[uid] = [found for one in instances if (found := fingerprint(one)) is not None]
        for entry in entries:
            kind = kind_of(entry.modality)
            if kind and (named := _references(images, entry)) is not None:
                places = ledger.places(named.instances)
                links = links_of(entry.sop, uid, kind, named, places.get, ledger.has_series)
                checked.links[dataset].append((kind, links))
                finding = link_finding(links)
                if finding is not None:
                    checked.add(uid, finding)


def _check_series(entries: Sequence[Entry], source: _Source) -> tuple[CheckedSeries, list[Attributes]]:
    instances, frames, lost = _read_all(entries, source)
    first: dict[str, str] = {
        **(instances[0] if instances else {}),
        Tag.SERIES: entries[0].series,
        Tag.STUDY: entries[0].study,
        Tag.PATIENT: entries[0].patient,
        Tag.MODALITY: entries[0].modality,
    }
    findings = (*check_series(instances, source.known, frames), *lost)
    stated, expected = check_coverage(first)
    return CheckedSeries(first, len(entries), sum(e.size for e in entries), findings, stated, expected), instances


def _read_all(entries: Sequence[Entry], source: _Source) -> tuple[list[Attributes], list[Attributes], list[Finding]]:
    """Attributes of all objects that can be read and of their frames, and what is wrong with the others."""
    found: list[Attributes] = []
    frames: list[Attributes] = []
    lost: Counter[str] = Counter()
    for entry in entries:
        try:
            found.append(source.read(entry))
            frames += source.frames(entry, found[-1])
        except NotFound:
            lost["file-gone"] += 1
        except ImageError:
            lost["file-damaged"] += 1
    told = [Finding(code, f"{n:,} of {len(entries):,} files.", {"files": n}) for code, n in lost.items()]
    return found, frames, told


def _find_twins(ledger: Ledger, images: Blobs, checked: _Checked) -> None:
    """Series that have images in common with another one; that they look alike is no proof, their pixels are."""
    for pair in twins(checked.prints):
        one, other = (_pixels(ledger.in_series(uid), images) for uid in (pair.first, pair.second))
        shared = sum(not one[found].isdisjoint(other[found]) for found in one.keys() & other.keys())
        if 2 * shared < pair.smaller or not shared:
            continue
        first, second = (checked.series[uid].first for uid in (pair.first, pair.second))
        checked.add(pair.first, twin_finding(replace(pair, shared=shared), first, second))
        turned = Twins(pair.second, pair.first, shared, pair.smaller)
        checked.add(pair.second, twin_finding(turned, second, first))


def _pixels(entries: Sequence[Entry], images: Blobs) -> dict[bytes, set[str]]:
    """Fingerprint to digests of the pixels of the images of a series that have it."""
    found: defaultdict[bytes, set[str]] = defaultdict(set)
    for entry in entries:
        with suppress(NotFound, ImageError):
            print_ = fingerprint(_opened(images, entry, read_header))
            digest = _opened(images, entry, pixel_digest)
            if print_ is not None and digest:
                found[print_].add(digest)
    return dict(found)


def _references(images: Blobs, entry: Entry) -> References | None:
    """What an object refers to; nothing where its file is gone or damaged, which is told elsewhere."""
    try:
        with images.open(_name(entry)) as file:
            return references(mapped(file))
    except (NotFound, ImageError):
        return None


def _hiding(home: Home, dataset: str) -> Anonymity | None:
    connection = open_seen(home)
    if connection is None:
        return None
    with connection:
        return anonymity(connection, dataset, home.policy.k)


def _files(images: Blobs) -> _Source:
    """The kept files, read again."""
    return _Source(lambda entry: _opened(images, entry, read_header), EVERY_TAG, partial(_frames, images))


def _frames(images: Blobs, entry: Entry, one: Attributes) -> Iterator[Attributes]:
    if not has_frames(one):
        return
    with images.open(_name(entry)) as file:
        yield from frames_of(one, read_elements(open_file(mapped(file)), LAST))


def _ledger() -> _Source:
    """What the ledger knows, which is nothing of frames."""
    return _Source(_from_ledger, _LEDGER_TAGS, lambda *_: ())


def _from_ledger(entry: Entry) -> Attributes:
    found: dict[str, str] = orjson.loads(entry.attributes)
    return {**found, Tag.SYNTAX: entry.syntax}


def _opened(images: Blobs, entry: Entry, read: Callable[[Read, int], T]) -> T:
    with images.open(_name(entry)) as file:
        return read(partial(_part, file), file.seek(0, os.SEEK_END))


def _part(file: BinaryIO, size: int, at: int) -> bytes:
    file.seek(at)
    return file.read(size)


def _name(entry: Entry) -> str:
    return f"{entry.series}/{entry.sop}.dcm"


_LEDGER_TAGS = frozenset({*(f"{tag:08X}" for tag in TAGS), str(Tag.SYNTAX)})
"""What the ledger knows of each object."""
