"""A harmonisation, applied to a node's own rows: by hand, and where it cannot be."""

import numpy as np
import pytest

from oncommons.algorithms.combat.applying import harmonised
from oncommons.algorithms.pair import Table, Unanswerable

FOUND = {
    "batch": "",
    "batches": ["athens", "bergen"],
    "columns": [["age", ""], ["g", "b"]],
    "levels": {"g": ["a", "b"]},
}
TABLES = {
    "model": [["variable", "spread", "intercept", "age", "g=b"], ["volume", 2.0, 10.0, 0.5, 3.0]],
    "parameters": [
        ["batch", "variable", "location", "scale"],
        ["athens", "volume", 4.0, 2.0],
        ["bergen", "volume", -1.0, 0.5],
    ],
}
ROWS = Table(
    {"age": np.array([60.0, 50, np.nan, 60]), "g": np.array([0.0, 1, 0, 2]), "volume": np.array([46.0, 38, 1, 1])},
    {"g": ("a", "b", "c")},
)


def test_location_and_scale_are_taken_away_about_what_covariates_make():
    found = harmonised(ROWS, FOUND, TABLES, "athens")["volume"]
    assert found[:2].tolist() == [(46 - 40 - 4) / 2 + 40, (38 - 38 - 4) / 2 + 38]
    assert harmonised(ROWS, FOUND, TABLES, "bergen")["volume"][0] == (46 - 40 + 1) / 0.5 + 40


def test_what_is_missing_or_unknown_stays_so():
    assert np.isnan(harmonised(ROWS, FOUND, TABLES, "athens")["volume"][2:]).all()


def test_where_batches_are_devices_each_row_has_its_own():
    found = FOUND | {"batch": "d", "columns": [], "levels": {}}
    tables = TABLES | {"model": [["variable", "spread", "intercept"], ["volume", 2.0, 10.0]]}
    rows = Table(
        {"volume": np.array([46.0, 46, 46, 46]), "d": np.array([1.0, 0, 2, np.nan])},
        {"d": ("athens", "bergen", "cork")},
    )
    told = harmonised(rows, found, tables)["volume"]
    assert told[:2].tolist() == [(46 - 10 + 1) / 0.5 + 10, (46 - 10 - 4) / 2 + 10]
    assert np.isnan(told[2:]).all()


@pytest.mark.parametrize(
    ("rows", "batch", "says"),
    [
        (ROWS, "cork", "no batch 'cork'; it knows athens, bergen"),
        (Table({"volume": np.array([1.0])}), "athens", "lack age, g"),
    ],
)
def test_what_cannot_be_applied_is_told(rows, batch, says):
    with pytest.raises(Unanswerable, match=says):
        harmonised(rows, FOUND, TABLES, batch)
