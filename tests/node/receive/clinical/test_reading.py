"""Raw texts become numbers, dates and codes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.node.receive.clinical.reading import (
    Number,
    in_its_unit,
    is_missing,
    read_code,
    read_date,
    read_marker_name,
    read_number,
    read_result,
    read_span,
)
from oncommons.schema.errors_of_rows import ImpossibleDate, UnknownClinicalCode, UnreadableNumber


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("4.5", "", "4.5"),
        (" 1000 ", "", "1000"),
        ("<0.1", "<", "0.1"),
        ("≤ 3", "<=", "3"),
        (">=1e3", ">=", "1000"),
        ("= 2", "", "2"),
        ("-.5", "", "-0.5"),
        ("−2", "", "-2"),
    ],
)
def test_a_number_is_read_with_its_sign(text, sign, value):
    assert read_number(text) == Number(sign, Decimal(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e300"), max_value=Decimal("1e300")))
def test_any_decimal_that_is_written_is_read_as_it_is(value):
    assert read_number(f"{value}").value == value


def test_a_comma_parts_decimals_where_the_mapping_says_so():
    assert read_number("3,5", ",").value == Decimal("3.5")


@pytest.mark.parametrize("text", ["", "high", "1,5", "1 2", "--1", "0x10", "nan", "1_000", "٣"])
def test_what_is_no_number_is_not_read(text):
    with pytest.raises(UnreadableNumber):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "form", "iso"),
    [
        ("2024-03-01", "", "2024-03-01"),
        ("20240301", "", "2024-03-01"),
        ("2024-03", "", "2024-03"),
        ("2024", "", "2024"),
        ("2020-02-29T10:30:00+01:00", "", "2020-02-29T10:30:00+01:00"),
        ("2020-02-29 10:30", "", "2020-02-29T10:30"),
        ("01.03.2024", "%d.%m.%Y", "2024-03-01"),
        ("1/3/2024 07:05", "%d/%m/%Y %H:%M", "2024-03-01T07:05:00"),
    ],
)
def test_a_date_is_kept_as_far_as_it_is_known(text, form, iso):
    assert read_date(text, form) == iso


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2023-02-29", ""),
        ("2024-13-01", ""),
        ("01.03.2024", ""),
        ("2024-03-01", "%d.%m.%Y"),
        ("soon", ""),
        ("2024-03-01T99:00", ""),
        ("1066-10-14", ""),
        ("2999-01-01", ""),
        ("0000-00-00", ""),
    ],
)
def test_a_date_that_cannot_be_is_told(text, form):
    with pytest.raises(ImpossibleDate):
        read_date(text, form)


@pytest.mark.parametrize(
    ("vocabulary", "text", "system", "code"),
    [
        ("condition", "C34.1", "", "ICD10:C34.1"),
        ("condition", "c341", "", "ICD10:C34.1"),
        ("condition", "ICD10:C34", "", "ICD10:C34"),
        ("condition", "8520/3", "ICDO3", "ICDO3:8520/3"),
        ("topography", "C509", "", "ICDO3:C50.9"),
        ("morphology", "8140/3", "", "ICDO3:8140/3"),
        ("stage", "stage iiia", "", "IIIA"),
        ("stage", "3", "", "III"),
        ("tnm_t", "pT1A", "", "T1a"),
        ("tnm_t", "ypTis", "", "Tis"),
        ("tnm_n", "n0(i+)", "", "N0(i+)"),
        ("tnm_m", "1", "", "M1"),
        ("grade", "2", "", "G2"),
        ("marker", "Ki-67", "", "KI67"),
        ("marker", "LOINC:2857-1", "", "PSA"),
        ("marker", "LOINC:1-8", "", "LOINC:1-8"),
        ("treatment_code", "l01cd01", "ATC", "ATC:L01CD01"),
        ("treatment_kind", "radiation therapy", "", "RADIOTHERAPY"),
        ("sex", "Female", "", "F"),
    ],
)
def test_other_spellings_of_a_code_are_read(vocabulary, text, system, code):
    assert read_code(vocabulary, text, system) == code


@pytest.mark.parametrize(
    ("vocabulary", "text"),
    [("condition", "lung"), ("condition", "SITE:LUNG"), ("stage", "V"), ("sex", "1"), ("treatment_code", "aspirin")],
)
def test_what_no_rule_reads_is_told_with_an_example(vocabulary, text):
    with pytest.raises(UnknownClinicalCode, match=text):
        read_code(vocabulary, text)


def test_scores_are_those_of_her2_only():
    assert (read_result("HER2", "3+"), read_result("ER", "POS")) == ("HER2_3", "POSITIVE")
    with pytest.raises(UnknownClinicalCode):
        read_result("ER", "3+")


@pytest.mark.parametrize("text", ["", " ", "NA", "n/a", "Unknown", "?", "."])
def test_a_cell_may_say_that_nothing_is_known(text):
    assert is_missing(text)


@pytest.mark.parametrize(
    ("marker", "number", "unit", "expected"),
    [
        ("PSA", Number("", Decimal(4)), "ug/L", Decimal(4)),
        ("PSA", Number("<", Decimal(4)), "ng/mL", None),
        ("PSA", Number("", Decimal(4)), "", None),
        ("LOINC:1-8", Number("", Decimal(4)), "ng/mL", None),
        ("ECOG", Number("", Decimal(1)), "", Decimal(1)),
    ],
)
def test_a_value_is_asked_in_the_unit_of_its_marker_or_not_at_all(marker, number, unit, expected):
    assert in_its_unit(marker, number, unit) == expected


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        ("CA125", "10334-1"),
        ("CA153", "6875-9"),
        ("CA199", "24108-3"),
        ("CEA", "2039-6"),
        ("ER", "16112-5 40556-3 85337-4"),
        ("PR", "16113-3 40557-1 85339-0"),
        ("HER2", "48676-1 18474-7 85319-2"),
        ("PSA", "2857-1"),
    ],
)
def test_loinc_names_the_markers_as_mcode_publishes_them(marker, numbers):
    """Published: value set of tumour markers of mCODE; those in serum or plasma, and in tissue by immune stain."""
    assert {read_code("marker", f"LOINC:{number}") for number in numbers.split()} == {marker}


@pytest.mark.parametrize(
    ("text", "system", "lack"),
    [
        ("C99.99", "ICD10", "C99 in ICD-10"),
        ("C3477", "", "C34.7 in ICD-10"),
        ("C43.9", "ICDO3", "C43 in the topography"),
    ],
)
def test_a_code_of_a_neoplasm_that_there_is_not_is_told(text, system, lack):
    with pytest.raises(UnknownClinicalCode, match=f"there is no {lack}"):
        read_code("condition", text, system)


def test_codes_of_other_chapters_and_morphologies_are_read_by_their_form():
    assert read_code("condition", "I99.9") == "ICD10:I99.9"
    assert read_code("morphology", "9999/3") == "ICDO3:9999/3"


def test_a_time_has_a_unit_of_time():
    assert read_span("2", "wk")[1] == 14
    with pytest.raises(UnreadableNumber, match="needs its unit"):
        read_span("2", "mm")


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [("psa", "", "PSA"), ("1988-5", "LOINC", "LOINC:1988-5"), ("Our own score", "", "OTHER")],
)
def test_a_marker_that_a_mapping_names_has_a_code_or_is_one_of_the_hospitals_own(text, system, code):
    assert read_marker_name(text, system) == code


def test_a_marker_that_a_mapping_leaves_open_is_none_of_the_hospitals_own():
    with pytest.raises(UnknownClinicalCode):
        read_marker_name("n/a")
