"""Tables as coloured cells."""

import numpy as np
import pytest
from lifelines.datasets import load_gbsg2
from tests.client.figures.records import made, record

from oncommons.client.figures.matrices import cells_figures, loadings_figures, matrix_figures, scree_figures

PARTS = [["component", "variance", "share", "together"], ["pc1", 2.0, 0.5, 0.5], ["pc2", 2.0, 0.5, 1.0000000001]]


def test_correlations_are_those_of_numpy():
    figure = matrix_figures(made("correlation", variables=("age", "nodes", "size")))[0]
    frame = load_gbsg2()[["age", "pnodes", "tsize"]]
    assert np.array(figure.shape.values) == pytest.approx(np.corrcoef(frame.to_numpy().T))
    assert figure.shape.span == (-1.0, 1.0)
    assert "The strongest is that of size with nodes: 0.33." in figure.caption
    assert figure.table[0] == ("variable", "age", "nodes", "size")


def test_a_matrix_of_larger_numbers_is_one_of_covariances():
    square = [["variable", "a", "b"], ["a", 4.0, -1.0], ["b", -1.0, 9.0]]
    figure = matrix_figures(record(tables={"matrix": square}))[0]
    assert (figure.title, figure.shape.span, figure.shape.texts[0]) == ("Covariances", (-9.0, 9.0), ("4.00", "−1.00"))


def test_a_cross_table_has_shares_of_rows_and_its_tests():
    cells = [["grade", "no", "yes", "all"], ["I", 48, 32, 80], ["II", 0, 0, 0], ["", 48, 32, 80]]
    told = record(
        result={"chi_squared": {"p": 0.004}},
        run={"settings": {"rows": "grade", "columns": "hormone_therapy"}},
        tables={"cells": cells},
    )
    figure = cells_figures(told)[0]
    assert figure.shape.values == ((0.6, 0.4, None), (0.0, 0.0, None), (None, None, None))
    assert figure.shape.texts[0] == ("48 (60%)", "32 (40%)", "80")
    assert figure.title == "Grade by hormone therapy"
    assert "80 people by grade and hormone therapy" in figure.caption
    assert "Chi-squared test: p = 0.004." in figure.caption


def test_components_have_their_share_and_loadings():
    loadings = [["variable", "pc1", "pc2"], ["age", 0.1, 0.9], ["tumour_size", -0.8, -0.001]]
    told = record(tables={"components": PARTS, "loadings": loadings})
    scree, map_of = scree_figures(told)[0], loadings_figures(told)[0]
    assert [line.y for line in scree.shape.lines] == [(0.5, 0.5), (0.5, 1.0)]
    assert "pc2: 50%, with those before 100%." in scree.caption
    assert map_of.shape.texts == (("0.10", "0.90"), ("−0.80", "0.00"))
    assert "weigh most tumour size (−0.80) and age (0.10)" in map_of.caption


@pytest.mark.parametrize(
    "table", [[], [["x"]], [["v", "a"], ["b", 1.0]], [["v", "a", "b"], ["a", 1, None], ["b", 1, 1]], [["a"] * 42] * 42]
)
def test_what_cannot_be_drawn_is_no_figure(table):
    told = record(tables=dict.fromkeys(("matrix", "cells", "components"), table))
    assert [*matrix_figures(told), *cells_figures(told), *scree_figures(told)] == []
    assert loadings_figures(record(tables={"loadings": table[:1]})) == []
