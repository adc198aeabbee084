"""A part of the kept images: what is outside is not even looked for, and each file is opened only while it may be."""

import pytest
from tests.node.images import ROOT
from tests.node.share.dicomweb.kept_files import KeptFiles, two_studies

from oncommons.node.share.dicomweb.scoped import Scoped
from oncommons.schema.errors import NotFound


class Watched(KeptFiles):
    """Tells what was looked for."""

    def __init__(self, *words):
        super().__init__(*words)
        self.looked = []

    def instances(self, study="", series="", sop=""):
        self.looked.append((study, series, sop))
        return super().instances(study, series, sop)


@pytest.fixture
def kept(tmp_path):
    return Watched(tmp_path, two_studies())


def allowed():
    """Nothing has changed meanwhile."""


def test_what_may_be_seen_is_all_that_the_part_has(kept):
    scoped = Scoped(kept, allowed)
    assert (list(scoped.series()), len(list(scoped.instances()))) == (kept.series(), 7)
    assert scoped.reached == 7


@pytest.mark.parametrize("place", [("9.9",), ("9.9", "9.9"), ("", "9.9"), (f"{ROOT}.2", f"{ROOT}.1.2", "x")])
def test_what_is_in_no_series_of_the_part_is_not_looked_for(kept, place):
    assert list(Scoped(kept, allowed).instances(*place)) == []
    assert kept.looked == []


def test_a_file_is_opened_only_while_it_may_be(kept):
    decisions = []

    def check():
        if decisions:
            raise NotFound(decisions[0])

    (one, *_) = Scoped(kept, check).instances(f"{ROOT}.1")
    with one.open() as file:
        assert file.read(132)[-4:] == b"DICM"
    decisions.append("It was taken back.")
    with pytest.raises(NotFound, match="taken back"):
        one.open()
