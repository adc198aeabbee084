"""The index of the Imaging Data Commons as a source."""

import duckdb
import pytest

from oncommons.node.receive.idc import collections, index_folder, receive_idc
from oncommons.schema.errors import UnreadableSource

SMALL = ("mri_dir", "qin_pet_phantom")


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


def test_the_tables_are_where_the_package_is():
    assert (index_folder() / "idc_index.parquet").is_file()
    assert (index_folder() / "collections_index.parquet").is_file()


@pytest.mark.parametrize("holders", [1, 2, 5, 7])
def test_shares_deal_every_collection_once(base, holders):
    every = collections(base)
    dealt = [name for i in range(holders) for name in collections(base, (i + 1, holders))]
    assert sorted(dealt) == every == sorted(set(every))


def test_there_may_be_more_holders_than_collections(base):
    assert collections(base, (10_000, 10_000)) == []


def test_shares_differ_by_one_collection_at_most(base):
    sizes = {len(collections(base, (i + 1, 5))) for i in range(5)}
    assert max(sizes) - min(sizes) <= 1


def test_some_collections_are_received_with_their_words(base):
    received = receive_idc(base, SMALL)
    found = base.execute("SELECT dataset, count(*) FROM received GROUP BY 1 ORDER BY 1").fetchall()
    truth = base.execute(
        "SELECT collection_id, count(*) FROM read_parquet(?) WHERE list_contains(?, collection_id) GROUP BY 1 ORDER BY 1",
        [str(index_folder() / "idc_index.parquet"), list(SMALL)],
    ).fetchall()
    assert found == truth
    assert received.series == sum(n for _, n in truth)
    assert sorted(received.about) == sorted(SMALL)
    assert all(words.title and words.licence and words.source.startswith("doi:") for words in received.about.values())


def test_every_field_is_there_unless_it_is_left_out(base):
    left = receive_idc(base, SMALL[:1]).fields - receive_idc(base, SMALL[:1], ["manufacturer", "age"]).fields
    assert left == {"series.manufacturer", "person.age", "study.age_at_study"}
    assert base.execute("SELECT count(manufacturer), count(age) FROM received").fetchall() == [(0, 0)]


def test_an_unknown_collection_is_named(base):
    with pytest.raises(UnreadableSource, match="'atlantis'"):
        receive_idc(base, ["mri_dir", "atlantis"])


@pytest.mark.parametrize("column", ["weight", "person", ""])
def test_an_unknown_column_to_leave_out_is_named(base, column):
    with pytest.raises(UnreadableSource, match=f"no column '{column}'"):
        receive_idc(base, SMALL, [column])


def test_no_collection_is_no_series(base):
    received = receive_idc(base, [])
    assert (received.series, dict(received.about)) == (0, {})
