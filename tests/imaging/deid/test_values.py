"""Values that are written in the place of those that may not stay."""

import pytest
from tests.imaging.files import CT, KEYS

from oncommons.imaging.deid.keys import label
from oncommons.imaging.deid.rules import Action
from oncommons.imaging.deid.values import Whose, new_value, replaced

WHOSE = Whose(KEYS, b"MRN-778812", 10)


@pytest.mark.parametrize(
    ("action", "vr", "value", "new"),
    [
        (Action.REMOVE, "LO", b"Zebediah", None),
        (Action.KEEP, "LO", b"Zebediah", b"Zebediah"),
        (Action.KEEP, "DS", b"Zebediah", b""),
        (Action.KEEP, "DS", b"1.5 ", b"1.5 "),
        (Action.TERM, "LO", b"Philips of Zebediah", b"Philips of"),
        (Action.MEANING, "LO", b"Brain of Zebediah", b"Brain of"),
        (Action.MEANING, "LO", b"Zebediah", b"REMOVED "),
        (Action.MEANING, "LO", b"", b""),
        (Action.LABEL, "UT", b"Lesion 1", b"Lesion 1"),
        (Action.LABEL, "UT", b"Zebediah", label(b"Zebediah", KEYS)),
        (Action.DEVICE, "LO", b"CT 1", label(b"CT 1", KEYS)),
        (Action.DEVICE, "LO", b"  ", b""),
        (Action.CODE, "SH", b"CHEST01 ", label(b"CHEST01", KEYS)),
        (Action.SCHEME, "SH", b"DCM ", b"DCM "),
        (Action.SCHEME, "SH", b"99GENERAL", b"99OTHER "),
        (Action.EMPTY, "LO", b"Zebediah", b""),
        (Action.DUMMY, "CS", b"Zebediah", b"UNKNOWN "),
        (Action.DUMMY, "LO", b"Zebediah", b"REMOVED "),
        (Action.DUMMY, "LO", b"  ", b""),
        (Action.DATE, "DA", b"20040119", b"20040109"),
        (Action.DATE, "DT", b"20040119072730\\20040120", b"20040109072730\\20040110 "),
        (Action.DATE, "DA", b"yesterday", b""),
        (Action.TEXT, "LO", b"CHEST Zebediah 5MM", b"CHEST 5MM "),
        (Action.AGE, "AS", b"052Y", b"052Y"),
        (Action.AGE, "AS", b"101Y", b"090Y"),
        (Action.AGE, "AS", b"Zebe", b""),
        (Action.PATIENT, "PN", b"Quackenbush", KEYS.patient(b"MRN-778812") + b" "),
        (Action.UID, "UI", b"1.2.3\0", KEYS.uid(b"1.2.3")),
    ],
)
def test_each_action_writes_its_own_kind_of_value(action, vr, value, new):
    found = new_value(action, vr, value, WHOSE)
    assert (found if found is None else found.rstrip(b"\0")) == new
    assert found is None or len(found) % 2 == 0


def test_a_patient_without_identifier_has_a_pseudonym_only_if_there_was_a_value():
    nobody = Whose(KEYS, b"", 10)
    assert new_value(Action.PATIENT, "PN", b"  ", nobody) == b""
    assert new_value(Action.PATIENT, "PN", b"Doe", nobody)


@pytest.mark.parametrize("uid", [b"", CT, b"1.2.840.10008.1.2"])
def test_uids_of_the_standard_stay(uid):
    assert replaced(uid, KEYS) == uid


@pytest.mark.parametrize("uid", [b"1.2.3", b"1.2.840.10008", b"1.2.840.10008.Doe", b"1.2.840.10008." + b"1" * 51])
def test_all_other_uids_are_replaced(uid):
    assert replaced(uid, KEYS) == KEYS.uid(uid)


def test_of_different_things_the_pseudonyms_differ_and_padding_does_not_count():
    whose = [new_value(Action.LABEL, "LO", value, WHOSE) for value in (b"Zebediah 1", b"Zebediah 1 ", b"Zebediah 2")]
    assert whose[0] == whose[1] != whose[2]
    assert whose[0].isalnum()
    assert whose[0].isupper()
