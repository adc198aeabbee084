"""ClaML: labels of categories, without what stands around them."""

import pytest
from tests.hub.labels.files import CLAML

from oncommons.hub.labels.claml import read_claml
from oncommons.schema.errors_of_rows import BadLabels

BOMB = '<?xml version="1.0"?><!DOCTYPE ClaML [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ClaML>&b;</ClaML>'


def test_labels_of_categories_are_read_with_their_languages_and_lines():
    form = read_claml(CLAML.encode())
    assert (form.system, form.language, form.edition) == ("ICD10", "fr", "ICD-10-XX 2099")
    assert [(r.code, r.language, r.text, r.synonym) for r in form.rows] == [
        ("C34", "fr", "Mot du & poumon", False),
        ("C34", "fr", "Autre mot", True),
        ("C34.0", "", "Mot plus bas", False),
    ]


def test_a_line_is_that_of_its_class():
    assert [row.line for row in read_claml(CLAML.encode()).rows] == [9, 9, 16]


@pytest.mark.parametrize(
    ("title", "system"), [("ICD-O-3.2", "ICDO3"), ("MKN-10", "ICD10"), ("CIM-O-3", "ICDO3"), ("OPS", ""), ("", "")]
)
def test_the_classification_is_told_by_the_title(title, system):
    text = CLAML.replace("ICD-10-XX", title).replace("icd10_2099", "")
    assert read_claml(text.encode()).system == system


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<ClaML", "sound XML"),
        (b"<html></html>", "not ClaML"),
        (BOMB.encode(), "entity"),
        (b"<a>&#0;</a>", "sound"),
        (b'<?xml version="1.0" encoding="foo"?><ClaML/>', "encoding.*UTF-8"),
        (b'<?xml version="1.0" encoding="gb2312"?><ClaML/>', "encoding.*UTF-8"),
        (b'<?xml version="1.0" encoding="shift_jis"?><ClaML/>', "encoding.*UTF-8"),
    ],
)
def test_what_is_not_claml_is_refused(content, says):
    with pytest.raises(BadLabels, match=says):
        read_claml(content)


def test_a_letter_that_only_an_absent_dtd_would_tell_is_not_dropped_without_a_word():
    text = CLAML.replace("Mot du &amp; poumon", "Mot du &oelig; poumon").replace("(C30)", "(&oelig;)")
    assert [r.text for r in read_claml(text.encode()).rows][:2] == ["Mot du \ufffd poumon", "Autre mot"]


def test_a_rubric_inside_a_label_changes_nothing_of_the_label():
    text = CLAML.replace("Mot du", "<Rubric kind='x'/>Mot du")
    assert next(read_claml(text.encode()).rows).text == "Mot du & poumon"
