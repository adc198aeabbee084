"""Words in the place of a picture are an image, and nothing but words."""

import xml.etree.ElementTree as ET

import pytest

from oncommons.node.steward.placard import placard


def words(svg):
    return " ".join("".join(text.itertext()) for text in ET.fromstring(svg))


@pytest.mark.parametrize("text", ["The object has no pixels.", "", "<script>alert('&')</script>", "x" * 30])
def test_the_words_are_said(text):
    assert words(placard(text)) == text


def test_a_long_text_is_cut():
    assert words(placard("word " * 500)).endswith("…")
    assert len(placard("word " * 500)) < 2_000
