"""Code lists of clinical data."""

import re

import pytest
from tests.oracle.below import SITES

from oncommons.schema.laboratory import LABORATORY_UNITS
from oncommons.schema.oncology import (
    CONDITION,
    MARKER,
    MARKER_UNITS,
    STAGE,
    TNM_M,
    TNM_N,
    TNM_T,
    TOPOGRAPHY,
    kind_of_treatment,
)
from oncommons.schema.units import UNITS


def test_sites_stand_for_the_codes_of_the_oracle_in_both_systems():
    told = {site: {c.partition(":")[2] for c in codes} for site, codes in CONDITION.groups.items()}
    assert told == {site: set(codes) for site, codes in SITES.items()}
    assert all(c.startswith("ICDO3:") for codes in TOPOGRAPHY.groups.values() for c in codes)


@pytest.mark.parametrize(
    ("code", "above"), [("IIIA1", "IIIA"), ("IIIA", "III"), ("IVB", "IV"), ("IS", "I"), ("0IS", "0"), ("IA3", "IA")]
)
def test_a_stage_lies_below_the_shorter_one(code, above):
    assert STAGE.parents[code] == (above,)


@pytest.mark.parametrize("code", ["0", "I", "II", "III", "IV"])
def test_the_five_stages_lie_below_nothing(code):
    assert code not in STAGE.parents


@pytest.mark.parametrize(
    ("words", "good", "bad"),
    [
        (TNM_T, ("T0", "Tis", "Ta", "T1mi", "T1a1", "T4d", "TX"), ("T5", "T", "cT1", "T1f", "t1")),
        (TNM_N, ("N0", "N0(i+)", "N1mi", "N2a", "N3c", "NX"), ("N4", "N(i+)")),
        (TNM_M, ("M0", "M0(i+)", "M1", "M1a", "M1c2"), ("M2", "M1e")),
    ],
)
def test_categories_of_tnm_are_known_by_their_form(words, good, bad):
    assert [c for c in good if not words.has(c)] == [c for c in bad if words.has(c)] == []


def test_the_unit_of_a_marker_is_one_that_can_be_converted_and_stands_in_its_label():
    ours = {m: u for m, u in MARKER_UNITS.items() if m not in LABORATORY_UNITS}
    assert set(ours) <= set(MARKER.codes)
    assert set(ours.values()) <= UNITS
    told = {m: re.search(r"\((\S+)\)$", label) for m, label in MARKER.codes.items()}
    assert {m: found[1] for m, found in told.items() if found} == {m: u for m, u in ours.items() if u != "1"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ATC:L01CD01", "CHEMOTHERAPY"),
        ("ATC:L01EB02", "TARGETED"),
        ("ATC:L01FF02", "IMMUNOTHERAPY"),
        ("ATC:L01FD01", "TARGETED"),
        ("ATC:L02BA01", "HORMONE"),
        ("ATC:L01FX04", "IMMUNOTHERAPY"),
        ("ATC:L01FX20", "IMMUNOTHERAPY"),
        ("ATC:L01FY02", "IMMUNOTHERAPY"),
        ("ATC:L01FY01", "TARGETED"),
        ("ATC:L03AA02", ""),
        ("ATC:L03AB05", "IMMUNOTHERAPY"),
        ("OPS:5-870.a1", "SURGERY"),
        ("OPS:5-410.10", ""),
        ("OPS:5-411.00", "TRANSPLANT"),
        ("OPS:8-54", "SYSTEMIC"),
        ("OPS:8-541.0", "SYSTEMIC"),
        ("OPS:8-542.11", "CHEMOTHERAPY"),
        ("OPS:8-547.0", "SYSTEMIC"),
        ("OPS:8-547.30", ""),
        ("OPS:8-548.0", ""),
        ("OPS:8-522", "RADIOTHERAPY"),
        ("ATC:L01", ""),
        ("ATC:A10", ""),
    ],
)
def test_a_code_of_atc_or_ops_says_the_kind_of_treatment(code, kind):
    assert kind_of_treatment(code) == kind
