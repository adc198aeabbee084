"""Received series become people, studies and series, with their statistics."""

import duckdb
import pytest
from tests.node.tables import every_column, index_of, make_raw

from oncommons.node.index.asking import Index
from oncommons.node.index.build import NewDataset, build
from oncommons.node.receive.table import KEYS, SeriesMapping, receive_raw
from oncommons.schema.parsing import parse_question
from oncommons.storage.generations import Generations


def take(generations, *rows, without=(), title=None):
    with generations.fresh() as base:
        make_raw(base, rows)
        received = receive_raw(base, every_column(*without))
        build(base, [NewDataset(n, n if title is None else title, "", "", "", received.fields) for n in received.about])


@pytest.fixture
def generations(tmp_path):
    return Generations(tmp_path)


def opened(generations):
    return Index(generations.open())


def rows_of(index, query):
    found = index.connection.execute(query).fetchall()
    index.close()
    return found


def by_name(index):
    return {state.name: state for state in index.datasets.values()}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(("F", None), "F"), (("F", "f"), "F"), (("F", "M"), None), (("F", "U"), "F"), ((None, "0000"), None)],
)
def test_the_sex_of_a_person_is_what_their_series_agree_on(raw, expected):
    index = index_of(*({"sex": sex} for sex in raw))
    assert rows_of(index, "SELECT code FROM person LEFT JOIN code ON sex = number") == [(expected,)]


def test_the_age_of_a_person_is_the_smallest_and_that_of_a_study_its_own():
    ages = [("1", "050Y"), ("1", "049Y"), ("2", "040Y"), ("3", None)]
    index = index_of(*({"study": study, "age": age} for study, age in ages))
    assert index.connection.execute("SELECT age FROM person").fetchall() == [(40,)]
    assert rows_of(index, "SELECT id, age_at_study FROM study ORDER BY id") == [("1", 49), ("2", 40), ("3", None)]


def test_a_person_in_two_datasets_is_two_rows():
    index = index_of({"collection": "a", "study": "t"}, {"collection": "b", "study": "t"})
    assert {state.name: dict(state.records) for state in index.datasets.values()} == {
        name: {"person": 1, "study": 1, "series": 1} for name in ("a", "b")
    }
    index.close()


def test_people_of_one_dataset_may_share_the_identifier_of_a_study():
    index = index_of({"person": "p", "study": "1"}, {"person": "q", "study": "1"})
    assert rows_of(index, "SELECT count(*), count(DISTINCT person) FROM study") == [(2, 2)]


def test_each_row_belongs_to_its_own_study_and_person():
    rows = [{"person": f"p{i % 3}", "study": f"t{i % 6}", "series": f"s{i}"} for i in range(24)]
    query = (
        "SELECT s.id, t.id, p.id FROM series s JOIN study t ON t.key = s.study "
        "JOIN person p ON p.key = s.person AND p.key = t.person ORDER BY s.key"
    )
    assert sorted(rows_of(index_of(*rows), query)) == sorted((r["series"], r["study"], r["person"]) for r in rows)


def test_keys_of_many_series_go_on_in_the_order_of_studies_whatever_order_they_came_in(generations):
    take(generations, {"collection": "a"}, {"collection": "a"})
    columns = "'b' AS collection, 'p' || i % 7 AS person, 't' || i % 21 AS study, 's' || i AS series"
    with generations.fresh() as base:
        base.execute(f"CREATE TEMP TABLE raw AS SELECT {columns} FROM range(260_000) r(i) ORDER BY hash(i)")
        received = receive_raw(base, SeriesMapping({key: key for key in KEYS}, dataset_column="collection"))
        base.begin()
        build(base, [NewDataset("b", "b", "", "", "", received.fields)])
        base.commit()
    query = "SELECT s.key, row_number() OVER (ORDER BY t.key, s.id) + 1 FROM series s JOIN study t ON t.key = s.study "
    found = rows_of(opened(generations), f"{query} WHERE s.dataset = 1 ORDER BY s.rowid")
    assert [key for key, _ in found] == [place for _, place in found] == list(range(2, 260_002))


def test_statistics_say_what_a_dataset_has_and_what_its_records_lack():
    index = index_of(
        {"person": "p", "sex": "F", "modality": "CT"}, {"person": "q", "sex": "U", "modality": None}, without=["age"]
    )
    (state,) = index.datasets.values()
    index.close()
    told = {name: (field.known, field.lacking) for name, field in state.fields.items()}
    assert told == {
        "person.sex": (True, 1),
        "person.age": (False, 2),
        **dict.fromkeys(("person.birth_year", "person.vital_status", "person.follow_up"), (False, 2)),
        "study.age_at_study": (False, 2),
        "study.study_year": (True, 2),
        "series.modality": (True, 1),
        "series.body_part": (True, 2),
        "series.manufacturer": (True, 2),
        "series.model": (True, 2),
        "series.series_class": (False, 2),
        "series.laterality": (False, 2),
        "series.contrast": (False, 2),
        "series.instances": (True, 2),
        "series.described_by": (False, 2),
    }
    assert state.records == {"person": 2, "study": 2, "series": 2}


def test_a_second_import_replaces_its_dataset_and_leaves_the_others(generations):
    take(generations, {"collection": "a", "sex": "F"}, {"collection": "b", "sex": "M"}, title="old")
    take(generations, {"collection": "b", "person": "x"}, {"collection": "b", "person": "y"}, title="new")
    index = opened(generations)
    told = {
        n: (s.words["title"], s.records["person"], s.fields["person.sex"].lacking) for n, s in by_name(index).items()
    }
    index.close()
    assert told == {"a": ("old", 1, 0), "b": ("new", 2, 2)}


def test_a_second_import_without_a_title_leaves_the_words_as_they_are(generations):
    take(generations, {"collection": "a"}, title="old")
    take(generations, {"collection": "a"}, {"collection": "b"}, title="")
    index = opened(generations)
    told = {n: s.words["title"] for n, s in by_name(index).items()}
    index.close()
    assert told == {"a": "old", "b": "b"}


def test_a_second_import_brings_a_dataset_beside_the_others(generations):
    take(generations, {"collection": "a"}, {"collection": "a"})
    take(generations, {"collection": "c"}, without=["sex"])
    index = opened(generations)
    states = by_name(index)
    assert {n: (s.records["series"], s.fields["person.sex"].known) for n, s in states.items()} == {
        "a": (2, True),
        "c": (1, False),
    }
    index.close()


def test_keys_stay_distinct_over_many_imports(generations):
    for turn in range(4):
        rows = [{"collection": name, "person": f"{turn}{name}"} for name in ("a", str(turn))]
        take(generations, *rows, {"collection": "a", "person": "same"})
    index = opened(generations)
    for table in ("dataset", "person", "study", "series"):
        number, distinct = index.connection.execute(f"SELECT count(*), count(DISTINCT key) FROM {table}").fetchall()[0]
        assert number == distinct > 4
    orphans = "SELECT count(*) FROM series s ANTI JOIN study t ON t.key = s.study AND t.dataset = s.dataset"
    assert rows_of(index, orphans) == [(0,)]


def test_an_empty_source_leaves_what_is_there(generations):
    take(generations, {"collection": "a"})
    take(generations)
    index = opened(generations)
    assert list(by_name(index)) == ["a"]
    index.close()


def test_nothing_at_all_makes_an_empty_index():
    index = index_of()
    assert (index.datasets, dict(index.holdings.entities)) == ({}, {})
    index.close()


def test_words_of_a_dataset_are_kept_as_they_are():
    with duckdb.connect() as base:
        make_raw(base, [{}])
        received = receive_raw(base, every_column())
        build(base, [NewDataset("d", "It's", "CC", "doi:1", "x; DROP TABLE person", received.fields)])
        (state,) = Index(base).datasets.values()
    assert state.words == {"title": "It's", "licence": "CC", "source": "doi:1", "about": "x; DROP TABLE person"}


def test_the_name_of_a_dataset_is_only_a_text():
    name = "x'); DROP TABLE person; --"
    index = index_of({"collection": name})
    assert [state.name for state in index.datasets.values()] == [name]
    index.close()


def test_a_series_told_twice_is_one_series():
    index = index_of({"study": "t", "series": "s"}, {"study": "t", "series": "s"})
    assert rows_of(index, "SELECT count(*) FROM series") == [(1,)]


def test_a_code_keeps_its_number_when_datasets_are_added(generations):
    seen = []
    for name in ("one", "two"):
        take(generations, {"collection": name})
        seen.append(rows_of(opened(generations), "SELECT vocabulary, number, code FROM code ORDER BY ALL"))
    assert seen[0] == seen[1]


def test_each_series_leads_to_its_readings_over_many_imports(generations):
    take(generations, {"collection": "a", "sex": "F"}, {"collection": "b", "sex": "m"})
    take(generations, {"collection": "a", "sex": "M"}, {"collection": "c", "sex": "x"})
    index = opened(generations)
    query = (
        "SELECT d.name, r.field, r.raw, r.code FROM series s JOIN dataset d ON d.key = s.dataset "
        "JOIN reading r ON r.key = s.sex_reading ORDER BY 1"
    )
    number = index.connection.execute("SELECT count(*), count(DISTINCT key) FROM reading").fetchall()
    assert rows_of(index, query) == [("a", "sex", "M", "M"), ("b", "sex", "m", "M"), ("c", "sex", "x", None)]
    assert number == [(3, 3)]


def test_tables_of_an_older_dictionary_are_taken_over_and_can_be_asked(generations):
    take(generations, {"collection": "a", "modality": "CT"})
    with generations.fresh() as base:
        for table in ("code", "dataset", "entity", "study", "condition"):
            base.execute(f"CREATE TABLE {table} AS FROM old.{table}")
        base.execute("CREATE TABLE person AS SELECT * EXCLUDE (roll) FROM old.person")
        base.execute(
            "CREATE TABLE series AS SELECT * EXCLUDE (model, series_class, laterality, contrast) FROM old.series"
        )
        base.execute("CREATE TABLE field AS FROM old.field WHERE field NOT IN ('model', 'series_class', 'laterality')")
    index = opened(generations)
    asked = {"count": "series", "by": ["series_class"], "where": {"field": "series_class", "missing": True}}
    (tally,) = index.ask(parse_question(asked))
    assert [(cell.key, cell.certain) for cell in tally.cells] == [((None,), 1)]
    assert not tally.state.fields["series.series_class"].known
    index.close()
    take(generations, {"collection": "b", "modality": "MR"})
    index = opened(generations)
    assert rows_of(index, "SELECT count(*), count(series_class) FROM series") == [(2, 0)]
