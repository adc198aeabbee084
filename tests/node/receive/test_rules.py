"""The tables of rules contradict neither themselves nor the vocabularies."""

import itertools

from oncommons.node.receive.rules import BODY_PART_SPELLINGS, MANUFACTURER_PREFIXES
from oncommons.schema.vocabulary import BODY_PART, MANUFACTURER


def test_no_prefix_is_the_start_of_another():
    prefixes = [prefix for prefix, _ in MANUFACTURER_PREFIXES]
    assert [(a, b) for a, b in itertools.permutations(prefixes, 2) if b.startswith(a)] == []


def test_every_code_is_in_the_vocabulary():
    assert {code for _, code in MANUFACTURER_PREFIXES} <= set(MANUFACTURER.codes)
    assert set(BODY_PART_SPELLINGS.values()) <= set(BODY_PART.codes)


def test_every_maker_but_none_is_reached_by_a_prefix():
    assert set(MANUFACTURER.codes) - {code for _, code in MANUFACTURER_PREFIXES} == set()


def test_raw_strings_are_written_as_they_are_compared():
    raw = [*BODY_PART_SPELLINGS, *(prefix for prefix, _ in MANUFACTURER_PREFIXES)]
    assert [text for text in raw if text != text.strip(' "').upper() or "'" in text] == []


def test_no_spelling_is_a_term_already():
    assert set(BODY_PART_SPELLINGS) & set(BODY_PART.codes) == set()
