"""The kept images as one request may see them: each file is opened only while that is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO

from oncommons.node.share.dicomweb.kept import Kept, KeptInstance, KeptSeries


@dataclass
class Scoped:
    """What one request may see.

    Attributes:
        kept: The part of the images that may be seen.
        check: Raises where it may not be seen any more; called again before each file is opened.
        reached: How many objects it has come upon so far; no more than these are in its answer.
    """

    kept: Kept
    check: Callable[[], None]
    reached: int = 0

    def series(self) -> Sequence[KeptSeries]:
        """All series that may be seen."""
        return self.kept.series()

    def instances(self, study: str = "", series: str = "", sop: str = "") -> Iterator[KeptInstance]:
        """Objects of a study, a series or all, as far as they may be seen."""
        for one in self.kept.instances(study, series, sop):
            self.reached += 1
            yield replace(one, open=partial(self._opened, one))

    def _opened(self, one: KeptInstance) -> BinaryIO:
        self.check()
        return one.open()
