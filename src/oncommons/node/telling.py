"""The node's memory of what it told: a secret for the noise, a ledger on disk, and what is in it at hand."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from oncommons.node.home import NOISE_KEY, NOISE_KEY_BYTES
from oncommons.policy.disclosure.budget import DAY, HOUR, Budget, cost_of, digest_of
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place, Shelf, Teller, Told
from oncommons.policy.disclosure.tracing import Used, most_traced
from oncommons.schema.answer import Count
from oncommons.schema.errors import StorageFailed
from oncommons.schema.question import Question
from oncommons.schema.run import Run
from oncommons.storage.files import plain_file_errors, write_once
from oncommons.storage.released import TOLD, Asking, Released, Telling

PUBLIC = ""
"""Stands for what everybody is told."""


def noise_secret(path: Path) -> bytes:
    """The secret of a node's noise; at the first call it is made, readable by its owner only.

    Raises:
        StorageFailed: it cannot be read, or is not one.
    """
    with plain_file_errors():
        if not path.exists():
            with suppress(FileExistsError):  # of two who make it at once, the first wins
                write_once(path, secrets.token_bytes(NOISE_KEY_BYTES))
        secret = path.read_bytes()
    if len(secret) != NOISE_KEY_BYTES:
        raise StorageFailed(f"{path.name} is damaged; restore it from a backup.", detail=str(path))
    return secret


@dataclass(frozen=True)
class Questions:
    """What questions were told of people, for an analysis that tells exactly of how many it is.

    Attributes:
        teller: Remembers it.
        places: Where the people of each dataset are compared.
    """

    teller: Teller
    places: Mapping[str, Place]

    def traced(self, dataset: str, earlier: Sequence[int], now: Sequence[int]) -> int:
        """By how many noisy numbers one person could be looked for, see :func:`oncommons.policy.disclosure.tracing.most_traced`."""
        place = self.places[dataset]
        used = Used(earlier, now, place.everybody.who)
        return most_traced(self.teller.shelf(place), used, self.teller.noise.shape.k)

    def remember(self, dataset: str, crowd: int) -> None:
        """Have whoever asks for nearly the same people from now on be told the same of them."""
        self.teller.remember(self.places[dataset], Crowd.of([crowd]))


@dataclass
class Memory:
    """What a node told: one memory for all who ask, and a budget for each project.

    Attributes:
        ledger: Where it is kept.
        noise: The node's noise.
        budget: How much a project may ask.
        clock: Tells the time, in seconds since the epoch.
    """

    ledger: Released
    noise: Noise
    budget: Budget
    clock: Callable[[], float] = time.time
    _teller: Teller | None = None
    _last: int = 0
    """What the ledger said when the teller was read; others write to it too."""

    @classmethod
    def open(cls, folder: Path, policy: Policy, budget: Budget, clock: Callable[[], float] = time.time) -> Memory:
        """Open the memory of a node.

        Args:
            folder: Where its secret and its ledger lie.
            policy: What may be told.
            budget: How much a project may ask.
            clock: Tells the time.

        Raises:
            MachineError: the secret or the ledger cannot be used.
        """
        noise = Noise(noise_secret(folder / NOISE_KEY), Shape(policy.k))
        return cls(Released(folder / TOLD), noise, budget, clock)

    @contextmanager
    def answering(self, project: str, question: Question | Run) -> Iterator[Teller]:
        """Answer a question of a project, or make an analysis for it, inside the block; when the block ends, what was told is on disk.

        Nobody else answers meanwhile: two questions at once could pass a budget that has room for one, and be told
        apart what must look alike.

        Raises:
            BudgetSpent: the project's budget does not suffice.
            TooManyQuestions: it does, but not now.
            MachineError: what was told cannot be remembered; then nothing may be told.
        """
        now, digest, cost = self.clock(), digest_of(question), cost_of(question)
        with self.ledger.alone():
            if not self.ledger.has_answered(project, digest):
                since = now - self.budget.days * DAY
                self.budget.allow(cost, self.ledger.spent(project, since), self.ledger.spent(project, now - HOUR))
            with self._telling(project, Asking(digest, cost, now)) as teller:
                yield teller

    @contextmanager
    def publishing(self) -> Iterator[Teller]:
        """Tell everybody something inside the block."""
        with self.ledger.alone(), self._telling(PUBLIC, Asking(b"", 0, self.clock())) as teller:
            yield teller

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    @contextmanager
    def _telling(self, project: str, asking: Asking) -> Iterator[Teller]:
        """Tell a project something, and remember it; the ledger is ours meanwhile."""
        if self._teller is None or self.ledger.last() != self._last:
            self._teller = Teller(self.noise)
            for telling in self.ledger.told():
                shelf = self._teller.shelves.setdefault((telling.dataset, telling.entity), Shelf())
                shelf.put(_told(telling), new=False)
        try:
            yield self._teller
            self.ledger.record(project, asking, _news(self._teller))
            self._last = self.ledger.last()
        except BaseException:
            self._teller = None  # what is not on disk was not told
            raise


def _news(teller: Teller) -> list[Telling]:
    return [_telling(*name, told) for name, found in teller.news().items() for told in found]


def _telling(dataset: str, entity: str, told: Told) -> Telling:
    crowd = None if told.crowd is None else told.crowd.packed()
    count = told.count
    return Telling(dataset, entity, told.digest, crowd, count.at_least, count.at_most, count.precision, told.own)


def _told(telling: Telling) -> Told:
    count = Count.from_json(vars(telling))
    crowd = None if telling.crowd is None else Crowd.unpacked(telling.crowd)
    return Told(telling.digest, count, crowd, own=bool(telling.own))
