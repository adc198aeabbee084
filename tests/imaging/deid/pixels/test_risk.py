"""Captures, screens and films must be looked at; slices that a scanner computes need not."""

import pytest

from oncommons.imaging.deid.pixels.risk import RULES, needs_look

STORAGE = "1.2.840.10008.5.1.4.1.1."
SLICE = {
    "sop_class": f"{STORAGE}2",
    "modality": "CT",
    "image_type": "ORIGINAL\\PRIMARY\\AXIAL",
    "rows": "512",
    "samples": "1",
    "bits": "16",
    "orientation": "1\\0\\0\\0\\1\\0",
    "burned_in": "",
    "conversion": "",
    "description": "THORAX 5MM",
    "overlay_bit": "0",
}


def reason(**more):
    return needs_look({**SLICE, **more})


@pytest.mark.parametrize("kind", ["2", "4", "128"])
def test_a_slice_of_a_scanner_needs_no_look(kind):
    assert reason(sop_class=STORAGE + kind, modality={"2": "CT", "4": "MR", "128": "PT"}[kind]) is None


def test_that_it_says_no_is_not_believed_and_that_it_says_yes_is():
    assert reason(burned_in="NO") is None
    assert reason(burned_in="YES").needed
    assert reason(sop_class=f"{STORAGE}6.1", modality="US", burned_in="NO").needed


@pytest.mark.parametrize(
    "more",
    [
        {"sop_class": f"{STORAGE}6.1"},
        {"sop_class": f"{STORAGE}3.1"},
        {"sop_class": f"{STORAGE}7"},
        {"sop_class": f"{STORAGE}7.4"},
        {"sop_class": f"{STORAGE}77.1.4"},
        {"sop_class": f"{STORAGE}12.1"},
        {"modality": "US"},
        {"modality": "OT"},
        {"modality": "RF"},
        {"conversion": "WSD"},
        {"conversion": "DF"},
        {"image_type": "DERIVED\\SECONDARY\\SCREEN SAVE"},
        {"image_type": "ORIGINAL\\PRIMARY\\DOSE_INFO"},
        {"image_type": "DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT"},
        {"image_type": "DERIVED\\PRIMARY\\VOLREN"},
        {"description": "Dose Report"},
        {"description": "Patient Protocol"},
        {"description": "screen save"},
        {"overlay_bit": "12"},
        {"samples": "3"},
    ],
)
def test_what_a_screen_or_camera_made_is_not_kept_without_a_look(more):
    assert reason(**more).needed


@pytest.mark.parametrize(
    "more",
    [
        {"sop_class": f"{STORAGE}1", "modality": "CR"},
        {"sop_class": f"{STORAGE}1.1", "modality": "DX"},
        {"sop_class": f"{STORAGE}1.2", "modality": "MG"},
        {"image_type": "ORIGINAL\\PRIMARY\\LOCALIZER"},
        {"bits": "8"},
        {"image_type": "DERIVED\\SECONDARY\\MPR", "orientation": ""},
        {"sop_class": f"{STORAGE}20", "modality": "NM", "image_type": "DERIVED\\SECONDARY"},
    ],
)
def test_what_rarely_shows_names_is_looked_at_where_that_is_possible(more):
    found = reason(**more)
    assert found is not None
    assert not found.needed


def test_a_derived_slice_with_its_place_in_the_patient_needs_no_look():
    assert reason(image_type="DERIVED\\SECONDARY\\MPR") is None


@pytest.mark.parametrize("kind", ["481.3", "481.2", "66.4", "88.33", "9.1.1"])
def test_contours_doses_masks_reports_and_waves_are_not_looked_at(kind):
    assert reason(sop_class=STORAGE + kind, modality="SEG", description="dose report") is None


def test_what_has_no_pixels_is_not_looked_at():
    assert reason(rows="", burned_in="YES") is None
    assert needs_look({}) is None


def test_rules_that_need_a_look_stand_first():
    needed = [rule.reason.needed for rule in RULES]
    assert needed == sorted(needed, reverse=True)
    assert all(rule.reason.source for rule in RULES)
