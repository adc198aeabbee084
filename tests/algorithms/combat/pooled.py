"""ComBat on pooled rows, step by step as Johnson, Li and Rabinovic 2007 write it; and a table of two devices and four hospitals."""

from functools import cache

import numpy as np

from oncommons.algorithms.pair import Table

VARIABLES = ("volume", "entropy", "contrast", "energy", "skew")
DEVICES = ("old", "new", "none")


@cache
def measured(people=240, seed=11):
    """Five features, which devices and hospitals measure each in their own way; age and sex, on which they depend in truth."""
    random = np.random.default_rng(seed)
    site, device = random.choice(4, people, p=[0.4, 0.3, 0.2, 0.1]), random.integers(0, 2, people)
    age, sex = random.normal(60, 10, people) + 2 * site, random.integers(0, 2, people)
    columns = {"age": age, "sex": sex, "device": device, "stage": random.integers(0, 3, people), "site": site}
    for place, name in enumerate(VARIABLES):
        high, wide = random.normal(0, 1, 8), random.uniform(0.6, 1.6, 8)
        at = 2 * site + device
        columns[name] = 100 * place + 0.05 * age + 0.5 * sex + high[at] + wide[at] * random.normal(0, 1, people)
    return Table(
        {name: np.asarray(one, dtype=float) for name, one in columns.items()},
        {"device": DEVICES, "stage": ("I", "II", "III")},
    )


def harmonise(rows, variables, columns, batch, *, shrink=True, location=False):
    """Rows after ComBat, shape ``(people, variables)``, and the raw and drawn effects.

    Args:
        rows: Variable to numbers.
        variables: Names of those that are harmonised.
        columns: Of covariates, shape ``(people, columns)``.
        batch: Of each row, from 0 up.
    """
    y = np.stack([rows[name] for name in variables], axis=1)
    columns = columns - columns.mean(axis=0)
    whole = y.mean(axis=0)  # is added again at the end, so that digits are kept
    y = y - whole
    groups = [np.flatnonzero(batch == one) for one in np.unique(batch)]
    dummies = np.stack([(batch == one).astype(float) for one in np.unique(batch)], axis=1)
    design = np.concatenate([dummies, columns], axis=1)
    coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
    count = len(groups)
    grand = dummies.mean(axis=0) @ coefficients[:count]
    spread = np.sqrt(((y - design @ coefficients) ** 2).mean(axis=0))
    expected = grand + columns @ coefficients[count:]
    z = (y - expected) / spread
    raw = np.stack([z[some].mean(axis=0) for some in groups])
    wide = np.stack([z[some].var(axis=0, ddof=1) for some in groups])
    gamma, delta = raw.copy(), np.ones_like(wide) if location else wide.copy()
    for i, some in enumerate(groups):
        middle, t2, n = raw[i].mean(), raw[i].var(ddof=1), len(some)
        if not shrink:
            continue
        if location:
            gamma[i] = (t2 * raw[i] + middle) / (t2 + 1)
            continue
        m, s2 = wide[i].mean(), wide[i].var(ddof=1)
        a, b = (2 * s2 + m**2) / s2, (m * s2 + m**3) / s2
        for _ in range(2000):
            gamma[i] = (n * t2 * raw[i] + delta[i] * middle) / (n * t2 + delta[i])
            delta[i] = (((z[some] - gamma[i]) ** 2).sum(axis=0) / 2 + b) / (n / 2 + a - 1)
    after = y.copy()
    for i, some in enumerate(groups):
        after[some] = spread * (z[some] - gamma[i]) / np.sqrt(delta[i]) + expected[some]
    return after + whole, gamma * spread, np.sqrt(delta)
