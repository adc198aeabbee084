"""A federation without a wire: tables split over nodes, rounds carried as JSON, and a pooled table beside them."""

import json

import numpy as np

from oncommons.algorithms.pair import Result, Table
from oncommons.algorithms.possible import impossible


def run(analysis, tables, settings, least=1):
    """The result of an analysis, what passes between the two halves as JSON, as it does on the wire."""
    state, defaults = None, {one.name: one.default for one in analysis.settings}
    chosen = defaults | settings
    for _ in range(100):
        partials = {
            name: _carried(analysis, analysis.local(table, chosen, state, least)) for name, table in tables.items()
        }
        with np.errstate(all="raise", under="ignore"):  # as the hub does
            step = analysis.combine(chosen, state, partials)
        if isinstance(step, Result):
            json.dumps([step.found, step.tables], allow_nan=False)
            return step
        state = json.loads(json.dumps(step, allow_nan=False))
    raise AssertionError("the analysis does not end")


def _carried(analysis, partial):
    """What a node tells, as JSON carries it; who is honest tells what can be."""
    found = json.loads(json.dumps(partial.found, allow_nan=False))
    assert impossible(analysis.kinds, found, partial.basis.people) == ""
    return found


def split(table, sites):
    """A table by the site of each row."""
    names = [f"node-{site:02d}" for site in range(max(sites) + 1)]
    return {
        name: Table({c: v[np.asarray(sites) == site] for c, v in table.columns.items()}, table.levels)
        for site, name in enumerate(names)
    }


def splits(people, nodes, seed=0):
    """Ways to share people out: evenly, by a skewed rule, one person at a node, nobody at a node, in order."""
    random = np.random.default_rng(seed)
    shares = random.dirichlet(np.full(nodes, 0.3))
    single = np.where(np.arange(people) == people // 2, 0, random.integers(1, max(nodes, 2), people))
    return {
        "even": random.integers(0, nodes, people),
        "skewed": random.choice(nodes, people, p=shares),
        "single": single,
        "empty": np.where((sites := random.integers(0, nodes, people)) == 0, 1, sites),
        "ordered": np.arange(people) * nodes // people,
    }
