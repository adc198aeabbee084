"""Raw values and what was made of them."""

import duckdb
import pytest
from tests.node.receive.series import receive, values

from oncommons.node.receive.readings import DECIDED, HINTS, KEPT
from oncommons.node.receive.table import KEYS, SeriesMapping, receive_raw
from oncommons.schema.image_fields import READ


@pytest.fixture
def base():
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection


def readings(base, field):
    query = (
        "SELECT raw, context, code, rule, round(confidence, 2) FROM received_reading WHERE field = ? ORDER BY raw, code"
    )
    return base.execute(query, [field]).fetchall()


def test_every_value_keeps_its_raw_string_the_rule_and_a_confidence(base):
    receive(
        base,
        {"manufacturer": "GE MEDICAL SYSTEMS", "sex": "f", "age": "061Y"},
        {"manufacturer": "Acme", "sex": None, "age": "x"},
    )
    assert readings(base, "manufacturer") == [
        ("Acme", "", None, None, None),
        ("GE MEDICAL SYSTEMS", "", "GE", "manufacturer.spelling", 0.98),
    ]
    assert readings(base, "sex") == [("f", "", "F", "sex.term", 1.0)]
    assert readings(base, "age") == [("061Y", "", "61", "age.term", 1.0), ("x", "", None, None, None)]


def test_a_series_leads_to_its_readings(base):
    receive(base, {"modality": "MR", "series_description": "T2 tse"}, {"modality": "CT", "series_description": "Scout"})
    query = (
        "SELECT r.series, r.series_class, x.raw, x.rule FROM received r "
        "JOIN received_reading x ON x.key = r.series_class_reading ORDER BY r.series"
    )
    assert base.execute(query).fetchall() == [
        ("s000", "T2", "T2 tse", "class.mr-t2"),
        ("s001", "LOCALIZER", "Scout", "class.localizer"),
    ]


@pytest.mark.parametrize("word", ["", " ", "NOT FOUND", "unknown", "N/A"])
def test_a_header_that_states_nothing_is_missing_and_not_unmapped(base, word):
    received = receive(base, {"manufacturer": word, "body_part": word})
    assert values(base, "manufacturer", "manufacturer_reading", "body_part") == [(None, None, None)]
    assert received.unmapped == {}


def test_an_accepted_mapping_wins_over_the_rules(base):
    accepted = [("body_part", "breast", "", "CHEST"), ("series_class", "serie 4", "MR", "DCE")]
    rows = ({"modality": m, "body_part": " Breast", "series_description": "Serie 4"} for m in ("MR", "CT"))
    receive(base, *rows, accepted=accepted)
    assert values(base, "body_part", "series_class") == [("CHEST", "DCE"), ("CHEST", "CT")]
    assert readings(base, "body_part") == [(" Breast", "", "CHEST", "body_part.accepted", 1.0)]
    assert ("Serie 4", "MR", "DCE", "series_class.accepted", 1.0) in readings(base, "series_class")


def test_what_no_rule_reads_is_counted_by_its_rows(base):
    received = receive(base, *[{"modality": "MR", "series_description": "zzz"}] * 3, {"modality": "MR", "sex": "x"})
    assert received.unmapped == {"sex": 1, "series_class": 4}


def test_a_source_without_descriptions_has_no_decided_fields(base):
    received = receive(base, {"modality": "MR"})
    assert values(base, *DECIDED) == [(None, None, None)]
    assert not {f"series.{name}" for name in DECIDED} & received.fields


def test_every_kept_reading_has_a_key_of_its_own(base):
    receive(
        base, *({"modality": m, "sex": s, "series_description": d} for m in ("CT", "MR") for s in "FM" for d in "ab")
    )
    number, distinct = base.execute("SELECT count(*), count(DISTINCT key) FROM received_reading").fetchall()[0]
    assert number == distinct == 2 + 2 + 4


def test_alike_descriptions_keep_their_own_readings(base):
    said = [
        f"{what}Nodule {number} - Annotation {name}{end}"
        for what, end in (("Segmentation of ", ""), ("", " evaluations"))
        for number in range(1, 12)
        for name in (*range(10, 20), *(f"Nodule {n:03}" for n in range(1, 12)))
    ]
    rows = ", ".join(f"('p', 't', {i}, 'SEG', '{text}')" for i, text in enumerate(said))
    query = f"(SELECT * FROM (VALUES {rows}) AS r (person, study, series, modality, series_description))"
    names = (*KEYS, "modality", "series_description")
    receive_raw(base, SeriesMapping({name: name for name in names}, dataset="d"), query)
    found = base.execute(
        "SELECT raw FROM received JOIN received_reading ON key = series_class_reading ORDER BY series::INTEGER"
    ).fetchall()
    assert found == [(text,) for text in said]


def test_columns_that_rules_look_at_are_no_fields():
    assert not {*HINTS} & {*READ}
    assert (*KEPT, *DECIDED) == READ
