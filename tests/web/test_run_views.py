"""What pages show of analyses and runs."""

from tests.web.fake_runs import record

from oncommons.web.run_views import Where, cell, made_where, numbers, run_view, summaries, table_view, when


def test_where_an_analysis_is_made_tells_versions_and_silence_apart():
    told = {"nodes": {"told": ["a", "b", "c"], "untold": ["d"]}}
    analysis = {"version": 2, "nodes": {"a": 2, "b": 1}}
    assert made_where(analysis, told) == Where((("a", 2),), ("b",), ("c",), ("d",))
    assert made_where({"version": 1}, {}) == Where((), (), (), ())


def test_a_run_that_is_done_has_words_people_tables_and_groups():
    view = run_view({"id": "r", "state": "done", "asked_at": "2026-09-21T14:13:20+00:00", "record": record()})
    assert view.words.startswith("Make the analysis survival of everybody")
    assert (view.people, view.asked, view.is_running, view.fault) == (227, "2026-09-21 14:13", False, None)
    assert [(node["node"], node["missing"], node["reason"]) for node in view.nodes][1] == ("bologna", 0, "")
    assert dict(view.numbers) == {"until": "883", "level": "0.95"}
    curve, groups, tests = view.tables
    assert groups.head[:4] == ("group", "people", "events", "median")
    assert groups.rows[0][:4] == ("no", "137", "111", "269")
    assert tests.rows[0][3] == "0.0014001"
    assert (curve.name, curve.folded, curve.numeric[:2]) == ("curve", True, (False, True))


def test_people_of_a_node_that_dropped_out_are_not_in_the_result():
    told = record()
    lost = told["nodes"][2] | {"rounds": 2, "people": 40, "missing": 1}
    view = run_view({"id": "r", "state": "done", "record": told | {"nodes": [*told["nodes"][:2], lost]}})
    assert view.people == 227


def test_what_stands_in_no_table_is_told_by_groups():
    (groups,) = run_view({"id": "r", "state": "done", "record": record() | {"tables": {}}}).summaries
    assert groups.head[:4] == ("of", "people", "events", "median")
    assert groups.rows[0][:4] == ("no", "137", "111", "269")


def test_what_stands_in_a_table_is_not_told_twice():
    told = record("cox")
    view = run_view({"id": "r", "state": "done", "record": told})
    assert "coefficients age" in dict(numbers(told["result"]))
    assert not [label for label, _ in view.numbers if label.startswith("coefficients")]
    assert "likelihood ratio p" in dict(view.numbers)


def test_a_run_that_goes_on_has_nothing_but_how_far_it_is():
    view = run_view(
        {"id": "r", "state": "running", "progress": {"round": 3, "nodes": [{"node": "a", "status": "asked"}]}}
    )
    assert (view.is_running, view.record, view.nodes[0]["status"], view.words) == (True, {}, "asked", "")


def test_a_run_without_a_result_has_its_reason():
    view = run_view({"id": "r", "state": "failed", "error": {"code": "E103", "message": "No such setting."}})
    assert (view.fault.code, view.fault.message) == ("E103", "No such setting.")


def test_a_run_that_this_version_cannot_read_is_shown_without_words():
    told = record() | {"run": {"analysis": "survival", "variables": {"x": {"new": 1}}}}
    assert run_view({"id": "r", "state": "done", "record": told}).words == ""


def test_cells_are_read_by_people():
    assert [cell(one) for one in (None, True, 12345, 2.0, 0.000012345678, "x", [1], float("nan"))] == [
        "", "yes", "12,345", "2", "1.2346e-05", "x", "[1]", "nan"
    ]  # fmt: skip
    assert (when(0), when("")) == ("1970-01-01 00:00", "")


def test_a_table_knows_its_numbers_and_an_empty_one_is_none():
    view = table_view("a_b", [["x_y", "n"], ["a", 1], ["b", None]], near=True)
    assert (view.name, view.head, view.numeric, view.near) == ("a b", ("x y", "n"), (False, True), True)
    assert table_view("t", []).rows == ()


def test_numbers_within_numbers_are_named_and_lists_are_left_to_the_record():
    found = {"n": 3, "test": {"p": 0.5}, "matrix": [[1]], "deep": {"a": {"b": 1, "c": "x"}, "d": {"b": 2}}}
    assert numbers(found) == [("n", "3"), ("test p", "0.5")]
    (table,) = summaries(found)
    assert (table.head, table.rows) == (("of", "b", "c"), (("a", "1", "x"), ("d", "2", "")))
