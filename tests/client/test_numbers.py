"""Numbers of a run that stand in no table, as lines."""

from oncommons.client.numbers import number_lines

FOUND = {
    "groups": {"no": {"people": 440, "median": 1528.0}, "yes": {"people": 246, "median": None}},
    "level": 0.95,
    "ties": "efron",
    "log_rank": {"statistic": 8.564780853, "p": 0.0034272822},
    "coefficients": {"age": 0.01, "female": -0.5},
    "covariance": [[1.0, 0.0], [0.0, 1.0]],
    "variables": {"age": {"yes": {"mean": 60.0}}},
}
TABLES = {"terms": [["term", "coefficient"], ["age", 0.01], ["female", -0.5]], "empty": []}


def test_tests_and_groups_have_a_line_each():
    assert list(number_lines(FOUND, TABLES)) == [
        "level 0.95, ties efron",
        "groups, no: people 440, median 1528",
        "groups, yes: people 246, median none",
        "log_rank: statistic 8.56478, p 0.00342728",
    ]


def test_what_no_table_has_a_row_for_is_told():
    assert "coefficients: age 0.01, female -0.5" in list(number_lines(FOUND, {}))


def test_of_nothing_nothing_is_told():
    assert list(number_lines({"matrix": [[1.0]], "batch": "", "levels": {}}, {})) == []
    assert list(number_lines({"batch": "", "people": 0}, {})) == ["people 0"]
