"""Numbers as journals print them."""

import pytest

from oncommons.client.figures.words import interval, listed, many, number, p_value, percent, plain, ratio, short, tick


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (0.0, "p < 0.001"), (0.00099, "p < 0.001"), (0.001, "p = 0.001"), (0.0042, "p = 0.004"), (0.0123, "p = 0.01"),
        (0.046, "p = 0.046"), (0.0512, "p = 0.051"), (0.04999, "p = 0.0499"), (0.05, "p = 0.050"), (0.2, "p = 0.20"), (0.99, "p = 0.99"), (0.9999, "p > 0.99"),
        (None, "p not known"), (float("nan"), "p not known"),
    ],
)  # fmt: skip
def test_p_is_never_zero_and_never_rounded_over_five_per_cent(p, said):
    assert p_value(p) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"), (14294, "14,294"), (12345.678, "12,346"), (1.23456, "1.23"), (0.0123456, "0.0123"), (-3.5, "−3.50"),
        (None, "–"), (1.5e12, "1.50 × 10¹²"), (-2.5e-9, "−2.50 × 10⁻⁹"), (float("inf"), "–"), (10_000_000, "1.00 × 10⁷"),
    ],
)  # fmt: skip
def test_numbers_keep_the_digits_that_count(value, said):
    assert number(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(1.2345, "1.23"), (12.345, "12.3"), (123.4, "123"), (0.0123, "0.012"), (-0.5, "−0.50"), (1.0, "1.00"), (None, "–")]
)  # fmt: skip
def test_ratios_of_a_column_have_the_same_decimals(value, said):
    assert ratio(value) == said


def test_an_interval_has_a_word_between_its_ends():
    assert interval(-0.5, None) == "(−0.50 to –)"


def test_shares_have_at_most_one_decimal():
    assert [percent(share) for share in (0.95, 0.995, 0.9999)] == ["95%", "99.5%", "100%"]


def test_words_are_put_in_a_row():
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert (many(1, "person", "people"), many(1000, "person", "people"), many(2, "node")) == (
        "1 person",
        "1,000 people",
        "2 nodes",
    )


def test_names_lose_what_xml_does_not_allow():
    assert plain("a\x00b\n  c\ud800") == "a b c"


def test_short_names_stay_apart():
    long = [
        f"Invasive carcinoma of the {side} breast, {end}"
        for side in ("left", "right")
        for end in ("grade one", "grade two")
    ]
    found = short(long, 20)
    assert len(set(found)) == 4
    assert all(len(name) <= 24 for name in found)
    assert short(["II"]) == ("II",)


def test_round_numbers_beside_an_axis_have_no_needless_decimals():
    assert [tick(place) for place in (0.5, 1, 2.5, 12000, 1e-9, 2.5e9, -0.25, 0)] == [
        "0.5",
        "1",
        "2.5",
        "12,000",
        "10⁻⁹",
        "2.5 × 10⁹",
        "−0.25",
        "0",
    ]
