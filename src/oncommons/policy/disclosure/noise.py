"""Noise that is bound to people: the same crowd gets the same noise for ever, and nobody can tell it beforehand.

======================= =========================================== =================================================
rule                    here                                        source
======================= =========================================== =================================================
noise by the cell's     the noise is drawn by a keyed hash of who   Fraser and Wooton 2005, A proposed method for
people, not by query    the people are (HMAC, RFC 2104), so a       confidentialising tabular output (the cell key
                        rephrased question or a restart gives       method of the Australian Bureau of Statistics)
                        nothing new
shape                   two-sided geometric, probability of z       Ghosh, Roughgarden, Sundararajan 2009, Universally
                        in proportion to exp(-epsilon abs(z))       utility-maximizing privacy mechanisms; the whole
                                                                    numbers' form of Dwork et al. 2006 (Laplace)
scale                   epsilon = 2.5 / k: 0.25 for k = 10          ours
bound                   abs(z) <= k - 1, so that an interval holds  the cell key method bounds its noise too
                        the true number for certain
sample                  a third of the people, who they are is      judging by a random sample of the records, as the
                        secret, decide what may be told             random sample queries of Denning 1980
smallest                people are told of, or told apart, where    small-number suppression (Hundepool et al. 2012,
                        at least k of the sample are among them,    Statistical Disclosure Control, 4.2)
                        so that behind every number, and between
                        any two, are at least k; and where they
                        are so many that fewer would be in one
                        case of 1,000
======================= =========================================== =================================================

Who is not of the sample changes no judgement, whatever is asked and whatever else is known: with and without them the
same people of the sample are among any people (:meth:`Noise.is_small`).  Who is of the sample can be looked for by
somebody who finds people among whom are just ``k - 1`` of it.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from math import comb, exp, lgamma, log

from oncommons.policy.disclosure.crowd import Crowd

_PURPOSE = b"oncommons disclosure noise 1"
_WORD = 8
"""Bytes of the hash that choose the noise: the chance is exact to 2 to the power of -64."""
_SAMPLE = b"oncommons disclosure sample 1"
_SAMPLED = 85
"""Of 256 people so many are of the sample."""
_CHOSEN = bytes(ord("1" if byte < _SAMPLED else "0") for byte in range(256))
"""A byte of the hash to whether somebody is of the sample."""
_UNLIKELY = 0.001
"""Chance at which so many people are told of without looking at the sample."""


@dataclass(frozen=True)
class Shape:
    """How large noise is.

    Attributes:
        k: The hospital's threshold; everything else follows from it.  Behind every number that is told, and between
            any two that are told apart, are at least so many people.
    """

    k: int

    @cached_property
    def epsilon(self) -> float:
        """How much less likely each step of noise is, as a logarithm."""
        return 2.5 / self.k

    @cached_property
    def most(self) -> int:
        """Largest noise, either sign."""
        return self.k - 1

    @property
    def share(self) -> float:
        """The share of people who are of the sample."""
        return _SAMPLED / 256

    @cached_property
    def reach(self) -> int:
        """So many people are always told; any fewer may be too few.

        Among one person less there are fewer of the sample than :attr:`k` in more than one case of 1,000, among
        these in no more (negative binomial distribution).
        """
        found, over = self.k, 0.0
        while True:
            missed = found - self.k
            ways = lgamma(found) - lgamma(self.k) - lgamma(missed + 1)
            over += exp(ways + self.k * log(self.share) + missed * log(1 - self.share))
            if 1 - over <= _UNLIKELY:
                return found
            found += 1

    @property
    def step(self) -> int:
        """Noisy numbers are told in groups of so many."""
        return max(self.k // 2, 1)

    @cached_property
    def chances(self) -> Sequence[float]:
        """The chance of each noise from ``-most`` to ``most``."""
        weights = [exp(-self.epsilon * abs(z)) for z in range(-self.most, self.most + 1)]
        whole = sum(weights)
        return [weight / whole for weight in weights]

    def advantage(self, answers: int) -> float:
        """How much better than by guessing anybody can tell whether one person is counted, at the very best.

        That is the total variation distance between so many independent answers that count the person and as many
        that do not, where everybody else is known; rounding, left out here, only makes it smaller.

        Args:
            answers: How many answers count the person, each with a noise of its own; what is not told, or merged, is
                left out here, see :attr:`share`.

        Returns:
            The chance to say yes where it is true less the chance to say yes where it is not; 0 is guessing.
        """
        chances, stuck = self.chances, self.chances[-1]
        more = sum(here for here, above in pairwise(chances) if here > above)
        less = sum(here for here, above in pairwise(chances) if here < above)
        open_ = sum(
            comb(answers, n) * more**n * less ** (answers - n) * max(0.0, 1 - exp(-self.epsilon * (2 * n - answers)))
            for n in range(answers + 1)
        )
        return 1 - (1 - stuck) ** answers + open_

    @cached_property
    def _ends(self) -> Sequence[float]:
        return list(accumulate(self.chances))[:-1]

    def at(self, chance: float) -> int:
        """The noise at a point between 0 and 1 of its distribution."""
        return bisect_right(self._ends, chance) - self.most


@dataclass(frozen=True)
class Noise:
    """Draws noise.

    Attributes:
        secret: The node's secret; whoever has it can take the noise away.
        shape: How large it is.
    """

    secret: bytes
    shape: Shape
    _samples: dict[str, tuple[int, int]] = field(default_factory=dict, compare=False, repr=False)

    def is_small(self, dataset: str, crowd: Crowd) -> bool:
        """Whether people are too few to be told of, or to be told apart from others; nobody always is.

        Args:
            dataset: Name of their dataset.
            crowd: The people.
        """
        return self.are_few(dataset, crowd.who, crowd.people)

    def are_few(self, dataset: str, who: int, people: int) -> bool:
        """The same of a plane of bits, in which so many are set."""
        if people < self.shape.k or people >= self.shape.reach:
            return people < self.shape.k
        return (who & self.sample(dataset, who.bit_length())).bit_count() < self.shape.k

    def sample(self, dataset: str, people: int) -> int:
        """Who of the first people of a dataset are of the sample, as a plane of bits.

        Args:
            dataset: Name of the dataset.
            people: How many people; more may be in what is given back.
        """
        size, found = self._samples.get(dataset, (0, 0))
        if size < people:
            size = max(2 * size, people, 1024)
            parts = (_SAMPLE, self.secret, dataset.encode())
            text = b"".join(len(part).to_bytes(8, "little") + part for part in parts)
            found = int(hashlib.shake_256(text).digest(size).translate(_CHOSEN)[::-1], 2)
            self._samples[dataset] = size, found
        return found

    def draw(self, dataset: str, entity: str, crowd: Crowd) -> int:
        """The noise of a crowd.

        Args:
            dataset: Name of its dataset.
            entity: What is counted; a set of people is drawn for as ``person``.
            crowd: The people.
        """
        parts = (_PURPOSE, dataset.encode(), entity.encode(), crowd.to_bytes())
        text = b"".join(len(part).to_bytes(8, "little") + part for part in parts)
        word = hmac.digest(self.secret, text, "sha256")[:_WORD]
        return self.shape.at(int.from_bytes(word, "little") / 2 ** (8 * _WORD))
