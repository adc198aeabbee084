"""Boxes around what hangs together in a map of yes and no."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from oncommons.imaging.deid.pixels.found import Box


def boxes_of(mask: npt.NDArray[np.bool_]) -> list[Box]:
    """A box around each group of neighbours, diagonal ones too, of shape (rows, columns).

    Rows are cut into runs; runs that touch those of the row above are of one group.
    """
    rows, columns = mask.shape
    padded = np.zeros((rows, columns + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded.ravel())
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    row_of = starts // (columns + 2)
    firsts, lasts = (starts % (columns + 2)).tolist(), (ends % (columns + 2)).tolist()
    bounds = np.searchsorted(row_of, np.arange(rows + 1)).tolist()
    parent = list(range(len(firsts)))
    for row in range(1, rows):
        _join(parent, firsts, lasts, (bounds[row - 1], bounds[row], bounds[row + 1]))
    found: dict[int, Box] = {}
    for run, row in enumerate(row_of.tolist()):
        group = _root(parent, run)
        old = found.get(group, Box(firsts[run], row, lasts[run], row + 1))
        found[group] = Box(min(old.left, firsts[run]), old.top, max(old.right, lasts[run]), row + 1)
    return list(found.values())


def _join(parent: list[int], firsts: list[int], lasts: list[int], bounds: tuple[int, int, int]) -> None:
    """Put the runs of a row into the groups of the runs above that they touch."""
    above, here = bounds[0], bounds[1]
    while above < bounds[1] and here < bounds[2]:
        if firsts[above] <= lasts[here] and firsts[here] <= lasts[above]:
            one, other = _root(parent, above), _root(parent, here)
            parent[max(one, other)] = min(one, other)
        if lasts[above] < lasts[here]:
            above += 1
        else:
            here += 1


def _root(parent: list[int], run: int) -> int:
    while parent[run] != run:
        parent[run] = parent[parent[run]]
        run = parent[run]
    return run
