"""What a kept object describes and is described by, as the console tells it."""

from contextlib import closing
from dataclasses import replace
from shutil import copytree

import pytest
from tests.node.checked import contours, keep, slices
from tests.node.images import ROOT
from tests.node.steward.homes import entries

from oncommons.node.home import make_home
from oncommons.node.steward.links import MOST, links_json
from oncommons.policy.disclosure.counts import Policy
from oncommons.storage.ledger_links import LedgerLinks
from oncommons.storage.linked import Linked


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A node that nobody works with; each test has a copy."""
    folder = tmp_path_factory.mktemp("first")
    made = make_home(folder / "athens", Policy("open"))
    files = slices(3)
    keep(made, folder, files)
    names = [f"{ROOT}.{name}" for name in files]
    keep(made, folder, {"c": contours([*names, f"{ROOT}.7"])}, "contours")
    return made


@pytest.fixture
def home(first, tmp_path):
    return replace(first, folder=copytree(first.folder, tmp_path / "athens"))


def test_contours_tell_their_slices_and_what_is_not_here(home):
    (drawn,) = entries(home, modality="RTSTRUCT")
    series = entries(home, modality="CT")[0].series
    assert links_json(home, drawn) == {
        "describes": [
            {"kind": "contours", "series": "", "objects": 1},
            {"kind": "contours", "series": series, "objects": 3, "modality": "CT", "dataset": "lung"},
        ],
        "described_by": [],
        "more_described": 0,
        "more_describing": 0,
    }


def test_slices_tell_by_what_they_are_described(home):
    (drawn,) = entries(home, modality="RTSTRUCT")
    told = links_json(home, entries(home, modality="CT")[0])
    assert told == {
        "describes": [],
        "described_by": [{"kind": "contours", "file": drawn.digest, "modality": "RTSTRUCT"}],
        "more_described": 0,
        "more_describing": 0,
    }


def test_of_many_links_the_first_are_told_and_how_many_more_there_are(home):
    slice_ = entries(home, modality="CT")[0]
    more = [Linked(f"{ROOT}.9.{n}", f"{ROOT}.9", "contours", {slice_.series: frozenset()}) for n in range(MOST + 3)]
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        ledger.link(more)
        many = {f"{ROOT}.8.{n}": frozenset() for n in range(MOST + 2)}
        ledger.link([Linked(slice_.sop, slice_.series, "registration", many)])
    told = links_json(home, slice_)
    assert (len(told["describes"]), told["more_described"]) == (MOST, 2)
    assert told["more_describing"] == 4
