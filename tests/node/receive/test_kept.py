"""Kept images as a source: one row a series, under pseudonyms, without the year of the study."""

import re

import duckdb
import pytest

from oncommons.imaging.attributes import ATTRIBUTES
from oncommons.node.receive import kept
from oncommons.node.receive.kept import receive_kept
from oncommons.node.receive.table import About
from oncommons.storage.ledger import SeriesRow

ROW = SeriesRow("P1", "2.1", "2.2", "CT", "SIEMENS", "F", "061Y", "CHEST", 40)
OTHER = SeriesRow("P2", "2.3", "2.4", "MR", "Acme", "", "", "", 2)


@pytest.fixture
def base():
    with duckdb.connect() as connection:
        yield connection


def rows(base, *columns):
    return base.execute(f"SELECT {', '.join(columns)} FROM received ORDER BY series").fetchall()


def test_each_series_is_a_row(base):
    received = receive_kept(base, "lung", [ROW, OTHER], About("Lung", "CC0", "here", "words"))
    assert (received.series, received.about) == (2, {"lung": About("Lung", "CC0", "here", "words")})
    told = rows(base, "dataset", "person", "study", "series", "modality", "instances")
    assert told == [("lung", "P1", "2.1", "2.2", "CT", 40), ("lung", "P2", "2.3", "2.4", "MR", 2)]


def test_values_are_harmonised_and_what_is_not_there_is_missing(base):
    receive_kept(base, "lung", [ROW, OTHER], About(""))
    assert rows(base, "sex", "body_part") == [("F", "CHEST"), (None, None)]
    assert [age for (age,) in rows(base, "age")] == [61, None]


def test_the_year_of_a_study_is_not_known(base):
    received = receive_kept(base, "lung", [ROW], About(""))
    assert "study.study_year" not in received.fields
    assert {"person.sex", "person.age", "series.modality", "series.instances"} <= received.fields
    assert rows(base, "study_year") == [(None,)]


def test_a_value_that_no_rule_reads_is_told(base):
    received = receive_kept(base, "lung", [OTHER], About(""))
    assert received.unmapped.get("body_part") is None
    assert receive_kept(base, "lung", [SeriesRow("P", "1", "2", "??", "", "", "", "", 1)], About("")).unmapped == {
        "modality": 1,
        "series_class": 1,
    }


def test_a_dataset_of_any_name_is_received(base):
    assert list(receive_kept(base, "l'ung; $1 ü", [ROW], About("")).about) == ["l'ung; $1 ü"]


@pytest.mark.parametrize("odd", ["a\nb", "a\x1fb", "a\r\nb", 'a"b', "a\\b", "'", "", "ü €", "a,b;c"])
def test_a_value_with_any_character_stays_in_its_row(base, odd):
    row = ROW._replace(patient=f"x{odd}x")
    received = receive_kept(base, "lung", [ROW, row._replace(series="2.9"), OTHER], About(""))
    assert received.series == 3
    assert [person for (person,) in rows(base, "person")] == ["P1", "P2", "x" + re.sub(r"[\x00-\x1f]", " ", odd) + "x"]


def test_many_series_come_in_batches(base):
    many = [ROW._replace(series=f"2.{i:06}") for i in range(25_003)]
    assert receive_kept(base, "lung", many, About("")).series == 25_003
    assert len({series for (series,) in rows(base, "series")}) == 25_003


@pytest.mark.parametrize("number", [0, 1, 9, 10, 11, 25])
def test_series_of_several_files_come_once_each_with_what_their_own_attributes_tell(base, monkeypatch, number):
    monkeypatch.setattr(kept, "_IN_A_FILE", 10)
    monkeypatch.setattr(kept, "_BATCH", 4)
    many = [ROW._replace(series=f"2.{i:02}") for i in range(number)]
    models = {row.series: f'{{"{ATTRIBUTES["ManufacturerModelName"]:08X}": "M{row.series}"}}' for row in many[::2]}
    assert receive_kept(base, "lung", many, About(""), models).series == number
    expected = [(row.series, f"M{row.series}" if row.series in models else None) for row in many]
    assert rows(base, "series", "model") == expected


def test_the_side_is_taken_from_either_attribute(base):
    tag = ATTRIBUTES["ImageLaterality"]
    receive_kept(base, "lung", [ROW], About(""), {ROW.series: f'{{"{tag:08X}":"L","00000000":"x"}}'})
    assert rows(base, "laterality") == [("L",)]


def test_a_disk_that_is_full_while_the_next_file_is_written_ends_it(base, monkeypatch):
    write = kept._write

    def full_at_the_second(attributes, path, some):
        if path.name == "1":
            raise OSError(28, "No space left on device")
        return write(attributes, path, some)

    monkeypatch.setattr(kept, "_IN_A_FILE", 1)
    monkeypatch.setattr(kept, "_write", full_at_the_second)
    with pytest.raises(OSError, match="No space left"):
        receive_kept(base, "lung", [ROW, OTHER], About(""))
