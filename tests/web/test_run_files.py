"""Files of a run that is done."""

import csv
import io
import json

import pytest
from tests.web.fake_runs import record

from oncommons.schema.errors import NotFound
from oncommons.web.run_files import csv_text, file_of


def test_the_record_is_json_and_tables_are_csv():
    whole = record()
    found = file_of(whole, "run.json")
    assert json.loads(found.content) == whole
    assert found.disposition == 'attachment; filename="run.json"'
    rows = list(csv.reader(io.StringIO(file_of(whole, "curve.csv").content.decode())))
    assert (len(rows), rows[0]) == (len(whole["tables"]["curve"]), whole["tables"]["curve"][0])
    assert csv_text([["a, b", None], ['"', 1]]) == '"a, b",\r\n"""",1\r\n'


@pytest.mark.parametrize("name", ["else.csv", "run.exe", "curve", "../run.json", ".csv"])
def test_there_is_no_other_file(name):
    with pytest.raises(NotFound):
        file_of(record(), name)


def test_the_name_of_a_file_says_nothing_to_a_browser():
    whole = {"tables": {'x"; filename="y.exe': [["a"]]}}
    assert file_of(whole, 'x"; filename="y.exe.csv').disposition == 'attachment; filename="table.csv"'
