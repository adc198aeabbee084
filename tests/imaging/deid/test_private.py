"""Private attributes that research needs stay, with the creator of their block; everything else private goes."""

import pytest
from pydicom._private_dict import private_dictionaries
from tests.imaging.files import KEYS, SYNTAXES, file, image, read, sample

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.private import (
    is_creator,
    may_be_safe,
    private_action,
    safe_creators,
    safe_private,
    safe_vr,
)
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Action, Profile

SIEMENS, PHILIPS = b"SIEMENS MR HEADER", b"Philips PET Private Group"
BLOCK = (
    (0x00190010, "LO", SIEMENS.decode()),
    (0x0019100C, "IS", "800 "),
    (0x0019100D, "CS", "DIRECTIONAL "),
    (0x0019100E, "FD", bytes(24)),
    (0x00191008, "CS", "Zebediah"),
)


def cleaned(*more, syntax=SYNTAXES["explicit"], profile=CANCER_RESEARCH):
    return deidentify(file(image(*more), syntax), profile, KEYS).content


def private(dataset):
    """The private attributes of a data set, by their tags."""
    return [int(e.tag) for e in dataset if e.tag.is_private]


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_what_the_table_names_stays_with_its_creator_and_the_rest_goes(syntax):
    new = read(cleaned(*BLOCK, syntax=syntax))
    assert private(new) == [0x00190010, 0x0019100C, 0x0019100D, 0x0019100E]
    assert new.private_block(0x0019, SIEMENS.decode())[0x0C].value == 800
    assert new.private_block(0x0019, SIEMENS.decode())[0x0E].value == [0, 0, 0]
    told = [item.CodeValue for item in new.DeidentificationMethodCodeSequence]
    assert "113111" in told


def test_they_stay_in_sequences_too_and_blocks_of_one_item_do_not_reach_another():
    found = read(cleaned((0x00081140, "SQ", [list(BLOCK), list(BLOCK[1:])]))).ReferencedImageSequence
    assert private(found[0]) == [0x00190010, 0x0019100C, 0x0019100D, 0x0019100E]
    assert private(found[1]) == []


@pytest.mark.parametrize(
    "block",
    [
        [(0x00191010, "LO", SIEMENS.decode()), (0x0019100C, "IS", "800 ")],
        [(0x00190011, "LO", SIEMENS.decode()), (0x0019100C, "IS", "800 ")],
        [(0x00190010, "LO", "SIEMENS MR HEADER OF ZEBEDIAH"), (0x0019100C, "IS", "800 ")],
        [(0x00190010, "LO", PHILIPS.decode()), (0x0019100C, "IS", "800 ")],
        [(0x00190010, "LO", SIEMENS.decode()), (0x0019100C, "LO", "800 ")],
        [(0x00190010, "LO", SIEMENS.decode()), (0x0019100C, "IS", "Zebediah")],
        [(0x00190010, "LO", SIEMENS.decode()), (0x0019100D, "CS", "ZEBEDIAH")],
        [(0x00190010, "LO", SIEMENS.decode()), (0x0019100E, "FD", "Zebediah" * 3)],
        [(0x00190010, "LO", SIEMENS.decode()), (0x0019100C, "SQ", [[(0x00100010, "PN", "Zebediah")]])],
        [(0x00190010, "LO", SIEMENS.decode())],
        [(0x00290010, "LO", "SIEMENS CSA HEADER"), (0x00291010, "OB", "Zebediah")],
    ],
)
def test_other_blocks_other_kinds_and_words_for_numbers_go_with_the_creator(block):
    content = cleaned(*block)
    assert private(read(content)) == []
    assert b"ZEBEDIAH" not in content.upper()


def test_the_second_block_of_a_group_is_its_own():
    new = read(cleaned((0x00190011, "LO", SIEMENS.decode()), (0x0019110C, "IS", "800 ")))
    assert private(new) == [0x00190011, 0x0019110C]


@pytest.mark.parametrize("vr", ["UN", "DS"])
def test_one_of_unknown_kind_is_taken_for_what_the_table_says(vr):
    new = read(cleaned((0x70530010, "LO", PHILIPS.decode()), (0x70531000, vr, "0.000123")))
    assert float(new.private_block(0x7053, PHILIPS.decode())[0x00].value) == 0.000123


def test_dates_in_private_attributes_move():
    new = read(cleaned((0x00090010, "LO", "GEMS_PETD_01"), (0x0009103B, "DT", "20040119072730.00")))
    moved = new.private_block(0x0009, "GEMS_PETD_01")[0x3B].value
    assert moved == f"{new.StudyDate}072730.00"


def test_without_the_option_all_go():
    assert private(read(cleaned(*BLOCK, profile=Profile("basic", frozenset())))) == []


def test_the_patient_s_own_values_do_not_stay_in_them():
    new = read(
        cleaned((0x00100020, "LO", "778812"), (0x00190010, "LO", SIEMENS.decode()), (0x0019100C, "IS", "778812"))
    )
    assert private(new) == []


def test_a_real_scan_keeps_what_is_on_the_list():
    old, new = (
        read(raw) for raw in (sample("CT_small.dcm"), deidentify(sample("CT_small.dcm"), CANCER_RESEARCH, KEYS).content)
    )
    kept = [tag for tag in private(new) if not is_creator(tag)]
    assert len(kept) > 10
    for tag in kept:
        if old[tag].VR not in {"LO", "SH", "CS", "DT"}:
            assert new[tag].value == old[tag].value


def test_every_row_has_the_kind_that_pydicom_knows():
    rows = [(group, element, creator.decode(), vr) for (group, element, creator), vr in safe_private().items()]
    known = {
        (group, element, creator): private_dictionaries.get(creator, {}).get(f"{group:04X}xx{element:02X}", (vr,))[0]
        for group, element, creator, vr in rows
    }
    assert [row for row in rows if known[row[:3]] != row[3]] == []
    assert len(rows) > 150
    assert {private_action(vr) for *_, vr in rows} == {Action.KEEP, Action.TERM, Action.DATE}


def test_places_are_told_quickly_and_without_the_option_there_are_none():
    assert may_be_safe(0x0019100C, CANCER_RESEARCH)
    assert may_be_safe(0x00190010, CANCER_RESEARCH)
    assert not may_be_safe(0x00191008, CANCER_RESEARCH)
    assert not may_be_safe(0x00180010, CANCER_RESEARCH)
    assert not may_be_safe(0x0019100C, Profile("basic", frozenset()))
    assert (0x0019, SIEMENS) in safe_creators()
    assert safe_vr(0x0019100C, SIEMENS, "UN") == "IS"
    assert safe_vr(0x0019100C, SIEMENS, "DS") == ""
