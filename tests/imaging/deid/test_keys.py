"""Pseudonyms: the same for one node and secret, another elsewhere; dates that keep their distances."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID
from tests.imaging.files import KEYS

from oncommons.imaging.deid.keys import keys_of, moved

OTHER = keys_of(b"x" * 32)
DAYS = st.integers(1, 3650)
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
TIMES = st.from_regex(r"(\d\d(\d\d(\d\d(\.\d{1,6})?)?)?)?([+-]\d{4})?", fullmatch=True).filter(str.isascii)


def written(day):
    return day.strftime("%Y%m%d").encode()


def test_a_short_secret_is_refused():
    with pytest.raises(ValueError, match="32"):
        keys_of(b"x" * 31)


def test_a_patient_has_one_pseudonym_whatever_the_padding():
    assert KEYS.patient(b"4711") == KEYS.patient(b" 4711 ")
    assert KEYS.days(b"4711") == KEYS.days(b"4711 ")
    assert keys_of(bytes(range(32))).patient(b"4711") == KEYS.patient(b"4711")


@given(st.binary(min_size=1, max_size=64).map(bytes.strip), st.binary(min_size=1, max_size=64).map(bytes.strip))
def test_two_patients_have_two_pseudonyms(one, two):
    assert (KEYS.patient(one) == KEYS.patient(two)) == (one == two)


@given(st.binary(max_size=64))
def test_another_secret_gives_other_pseudonyms(identifier):
    assert KEYS.patient(identifier) != OTHER.patient(identifier)
    assert KEYS.uid(identifier) != OTHER.uid(identifier)


@given(st.binary(max_size=64))
def test_a_pseudonym_fits_patient_id_and_name(identifier):
    made = KEYS.patient(identifier).decode("ascii")
    assert made.isalnum()
    assert len(made) == 17


@given(st.binary(max_size=80))
def test_every_new_uid_is_valid(original):
    made = KEYS.uid(original).decode("ascii")
    assert UID(made).is_valid
    assert len(made) <= 64


def test_a_uid_is_the_same_with_and_without_padding():
    assert KEYS.uid(b"1.2.3\0") == KEYS.uid(b"1.2.3")
    assert KEYS.uid(b"1.2.3") != KEYS.uid(b"1.2.33")


@given(st.binary(max_size=64))
def test_dates_move_by_one_day_to_ten_years(identifier):
    assert 1 <= KEYS.days(identifier) <= 3650


@given(DATES, DATES, DAYS)
def test_moved_dates_keep_their_distance(one, two, days):
    new = [datetime.strptime(moved(written(d), days).decode(), "%Y%m%d").date() for d in (one, two)]  # noqa: DTZ007
    assert new[1] - new[0] == two - one
    assert one - new[0] == timedelta(days)


@given(DATES, TIMES, DAYS)
def test_the_time_of_day_never_changes(day, time, days):
    assert moved(written(day) + time.encode(), days) == written(day - timedelta(days)) + time.encode()


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"Meier",
        b"2004",
        b"200401",
        b"2004.01.19",
        b"20040230",
        b"20041301",
        b"00000000",
        b"18491231",
        b"20040119-20040120",
        b"20040119Meier",
        b"20040119+12345678",
        b"200401191234567890",
        b"\xd9\xa2" * 4,
    ],
)
def test_what_is_not_a_date_is_emptied(value):
    assert moved(value, 100) == b""


@given(st.binary(max_size=40), DAYS)
def test_no_date_stays_as_it_was(value, days):
    text = value.strip(b"\0 ")
    assert moved(value, days) == b"" or moved(value, days)[:8] != text[:8]
