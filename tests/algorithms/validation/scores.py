"""People with a risk that somebody told them, and what became of them."""

from functools import cache

import numpy as np

from oncommons.algorithms.pair import Table


@cache
def scored(people=500, seed=4, ties=False):
    """Risks that are too far apart (slope 0.7) and too low, outcomes, times, and some values missing."""
    random = np.random.default_rng(seed)
    logit = random.normal(-0.5, 1.5, people)
    risk = 1 / (1 + np.exp(-logit))
    if ties:
        risk = np.clip(np.round(risk, 1), 0.1, 0.9)
    event = random.uniform(size=people) < 1 / (1 + np.exp(-0.3 - 0.7 * logit))
    time = np.ceil(random.exponential(20 * np.exp(-0.5 * logit)))
    died = time <= 30
    table = {"risk": risk, "event": event * 1.0, "time": np.minimum(time, 30.0), "died": died * 1.0}
    table["risk"][3::83] = np.nan
    return Table({name: np.array(column) for name, column in table.items()})


def known(table):
    """Risk and outcome of whom both are known."""
    some = table.complete("risk", "event")
    return some.columns["risk"], some.columns["event"] > 0


SETTINGS = {"score": "risk", "event": "event"}
