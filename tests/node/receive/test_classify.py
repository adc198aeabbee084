"""Rule tables as SQL."""

import duckdb
import pytest
from tests.node.receive.series import labels, receive_real
from tests.oracle import deciding

from oncommons.node.receive import classify


@pytest.fixture(scope="module")
def base():
    with duckdb.connect(config={"threads": 1}) as connection:
        receive_real(connection, labels())
        yield connection


@pytest.mark.parametrize("field", classify.RULES)
def test_sql_decides_as_the_rules_read_in_plain_python(base, field):
    raw = base.execute("FROM real ORDER BY SeriesInstanceUID").df()
    given = base.execute(f"SELECT {field} FROM received ORDER BY series").fetchall()
    assert [code for (code,) in given] == deciding.columns(raw)[field]
    assert any(code for (code,) in given)


@pytest.mark.parametrize(
    ("raw", "expected"), [("Ax_T1  POST", "ax t1  post"), (" Jama_Brzuszna ", "jama brzuszna"), ("Tête", "tete")]
)
def test_descriptions_are_looked_at_without_accents_and_capital_letters(base, raw, expected):
    assert base.execute(f"SELECT {classify.normal('t')} FROM (SELECT ? AS t)", [raw]).fetchall() == [(expected,)]


def test_numbers_of_rules_lead_back_to_them():
    for field, rules in classify.RULES.items():
        assert tuple(classify.BY_NUMBER[field].values()) == rules


@pytest.mark.parametrize(
    ("tr", "te", "ti", "sequence", "expected"),
    [
        ("500", "10", None, "SE", "T1"),
        ("500", "10", None, "GR", ""),
        ("5000", "90", None, "se\\sk", "T2"),
        ("9000", "90", "2400", "SE\\IR", "FLAIR"),
        ("4000", "40", "150", "IR", "STIR"),
        (None, None, None, None, ""),
        ("", "x", "", "SE", ""),
    ],
)
def test_times_say_the_weighting_of_a_spin_echo(base, tr, te, ti, sequence, expected):
    query = f"SELECT {classify.timing('tr', 'te', 'ti', 's')} FROM (SELECT ? AS tr, ? AS te, ? AS ti, ? AS s)"
    assert base.execute(query, [tr, te, ti, sequence]).fetchall() == [(expected,)]
