"""What a record says, and the sentences at the end of every caption."""

import pytest
from tests.client.figures.records import record

from oncommons.client.figures.told import axis, closing, is_number, level_of, parted, rows_of, setting


@pytest.mark.parametrize(
    "table",
    [None, [], "text", [["a", "b"], [1]], [["a"], [1]], [["a", "b"], ["x", "y"]], [["a", "b"], [float("nan"), 1]]],
)
def test_a_table_of_another_shape_is_none(table):
    assert rows_of(record(tables={"t": table}), "t", ("a",), ("b",)) is None


def test_rows_are_read_by_column_and_parted():
    rows = rows_of(record(tables={"t": [["b", "a"], ["x", 1], ["y", None], ["x", 2.5]]}), "t", ("a",), ("b",))
    assert {group: [row["a"] for row in some] for (group,), some in parted(rows, "b").items()} == {
        "x": [1, 2.5],
        "y": [None],
    }


def test_yes_is_no_number():
    assert [is_number(value) for value in (1, 2.5, True, None, "1", float("inf"))] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_a_number_that_no_drawing_can_hold_is_none():
    assert [is_number(value) for value in (10**400, -1e300, float("nan"), 1e150)] == [False, False, False, True]


def test_how_sure_intervals_are_is_read_from_the_result_or_the_settings():
    assert level_of(record(result={"level": 0.9})) == 0.9
    assert level_of(record(run={"settings": {"level": 0.8}})) == 0.8
    assert level_of(record(run=None, result={"level": "x"})) == 0.95
    assert setting(record(run=3), "level") is None


def test_an_axis_has_the_unit_of_the_dictionary():
    assert axis(record(), "age") == "Age (years)"
    assert axis(record(), "tumour_size") == "Tumour size"


def test_many_nodes_are_counted_and_few_are_named():
    nodes = [{"node": f"n{i}", "status": "answered", "people": 10} for i in range(20)]
    silent = [{"node": f"m{i}", "status": "silent"} for i in range(8)]
    said = closing(record(nodes=nodes + silent, exact=False, warnings=["Few\nevents."]), "t")
    assert said.startswith("20 nodes of 28 took part, with 200 people; not m0 (silent), m1 (silent)")
    assert "and 2 more." in said
    assert said.endswith("The numbers are approximate. Few events.")
    assert closing(record(nodes=[]), "t").startswith("It is not said")


def test_a_table_that_is_only_near_says_so():
    near = record(approximate=["histogram"])
    assert "approximate" in closing(near, "histogram")
    assert "equal those of the pooled data" in closing(near, "numbers")


def test_where_nodes_are_strata_it_says_so():
    assert "of the pooled data, stratified by node, as" in closing(record(by_node=True), "t")
    assert "stratified" not in closing(record(by_node=False), "t")


def test_sums_that_nobody_saw_apart_are_told():
    assert "Sums of 3 nodes were secured: nobody saw those of one alone." in closing(
        record(secured=["a", "b", "c"]), "t"
    )
    assert "secured" not in closing(record(secured=[]), "t")


def test_of_a_node_that_dropped_out_nobody_is_counted_as_missing():
    there, _ = record()["nodes"]
    lost = {"node": "cork", "status": "late", "people": 40, "missing": 7, "rounds": 2}
    said = closing(record(nodes=[there, lost]), "t")
    assert "with 1,200 people" in said
    assert "Of at most 3 people a variable is missing." in said
