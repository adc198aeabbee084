"""What a clinical source says that cannot be."""

from tests.node.clinicals import take_text

TABLES = """
[[tables]]
table = "person"
birth = "born"
[[tables]]
table = "procedure_occurrence"
kind = { value = "SURGERY" }
date = "on"
end = "to"
[[tables]]
table = "death"
date = "died"
"""


def told(home, folder, line):
    report = take_text(home, folder, f"id,born,on,to,died\n1,{line}\n", TABLES)
    return [(f.row, f.at, f.code, f.message) for f in report.taken.first]


def test_dates_in_their_order_are_not_told(home, tmp_path):
    assert told(home, tmp_path, "1950-01-01,2001-01-01,2001-01-02,2001-01-02") == []


def test_dates_out_of_their_order_are_told_with_their_row(home, tmp_path):
    assert told(home, tmp_path, "1950-01-01,1949-12-31,1949-12-30,1940-01-01") == [
        (2, "death.death_date", "E334", "The date 1940-01-01 lies before the birth."),
        (2, "procedure_occurrence.procedure_date", "E334", "The date 1949-12-31 lies after the death."),
        (2, "procedure_occurrence.procedure_date", "E334", "The date 1949-12-31 lies before the birth."),
        (2, "procedure_occurrence.procedure_end_date", "E334", "The date 1949-12-30 lies before its beginning."),
    ]


def test_a_year_of_birth_counts_from_its_first_day(home, tmp_path):
    assert told(home, tmp_path, "1950,1950-01-01,,") == []
    assert [code for _, _, code, _ in told(home, tmp_path, "1950,1949-12-31,,")] == ["E334"]


def test_what_an_earlier_import_said_is_not_told_again(home, tmp_path):
    assert len(told(home, tmp_path, "1950,1949-12-31,,")) == 1
    assert len(told(home, tmp_path, "1950,1949-12-31,,")) == 1
    assert told(home, tmp_path, "1950,1951-12-31,,") == []
