"""Rows on their way into temporary tables."""

import duckdb
import pytest

from oncommons.node.receive.clinical import loading as module
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.records import OmopRow
from oncommons.node.receive.faults import Fault


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_rows_and_faults_arrive_whatever_the_size_of_a_batch(monkeypatch, batch):
    monkeypatch.setattr(module, "_BATCH", batch)
    with duckdb.connect() as base, Loading(base) as loading:
        for n in range(5):
            loading.put(OmopRow("death", f"p{n}", f"i{n}", n, {"cause_source_value": "x"} if n % 2 else {}))
            loading.complain(Fault(n, "at", "E334", "m", kept=False))
        loading.__exit__(None, None, None)
        rows = base.execute("SELECT person, cause_source_value, death_date FROM clinical_death ORDER BY source_row")
        assert rows.fetchall() == [(f"p{n}", "x" if n % 2 else None, None) for n in range(5)]
        assert base.execute("SELECT count(*), min(place), bool_or(kept) FROM clinical_fault").fetchall() == [
            (5, "at", False)
        ]
    assert (loading.rows["death"], loading.faults["E334"], len(loading.first)) == (5, 5, 5)


def test_no_more_faults_are_told_one_by_one_than_can_be_read(monkeypatch):
    monkeypatch.setattr(module, "FIRST", 2)
    with duckdb.connect() as base, Loading(base) as loading:
        for n in range(5):
            loading.complain(Fault(n, "", "E334", "m"))
    assert (len(loading.first), loading.faults["E334"]) == (2, 5)
