"""The table of synonyms is in the form in which requests are read."""

from oncommons.schema.finding import words_of
from oncommons.schema.synonyms import SYNONYMS


def test_every_phrase_is_written_as_requests_are_read():
    assert [p for group in SYNONYMS for p in group if " ".join(words_of(p)) != p] == []


def test_no_phrase_stands_in_two_groups():
    every = [p for group in SYNONYMS for p in group]
    assert sorted(every) == sorted(set(every))
    assert all(len(group) == len(set(group)) for group in SYNONYMS)
