"""Tables of labels: each of the known forms, by its header or the shape of its first row."""

import pytest
from tests.hub.labels.files import BFARM, CSV, IACR, MORPHOLOGY, TOPOGRAPHY

from oncommons.hub.labels.tabular import read_table


def rows(text, file="x.csv"):
    return [(r.code, r.text, r.synonym) for r in read_table(text, file).rows]


def test_a_plain_table_says_language_and_system_of_each_row():
    form = read_table(CSV, "mine.csv")
    assert (form.name, form.system, form.language) == ("CSV", "", "")
    first = next(form.rows)
    assert (first.line, first.system, first.code, first.language) == (2, "ICD10", "C34", "de")
    assert first.text == "Wort, das keiner kennt"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_any_usual_separator_parts_a_plain_table(separator):
    assert rows(f"Code{separator}Label\nC34{separator}Word\n") == [("C34", "Word", False)]


def test_the_metadata_of_bfarm_have_no_header_and_tell_their_edition_by_their_name():
    form = read_table(BFARM, "icd10gm2024syst_kodes_20230915.txt")
    assert (form.system, form.language, form.edition) == ("ICD10", "de", "ICD-10-GM 2024")
    assert [(r.line, r.code, r.text) for r in form.rows] == [
        (1, "C34", "Wort der Lunge"),
        (2, "C34.0", "Wort der Lunge: Anfang"),
        (3, "C91.00", "Blutwort: nicht weg"),
        (4, "A17.0", "Kreuzwort"),
    ]


def test_a_row_of_the_metadata_that_is_cut_short_has_no_label():
    assert rows(BFARM + "4;T;X\n")[-1] == ("4;T;X", "", False)


def test_the_tables_of_icd_o_3_tell_labels_from_other_words():
    assert rows(MORPHOLOGY)[:2] == [("8070/3", "Word of cells", False), ("8070/3", "Other word of cells", True)]
    assert rows(TOPOGRAPHY) == [
        ("C34", "WORD OF PLACE", False),
        ("C34.1", "Lower word", False),
        ("C34.1", "Other lower word", True),
    ]


def test_the_list_of_iacr_may_have_a_title_above_its_header():
    assert read_table(IACR, "x").system == "ICDO3"
    assert rows(IACR) == [
        ("8070/3", "Word of cells", False),
        ("8070/3", "Other word of cells", True),
        ("8070/3", "Word nearby", True),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "a,b\n1,2\n", "code\nC34\n", "C34;Word\n"])
def test_another_table_is_none_of_them(text):
    assert read_table(text, "x.csv") is None


def told(text):
    return [(r.line, r.code, r.fault.partition(":")[0]) for r in read_table(text, "x.csv").rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_quote_that_nobody_closes_costs_its_own_row_only(separator):
    text = 'code,label\nC34,"lung cancer\nC50,breast\nC61,prostate\nC18,"colon"\n'.replace(",", separator)
    assert told(text) == [
        (2, "", "A quotation mark is not closed in this line"),
        (3, "C50", ""),
        (4, "C61", ""),
        (5, "C18", ""),
    ]


def test_a_line_longer_than_any_label_is_told_and_the_others_are_read():
    text = f"code,label\nC34,lung{'x' * 200_000}\nC50,breast\nC51,{'y' * 131_000}\n"
    assert told(text) == [(2, "", "The line has more than 131,072 characters."), (3, "C50", ""), (4, "C51", "")]
    assert read_table('{"a": "' + "x" * 200_000 + '"}', "one.json") is None


def test_lines_are_counted_alike_above_the_header_and_below():
    assert told('"Titel\nzwei"\ncode;label\r\nC34;A\rC35;B\x0b\n') == [(4, "C34", ""), (5, "C35", "")]
