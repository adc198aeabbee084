"""The index answers with true numbers, for the node's own eyes."""

import pytest
from tests.node.tables import add_conditions, index_of
from tests.oracle.kleene import FIELDS

from oncommons.node.index import asking
from oncommons.policy.disclosure.counts import Cell
from oncommons.schema.parsing import parse_question
from oncommons.schema.run import parse_run


@pytest.fixture
def index():
    found = index_of(
        {"collection": "b", "person": "p", "sex": "F", "modality": "CT", "manufacturer": "GE"},
        {"collection": "b", "person": "p", "sex": "F", "modality": "CT", "manufacturer": "GEMS"},
        {"collection": "b", "person": "q", "sex": "M", "modality": "MR"},
        {"collection": "a", "person": "p", "modality": "CT"},
    )
    yield found
    found.close()


def test_every_dataset_answers_in_order_of_name(index):
    tallies = index.ask(parse_question({"count": "person"}))
    assert [(t.state.name, t.cells) for t in tallies] == [("a", (Cell((), 1, 1),)), ("b", (Cell((), 2, 2),))]


def test_a_dataset_without_a_match_has_no_cells(index):
    where = {"some": "series", "where": {"field": "modality", "in": ["MR"]}}
    tallies = index.ask(parse_question({"count": "person", "where": where}))
    assert [(t.state.name, t.cells) for t in tallies] == [("a", ()), ("b", (Cell((), 1, 1),))]


def test_groups_have_a_cell_for_each_combination_that_occurs(index):
    tallies = index.ask(parse_question({"count": "series", "by": ["sex", "modality"]}))
    assert set(tallies[0].cells) == {Cell((None, "CT"), 1, 1)}
    assert set(tallies[1].cells) == {Cell(("F", "CT"), 2, 2), Cell(("M", "MR"), 1, 1)}


def test_cells_come_in_the_order_of_their_codes_and_not_of_a_hash_table():
    makes = ["SIEMENS", "GE", "PHILIPS", "TOSHIBA", "", "FUJIFILM"]
    rows = [{"collection": "a", "person": f"p{i}", "manufacturer": make} for i, make in enumerate(makes * 30)]
    found = index_of(*rows)
    (tally,) = found.ask(parse_question({"count": "person", "by": ["sex"], "where": {"field": "sex", "missing": True}}))
    assert [cell.key for cell in tally.cells] == [(None,)]
    (tally,) = found.ask(parse_question({"count": "series", "by": ["manufacturer"]}))
    assert [cell.key for cell in tally.cells] == [
        ("CANON",),
        ("FUJIFILM",),
        ("GE",),
        ("PHILIPS",),
        ("SIEMENS",),
        (None,),
    ]
    found.close()


def test_by_dataset_alone_makes_no_groups(index):
    tallies = index.ask(parse_question({"count": "series", "by": ["dataset"]}))
    assert [t.cells for t in tallies] == [(Cell((), 1, 1),), (Cell((), 3, 3),)]


def test_people_are_counted_once_for_each_code_they_have(index):
    assert index.people_by_code() == {
        "sex": {"b": {"F": 1, "M": 1}},
        "modality": {"a": {"CT": 1}, "b": {"CT": 1, "MR": 1}},
        "body_part": {},
        "manufacturer": {"b": {"GE": 1}},
        "model": {},
        "series_class": {},
        "laterality": {},
        "contrast": {},
        "described_by": {},
        "vital_status": {},
    }


def test_people_are_counted_by_diagnosis_where_there_are_any(index):
    added = add_conditions(index, "b", ("p", "ICD10:C61"), ("p", "ICD10:C61"), ("q", None))
    assert added.people_by_code()["code"] == {"b": {"ICD10:C61": 1, "SITE:PROSTATE": 1}}


def test_holdings_name_the_datasets_that_have_an_entity(index):
    assert index.holdings.entities == dict.fromkeys(("person", "study", "series"), index.holdings.datasets)
    added = add_conditions(index, "a", ("p", "ICD10:C61"))
    keys = {state.name: key for key, state in added.datasets.items()}
    assert added.holdings.entities["condition"] == {keys["a"]}


def test_the_records_that_lack_a_field_are_as_many_as_the_oracle_finds(real):
    for entity in ("person", "study", "series"):
        for name in FIELDS[entity]:
            truth = real.pool.missing_values(name)
            told = {
                s.name: (s.fields[f"{entity}.{name}"].lacking, s.records[entity]) for s in real.index.datasets.values()
            }
            assert told == truth, name


def test_a_field_that_a_dataset_does_not_have_is_marked(real):
    for state in real.index.datasets.values():
        for name in ("manufacturer", "age", "age_at_study", "sex"):
            (field,) = (f for key, f in state.fields.items() if key.endswith(f".{name}"))
            assert field.known is ((state.name, name) not in real.pool.lacks)


def test_the_empty_index_answers_with_nothing():
    index = index_of()
    assert index.ask(parse_question({"count": "person"})) == ()
    index.close()


class Counting:
    """A connection that counts what is executed."""

    def __init__(self, connection):
        self.connection, self.executed = connection, 0

    def execute(self, *words):
        self.executed += 1
        return self.connection.execute(*words)

    def close(self):
        self.connection.close()


def run_of(sex):
    return parse_run({"analysis": "describe", "variables": {"one": {"is": {"field": "sex", "in": [sex]}}}})


def test_what_a_run_is_made_of_is_read_once_for_its_rounds_and_anew_for_another(index):
    index.connection = Counting(index.connection)
    women = index.rows(run_of("F"))
    assert sorted(row[0] for row in women) == ["a", "b", "b"]
    women.clear()  # whoever changes what is given changes nothing that is kept
    women = index.rows(run_of("F"))
    assert (len(women), index.connection.executed) == (3, 1)
    women.clear()
    women = index.rows(run_of("F"))
    assert (len(women), index.connection.executed) == (3, 1)
    men = index.rows(run_of("M"))
    assert [row[2] for row in men if row[0] == "b"] == [1 - row[2] for row in women if row[0] == "b"]
    assert (index.rows(run_of("F")), index.connection.executed) == (women, 3)


def test_what_a_large_run_is_made_of_is_not_kept(index, monkeypatch):
    monkeypatch.setattr(asking, "MOST_KEPT", 8)  # three people with three values each
    index.connection = Counting(index.connection)
    assert index.rows(run_of("F")) == index.rows(run_of("F"))
    assert index.connection.executed == 2
