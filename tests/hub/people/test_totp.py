"""Codes of the second factor, against the values of the standards."""

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

from oncommons.hub.people import totp

SECRET = b"12345678901234567890"
# RFC 6238 appendix B, table 1, SHA-1
TABLE = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
# RFC 4226 appendix D
COUNTS = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(("moment", "code"), TABLE.items())
def test_the_codes_are_those_of_rfc_6238(moment, code):
    assert totp.code_at(SECRET, totp.step_of(moment), 8) == code
    assert totp.code_at(SECRET, totp.step_of(moment)) == code[2:]


def test_the_codes_are_those_of_rfc_4226():
    assert [totp.code_at(SECRET, i) for i in range(10)] == COUNTS


def test_a_code_counts_one_step_before_and_after():
    now = 100 * 30 + 7
    found = [totp.matching_step(SECRET, totp.code_at(SECRET, step), now, 0) for step in range(98, 103)]
    assert found == [None, 99, 100, 101, None]


def test_a_code_serves_once():
    code = totp.code_at(SECRET, 100)
    assert totp.matching_step(SECRET, code, 3_000, 99) == 100
    assert totp.matching_step(SECRET, code, 3_000, 100) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "\ud800", "0" * 5_000])
def test_what_is_not_a_code_is_wrong(typed):
    assert totp.matching_step(SECRET, typed, 3_000, 0) is None


def test_space_in_a_code_does_not_count():
    code = totp.code_at(SECRET, 100)
    assert totp.matching_step(SECRET, f" {code[:3]} {code[3:]}\n", 3_000, 0) == 100


def test_an_app_reads_the_address():
    parts = urlsplit(totp.address(SECRET, "Hub: one & two", "ana@athens.example"))
    fields = {key: value[0] for key, value in parse_qs(parts.query).items()}
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert base64.b32decode(fields["secret"]) == SECRET
    assert (fields["issuer"], fields["digits"], fields["period"]) == ("Hub: one & two", "6", "30")


def test_a_secret_is_spoken_in_groups_of_four():
    assert totp.spoken(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert len(totp.new_secret()) == 20


def test_recovery_codes_are_many_long_and_never_the_same():
    codes = {totp.plain_recovery(code) for _ in range(20) for code in totp.new_recovery_codes()}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {16}
