"""The common odds ratio of several tables of two by two, such as one for each stage; equal to that of the pooled rows."""

from math import exp, log, sqrt

import numpy as np
from scipy import stats

from oncommons.algorithms.groups import levels_of, places
from oncommons.algorithms.pair import Analysis, Basis, Partial, Result, Role, Setting, Unanswerable, added


def local(table, settings, state, least):
    """At a hospital: how many people are in each cell of each stratum, and that each cell can be told apart."""
    names = [settings["outcome"], settings["exposure"], settings["strata"]]
    rows = table.complete(*filter(None, names))
    outcome, exposure, stratum = (places(rows, name) for name in names)
    strata = len(levels_of(settings, settings["strata"]))
    counts = np.bincount(stratum * 4 + exposure * 2 + outcome, minlength=strata * 4)
    return Partial({"counts": counts.reshape(strata, 2, 2).tolist()}, Basis(rows.people, tuple(counts.tolist())))


def combine(settings, state, partials):
    """At the hub: the odds ratio, with the interval of Robins, Breslow and Greenland."""
    counts = added(partials, "counts")
    people = counts.sum(axis=(1, 2))
    (d, c), (b, a) = counts[:, 0].T, counts[:, 1].T
    whole = np.where(people > 0, people, 1.0)
    r, s, p, q = a * d / whole, b * c / whole, (a + d) / whole, (b + c) / whole
    if not r.sum() or not s.sum():
        raise Unanswerable("In no stratum there are both, people with and without the outcome; join strata.")
    ratio = r.sum() / s.sum()
    spread = (p * r).sum() / r.sum() ** 2 + (p * s + q * r).sum() / (r.sum() * s.sum()) + (q * s).sum() / s.sum() ** 2
    wide = stats.norm.ppf((1 + settings["level"]) / 2) * sqrt(spread / 2)
    low, high = exp(log(ratio) - wide), exp(log(ratio) + wide)
    names = levels_of(settings, settings["strata"])
    rows = [[name, *cells.ravel().tolist()] for name, cells in zip(names, counts, strict=True)]
    table = [["stratum", "neither", "outcome only", "exposure only", "both"], *rows]
    return Result(
        {"odds_ratio": float(ratio), "low": low, "high": high, "people": int(people.sum())}, {"strata": table}
    )


MANTEL_HAENSZEL = Analysis(
    name="mantel-haenszel",
    version=1,
    title="Odds ratio over strata",
    says="The common odds ratio of an exposure and an outcome, both yes or no, within strata.",
    source="Mantel and Haenszel 1959, JNCI 22:719; Robins, Breslow and Greenland 1986, Biometrics 42:311",
    roles=(
        Role("outcome", frozenset({"yes"}), "What may come of it."),
        Role("exposure", frozenset({"yes"}), "What people are exposed to."),
        Role("strata", frozenset({"code"}), "Groups within which people are compared.", needed=False),
    ),
    settings=(Setting("level", "How sure the interval is, of one.", 0.95, (0.5, 0.999)),),
    exact=True,
    local=local,
    combine=combine,
)
