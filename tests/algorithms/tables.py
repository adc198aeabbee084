"""Tables for tests of analyses: a published one of lifelines, and one made by a script with every kind of column."""

from functools import cache

import numpy as np
from lifelines.datasets import load_rossi

from oncommons.algorithms.pair import Table

GROUPS = ("a", "b", "c", "d")


@cache
def rossi():
    """432 people released from prison, followed for a year (Rossi, Berk and Lenihan 1980; lifelines, MIT)."""
    frame = load_rossi()
    return Table({name: frame[name].to_numpy(float) for name in frame})


@cache
def made(people=600, seed=5):
    """Numbers, yes and no, a code, outcomes of three families, times with ties, and some values missing."""
    random = np.random.default_rng(seed)
    x, s, g = random.normal(50, 12, people), random.integers(0, 2, people), random.integers(0, 4, people)
    eta = -3 + 0.05 * x + 0.4 * s + np.array([0, 0.3, -0.2, 0.5])[g]
    times = np.ceil(random.exponential(np.exp(-0.3 * eta) * 300) / 10)
    columns = {
        "x": x, "s": s, "g": g, "gaussian": eta + random.normal(0, 2, people),
        "binomial": random.uniform(size=people) < 1 / (1 + np.exp(-eta)), "poisson": random.poisson(np.exp(eta / 2)),
        "time": np.minimum(times, 60), "event": times <= 60,
        "offset": random.uniform(0, 1, people), "weights": random.uniform(0.5, 2, people),
    }  # fmt: skip
    found = {name: np.array(column, dtype=float) for name, column in columns.items()}
    found["x"][::97] = np.nan
    found["s"][5::101] = np.nan
    return Table(found, {"g": GROUPS})
