"""The noise of the rule ``private``: the discrete Laplace mechanism of OpenDP, which needs the extra ``[dp]``.

Only here is OpenDP imported; :func:`oncommons.node.confiding.load_mechanism` imports this module where the rule is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import opendp.prelude as dp

dp.enable_features("contrib")
_STEP = 2**-48
"""By how much noise is made larger where rounding up has made the loss larger than epsilon."""


class Geometric:
    """Adds noise of a two-sided geometric distribution to each of some whole numbers.

    The numbers of one release are taken together: epsilon holds where a person changes the sum of their absolute
    differences by at most ``sensitivity``.

    Args:
        epsilon: What a release may lose.
        sensitivity: By how much one person may change all its numbers together.
    """

    def __init__(self, epsilon: float, sensitivity: int) -> None:
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
        self.scale = sensitivity / epsilon
        while True:
            self._measure = cast("Any", dp.m.make_laplace(*space, scale=self.scale))
            self.loss = float(self._measure.map(sensitivity))
            if self.loss <= epsilon:
                break
            self.scale *= 1 + _STEP

    def add(self, numbers: Sequence[int]) -> list[int]:
        """The numbers with noise, drawn anew at each call."""
        return [int(number) for number in self._measure(list(numbers))] if numbers else []
