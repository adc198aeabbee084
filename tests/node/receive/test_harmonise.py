"""Raw strings of headers become values of the dictionary, or stay missing."""

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from oncommons.node.receive import harmonise
from oncommons.node.receive.rules import BODY_PART_SPELLINGS, MANUFACTURER_PREFIXES
from oncommons.node.receive.table import FIELDS
from oncommons.schema.vocabulary import BODY_PART, MANUFACTURER, MODALITY, SEX

TODAY = datetime.now(UTC).date()


@pytest.fixture(scope="module")
def base():
    with duckdb.connect(config={"threads": 1}) as found:
        yield found


def read(base, write, raw):
    return base.execute(f"SELECT {write('v')} FROM (SELECT CAST(? AS VARCHAR) AS v)", [raw]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("F", "F"),
        (" f ", "F"),
        ("m", "M"),
        ("O", "O"),
        ("U", None),
        ("female", None),
        ("0000", None),
        ("", None),
        (None, None),
        ("F' OR '1'='1", None),
    ],
)
def test_sex_is_one_of_three_letters_or_missing(base, raw, expected):
    assert read(base, harmonise.sex, raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("mr", "MR"), (" CT ", "CT"), ("XYZ", None), ("", None), (None, None)])
def test_a_modality_is_a_defined_term_or_missing(base, raw, expected):
    assert read(base, harmonise.modality, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("breast", "BREAST"),
        ("Left Breast", "BREAST"),
        (" thorax ", "CHEST"),
        ("ELSEWHERE", None),
        ("BREAST, LEFT", None),
        ("", None),
        (None, None),
    ],
)
def test_a_body_part_is_a_known_spelling_or_a_defined_term_or_missing(base, raw, expected):
    assert read(base, harmonise.body_part, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ('"GE Healthcare"', "GE"),
        ("GE", "GE"),
        ("ge medical systems", "GE"),
        ("GEORGE", None),
        ("GE Foo", None),
        ("TOSHIBA_MEC", "CANON"),
        ("Philips / MIMvista", "PHILIPS"),
        ("The SIEMENS", None),
        ("QIICR", None),
        ("", None),
        (None, None),
    ],
)
def test_a_manufacturer_is_told_by_its_code_or_how_its_name_starts(base, raw, expected):
    assert read(base, harmonise.manufacturer, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("045Y", 45),
        (" 045y ", 45),
        ("000Y", 0),
        ("023M", 1),
        ("024M", 2),
        ("052W", 0),
        ("053W", 1),
        ("365D", 0),
        ("366D", 1),
        ("999D", 2),
        ("045", None),
        ("45Y", None),
        ("0045Y", None),
        ("-45Y", None),
        ("٠٤٥Y", None),
        ("N-A", None),
        ("", None),
        (None, None),
    ],
)
def test_an_age_is_read_in_completed_years(base, raw, expected):
    assert read(base, harmonise.age, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("19991116", 1999),
        ("1999-11-16", 1999),
        (" 2001-01-01 ", 2001),
        ("1999", None),
        ("1999-11", None),
        ("16.11.1999", None),
        ("2024-02-29 12:00", 2024),
        ("20230229", None),
        ("20231301", None),
        ("18800101", 1880),
        ("18791231", None),
        (f"{TODAY:%Y%m%d}", TODAY.year),
        (f"{TODAY + timedelta(days=3):%Y%m%d}", None),
        ("", None),
        (None, None),
    ],
)
def test_a_year_is_read_from_a_whole_date(base, raw, expected):
    assert read(base, harmonise.year, raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("12", 12),
        (" 12 ", 12),
        ("0", 0),
        ("2147483647", 2147483647),
        ("2147483648", None),
        ("many", None),
        ("", None),
        (None, None),
    ],
)
def test_a_whole_number_fits_32_bits_or_is_missing(base, raw, expected):
    assert read(base, harmonise.whole_number, raw) == expected


@pytest.mark.parametrize("raw", ["1.5", "0x10", "1e3", "-5"])
def test_what_is_not_a_whole_number_is_never_rounded_to_one(base, raw):
    assert read(base, harmonise.whole_number, raw) is None


@pytest.mark.parametrize(
    ("write", "vocabulary"),
    [
        (harmonise.sex, SEX),
        (harmonise.modality, MODALITY),
        (harmonise.body_part, BODY_PART),
        (harmonise.manufacturer, MANUFACTURER),
    ],
)
def test_every_code_of_a_vocabulary_is_read_as_itself(base, write, vocabulary):
    spelled = set(BODY_PART_SPELLINGS) if vocabulary is BODY_PART else set()
    codes = [c for c in vocabulary.codes if c not in spelled]
    raw = [*codes, *(f" {code.lower()} " for code in codes)]
    query = f"SELECT {write('v')} FROM (SELECT unnest($raw) AS v, unnest(range(len($raw))) AS i) ORDER BY i"
    assert [row[0] for row in base.execute(query, {"raw": raw}).fetchall()] == codes * 2


def test_every_row_of_the_rule_tables_is_applied(base):
    for raw, code in BODY_PART_SPELLINGS.items():
        assert read(base, harmonise.body_part, raw) == code
    for prefix, code in MANUFACTURER_PREFIXES:
        assert read(base, harmonise.manufacturer, f"{prefix} of somewhere") == code


def test_there_is_a_rule_for_every_column():
    assert set(harmonise.EXPRESSIONS) == set(FIELDS)
