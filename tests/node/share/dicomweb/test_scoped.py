"""What one request may see: each file is opened only while it may be."""

import pytest
from tests.node.images import ROOT
from tests.node.share.dicomweb.kept_files import KeptFiles, two_studies

from oncommons.node.share.dicomweb.scoped import Scoped
from oncommons.schema.errors import NotFound


@pytest.fixture
def kept(tmp_path):
    return KeptFiles(tmp_path, two_studies())


def allowed():
    """Nothing has changed meanwhile."""


def test_what_may_be_seen_is_all_that_the_part_has(kept):
    scoped = Scoped(kept, allowed)
    assert (list(scoped.series()), len(list(scoped.instances()))) == (kept.series(), 7)
    assert scoped.reached == 7


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
