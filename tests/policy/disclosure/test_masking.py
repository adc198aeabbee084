"""Masked numbers: their sum is that of the numbers, to the last bit, and alone they are noise."""

import json
import math
import random
from base64 import b64decode
from fractions import Fraction

import pytest

from oncommons.policy.disclosure.masking import Keys, flat, public_of, shaped, together

NAMES = ("athens", "bergen", "cork", "delft")
PRIVATE = {name: bytes([place + 1]) * 32 for place, name in enumerate(NAMES)}
PUBLIC = {name: public_of(one) for name, one in PRIVATE.items()}


def keys(name, partners=PUBLIC):
    return Keys(PRIVATE[name], name, partners)


def some(seed):
    chance = random.Random(seed)
    return {
        "a": chance.gauss(0, 1e9),
        "b": [[chance.gauss(0, 1e-9) for _ in range(3)] for _ in range(2)],
        "n": seed,
        "e": [],
    }


FOUND = {name: some(place) for place, name in enumerate(NAMES)}
PARTS = {name: json.loads(json.dumps(keys(name).masked(FOUND[name], b"round 1"))) for name in NAMES}


def exact(*numbers):
    """The sum, rounded once."""
    return float(sum(map(Fraction, numbers)))


def test_the_sum_of_all_is_that_of_the_numbers_in_any_order():
    total = together(list(PARTS.values()))
    assert total["a"] == exact(*(one["a"] for one in FOUND.values()))
    for row in range(2):
        for column in range(3):
            assert total["b"][row][column] == exact(*(one["b"][row][column] for one in FOUND.values()))
    assert (total["n"], total["e"]) == (0 + 1 + 2 + 3, [])
    assert together(list(reversed(PARTS.values()))) == total


@pytest.mark.parametrize("missing", NAMES)
def test_without_one_there_is_no_sum(missing):
    with pytest.raises(ValueError, match="do not cancel"):
        together([part for name, part in PARTS.items() if name != missing])


def test_who_was_asked_something_else_does_not_cancel():
    with pytest.raises(ValueError, match="do not cancel"):
        together([*list(PARTS.values())[:3], keys("delft").masked(FOUND["delft"], b"round 2")])


def test_who_was_told_of_another_partner_does_not_cancel():
    fewer = {name: key for name, key in PUBLIC.items() if name != "athens"}
    with pytest.raises(ValueError, match="do not cancel"):
        together([*list(PARTS.values())[:3], keys("delft", fewer).masked(FOUND["delft"], b"round 1")])


def test_one_part_alone_is_noise():
    """The same number again and again: the octets of its masked form are spread as those of noise (chi-squared)."""
    counts = [0] * 256
    for turn in range(300):
        for octet in b64decode(keys("athens").masked({"x": 1.0}, b"%d" % turn)["masked"]):
            counts[octet] += 1
    expected = sum(counts) / 256
    assert sum((one - expected) ** 2 / expected for one in counts) < 370  # p = 1e-6 at 255 degrees of freedom


def test_the_same_question_gives_the_same_masks_and_another_one_others():
    assert keys("athens").masked(FOUND["athens"], b"round 1") == PARTS["athens"]
    assert keys("athens").masked(FOUND["athens"], b"round 2") != PARTS["athens"]


@pytest.mark.parametrize("number", [0.0, -0.0, 1e-300, 1e-23, 0.1, -1 / 3, math.pi, 1e28, -7.9e28, 2.0**-128])
def test_numbers_keep_their_digits(number):
    parts = [keys(name).masked({"x": number if name == "athens" else 0.0}, b"r") for name in NAMES]
    assert together(parts)["x"] == pytest.approx(number, rel=1e-15, abs=2.0**-128)


@pytest.mark.parametrize(
    "found", [{"x": math.inf}, {"x": math.nan}, {"x": 1e30}, {"x": "1"}, {"x": None}, {"x": True}, {"x": [1, [2]]}, {"x": [[[[[1]]]]]}]
)  # fmt: skip
def test_what_cannot_be_added_is_refused(found):
    with pytest.raises(ValueError, match=r"number|lists"):
        keys("athens").masked(found, b"r")


@pytest.mark.parametrize(
    "change",
    [
        {"shapes": {}}, {"shapes": {"x": [2]}}, {"masked": ""}, {"masked": "?"},
    ],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError, match=r"shapes|base64|missing"):
        together([PARTS["athens"], PARTS["bergen"] | change])


def test_what_is_under_masks_has_shapes_and_anything_else_has_none():
    assert shaped(PARTS["athens"]) == {"a": [], "b": [2, 3], "e": [0], "n": []}
    good = PARTS["athens"]
    for wrong in (
        {},
        {"x": 1.0},
        good | {"masked": "?"},
        good | {"masked": ""},
        good | {"shapes": [1]},
        good | {"shapes": {"x": 1}},
    ):
        assert shaped(wrong) is None


@pytest.mark.parametrize("shapes", [{"x": [-1]}, {"x": "2"}, {"x": [10**9]}, {"x": [1, 1, 1, 1, 1]}, {"x": [1.0]}])
def test_shapes_that_are_none_are_refused(shapes):
    with pytest.raises(ValueError, match=r"shape|too many"):
        together([{"shapes": shapes, "masked": ""}] * 2)


def test_numbers_are_told_in_the_order_of_names():
    assert flat({"b": [[1, 2], [3, 4]], "a": 0.5}) == ({"a": (), "b": (2, 2)}, [0.5, 1.0, 2.0, 3.0, 4.0])
