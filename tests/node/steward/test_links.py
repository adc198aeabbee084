"""What a kept object describes and is described by, as the console tells it."""

import pytest
from tests.node.checked import contours, keep, slices
from tests.node.images import ROOT
from tests.node.steward.homes import entries

from oncommons.node.home import make_home
from oncommons.node.steward.links import links_json
from oncommons.policy.disclosure import Policy


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "athens", Policy("open"))
    files = slices(3)
    keep(made, tmp_path, files)
    names = [f"{ROOT}.{name}" for name in files]
    keep(made, tmp_path, {"c": contours([*names, f"{ROOT}.7"])}, "contours")
    return made


def test_contours_tell_their_slices_and_what_is_not_here(home):
    (drawn,) = entries(home, modality="RTSTRUCT")
    series = entries(home, modality="CT")[0].series
    assert links_json(home, drawn) == {
        "describes": [
            {"kind": "contours", "series": "", "objects": 1},
            {"kind": "contours", "series": series, "objects": 3, "modality": "CT", "dataset": "lung"},
        ],
        "described_by": [],
    }


def test_slices_tell_by_what_they_are_described(home):
    (drawn,) = entries(home, modality="RTSTRUCT")
    told = links_json(home, entries(home, modality="CT")[0])
    assert told == {
        "describes": [],
        "described_by": [{"kind": "contours", "file": drawn.digest, "modality": "RTSTRUCT"}],
    }
