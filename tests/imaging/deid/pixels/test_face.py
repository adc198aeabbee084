"""Thin slices of a head show a face; thick ones, other parts and other kinds do not."""

import pytest

from oncommons.imaging.deid.pixels.face import shows_face, slice_shows_face

HEAD = {"modality": "CT", "body_part": "HEAD", "description": "Routine"}


def test_a_head_in_thin_slices_shows_a_face():
    assert shows_face(HEAD, 60, 1.0)


@pytest.mark.parametrize(
    "more",
    [
        {"modality": "MR", "body_part": "BRAIN"},
        {"modality": "PT", "body_part": "", "description": "WB AC PET"},
        {"body_part": "", "description": "T1 MPRAGE Schädel"},
        {"body_part": "", "description": "Sinus low dose"},
        {"body_part": "NECK"},
        {"body_part": "WHOLEBODY"},
        {"body_part": "CHEST", "description": "skull base to thigh"},
    ],
)
def test_parts_and_words_that_mean_a_head_in_any_language(more):
    assert shows_face({**HEAD, **more}, 60, 1.0)


@pytest.mark.parametrize("part", ["CHEST", "ABDOMEN", "PELVIS", "Leg", "BREAST", "LSPINE"])
def test_parts_below_the_neck_show_none(part):
    assert not shows_face({**HEAD, "body_part": part}, 60, 1.0)


@pytest.mark.parametrize(("slices", "thickness"), [(60, 8.0), (10, 1.0), (1, None)])
def test_thick_or_few_slices_show_none(slices, thickness):
    assert not shows_face(HEAD, slices, thickness)


@pytest.mark.parametrize("thickness", [None, 0.0])
def test_a_distance_that_is_not_known_counts_as_thin(thickness):
    assert shows_face(HEAD, 60, thickness)


def test_where_nothing_says_which_part_it_is_none_is_told():
    assert not shows_face({**HEAD, "body_part": "", "description": "AX 1 MM"}, 60, 1.0)


@pytest.mark.parametrize("modality", ["CR", "US", "RTSTRUCT", "SEG"])
def test_other_kinds_of_images_show_none(modality):
    assert not shows_face({**HEAD, "modality": modality}, 60, 1.0)


def test_a_photograph_may_always_show_one():
    assert shows_face({"modality": "XC"}, 1, None)


def test_who_has_removed_the_face_is_believed_and_who_says_that_there_is_one_too():
    assert not shows_face({**HEAD, "features": "NO"}, 60, 1.0)
    assert shows_face({**HEAD, "body_part": "CHEST", "description": "", "features": "YES"}, 60, 1.0)


@pytest.mark.parametrize("words", ["INTERFACE", "accident", "Student"])
def test_a_part_of_a_word_is_no_head(words):
    assert not shows_face({**HEAD, "body_part": "CHEST", "description": words}, 60, 1.0)


SLICE = {0x00080060: b"CT", 0x00180015: b"HEAD", 0x00180050: b"1.25", 0x00080008: b"ORIGINAL\\PRIMARY\\AXIAL"}


@pytest.mark.parametrize(
    ("more", "shows"),
    [
        ({}, True),
        ({0x00180015: b"CHEST "}, False),
        ({0x00180015: b"", 0x0008103E: "Schädel nativ".encode("latin-1")}, True),
        ({0x00180015: b"", 0x0008103E: "Schädel nativ".encode()}, True),
        ({0x00180015: b"", 0x00081030: b"Brain MR"}, True),
        ({0x00180015: b"", 0x00181030: b"T1 head"}, True),
        ({0x00180050: b"7.5 "}, False),
        ({0x00180050: b"thin"}, True),
        ({0x00180050: b""}, True),
        ({0x00080008: b"ORIGINAL\\PRIMARY\\LOCALIZER"}, False),
        ({0x00080060: b"CR"}, False),
        ({0x00080060: b"XC"}, False),
    ],
)
def test_a_slice_is_judged_as_one_of_many(more, shows):
    assert slice_shows_face({**SLICE, **more}) == shows
