"""Tables of series in Parquet or CSV, and the mappings that explain them."""

import random

import duckdb
import pytest
from tests.node.tables import every_column, make_raw, write_csv, write_parquet

from oncommons.node.receive.placing import told_in
from oncommons.node.receive.table import (
    FIELDS,
    KEYS,
    SeriesMapping,
    mapping_of,
    read_mapping,
    receive_file,
    receive_raw,
)
from oncommons.schema.errors import BadMapping, UnreadableSource

PLACED = {"person": "p", "study": "t", "series": "s"}
SMALLEST = {"dataset": "d", "columns": {"person": "a", "study": "b", "series": "c"}}


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


def rows_of(base, *columns):
    return base.execute(f"SELECT {', '.join(columns)} FROM received ORDER BY series").fetchall()


def write_mapping(folder, text):
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return read_mapping(path)


def test_a_mapping_file_says_which_column_holds_what(tmp_path):
    mapping = write_mapping(
        tmp_path,
        'dataset = "lung"\ntitle = "Lung CT"\nlicence = "CC BY 4.0"\nsource = "doi:1"\nabout = "lungs"\n'
        '[columns]\nperson = "P"\nstudy = "T"\nseries = "S"\nage = "A"\n',
    )
    assert (mapping.dataset, mapping.dataset_column) == ("lung", "")
    assert mapping.columns == {"person": "P", "study": "T", "series": "S", "age": "A"}
    assert vars(mapping.about) == {"title": "Lung CT", "licence": "CC BY 4.0", "source": "doi:1", "about": "lungs"}


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"colour": "red"}, "colour"),
        ({"columns": {**SMALLEST["columns"], "weight": "w"}}, "weight"),
        ({"columns": {"person": "a", "study": "b"}}, "series"),
        ({"columns": {}}, "person"),
        ({"dataset": ""}, "dataset"),
        ({"dataset_column": "x"}, "dataset"),
    ],
)
def test_a_mapping_with_a_fault_is_refused_and_the_fault_is_named(change, at):
    with pytest.raises(BadMapping) as caught:
        mapping_of(SMALLEST | change)
    assert caught.value.at == at


def test_a_mapping_without_columns_is_refused():
    with pytest.raises(BadMapping):
        mapping_of({"dataset": "d"})


@pytest.mark.parametrize("columns", ["person", 3, {name: name for name in KEYS} | {"age": []}])
def test_columns_that_are_not_texts_are_refused(base, columns):
    make_raw(base, [{}])
    with pytest.raises(BadMapping):
        receive_raw(base, mapping_of(SMALLEST | {"columns": columns}))


@pytest.mark.parametrize("text", ["= what", 'dataset = "a\n', "\x00"])
def test_a_mapping_that_is_not_toml_is_refused(tmp_path, text):
    with pytest.raises(BadMapping, match="not TOML"):
        write_mapping(tmp_path, text)


def test_a_mapping_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "m.toml").write_bytes('title = "Häuser"'.encode("latin-1"))
    with pytest.raises(BadMapping, match="not TOML"):
        read_mapping(tmp_path / "m.toml")


def test_a_mapping_that_cannot_be_opened_is_refused(tmp_path):
    with pytest.raises(BadMapping, match="cannot be opened"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(BadMapping, match="cannot be opened"):
        read_mapping(tmp_path)


def test_a_csv_file_is_received_row_by_row(tmp_path, base):
    rows = [{"sex": "F", "age": "045Y", "modality": "mr"}, {"sex": "F", "manufacturer": "GEMS", "instances": "7"}]
    received = receive_file(base, write_csv(tmp_path / "x.csv", rows), every_column())
    assert (received.series, dict(received.unmapped), list(received.about)) == (2, {}, ["d"])
    assert rows_of(base, "dataset", "person", "sex", "age", "modality", "manufacturer", "instances") == [
        ("d", "p", "F", 45, "MR", None, None),
        ("d", "p", "F", None, None, "GE", 7),
    ]


def test_a_parquet_file_may_have_whole_numbers_as_identifiers_and_dates_as_dates(tmp_path, base):
    query = "SELECT 1 AS p, 2::BIGINT AS t, i AS s, DATE '2020-02-29' AS d, i::SMALLINT AS n FROM range(2) r(i)"
    path = write_parquet(tmp_path / "x.parquet", query)
    mapping = SeriesMapping({**PLACED, "study_year": "d", "instances": "n"}, "lung")
    received = receive_file(base, path, mapping)
    assert rows_of(base, "dataset", "person", "study", "series", "study_year", "instances") == [
        ("lung", "1", "2", "0", 2020, 0),
        ("lung", "1", "2", "1", 2020, 1),
    ]
    assert received.fields == {"study.study_year", "series.instances"}


def test_a_timestamp_has_a_year(tmp_path, base):
    path = write_parquet(tmp_path / "x.parquet", "SELECT 1 AS p, 2 AS t, 3 AS s, TIMESTAMP '2020-02-29' AS d")
    receive_file(base, path, SeriesMapping({**PLACED, "study_year": "d"}, "lung"))
    assert rows_of(base, "study_year") == [(2020,)]


def test_the_suffix_may_be_in_capitals(tmp_path, base):
    assert receive_file(base, write_csv(tmp_path / "X.CSV", [{}]), every_column()).series == 1


def test_columns_may_bear_the_names_of_others(tmp_path, base):
    query = "SELECT 'p' AS study, 't' AS series, 's' AS person, 'CT' AS sex, 'M' AS modality, '045Y' AS dataset"
    path = write_parquet(tmp_path / "x.parquet", query)
    columns = {"person": "study", "study": "series", "series": "person", "sex": "modality", "modality": "sex"}
    receive_file(base, path, SeriesMapping({**columns, "age": "dataset"}, "lung"))
    names = ("dataset", "person", "study", "series", "sex", "modality", "age")
    assert rows_of(base, *names) == [("lung", "p", "t", "s", "M", "CT", 45)]


def test_a_column_with_a_quotation_mark_in_its_name_is_read(tmp_path, base):
    path = write_parquet(tmp_path / "x.parquet", "SELECT 'p' AS \"a \"\" b\", 't' AS t, 's' AS s")
    receive_file(base, path, SeriesMapping({**PLACED, "person": 'a " b'}, "lung"))
    assert rows_of(base, "person") == [("p",)]


def test_a_column_that_names_the_dataset_makes_several(tmp_path, base):
    rows = [{"collection": "b"}, {"collection": " a "}, {"collection": "b"}]
    received = receive_file(base, write_csv(tmp_path / "x.csv", rows), every_column())
    assert list(received.about) == ["a", "b"]
    assert {name: words.title for name, words in received.about.items()} == {"a": "", "b": ""}


def test_values_that_no_rule_reads_are_counted_per_column(tmp_path, base):
    rows = [{"sex": "U", "age": "old"}, {"sex": "F", "age": "45"}, {"sex": " ", "age": ""}]
    received = receive_file(base, write_csv(tmp_path / "x.csv", rows), every_column())
    assert dict(received.unmapped) == {"sex": 1, "age": 2}


def test_a_field_without_a_column_is_not_among_the_fields(tmp_path, base):
    received = receive_file(base, write_csv(tmp_path / "x.csv", [{}]), every_column("age", "modality"))
    left = {f for name, fields in FIELDS.items() if name not in {"age", "modality"} for f in fields}
    assert received.fields == left


def test_no_rows_are_no_dataset(tmp_path, base):
    received = receive_file(base, write_csv(tmp_path / "x.csv", []), every_column())
    assert (received.series, dict(received.about)) == (0, {})


@pytest.mark.parametrize("key", ["collection", *KEYS])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_rows_that_cannot_be_placed_are_told_and_the_others_are_taken(base, key, blank):
    make_raw(base, [{}, {key: blank}, {}])
    received = receive_raw(base, every_column())
    assert (received.series, received.refused, rows_of(base, "series")) == (2, 1, [("s0",), ("s2",)])
    assert [(f.at, f.code, f.kept, f.rows) for f in received.faults] == [(key, "E331", False, (2,))]


def test_a_file_of_which_no_row_can_be_placed_is_refused(base):
    make_raw(base, [{"person": ""}, {"series": None}])
    with pytest.raises(UnreadableSource, match=r"None of the 2 rows can be taken\. Row 1, person: .* \(E331\)"):
        receive_raw(base, every_column())


def test_what_is_told_of_a_broken_line_does_not_quote_it(tmp_path, base):
    (tmp_path / "x.csv").write_text("p,t,s\n1,2,3\n1,2,4\nsecret,5\n1,2,6\n")
    received = receive_file(base, tmp_path / "x.csv", SeriesMapping(PLACED, "lung"))
    assert "secret" not in repr(told_in(base))
    assert (received.series, received.refused, received.faults[0].rows) == (3, 1, (4,))


@pytest.mark.parametrize("wrong", [{"age": "Alter"}, {"person": "Alter"}])
def test_a_column_that_the_file_does_not_have_is_named(base, wrong):
    make_raw(base, [{}])
    with pytest.raises(BadMapping, match="no column 'Alter'") as caught:
        receive_raw(base, SeriesMapping({name: name for name in KEYS} | wrong, "lung"))
    assert caught.value.at == "Alter"


def test_names_of_columns_that_may_be_rows_are_not_told(base):
    base.execute("CREATE TEMP TABLE raw AS SELECT 1 AS p, 2 AS 's\nJane\nDoe'")
    with pytest.raises(BadMapping, match=r"no column 't'; it has p\.$"):
        receive_raw(base, SeriesMapping({"person": "p", "study": "t", "series": "s"}, dataset="d"))


def test_a_dataset_column_that_the_file_does_not_have_is_named(base):
    make_raw(base, [{}])
    with pytest.raises(BadMapping, match="no column 'site'"):
        receive_raw(base, SeriesMapping({name: name for name in KEYS}, dataset_column="site"))


def test_a_missing_file_is_told(tmp_path, base):
    with pytest.raises(UnreadableSource, match=r"no file none\.csv"):
        receive_file(base, tmp_path / "none.csv", every_column())


def test_a_directory_is_not_a_file(tmp_path, base):
    (tmp_path / "x.parquet").mkdir()
    with pytest.raises(UnreadableSource, match="no file"):
        receive_file(base, tmp_path / "x.parquet", every_column())


def test_a_file_of_another_kind_is_told(tmp_path, base):
    (tmp_path / "x.xlsx").write_bytes(b"PK")
    with pytest.raises(UnreadableSource, match=r"neither \.parquet nor \.csv"):
        receive_file(base, tmp_path / "x.xlsx", every_column())


@pytest.mark.parametrize("part", [0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_parquet_file_is_told(tmp_path, base, part):
    query = "SELECT md5(i::VARCHAR) AS p, i AS t, i AS s FROM range(5000) r(i)"
    whole = write_parquet(tmp_path / "whole.parquet", query).read_bytes()
    (tmp_path / "x.parquet").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(UnreadableSource, match="may be damaged"):
        receive_file(base, tmp_path / "x.parquet", SeriesMapping(PLACED, "lung"))


@pytest.mark.parametrize("seed", range(8))
def test_a_parquet_file_with_a_hole_is_told_or_read_but_never_crashes(tmp_path, base, seed):
    query = "SELECT md5(i::VARCHAR) AS p, i AS t, i AS s FROM range(5000) r(i)"
    body = bytearray(write_parquet(tmp_path / "x.parquet", query).read_bytes())
    rng = random.Random(seed)
    start = rng.randrange(4, len(body) - 64)
    body[start : start + 64] = rng.randbytes(64)
    (tmp_path / "x.parquet").write_bytes(body)
    try:
        assert receive_file(base, tmp_path / "x.parquet", SeriesMapping(PLACED, "lung")).series == 5000
    except (UnreadableSource, BadMapping) as fault:
        assert fault.code in {"E304", "E305"}  # noqa: PT017  both outcomes are right


@pytest.mark.parametrize("name", ["x.parquet", "x.csv"])
def test_random_bytes_are_told(tmp_path, base, name):
    (tmp_path / name).write_bytes(random.Random(3).randbytes(20_000))
    with pytest.raises((UnreadableSource, BadMapping)):
        receive_file(base, tmp_path / name, SeriesMapping(PLACED, "lung"))


@pytest.mark.parametrize(
    "line", [b"4,5", b"4,5,6,7", b'4,5,"6" x', b'4,5,"6', b"#4,5,6,7", b"\xe4,5", b'"', b'"4\n5",6']
)
@pytest.mark.parametrize("where", [0, 2])
def test_a_broken_line_changes_nothing_of_the_other_rows(tmp_path, base, line, where):
    rows = [b"P 1,2,3,ct,GE", b'"P,""1""",,4,,', "Zoë,2,5,MR,Acme".encode()]
    whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
    whole.write_bytes(b"\n".join([b"p,t,s,m,f", *rows]))
    broken.write_bytes(b"\n".join([b"p,t,s,m,f", *rows[:where], line, *rows[where:]]))
    mapping, found = SeriesMapping({**PLACED, "modality": "m", "manufacturer": "f"}, "lung"), []
    for path in (whole, broken):
        receive_file(base, path, mapping)
        found.append((rows_of(base, "person", "study", "series", "modality", "manufacturer"), told_in(base)))
    assert found[1][0] == found[0][0]
    assert {row for row, _, code, _, kept in found[1][1] if (code, kept) == ("E331", False)} >= {where + 2}
    assert {(code, kept) for _, _, code, _, kept in found[1][1]} == {("E331", False), ("E332", True)}


@pytest.mark.parametrize("text", ["p,t,s,p\n1,2,3\n", "p\n1,2,3\n", "# p\np,t,s\n1,2,3\n"])
def test_a_csv_file_with_a_wrong_header_is_told(tmp_path, base, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises((UnreadableSource, BadMapping)):
        receive_file(base, tmp_path / "x.csv", SeriesMapping(PLACED, "lung"))


@pytest.mark.parametrize("header", ["p,t,s,p", "p,t,s, P "])
def test_a_column_that_is_there_twice_is_named(tmp_path, base, header):
    (tmp_path / "x.csv").write_text(f"{header}\n1,2,3,4\n")
    with pytest.raises(BadMapping, match="the column 'p' twice"):
        receive_file(base, tmp_path / "x.csv", SeriesMapping(PLACED, "lung"))


def test_no_row_is_taken_for_a_remark(tmp_path, base):
    (tmp_path / "x.csv").write_text("p,t,s\n#1,2,3\n4,5,6\n#7,8,9\n")
    assert receive_file(base, tmp_path / "x.csv", SeriesMapping(PLACED, "lung")).series == 3


def test_a_file_in_several_encodings_is_taken_and_told(tmp_path, base):
    (tmp_path / "x.csv").write_bytes("p,t,s\nZoë,2,3\n".encode() + "Zoë,2,4\n".encode("cp1252"))
    received = receive_file(base, tmp_path / "x.csv", SeriesMapping(PLACED, "lung"))
    assert rows_of(base, "person") == [("Zoë",), ("Zoë",)]
    assert [(f.code, f.rows, f.kept) for f in received.faults] == [("E335", (3,), True)]


def test_quoted_values_and_other_separators_are_read(tmp_path, base):
    (tmp_path / "x.csv").write_text('p;t;s;m\n"1 ""one""; first";2;3;"""GE""; Milwaukee"\n')
    received = receive_file(base, tmp_path / "x.csv", SeriesMapping({**PLACED, "manufacturer": "m"}, "lung"))
    assert rows_of(base, "person", "manufacturer") == [('1 "one"; first', None)]
    assert received.unmapped == {"manufacturer": 1}


def test_a_series_that_is_listed_twice_is_one_row(tmp_path, base):
    (tmp_path / "x.csv").write_text("p,t,s,m\n1,2,3,GE\n1,2,3,GE\n 1,2 ,3,GE MEDICAL SYSTEMS\n1,2,4,GE\n")
    received = receive_file(base, tmp_path / "x.csv", SeriesMapping({**PLACED, "manufacturer": "m"}, "lung"))
    assert received.series == 2
    assert sorted(rows_of(base, "person", "study", "series", "manufacturer")) == [
        ("1", "2", "3", "GE"),
        ("1", "2", "4", "GE"),
    ]


def test_every_row_with_a_value_that_no_rule_reads_is_counted(tmp_path, base):
    (tmp_path / "x.csv").write_text("p,t,s,m\n1,2,3,Acme\n1,2,4,Acme\n1,2,5, \n1,2,6,Zorg\n1,2,7,GE\n")
    received = receive_file(base, tmp_path / "x.csv", SeriesMapping({**PLACED, "manufacturer": "m"}, "lung"))
    assert received.unmapped == {"manufacturer": 3}


@pytest.mark.parametrize("name", ["a*.csv", "a?.csv"])
def test_a_file_is_read_under_its_own_name_only(tmp_path, base, name):
    write_csv(tmp_path / "ab.csv", [{}, {}, {}])
    assert receive_file(base, write_csv(tmp_path / name, [{}]), every_column()).series == 1
