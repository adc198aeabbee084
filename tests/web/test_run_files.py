"""Files of a run that is done, and its figures as a part of its page."""

import csv
import io
import json
import zipfile

import pytest
from tests.web.fake_runs import record

from oncommons.schema.errors import NotFound
from oncommons.web.run_files import ALL, RECORD, figures, file_of, in_page, table_links


def test_the_record_is_json_and_tables_are_csv_and_parquet():
    whole = record()
    found = file_of(whole, RECORD)
    assert json.loads(found.content) == whole
    assert found.disposition == 'attachment; filename="run.json"'
    rows = list(csv.reader(io.StringIO(file_of(whole, "curve.csv").content.decode())))
    assert (len(rows), rows[0]) == (len(whole["tables"]["curve"]), whole["tables"]["curve"][0])
    assert file_of(whole, "curve.parquet").content.startswith(b"PAR1")


def test_all_of_it_is_a_research_object():
    with zipfile.ZipFile(io.BytesIO(file_of(record(), ALL).content)) as packed:
        assert {"ro-crate-metadata.json", "run.json", "tables/curve.csv"} <= set(packed.namelist())


@pytest.mark.parametrize("name", ["else.csv", "run.exe", "curve", "../run.json", ".csv", "nothing.svg"])
def test_there_is_no_other_file(name):
    with pytest.raises(NotFound):
        file_of(record(), name)


def test_the_name_of_a_file_says_nothing_to_a_browser():
    whole = {"tables": {'x"; filename="y.exe': [["a"]]}}
    (stem,) = table_links(whole)
    assert '"' not in stem
    assert file_of(whole, f"{stem}.csv").disposition == f'attachment; filename="{stem}.csv"'


def test_a_figure_has_its_numbers_and_a_drawing_that_can_stand_in_a_page():
    (one,) = figures(record())
    assert one.svg.startswith("<svg")
    assert one.caption
    assert one.table.rows
    assert in_page(b'<?xml version="1.0"?>\n<svg a="1"/>') == '<svg a="1"/>'


def test_words_in_a_drawing_are_text():
    whole = json.loads(json.dumps(record()).replace('"yes"', '"<script>alert(1)</script>"'))
    (one,) = figures(whole)
    assert "<script" not in one.svg
    assert "&lt;script" in one.svg
