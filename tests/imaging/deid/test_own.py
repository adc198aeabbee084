"""A holder's own profile: it stands over the table, and cannot keep what identifies."""

import pytest
from tests.imaging.files import KEYS, read, sample

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.own import read_profile
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Action, action_of
from oncommons.schema.errors import BadProfile

OWN = """
name = "athens 1"
options = ["modified", "patient"]
[attributes]
"0018,0050" = "X"
"(0008,1030)" = "K"
"00180015" = "Z"
"""


def test_a_profile_says_its_name_options_and_attributes():
    profile = read_profile(OWN)
    assert (profile.name, profile.options) == ("athens 1", {"modified", "patient"})
    assert profile.own == ((0x00081030, "K"), (0x00180015, "Z"), (0x00180050, "X"))


def test_without_options_those_of_the_default_are_taken():
    assert read_profile('name = "x"').options == CANCER_RESEARCH.options


def test_it_says_whether_faces_are_refused():
    assert read_profile('name = "x"').faces == read_profile('name = "x"\nfaces = "say"').faces == "say"
    assert read_profile('name = "x"\nfaces = "refuse"').faces == "refuse"


def test_its_codes_stand_over_those_of_the_table():
    profile = read_profile(OWN)
    assert action_of(0x00180050, "DS", profile) is Action.REMOVE
    assert action_of(0x00081030, "LO", profile) is Action.KEEP
    assert action_of(0x00180050, "DS", CANCER_RESEARCH) is Action.KEEP


def test_an_object_says_by_which_profile_it_was_made_and_follows_it():
    one = read(deidentify(sample("CT_small.dcm"), read_profile(OWN), KEYS).content)
    assert (one.DeidentificationMethod, "SliceThickness" in one) == ("athens 1", False)
    assert [code.CodeValue for code in one.DeidentificationMethodCodeSequence] == ["113100", "113107", "113108"]


def test_what_it_keeps_is_emptied_where_it_tells_of_the_patient():
    raw = sample("CT_small.dcm")
    name = str(read(raw).PatientID)
    assert name.encode() not in deidentify(raw, read_profile(OWN), KEYS).content


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name = ", ""),
        ('name = ""', "name"),
        ('name = "a\\\\b"', "name"),
        (f'name = "{"n" * 65}"', "name"),
        ('name = "ü"', "name"),
        ("name = 7", "name"),
        ('options = ["patient"]', "name"),
        ('name = "x"\noptions = ["everything"]', "options: everything"),
        ('name = "x"\noptions = ["uids"]', "options: uids"),
        ('name = "x"\noptions = "patient"', "options"),
        ('name = "x"\noptions = [7]', "options"),
        ('name = "x"\nsalt = "y"', "salt"),
        ('name = "x"\nattributes = 7', "attributes"),
        ('name = "x"\nfaces = "remove"', "faces"),
        ('name = "x"\nfaces = ["say"]', "faces"),
        ('name = "x"\n[attributes]\nPatientName = "X"', "PatientName"),
        ('name = "x"\n[attributes]\n"0009,0010" = "K"', "0009,0010"),
        ('name = "x"\n[attributes]\n"0018,0050" = "keep"', "0018,0050"),
        ('name = "x"\n[attributes]\n"0018,0050" = ["K"]', "0018,0050"),
        ('name = "x"\n[attributes]\n"0010,0010" = "K"', "0010,0010"),
        ('name = "x"\n[attributes]\n"0010,0020" = "C"', "0010,0020"),
        ('name = "x"\n[attributes]\n"0020,000D" = "K"', "0020,000D"),
        ('name = "x"\n[attributes]\n"0008,0090" = "K"', "0008,0090"),
        ('name = "x"\n[attributes]\n"0042,0011" = "K"', "0042,0011"),
    ],
)
def test_what_cannot_be_applied_is_told_with_its_place(text, place):
    with pytest.raises(BadProfile) as told:
        read_profile(text)
    assert told.value.at == place
