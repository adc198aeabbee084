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


STATUS = """
[[tables]]
table = "follow_up"
status = "status"
date = "seen"
[[tables]]
table = "death"
date = "died"
"""


def alive(home, folder, line, **more):
    report = take_text(home, folder, f"id,status,seen,died\n1,{line}\n", STATUS, **more)
    return [(f.row, f.at, f.code) for f in report.taken.first], report


def test_somebody_alive_with_a_date_of_death_is_told(home, tmp_path):
    told, report = alive(home, tmp_path, "alive,,2020-05-01")
    assert told == [(2, "vital status", "E334")]
    assert "2020-05-01; the person counts as dead" in report.taken.first[0].message


def test_a_status_before_the_death_is_no_contradiction_and_a_dead_is_none(home, tmp_path):
    assert alive(home, tmp_path, "alive,2020-04-01,2020-05-01")[0] == []
    assert alive(home, tmp_path, "dead,,2020-05-01")[0] == []
    assert alive(home, tmp_path, "alive,,")[0] == []


def test_a_death_that_comes_in_another_file_than_the_status_is_told(home, tmp_path):
    assert alive(home, tmp_path, "alive,,", name="first")[0] == []
    assert alive(home, tmp_path, ",,2020-05-01", name="second")[0] == [(2, "vital status", "E334")]


def test_nobody_is_treated_at_131(home, tmp_path):
    assert told(home, tmp_path, "1850-06-01,1981-05-31,,") == []
    assert [said[3] for said in told(home, tmp_path, "1850-06-01,1981-06-01,,")] == [
        "The date 1981-06-01 lies more than 130 years after the birth."
    ]
