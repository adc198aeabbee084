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
smallest                a number is told where people and noise     small-number suppression (Hundepool et al. 2012,
                        together are at least k + k/2 - 1, so that  Statistical Disclosure Control, 4.2)
                        behind every number are at least k/2
======================= =========================================== =================================================
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import comb, exp

from oncommons.policy.crowd import Crowd

_PURPOSE = b"oncommons disclosure noise 1"
_WORD = 8
"""Bytes of the hash that choose the noise: the chance is exact to 2 to the power of -64."""


@dataclass(frozen=True)
class Shape:
    """How large noise is.

    Attributes:
        k: The hospital's threshold; everything else follows from it.
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

    @cached_property
    def fewest(self) -> int:
        """Behind every number that is told are at least so many people."""
        return max(self.k // 2, 1)

    @cached_property
    def bar(self) -> int:
        """People and noise together must be at least so many to be told."""
        return self.k + self.fewest - 1

    @cached_property
    def reach(self) -> int:
        """So many people are always told; any fewer may be too few."""
        return self.bar + self.most

    @property
    def step(self) -> int:
        """Noisy numbers are told in groups of so many."""
        return self.fewest

    @cached_property
    def chances(self) -> Sequence[float]:
        """The chance of each noise from ``-most`` to ``most``."""
        weights = [exp(-self.epsilon * abs(z)) for z in range(-self.most, self.most + 1)]
        whole = sum(weights)
        return [weight / whole for weight in weights]

    def advantage(self, answers: int) -> float:
        """How much better than by guessing anybody can tell whether one person is counted, at the very best.

        That is the total variation distance between so many independent answers that count the person and as many
        that do not, where everybody else is known; rounding and suppression, left out here, only make it smaller.

        Args:
            answers: How many answers count the person, each with a noise of its own; that nothing is told, and that
                a crowd is merged with another, are outcomes of such a draw as well.

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
