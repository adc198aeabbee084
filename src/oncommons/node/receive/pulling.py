"""Pulling studies from an archive: ask what it has, fetch what is not here, and tell what became of each instance.

What is kept here is known by new identifiers; whoever calls says whether an original one is among them.  So an
interrupted pull is repeated, and fetches the series only that lack something; where few objects of a series lack, these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

from oncommons.node.receive.dimse.listening import Heard
from oncommons.schema.errors_of_protocols import PacsError, PacsRefused, PacsUnreachable

MOST_SINGLE = 200
"""Objects of a series that are fetched one by one; where more lack, the whole series comes sooner."""


@dataclass(frozen=True)
class Series:
    """A series as an archive tells of it.

    Attributes:
        uid: Series Instance UID.
        instances: SOP Instance UIDs that the archive lists.
        count: Number of instances that it says there are; it may list fewer than that.
    """

    uid: str
    instances: frozenset[str]
    count: int = 0

    @property
    def said(self) -> int:
        """How many instances the archive says there are."""
        return max(self.count, len(self.instances))


class Archive(Protocol):
    """An archive that can be asked; what it sends is told to :meth:`Arrivals.hear`."""

    def series(self, study: str) -> Sequence[Series]:
        """The series of a study; none where the archive does not know it.

        Raises:
            PacsError: it does not answer, or refuses.
        """

    def fetch(self, study: str, series: str = "", instances: Sequence[str] = ()) -> None:
        """Have a study sent, or one of its series, or some of its objects; returns when all that is sent has come.

        Args:
            study: Study Instance UID.
            series: Series Instance UID; empty for all.
            instances: SOP Instance UIDs of the series; none for all.

        Raises:
            PacsError: it does not answer, or refuses.
        """


@dataclass
class Arrivals:
    """What has come, by its original SOP Instance UID; several threads may tell of it."""

    _outcomes: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def hear(self, heard: Heard) -> None:
        """Note one object."""
        with self._lock:
            self._outcomes[heard.sop] = heard.outcome

    def of(self, instances: Iterable[str]) -> Counter[str]:
        """How many of some instances have come, by what became of them."""
        with self._lock:
            return Counter(self._outcomes[sop] for sop in instances if sop in self._outcomes)


@dataclass(frozen=True)
class StudyReport:
    """What became of one study that was asked for.

    Attributes:
        study: Its original Study Instance UID; told at this node only.
        said: Number of instances that the archive says it has.
        before: How many of them were kept here before.
        came: How many have come now, by what became of them.
        code: Code of the error where the archive did not do what was asked.
        message: That error in words.
    """

    study: str
    said: int = 0
    before: int = 0
    came: Mapping[str, int] = field(default_factory=dict)
    code: str = ""
    message: str = ""

    @property
    def lacking(self) -> int:
        """How many instances are neither here nor accounted for in quarantine or among the refused."""
        accounted = sum(number for outcome, number in self.came.items() if outcome != "failed")
        return max(0, self.said - self.before - accounted)

    @property
    def is_complete(self) -> bool:
        """Whether the archive has the study and every instance of it is accounted for here."""
        return not self.code and self.said > 0 and self.lacking == 0

    def to_json(self) -> dict[str, Any]:
        """The report as JSON."""
        body: dict[str, Any] = {
            "study": self.study,
            "said": self.said,
            "before": self.before,
            "came": dict(sorted(self.came.items())),
            "lacking": self.lacking,
            "complete": self.is_complete,
        }
        return body | ({"code": self.code, "message": self.message} if self.code else {})


def pull(
    archive: Archive, studies: Iterable[str], is_kept: Callable[[str], bool], arrivals: Arrivals
) -> Iterator[StudyReport]:
    """Pull studies one after another; one that fails does not keep the others back, an archive that is gone does.

    Args:
        archive: Where they are.
        studies: Study Instance UIDs.
        is_kept: Whether an instance, by its original SOP Instance UID, is kept here already.
        arrivals: Where what comes is told.
    """
    gone: PacsUnreachable | None = None
    for study in studies:
        if gone is None:
            report, gone = _one(archive, study, is_kept, arrivals)
            yield report
        else:
            yield StudyReport(study, code=gone.code, message="It was not asked for: the archive had gone.")


def _one(
    archive: Archive, study: str, is_kept: Callable[[str], bool], arrivals: Arrivals
) -> tuple[StudyReport, PacsUnreachable | None]:
    found: Sequence[Series] = ()
    before: frozenset[str] = frozenset()
    fault: PacsError | None = None
    try:
        found = archive.series(study)
        before = frozenset(sop for series in found for sop in series.instances if is_kept(sop))
        _fetch(archive, study, found, before)
    except PacsError as raised:
        fault = raised
    listed = frozenset(sop for series in found for sop in series.instances)
    report = StudyReport(
        study,
        said=sum(series.said for series in found),
        before=len(before),
        came=arrivals.of(listed - before),
        code=fault.code if fault else "",
        message=fault.message if fault else "",
    )
    return report, fault if isinstance(fault, PacsUnreachable) else None


def _fetch(archive: Archive, study: str, found: Sequence[Series], before: frozenset[str]) -> None:
    """Fetch a study as a whole where nothing of it is here, otherwise the series that lack something.

    A series that is refused does not keep the others back; the first refusal is raised after them.
    """
    if not before:
        if found:
            archive.fetch(study)
        return
    refused: PacsRefused | None = None
    for series in found:
        try:
            _fetch_series(archive, study, series, before)
        except PacsRefused as fault:
            refused = refused or fault
    if refused is not None:
        raise refused


def _fetch_series(archive: Archive, study: str, series: Series, before: frozenset[str]) -> None:
    """Fetch what a series lacks, one by one where the archive lists all of it and more is here than lacks.

    Where it refuses one of them, it is asked for the series as a whole, which brings what it has.
    """
    here, lacking = series.instances & before, sorted(series.instances - before)
    if len(here) >= series.said:
        return
    if len(series.instances) == series.said and all(lacking) and len(lacking) <= min(len(here), MOST_SINGLE):
        with suppress(PacsRefused):
            archive.fetch(study, series.uid, lacking)
            return
    archive.fetch(study, series.uid)
