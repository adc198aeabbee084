"""Thirteen trials of the BCG vaccine: ill and well of who got it, ill and well of who did not (Colditz et al. 1994, JAMA 271:698)."""

import numpy as np

TRIALS = np.array(
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
        (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip


def risks():
    """The log of the relative risk of each trial, and its variance."""
    a, b, c, d = TRIALS.T
    return np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def odds():
    """The log of the odds ratio of each trial, and its variance (Woolf)."""
    a, b, c, d = TRIALS.T
    return np.log(a * d / b / c), 1 / a + 1 / b + 1 / c + 1 / d
