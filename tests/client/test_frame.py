"""An answer as rows and as a data frame."""

import importlib
import sys

import pytest
from tests.client.answers import FEW, a_dataset, a_node, an_answer, grouped

from oncommons.client.frame import rows_of, to_frame
from oncommons.schema.answer import NodeAnswer
from oncommons.schema.errors import MissingPackage

SILENT = NodeAnswer("bologna", "silent", reason="Has never called the hub.")


def test_each_dataset_is_a_row():
    (row,) = rows_of(an_answer())
    assert row == {
        "node": "athens",
        "status": "answered",
        "dataset": "lung",
        "certain": 3,
        "certain_at_least": 3,
        "certain_at_most": 3,
        "certain_precision": "exact",
        "possible": 5,
        "possible_at_least": 5,
        "possible_at_most": 5,
        "possible_precision": "exact",
    }


def test_each_group_is_a_row_with_its_codes():
    rows = rows_of(an_answer(a_node("athens", grouped())))
    assert [(row["sex"], row["certain"], row["certain_at_most"]) for row in rows] == [("F", 40, 49), (None, 10, 10)]


def test_a_node_without_an_answer_is_a_row_without_numbers():
    rows = rows_of(an_answer(a_node(), SILENT))
    assert (rows[1]["node"], rows[1]["status"], rows[1]["dataset"], rows[1]["certain"]) == (
        "bologna",
        "silent",
        None,
        None,
    )
    assert rows[0].keys() == rows[1].keys()


def test_a_suppressed_number_is_missing_and_its_bound_is_not():
    frame = to_frame(an_answer(a_node("athens", a_dataset(certain=FEW, possible=FEW))))
    assert frame["certain"].isna().all()
    assert frame["certain_at_most"].tolist() == [9]
    assert frame["certain_precision"].tolist() == ["suppressed"]


def test_whole_numbers_stay_whole_beside_missing_ones():
    frame = to_frame(an_answer(a_node(), SILENT))
    assert frame["certain"].dtype == "Int64"
    assert frame["certain"].sum() == 3


@pytest.mark.parametrize("answer", [an_answer(SILENT), an_answer(a_node("athens", grouped()), SILENT)])
def test_every_kind_of_answer_makes_a_frame(answer):
    assert len(to_frame(answer)) == len(rows_of(answer))


def test_a_federation_without_nodes_makes_an_empty_frame():
    assert len(to_frame(type(an_answer())("q", {}, "Count people."))) == 0


@pytest.fixture
def no_pandas():
    """A Python in which pandas is not installed."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pandas"}
    for name in before:
        del sys.modules[name]
    sys.modules["pandas"] = None
    importlib.invalidate_caches()
    yield
    del sys.modules["pandas"]
    sys.modules.update(before)


def test_without_pandas_it_says_what_to_install(no_pandas):
    with pytest.raises(MissingPackage, match=r"oncommons\[frame\]"):
        to_frame(an_answer())


def test_a_dataset_whose_groups_are_all_hidden_is_not_dropped_silently():
    hidden = a_dataset("rare", FEW, FEW, unlisted=FEW)
    assert {row["dataset"] for row in rows_of(an_answer(a_node("athens", grouped(), hidden)))} == {"lung", "rare"}
