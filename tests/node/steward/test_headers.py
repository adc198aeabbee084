"""A header before and after is what an import would make of it; and looking leaves nothing behind."""

import pytest
from tests.node.images import IDENTIFIERS, bytes_below, dicom
from tests.node.steward.homes import entries

from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.syntax import open_file
from oncommons.node.deidentify import node_keys
from oncommons.node.steward.files import find_file, open_held
from oncommons.node.steward.headers import before_view, kept_view, try_out
from oncommons.schema.errors import DamagedImage, NotDicom, UnknownKind


@pytest.fixture
def keys(node):
    return node_keys(node.secret_file)


def after(view):
    return {line.path: line.after for line in view.lines if line.after is not None}


def test_after_is_what_an_import_keeps(node, keys):
    tried = after(try_out(dicom(1), CANCER_RESEARCH, keys))
    digest = next(e.digest for e in entries(node, outcome="kept") if e.sop == tried["00080018"])
    assert after(kept_view(open_held(find_file(node, digest)))) == tried


def test_nothing_that_identifies_is_in_what_would_be_kept(keys):
    view = try_out(dicom(), CANCER_RESEARCH, keys)
    text = "\n".join(after(view).values())
    assert view.both
    assert view.fault is None
    assert [word for word in IDENTIFIERS if word in text] == []
    assert any("Quokka" in (line.before or "") for line in view.lines)


def test_what_may_show_text_is_shown_as_it_would_be_kept(keys):
    view = try_out(dicom(Modality="XC"), CANCER_RESEARCH, keys)
    assert (view.both, view.fault) == (True, None)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (dicom(Modality="HANGINGPROTOCOL"), UnknownKind),
        (dicom(PatientID=None), DamagedImage),
        (dicom()[:900], DamagedImage),
    ],
)
def test_what_cannot_be_kept_is_shown_as_it_came_with_the_reason(keys, raw, fault):
    view = try_out(raw, CANCER_RESEARCH, keys)
    assert (view.both, type(view.fault)) == (False, fault)
    assert len(view.lines) > 10
    assert after(view) == {}


def test_what_is_no_image_is_told(keys):
    with pytest.raises(NotDicom):
        try_out(b"dear sir or madam", CANCER_RESEARCH, keys)


def test_looking_changes_nothing(node, keys):
    before = bytes_below(node.folder)
    try_out(dicom(9), CANCER_RESEARCH, keys)
    before_view(open_file(dicom(9)))
    assert bytes_below(node.folder) == before
