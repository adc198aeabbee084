"""Notions and their spellings."""

import re

import pytest

from oncommons.node.receive.words import SERIES_WORDS, STUDY_WORDS, WORDS, pattern


@pytest.mark.parametrize("name", WORDS)
def test_spellings_can_be_compiled_and_do_not_match_everything(name):
    assert not re.search(pattern(name), "", re.ASCII)


def test_each_notion_is_looked_for_in_one_kind_of_description():
    assert {*SERIES_WORDS} | {*STUDY_WORDS} == WORDS.keys()
    assert not {*SERIES_WORDS} & {*STUDY_WORDS}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("localizer", "topogram 0.6 t20s"),
        ("localizer", "localizador"),
        ("localizer", "3-pl t2* fgre"),
        ("localizer", "uebersicht"),
        ("difference", "ph8:sub:ax tricks"),
        ("difference", "(900/4/81)-(900/4/1)"),
        ("before", "przed kontrastem"),
        ("before", "sans injection"),
        ("before", "ohne km"),
        ("before", "ax w/o"),
        ("after", "ax t1 +c"),
        ("after", "abdomen +k1 5.0"),
        ("phase", "fase arterial"),
        ("dynamic", "tfl 3d dynamisch fast"),
        ("dynamic", "ax dyn 2nd pass"),
        ("diffusion", "ep2d diff tra"),
        ("b_value", "ax b800"),
        ("uncorrected", "wbnac: body-noattn"),
        ("corrected", "pet corr."),
        ("given", "ct chest w/dye"),
        ("not_given", "ct abd w&w/o cont"),
        ("left", "sinistra"),
    ],
)
def test_a_notion_is_told_by_its_spellings(name, text):
    assert re.search(pattern(name), text, re.ASCII)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("localizer", "local recurrence"),
        ("map", "ax vibrant-series"),
        ("dynamic", "ep2d diff dyndist"),
        ("t1", "st10 3d"),
        ("t1", "t1* gre"),
        ("t2", "t2* gre"),
        ("after", "posterior"),
        ("after", "24 cm fov"),
        ("not_after", "bolus agent: nonionic"),
        ("diffusion", "different"),
    ],
)
def test_a_notion_is_not_told_by_what_looks_like_it(name, text):
    assert not re.search(pattern(name), text, re.ASCII)
