"""Labels of codes: which of several counts, and how codes and languages are read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oncommons.schema.labels import Label, Labels, LabelSet, code_of, labels_of, language_of

OLD = LabelSet("old", "Edition 1", "", ("de",), ("ICD10",), 1, 1.0, "a")
NEW = LabelSet("new", "Edition 2", "terms", ("de", "en"), ("ICD10",), 2, 2.0, "b")
ROWS = (
    Label("ICD10:C34", "de", "Neues Wort"),
    Label("ICD10:C34", "de", "Anderes Wort", synonym=True),
    Label("ICD10:C34", "en", "New word"),
    Label("ICD10:C34", "de", "Altes Wort"),
    Label("ICD10:A00", "de", "Nur deutsch"),
    Label("ICD10:C50", "de", "Nur ein Nebenwort", synonym=True),
)
KNOWN = labels_of([NEW, OLD], ROWS)


@pytest.mark.parametrize(
    ("code", "language", "label"),
    [
        ("ICD10:C34", "de", "Neues Wort"),
        ("ICD10:C34", "de-at", "Neues Wort"),
        ("ICD10:C34", "en", "New word"),
        ("ICD10:C34", "fr", "New word"),
        ("ICD10:C34", "", "New word"),
        ("ICD10:A00", "fr", "Nur deutsch"),
        ("ICD10:C50", "de", "breast cancer"),
        ("ICD10:C61", "de", "prostate cancer"),
        ("ICD10:B99", "de", ""),
    ],
)
def test_a_label_is_in_the_language_asked_for_or_else_in_english_or_else_ours(code, language, label):
    assert KNOWN.label(code, language) == label


def test_without_an_import_codes_have_our_names():
    assert Labels().label("ICD10:C34", "de") == "lung cancer"
    assert Labels().label("ICD10:A00") == ""


def test_the_words_of_a_code_are_its_labels_and_its_synonyms():
    assert KNOWN.texts["ICD10:C34"]["de"] == ("Neues Wort", "Altes Wort", "Anderes Wort")
    assert KNOWN.languages == ("de", "en")


@pytest.mark.parametrize(
    ("language", "there"),
    [
        ("", ("de", "de-ch", "en", "pt-br")),
        ("de", ("de", "de-ch")),
        ("de-at", ("de",)),
        ("de-ch", ("de", "de-ch")),
        ("de-ch-1901", ("de",)),
        ("pt", ("pt-br",)),
        ("pt-pt", ()),
        ("fr", ()),
        ("d", ()),
    ],
)
def test_a_language_means_itself_its_varieties_and_that_of_which_it_is_one(language, there):
    rows = [Label("ICD10:C34", told, "Word") for told in ("de", "de-ch", "en", "pt-br")]
    assert labels_of((), rows).meant(language) == there


@pytest.mark.parametrize(
    ("system", "text", "code"),
    [
        ("ICD10", "C34.1", "ICD10:C34.1"),
        ("ICD10", "C341", "ICD10:C34.1"),
        ("ICD10", "C34.-", "ICD10:C34"),
        ("ICD10", "C91.0-", "ICD10:C91.0"),
        ("ICD10", "A17.0\u2020", "ICD10:A17.0"),
        ("ICD10", "M01.0*", "ICD10:M01.0"),
        ("ICD10", "U07.1 !", "ICD10:U07.1"),
        ("ICD10", "ICD10:c50", "ICD10:C50"),
        ("", "ICDO3:8070/3", "ICDO3:8070/3"),
        ("ICDO3", "M8070/3", "ICDO3:8070/3"),
        ("ICDO3", "C34.9", "ICDO3:C34.9"),
        ("OPS", "5-870.A", "OPS:5-870.a"),
        ("LOINC", "1988-5", "LOINC:1988-5"),
        ("", "C34", ""),
        ("ICD10", "C00-C97", ""),
        ("ICD10", "II", ""),
        ("ICD10", "C50.A1", ""),
        ("ICDO3", "8070", ""),
        ("XYZ", "C34", ""),
    ],
)
def test_a_code_is_read_as_classifications_write_it(system, text, code):
    assert code_of(system, text) == code


@settings(max_examples=60)
@given(st.text("ICDOM3401a/:.-*", max_size=12), st.sampled_from(["", "ICD10", "ICDO3", "OPS", "ATC"]))
def test_what_is_read_as_a_code_is_read_as_itself_again(text, system):
    found = code_of(system, text)
    assert found == "" or code_of("", found) == found


@pytest.mark.parametrize(
    ("text", "language"), [("DE", "de"), ("pt_BR", "pt-br"), ("", ""), ("deutsch", ""), ("d", ""), ("de;q=1", "")]
)
def test_a_language_is_a_short_tag(text, language):
    assert language_of(text) == language
