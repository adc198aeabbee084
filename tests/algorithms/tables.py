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


TRANSPLANTED = {
    ("ALL", "last"): """16.13 16.83 19.9 24.77 29.2 35.5 43.67 45.3 56.6 71.83 72.93 82.6 112.23 121.1 123.9 124.83
        131.77""",
    ("ALL", "relapse"): """1.1 1.23 1.67 1.7 1.8 1.87 2 2.23 2.4 2.53 2.87 3.07 3.57 3.63 4.07 4.23 5.37 6.13 7.53 7.57
        7.63 7.93 8.63 9.43 10.3 13.07 17.23 20.83""",
    ("ALL", "death"): """0.27 0.37 0.4 0.67 0.87 1.1 1.43 1.47 1.7 2.23 2.7 2.8 3.23 3.3 3.43 3.63 4.17 5.43 6 6.03 6.6
        7.47 7.5 8 8.17 10.53 12.17 24.03""",
    ("AML", "last"): """9.97 10.2 14.5 15.17 16.6 26.13 28.7 29.9 32.63 35.5 41.3 42.5 43.2 49.27 58 58.23 59.17 67.8
        68.83 70.2 76.03 77 81.67 85.1 106.13 110.37 112.93 114.1 114.7""",
    ("AML", "relapse"): """1.2 1.3 1.6 1.87 2.03 2.3 2.53 3.03 4.2 4.73 5 5.6 5.63 5.7 5.87 6 6.07 6.2 6.63 7 7.63 9.13
        9.5 12.27 12.57 28.53 35 42.17""",
    ("AML", "death"): """0.13 0.87 1 1.23 1.47 1.77 1.97 2 2.3 2.8 2.83 3.17 3.4 3.47 3.5 3.57 3.57 3.6 3.7 3.9 3.93 4.4
        4.4 4.57 4.57 4.8 5.23 5.27 6.1 6.3 6.33 6.7 7.2 7.2 7.63 8.6 8.73 8.8 9 9.17 9.2 9.63 9.97 10.9 11.8 13.8
        20.93""",
}
"""Months to relapse, death or last contact after a transplant (Scrucca, Santucci and Aversa 2010, BMT 45:1388)."""


@cache
def transplanted():
    """177 people with acute leukaemia, of whom 56 relapsed and 75 died of the transplant."""
    rows = [
        (float(one), ("last", "relapse", "death").index(event), ("ALL", "AML").index(group))
        for (group, event), times in TRANSPLANTED.items()
        for one in times.split()
    ]
    time, event, group = np.array(rows, dtype=float).T
    levels = {"event": ("last", "relapse", "death"), "group": ("ALL", "AML")}
    return Table({"time": time, "event": event, "group": group}, levels)
