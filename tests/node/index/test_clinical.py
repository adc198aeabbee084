"""Clinical tables in the node's file: kept, replaced and joined to people of images."""

from contextlib import closing

import duckdb
import pytest
from tests.node.clinicals import mapping_of, take_text
from tests.node.tables import import_rows

from oncommons.node.clinical import import_clinical
from oncommons.node.desk import Desk
from oncommons.node.index.asking import Index
from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.records import Source, Taken
from oncommons.schema.omop import TABLES, columns_of

DIAGNOSES = '[[tables]]\ntable = "condition_occurrence"\ncode = "icd"\n'
PSA = '[[tables]]\ntable = "measurement"\nmarker = "what"\nvalue = "value"\n'
SEXES = '[[tables]]\ntable = "person"\nsex = "sex"\n'


def state_of(home, name="d"):
    index = Index(home.tables.open())
    (state,) = [s for s in index.datasets.values() if s.name == name]
    index.close()
    return state


def counted(home, where=None, count="person"):
    with closing(Desk(home)) as desk:
        answer = desk.answer({"count": count} | ({"where": where} if where else {}))
    return {d.dataset: (d.certain.at_least, d.possible.at_least) for d in answer.datasets}


def has(sex):
    return {"field": "sex", "in": [sex]}


CANCER = {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}}


def test_images_that_come_again_leave_the_clinical_data_of_their_dataset(home, tmp_path):
    import_rows(home, tmp_path, {"person": "1"}, {"person": "2"})
    report = take_text(home, tmp_path, "id,icd\n1,C50.1\n3,C61\n", DIAGNOSES)
    assert report.links == {"both": 1, "clinical": 1, "images": 1}
    assert counted(home) == {"d": (3, 3)}
    import_rows(home, tmp_path, {"person": "1"}, {"person": "3"}, {"person": "4"})
    assert counted(home) == {"d": (3, 3)}
    assert counted(home, CANCER) == {"d": (1, 2)}
    assert counted(home, {"some": "series"}) == {"d": (3, 3)}


def test_of_people_who_are_in_no_clinical_data_nobody_knows_their_diagnosis(home, tmp_path):
    import_rows(home, tmp_path, {"person": "1"}, {"person": "2"}, {"person": "9", "collection": "other"})
    take_text(home, tmp_path, "id,icd\n1,C50.1\n3,C61\n", DIAGNOSES)
    assert counted(home, CANCER) == {"d": (1, 2), "other": (0, 1)}
    assert counted(home, {"not": CANCER}) == {"d": (1, 2), "other": (0, 1)}
    assert counted(home, CANCER, "series") == {"d": (1, 2), "other": (0, 1)}
    assert counted(home, {"some": "condition"}) == {"d": (2, 3), "other": (0, 1)}


def test_who_is_in_a_source_of_sexes_only_may_have_a_diagnosis(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50.1\n2,C61\n", DIAGNOSES)
    take_text(home, tmp_path, "id,sex\n2,F\n3,F\n4,M\n", SEXES, name="sexes")
    assert counted(home, {"not": CANCER}) == {"d": (1, 3)}
    assert counted(home, {"some": "condition"}) == {"d": (2, 4)}
    assert counted(home, {"not": {"some": "measurement"}}) == {"d": (0, 4)}


def test_a_line_without_a_diagnosis_says_that_there_is_none(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50.1\n2,\n", DIAGNOSES)
    take_text(home, tmp_path, "id,what,value\n1,PSA,3\n3,PSA,\n", PSA, name="labs")
    assert counted(home, {"not": CANCER}) == {"d": (1, 2)}
    assert counted(home, {"not": {"some": "measurement"}}) == {"d": (1, 2)}


def test_stage_and_grade_alone_are_no_measurements(home, tmp_path):
    """They lie among the measurements of OMOP."""
    take_text(home, tmp_path, "id,icd,stage\n1,C50.1,II\n2,C61,I\n", DIAGNOSES + 'stage = "stage"\n')
    take_text(home, tmp_path, "id,what,value\n3,PSA,3\n", PSA, name="labs")
    assert counted(home, {"some": "measurement"}) == {"d": (1, 3)}


@pytest.mark.parametrize(("seen", "told", "after"), [("F", "M", None), ("", "M", "M"), ("F", "", "F")])
def test_the_sex_of_a_person_is_what_images_and_clinical_data_agree_on(home, tmp_path, seen, told, after):
    import_rows(home, tmp_path, {"person": "1", "sex": seen})
    for _ in range(2):
        take_text(home, tmp_path, f"id,sex\n1,{told}\n", SEXES)
        sexes = {sex for sex in "FM" if counted(home, has(sex))["d"][0]}
        assert sexes == ({after} - {None})
    take_text(home, tmp_path, "id,sex\n7,\n", SEXES)
    assert {sex for sex in "FM" if counted(home, has(sex))["d"][0]} == ({seen} - {""})


def test_people_of_a_source_that_is_replaced_are_gone(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50\n2,C50\n", DIAGNOSES)
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES)
    assert counted(home) == {"d": (1, 1)}


def test_statistics_say_what_a_dataset_has_by_its_images_and_by_its_clinical_sources(home, tmp_path):
    import_rows(home, tmp_path, {"person": "1", "sex": "F"}, without=["age"])
    take_text(home, tmp_path, "id,icd\n1,C50\n2,lung\n", DIAGNOSES)
    state = state_of(home)
    assert {e: state.records[e] for e in ("person", "condition", "series")} == {
        "person": 2,
        "condition": 2,
        "series": 1,
    }
    assert "measurement" not in state.records
    assert (state.fields["condition.code"].known, state.fields["condition.code"].lacking) == (True, 1)
    assert (state.fields["condition.stage"].known, state.fields["condition.stage"].lacking) == (False, 2)
    assert (state.fields["person.sex"].known, state.fields["person.age"].known) == (True, False)


def test_the_words_of_a_dataset_are_those_that_were_said_last(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES, title="First", licence="L")
    take_text(home, tmp_path, "id,icd\n2,C50\n", DIAGNOSES, name="more")
    assert state_of(home).words["title"] == "First"
    take_text(home, tmp_path, "id,icd\n2,C50\n", DIAGNOSES, name="more", title="Second")
    assert state_of(home).words["title"] == "Second"


def test_the_tables_have_the_columns_of_the_standard(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES)
    with home.tables.open() as base:
        for table in TABLES:
            assert [name for name, *_ in base.execute(f"DESCRIBE omop.{table}").fetchall()] == list(columns_of(table))
        row = base.execute(
            "SELECT condition_concept_id, condition_source_value FROM omop.condition_occurrence"
        ).fetchall()
        assert row == [(0, "C50")]


def test_a_node_of_images_alone_has_no_empty_tables_of_omop(home, tmp_path):
    query = "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'omop'"

    def there():
        with home.tables.open() as base:
            return {name for (name,) in base.execute(query).fetchall()} & {*TABLES}

    import_rows(home, tmp_path, {"person": "1", "sex": "F"})
    assert there() == set()
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES)
    assert there() == {*TABLES}
    import_rows(home, tmp_path, {"person": "1", "sex": "F"})
    assert there() == {*TABLES}
    assert counted(home, {"all": [CANCER, has("F")]}) == {"d": (1, 1)}


def test_a_file_of_an_older_node_is_read_and_written_on(home, tmp_path):
    import_rows(home, tmp_path, {"person": "1", "sex": "F"})
    path = home.tables.current()
    with duckdb.connect(str(path)) as base:
        base.execute("DROP SCHEMA omop CASCADE")
        for table in ("condition", "measurement", "treatment", "episode", "specimen"):
            base.execute(f"DROP TABLE {table}")
        for column in ("birth_year", "vital_status", "follow_up", "told_condition"):
            base.execute(f"ALTER TABLE person DROP COLUMN {column}")
        base.execute("DELETE FROM field WHERE field IN ('birth_year', 'vital_status', 'follow_up')")
        base.execute("DELETE FROM code WHERE vocabulary NOT IN ('sex', 'modality', 'body_part', 'manufacturer')")
    assert counted(home, {"field": "vital_status", "in": ["DEAD"]}) == {"d": (0, 1)}
    assert counted(home, CANCER) == {"d": (0, 1)}
    assert Desk(home).cards()[0].codes["sex"]["F"].at_least == 1
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES)
    assert counted(home, {"all": [CANCER, has("F")]}) == {"d": (1, 1)}


def test_in_tables_of_before_it_was_known_what_sources_hold_nobody_is_certainly_without(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50\n2,\n", DIAGNOSES)
    assert counted(home, {"not": CANCER}) == {"d": (1, 1)}
    with duckdb.connect(str(home.tables.current())) as base:
        for entity in ("condition", "measurement", "treatment", "episode", "specimen"):
            base.execute(f"ALTER TABLE person DROP COLUMN told_{entity}")
    assert counted(home, {"not": CANCER}) == {"d": (0, 1)}


def test_a_source_of_nothing_changes_nothing_but_its_own_rows(home, tmp_path):
    take_text(home, tmp_path, "id,icd\n1,C50\n", DIAGNOSES)

    def nothing(base):
        with Loading(base):
            pass
        return Taken(Source("d", "empty", "table", "", mapping_of(DIAGNOSES).fields), 0, 0, {}, {}, ())

    import_clinical(home, nothing)
    assert counted(home, CANCER) == {"d": (1, 1)}
