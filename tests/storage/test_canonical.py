"""One way to write JSON: compared with the reference implementation and the examples of RFC 8785."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from oncommons.storage.canonical import canonical, digest_of_message, read_canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_it_writes_what_the_reference_writes(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(JSON)
def test_what_is_canonical_comes_back_and_nothing_else_is_read(value):
    text = canonical(value).decode()
    assert canonical(read_canonical(text)).decode() == text
    for other in (f" {text}", f"{text}\n", json.dumps([value], ensure_ascii=True, indent=1)):
        with pytest.raises(ValueError):
            read_canonical(other)


@pytest.mark.parametrize(
    "text", ["", "{", '{"b":1,"a":1}', "1.0", "1e2", '"\\u0041"', "NaN", "[" * 100_000, '{"a":1,"a":1}']
)
def test_what_is_not_canonical_is_not_read(text):
    with pytest.raises(ValueError):
        read_canonical(text)


def test_names_are_sorted_as_rfc_8785_section_3_2_3_shows():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    wanted = ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == wanted


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (1e21, "1e+21"),
        (1e16, "10000000000000000"),
        (-0.0, "0"),
        (2**53, "9007199254740992"),
        (2**60, "1152921504606847000"),
    ],
)
def test_fractions_are_written_as_ecmascript_does(number, text):
    assert canonical([number]) == f"[{text}]".encode()


@pytest.mark.parametrize("value", ["\ud800", {"a": 10**400}, [{1: 2}], {"a": {1, 2}}, {"a": float("nan"), "b": 0.5}])
def test_what_machines_read_differently_is_refused(value):
    with pytest.raises(ValueError):
        canonical(value)


def test_a_message_has_one_hash_whatever_the_order_of_its_names():
    wanted = hashlib.sha256(b'{"a":[1,"\xc3\xa9"],"b":null}').hexdigest()
    assert digest_of_message({"b": None, "a": [1, "é"]}) == wanted
    with pytest.raises(ValueError):
        digest_of_message({"a": {1}})
