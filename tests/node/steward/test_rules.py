"""Plain words for every reason, a rule of the standard for every attribute, and days that add up."""

from dataclasses import replace

import pytest
from tests.imaging.files import KEYS, sample

from oncommons.imaging.comparing import Line, compared, read_partly
from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Profile, annex_e
from oncommons.imaging.syntax import open_file
from oncommons.node.steward.rules import ADVICE, Day, advice_on, chosen, days_of, entry_json, line_json, rule_of, sums
from oncommons.schema.errors import (
    DamagedImage,
    ForeignRequest,
    ImageError,
    ImageTooLarge,
    MayShowText,
    NotDicom,
    NotWaiting,
    RejectedImage,
    every_error,
)
from oncommons.schema.errors_of_protocols import BadSearch, BadUpload, NoPicture, NotAcceptable, NotLetIn
from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_pages import Pace, Tally


def a_line(tag, vr="LO", done="removed", before="x", after=None):
    return Line(f"{tag:08X}", tag, "", vr, before, after, done)


def test_advice_is_given_for_codes_that_there_are():
    assert ADVICE.keys() <= {kind.code for kind in every_error()}
    for kind in (DamagedImage, ImageTooLarge, MayShowText):
        assert advice_on(kind.code).remedy


REFUSED = {NotDicom, RejectedImage}
"""Reasons for which a file is refused; there is no copy to decide about."""
ASKED = {NotAcceptable, BadSearch, NoPicture, BadUpload, NotLetIn, NotWaiting, ForeignRequest}
"""Faults of a request, which no file waits for."""


def test_every_reason_that_a_file_can_wait_for_has_words_of_its_own():
    reasons = {kind for kind in every_error() if issubclass(kind, ImageError)} - REFUSED - ASKED - {ImageError}
    assert ADVICE.keys() == {kind.code for kind in reasons}


def test_only_what_pixels_may_tell_must_be_looked_at():
    assert {code for code, advice in ADVICE.items() if advice.way == "look"} == {"E604", "E625", "E626", "E627"}


def test_a_reason_that_nobody_has_words_for_has_some():
    assert advice_on("E699").way == "again"
    assert advice_on("E699").plain


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (a_line(0x00100010, "PN", "replaced"), "Table E.1-1: Z (empty); a pseudonym"),
        (a_line(0x00080020, "DA", "moved"), "Modified Dates: C (clean)"),
        (a_line(0x0020000D, "UI", "replaced"), "Table E.1-1: U (new UID)"),
        (a_line(0x00091001), "E.3.10: private"),
        (a_line(0x60003000, "OW"), "curves and overlays"),
        (a_line(0x00120062, "CS", "added", None, "YES"), "E.1.1"),
        (a_line(0x00080060, "CS", "kept"), "not in Table E.1-1; known words are kept"),
        (a_line(0x00280010, "US", "kept"), "not in Table E.1-1"),
        (a_line(0x00091001, "LO", "kept"), "known to be safe"),
        (a_line(0x00181000, "LO", "replaced"), "a pseudonym stands in its place"),
        (a_line(0x00280010, "US", "emptied"), "the second look found something"),
        (a_line(0x00080007, "LO"), "not in the data dictionary"),
        (a_line(0x00280010, "LO"), "not what the data dictionary says"),
    ],
)
def test_the_rule_is_told(line, words):
    assert words in rule_of(line, CANCER_RESEARCH)


def test_a_rule_of_the_node_goes_before_that_of_the_table():
    own = replace(CANCER_RESEARCH, own=((0x00181030, "X"),))
    assert rule_of(a_line(0x00181030), own) == "this node's own profile: X (remove)"


def test_rules_quote_the_table_word_by_word():
    basic = Profile("basic", frozenset())
    for tag, row in annex_e().items():
        if not tag >> 16 & 1:
            assert row["basic"] in rule_of(a_line(tag, ""), basic)


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "rtplan.dcm"])
def test_the_rule_agrees_with_what_was_done(name):
    """What is said to go is not kept, and what is said to be kept stays, unless the second look says otherwise."""
    raw = sample(name)
    before, after = (read_partly(open_file(one))[0] for one in (raw, deidentify(raw, CANCER_RESEARCH, KEYS).content))
    for line in compared(before, after):
        rule = rule_of(line, CANCER_RESEARCH)
        if "(remove)" in rule and line.depth == 0:
            assert line.done in {"removed", "added"}, (line, rule)
        if rule.endswith("(keep)"):
            assert line.done == "kept", (line, rule)


def test_lines_are_chosen_by_what_was_done_and_by_words():
    lines = [a_line(0x00100010, "PN", "replaced", "Quokka^Zebedee", "P1"), a_line(0x00080060, "CS", "kept", "CT", "CT")]
    assert chosen(lines, "kept", "") == lines[1:]
    for words in ("quokka", "0010,0010", "00100010", " P1 "):
        assert chosen(lines, "", words) == lines[:1]
    assert chosen(lines, "kept", "quokka") == []
    assert chosen(lines, "", "") == lines


def test_a_line_is_told_with_its_rule_or_without():
    line = a_line(0x00091001)
    assert line_json(line, CANCER_RESEARCH)["tag"] == "(0009,1001)"
    assert line_json(line, None)["rule"] == ""


def test_what_is_told_of_a_file_depends_on_what_became_of_it():
    kept = entry_json(Entry("d", "kept", "lung", patient="P1", attributes='{"00100010": "P1"}'))
    assert kept["patient"] == "P1"
    assert not kept.keys() & {"code", "remedy", "attributes"}
    assert not kept["face"]
    assert entry_json(Entry("d", "kept", "lung", attributes='{"00280302":"YES"}'))["face"]
    waits = entry_json(Entry("d", "quarantined", "lung", "E604", "It may."))
    assert (waits["title"], waits["way"]) == ("The image may show text", "look")
    assert "remedy" not in entry_json(Entry("d", "refused", "lung", "E601", "No."))


def test_days_have_their_files_and_their_pace():
    tallies = [
        Tally("2026-11-21", "lung", "kept", "", 5, 50),
        Tally("2026-11-22", "lung", "kept", "", 2, 20),
        Tally("2026-11-22", "lung", "quarantined", "E602", 1, 10),
        Tally("2026-11-22", "lung", "quarantined", "E604", 3, 30),
        Tally("2026-11-22", "liver", "refused", "E601", 4, 0),
    ]
    paces = [Pace("2026-11-22", "lung", 2, 6, 60), Pace("2026-11-20", "lung", 2, 6, 60)]
    assert days_of(tallies, paces) == [
        Day("2026-11-22", "liver", refused=4),
        Day("2026-11-22", "lung", 2, 4, 0, 60, 3.0, 30.0),
        Day("2026-11-21", "lung", 5, 0, 0, 50),
    ]


def test_sums_are_by_dataset_and_outcome():
    kinds = [Tally("", "a", "quarantined", code, 2, 3) for code in ("E602", "E604")]
    assert sums(kinds) == {"a": {"quarantined": {"files": 4, "bytes": 6}}}
