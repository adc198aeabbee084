"""Files are found by their whole digest and opened from where they lie, and never from anywhere else."""

import hashlib
import os

import pytest
from tests.node.images import dicom
from tests.node.steward.homes import entries, make_node, waiting

from oncommons.node.steward.files import find_file, find_waiting, open_held, picture_state, read_held
from oncommons.schema.errors import ImageTooLarge, NotDicom, NotFound, NotWaiting


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "..",
        "../deid.key",
        "a" * 63,
        "A" * 64,
        "a" * 64 + "/",
        "a" * 64 + "\n",
        "%2e%2e%2fdeid.key",
        "ä" * 64,
        "0" * 64,
    ],
)
def test_only_a_digest_that_came_in_is_found(node, digest):
    with pytest.raises(NotFound):
        find_file(node, digest)


def test_a_waiting_file_is_opened_as_it_came_and_says_from_where(node):
    held = find_file(node, waiting(node, "us/4.dcm"))
    raw = dicom(4, series=2, Modality="XC")
    assert read_held(held, len(raw)) == raw
    assert held.origin.endswith("came/us/4.dcm")
    assert held.entry.digest == hashlib.sha256(raw).hexdigest()


def test_a_kept_file_is_opened_as_it_is_kept(node):
    entry = entries(node, outcome="kept")[0]
    content = read_held(find_file(node, entry.digest), 10**6)
    assert content == (node.images / entry.series / f"{entry.sop}.dcm").read_bytes()
    assert b"Quokka" not in content


def test_of_a_refused_file_there_is_no_copy(node):
    held = find_file(node, entries(node, outcome="refused")[0].digest)
    with pytest.raises(NotFound):
        open_held(held)
    assert picture_state(held)["frames"] == 0


def test_a_larger_file_than_asked_for_is_not_read(node):
    with pytest.raises(ImageTooLarge):
        read_held(find_file(node, waiting(node, "us/4.dcm")), 100)


def test_a_copy_that_is_gone_or_empty_is_told(tmp_path):
    home = make_node(tmp_path, {"4.dcm": dicom(4, Modality="XC"), "5.dcm": dicom(5, Modality="XC")})
    gone, empty = (waiting(home, name) for name in ("4.dcm", "5.dcm"))
    (home.quarantine / gone).unlink()
    os.truncate(home.quarantine / empty, 0)
    with pytest.raises(NotFound):
        open_held(find_file(home, gone))
    with pytest.raises(NotDicom):
        open_held(find_file(home, empty))


def test_what_can_be_shown_is_told(node):
    state = picture_state(find_file(node, waiting(node, "us/4.dcm")))
    assert state == {"frames": 1, "why": "", "rows": 8, "columns": 8}
    cut = picture_state(find_file(node, waiting(node, "ct/7.dcm")))
    assert (cut["frames"], bool(cut["why"])) == (0, True)


def test_waiting_files_are_found_together_or_not_at_all(node):
    us, cut = waiting(node, "us/4.dcm"), waiting(node, "ct/7.dcm")
    assert [entry.digest for entry in find_waiting(node, [us, cut, us])] == [us, cut]
    kept = entries(node, outcome="kept")[0].digest
    with pytest.raises(NotWaiting, match=kept[:16]):
        find_waiting(node, [us, kept])
    with pytest.raises(NotFound):
        find_waiting(node, [us, "0" * 64])
