"""What DICOMweb needs of the node's images: rows of kept objects, whoever holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class KeptSeries:
    """A kept series.

    Attributes:
        patient: Pseudonym.
        study: Study Instance UID, like the next as it is kept.
        series: Series Instance UID.
        instances: How many objects it has.
        attributes: Of one of its objects: tag in 8 hexadecimal digits to value as text, values joined by a backslash.
    """

    patient: str
    study: str
    series: str
    instances: int
    attributes: Mapping[str, str]


@dataclass(frozen=True)
class KeptInstance:
    """A kept object.

    Attributes:
        patient: Pseudonym.
        study: Study Instance UID, like the next two as it is kept.
        series: Series Instance UID.
        sop: SOP Instance UID.
        syntax: UID of its transfer syntax.
        attributes: As in :class:`KeptSeries`.
        open: Opens its file, to be read; it can be searched.
    """

    patient: str
    study: str
    series: str
    sop: str
    syntax: str
    attributes: Mapping[str, str]
    open: Callable[[], BinaryIO] = field(compare=False, repr=False)


class Kept(Protocol):
    """The node's kept images; safe to call from several threads."""

    def series(self) -> Sequence[KeptSeries]:
        """All series, in order of study and series."""

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, in order of study, series and object."""
