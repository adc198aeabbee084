"""Principal components against a decomposition of the pooled rows, and where there are none."""

import numpy as np
import pytest
from tests.algorithms.federation import run, split, splits
from tests.algorithms.tables import made, rossi

from oncommons.algorithms.pair import Table, Unanswerable
from oncommons.algorithms.pca import PCA
from oncommons.algorithms.pca.combine import components

NAMES = ["x", "gaussian", "time", "weights", "offset"]


def columns(found, name):
    return np.array([row[1:] for row in found.tables[name][1:]], dtype=float)


@pytest.mark.parametrize("how", ["even", "skewed", "empty"])
@pytest.mark.parametrize("matrix", ["correlation", "covariance"])
def test_components_are_those_of_the_pooled_rows(matrix, how):
    found = run(PCA, split(made(), splits(600, 5)[how]), {"variables": NAMES, "matrix": matrix})
    whole = made().complete(*NAMES)
    rows = np.stack([whole.columns[name] for name in NAMES], axis=1)
    rows = rows - rows.mean(axis=0)
    rows = rows / rows.std(axis=0, ddof=1) if matrix == "correlation" else rows
    _, singular, oracle = np.linalg.svd(rows, full_matrices=False)
    oracle = oracle.T * np.sign(oracle.T[np.argmax(np.abs(oracle.T), axis=0), range(5)])
    variances = singular**2 / (whole.people - 1)
    assert columns(found, "components")[:, 0] == pytest.approx(variances, rel=1e-12)
    assert columns(found, "components")[:, 1] == pytest.approx(variances / variances.sum(), rel=1e-12)
    assert columns(found, "components")[-1, 2] == pytest.approx(1)
    assert np.abs(columns(found, "loadings") - oracle).max() < 1e-11
    assert found.found == {"people": whole.people, "variance": pytest.approx(variances.sum()), "rank": 5}


def test_means_deviations_and_the_matrix_are_those_of_numpy():
    names = ["age", "prio", "week"]
    found = run(PCA, split(rossi(), splits(432, 3)["ordered"]), {"variables": names, "matrix": "covariance"})
    whole = [rossi().columns[name] for name in names]
    assert columns(found, "variables")[:, 0] == pytest.approx(np.mean(whole, axis=1), rel=1e-13)
    assert columns(found, "variables")[:, 1] == pytest.approx(np.std(whole, axis=1, ddof=1), rel=1e-12)
    assert columns(found, "matrix") == pytest.approx(np.cov(whole), rel=1e-12)


def test_some_are_told_where_some_are_wanted():
    found = run(PCA, split(made(), splits(600, 2)["even"]), {"variables": NAMES, "components": 2.0})
    assert found.tables["loadings"][0] == ["variable", "pc1", "pc2"]
    assert len(found.tables["components"]) == 3


def test_the_largest_loading_is_positive_and_of_two_as_large_the_first():
    for noise in (1e-14, -1e-14):
        variances, loadings = components(np.array([[1.0, -0.5], [-0.5, 1.0 + noise]]))
        assert variances == pytest.approx([1.5, 0.5])
        assert loadings == pytest.approx(np.array([[1, 1], [-1, 1]]) / np.sqrt(2))


def test_what_is_made_of_others_has_no_component_of_its_own():
    x, y = np.arange(20.0), np.arange(20.0) % 7
    table = Table({"x": x, "y": y, "z": 3 * x - y, "w": x + y})
    found = run(PCA, {"a": table}, {"variables": ["x", "y", "z", "w"]})
    assert (found.found["rank"], found.tables["loadings"][0]) == (2, ["variable", "pc1", "pc2"])


def test_components_of_one_variance_are_named():
    table = Table({"x": np.array([1.0, 1, -1, -1]), "y": np.array([1.0, -1, 1, -1])})
    found = run(PCA, {"a": table}, {"variables": ["x", "y"]})
    assert "pc1 and pc2 have the same variance" in found.warnings[0]


@pytest.mark.parametrize(
    ("x", "names", "says"),
    [
        (np.arange(9.0), ["x"], "two variables"),
        (np.arange(1.0), ["x", "y"], "two people"),
        (np.ones(9), ["x", "y"], "x is the same"),
    ],
)
def test_where_there_are_none_it_says_so(x, names, says):
    with pytest.raises(Unanswerable, match=says):
        run(PCA, {"a": Table({"x": x, "y": np.arange(len(x)) % 7.0})}, {"variables": names})
