"""Looking for text: compared with SQLite's own full-text search, which is another program."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncommons.schema.finding import Text, TextIndex, words_of


def index(*texts):
    return TextIndex([[Text("title", 1.0, text)] for text in texts])


def places(found):
    return [hit.place for hit in found.hits]


LINES = ["Magnetic resonance of the breast", "CT of the lung", "Mammography", "Lung and breast, PET", "Slides"]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("breast MRI", {0}),
        ("mri", {0}),
        ("pulmonary", {1, 3}),
        ("mammogram", {2}),
        ("mamm", {2}),
        ("positron emission tomography lungs", {3}),
        ("breast and lung", {3}),
        ("BRÉAST", {0, 3}),
        ("zebra", set()),
        ("breast zebra", set()),
        ("", {0, 1, 2, 3, 4}),
        ("the", {0, 1, 2, 3, 4}),
        ("of lung", {1, 3}),
        ("c", set()),
    ],
)
def test_words_their_beginnings_and_synonyms_are_found(request_, expected):
    assert set(places(index(*LINES).find(request_))) == expected


def test_a_synonym_is_found_as_a_phrase_only():
    assert places(index("resonance of a magnetic field", "magnetic resonance").find("mri")) == [1]


def test_a_word_in_a_weightier_part_counts_more():
    found = TextIndex([[Text("about", 1.0, "lung")], [Text("title", 4.0, "lung")]]).find("lung")
    assert places(found) == [1, 0]


def test_where_it_was_found_is_told():
    (hit,) = TextIndex([[Text("title", 4.0, "x"), Text("modality", 2.0, "MR magnetic resonance")]]).find("mri").hits
    assert hit.why == ("modality: MR magnetic resonance",)


def test_a_word_that_is_nowhere_is_told_with_one_that_is():
    assert index(*LINES).find("brest").instead == "breast"
    assert index(*LINES).find("breast qqqq").instead == ""


WORDS = st.sampled_from(["alpha", "beta", "gamma", "delta", "zeta", "eta", "theta"])
DOCUMENTS = st.lists(st.lists(WORDS, min_size=1, max_size=12).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(DOCUMENTS, st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_the_same_documents_are_found_as_by_sqlite(documents, request_):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    base.executemany("INSERT INTO t(rowid, x) VALUES (?, ?)", list(enumerate(documents, 1)))
    query = " AND ".join(f"{word}*" for word in request_.split())
    theirs = [row[0] - 1 for row in base.execute("SELECT rowid FROM t WHERE t MATCH ?", [query])]
    base.close()
    assert sorted(places(index(*documents).find(request_))) == sorted(theirs)


def test_the_rarer_word_decides_the_rank_as_in_sqlite():
    documents = ["alpha alpha alpha", "beta", "alpha beta beta", "alpha beta", *["alpha"] * 6]
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    base.executemany("INSERT INTO t(rowid, x) VALUES (?, ?)", list(enumerate(documents, 1)))
    query = "SELECT rowid FROM t WHERE t MATCH 'alpha AND beta' ORDER BY bm25(t)"
    theirs = [row[0] - 1 for row in base.execute(query)]
    base.close()
    assert places(index(*documents).find("alpha beta")) == theirs


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    assert index(*LINES).find(text)
    assert all(word.isascii() for word in words_of(text))
