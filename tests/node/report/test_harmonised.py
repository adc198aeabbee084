"""How much is mapped, and what is not."""

from tests.node.tables import index_of

from oncommons.node.report.harmonised import coverage, coverage_text, unmapped

ROWS = (
    {"person": "p", "manufacturer": "GE"},
    {"person": "p", "manufacturer": "Acme"},
    {"person": "q", "manufacturer": "ACME "},
    {"person": "q", "manufacturer": "Zeta"},
    {"person": "q", "manufacturer": None},
    {"collection": "e", "person": "r", "manufacturer": "Acme"},
)


def test_coverage_counts_series_and_people_that_state_a_value():
    index = index_of(*ROWS)
    d, e = coverage(index.connection)
    index.close()
    assert (d.dataset, d.series, d.people, e.dataset) == ("d", 5, 2, "e")
    (maker,) = d.fields
    assert (maker.field, maker.stated, maker.mapped, maker.people_stated, maker.people_mapped) == (
        "manufacturer", 4, 1, 2, 1
    )  # fmt: skip


def test_what_no_rule_reads_comes_by_weight_whatever_its_capital_letters():
    index = index_of(*ROWS)
    assert [(u.raw.lower(), u.series, u.people) for u in unmapped(index.connection)] == [("acme", 3, 3), ("zeta", 1, 1)]
    assert [u.raw for u in unmapped(index.connection, "e")] == ["Acme"]
    assert len(unmapped(index.connection, "d", 1)) == 1
    index.close()


def test_the_text_tells_the_share_and_what_to_do_next():
    index = index_of(*ROWS)
    text = coverage_text(coverage(index.connection, "d")[0])
    index.close()
    assert "25.0 %" in text
    assert "2 series of 2 people" in text
    assert "Next: oncommons node mappings propose" in text


def test_a_dataset_that_is_mapped_asks_for_nothing():
    index = index_of({"manufacturer": "GE"})
    (found,) = coverage(index.connection)
    index.close()
    assert "Next" not in coverage_text(found)
    assert found.to_json()["fields"][0]["unmapped"] == ()
