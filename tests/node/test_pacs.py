"""Receiving and pulling with the intake behind it: every object accounted for, and what is kept asked for."""

import sqlite3
import threading
from contextlib import closing

import pydicom
import pytest
from pydicom.data import get_testdata_file
from tests.data import data
from tests.node.images import IDENTIFIERS, ROOT, bytes_below, dicom, fill
from tests.peers import run_dcmtk

from oncommons.node.desk import Desk
from oncommons.node.flow import import_images
from oncommons.node.pacs import Reception, Wanted, pull_by_move, pull_from_web
from oncommons.node.receive.dimse.listening import Listening
from oncommons.node.receive.folder import FileArrival
from oncommons.node.receive.studies import read_address
from oncommons.node.receive.table import About
from oncommons.node.receive.wado import Login
from oncommons.schema.answer import exact

SERIES = {"count": "series"}


def reception(home, **more):
    return Reception(home, Listening("lung", host="127.0.0.1", port=0, **more), About("Lung"), quiet=0)


def send(there, *paths, words=(), check=True):
    fixed = ("-v", "-aet", "PACS", "+sd", "+r", *words)
    return run_dcmtk("storescu", *fixed, "127.0.0.1", there.port, *paths, check=check)


def series(home):
    """How many series questions find."""
    desk = Desk(home)
    found = desk.answer(SERIES).certain
    desk.close()
    return found


def outcomes(home):
    with closing(sqlite3.connect(home.ledger_file)) as base:
        return dict(base.execute("SELECT outcome, count(*) FROM file GROUP BY outcome").fetchall())


def test_what_is_sent_is_kept_and_can_be_asked_for(home, tmp_path):
    files = {f"{s}-{n}.dcm": dicom(n, s) for s in (1, 2) for n in (1, 2, 3)}
    with reception(home) as there:
        send(there, fill(tmp_path / "out", files))
        there.index_when_quiet()
        assert series(home) == exact(2)
    assert there.tally.to_json() | {"series": 2} == {
        "came": 6,
        "kept": 6,
        "duplicate": 0,
        "quarantined": {},
        "refused": 0,
        "series": 2,
        "faces": 0,
        "failed": 0,
    }
    kept = b"".join(bytes_below(home.images).values())
    assert not [word for word in IDENTIFIERS if word.encode() in kept]


def test_every_object_is_in_exactly_one_number(home, tmp_path):
    files = {
        "1.dcm": dicom(1),
        "2.dcm": dicom(2),
        "other.dcm": dicom(1, pixel=9),
        "photograph.dcm": dicom(3, Modality="XC"),
        "nobody.dcm": dicom(4, PatientID=None),
    }
    place = fill(tmp_path / "out", files)
    with reception(home) as there:
        assert send(there, place).count("(Success)") == 5
        assert send(there, place).count("(Success)") == 5
    assert there.tally.to_json() == {
        "came": 10,
        "kept": 2,
        "duplicate": 2,
        "quarantined": {"E602": 2, "E604": 2, "E607": 2},
        "refused": 0,
        "series": 0,
        "faces": 0,
        "failed": 0,
    }
    assert outcomes(home) == {"kept": 2, "quarantined": 3}


def test_what_waits_says_who_sent_it(home, tmp_path):
    with reception(home) as there:
        send(there, fill(tmp_path / "out", {"1.dcm": dicom(1, Modality="XC")}))
    assert [p.read_text() for p in home.quarantine.glob("*.from")] == ["PACS at 127.0.0.1"]


def test_two_senders_at_once_lose_nothing(home, tmp_path):
    places = [fill(tmp_path / str(s), {f"{n}.dcm": dicom(n, s) for n in range(1, 21)}) for s in (1, 2)]
    with reception(home) as there:
        threads = [threading.Thread(target=send, args=(there, place)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes(home) == {"kept": 40}
    assert series(home) == exact(2)


def test_a_sender_that_comes_back_after_a_stop_sends_duplicates_and_the_rest(home, tmp_path):
    first = fill(tmp_path / "first", {f"{n}.dcm": dicom(n) for n in (1, 2, 3)})
    with reception(home) as there:
        send(there, first)
    whole = fill(tmp_path / "whole", {f"{n}.dcm": dicom(n) for n in range(1, 7)})
    with reception(home) as there:
        send(there, whole)
    assert (there.tally.report.kept, there.tally.report.duplicate) == (3, 3)


def test_objects_in_every_transfer_syntax_are_accounted_for(home):
    samples = {
        "MR_small_bigendian.dcm": "-xb",
        "MR_small_RLE.dcm": "-xr",
        "MR_small_jpeg_ls_lossless.dcm": "-xt",
        "MR_small_jp2klossless.dcm": "-xv",
        "JPEG-LL.dcm": "-xs",
        "SC_rgb_jpeg_dcmtk.dcm": "-xy",
        "image_dfl.dcm": "-xd",
        "CT_small.dcm": "-x=",
        "rtplan.dcm": "-xi",
        "waveform_ecg.dcm": "-x=",
    }
    with reception(home) as there:
        for name, word in samples.items():
            assert "(Success)" in send(there, get_testdata_file(name), words=("-R", word))
    report = there.tally.report
    assert (there.tally.failed, report.refused, report.duplicate) == (0, 0, 0)
    assert report.kept + report.quarantined.total() == len(samples)
    assert sum(outcomes(home).values()) == len(samples)


def test_real_series_come_in_whole(home):
    folder = data("sts")
    patient = min(path for path in folder.iterdir() if path.is_dir())
    files = list(patient.rglob("*.dcm"))
    with reception(home) as there:
        send(there, patient, words=("+sp", "*.dcm"))
    assert there.tally.report.kept == len(files)
    uids = {pydicom.dcmread(path, specific_tags=["SeriesInstanceUID"]).SeriesInstanceUID for path in files}
    assert series(home) == exact(len(uids))


@pytest.fixture
def studies(archive):
    """Two studies that Orthanc has, with numbers of their own for each test."""
    number = next(NUMBERS)
    archive.fill(*(dicom(n, s, number) for s in (1, 2) for n in (1, 2)), dicom(1, 1, number + 1))
    return f"{ROOT}.{number}", f"{ROOT}.{number + 1}"


NUMBERS = iter(range(100, 1000, 2))


def by_move(home, archive, *studies):
    with reception(home) as there:
        archive.know("ONCOMMONS", there.port)
        return pull_by_move(home, read_address(archive.address), studies, there, lambda _: None)


def from_web(home, archive, *studies):
    wanted = Wanted(studies, "lung", About("Lung"))
    return pull_from_web(home, read_address(archive.web), Login(), wanted, lambda _: None)


WAYS = pytest.mark.parametrize("pull", [by_move, from_web])


@WAYS
def test_studies_are_pulled_whole_and_can_be_asked_for(home, archive, studies, pull):
    report = pull(home, archive, *studies)
    assert report.is_complete
    assert [(s.said, s.before, dict(s.came)) for s in report.studies] == [(4, 0, {"kept": 4}), (1, 0, {"kept": 1})]
    assert series(home) == exact(3)


@WAYS
def test_a_pull_that_is_repeated_fetches_what_lacks_only(home, archive, studies, pull):
    pull(home, archive, studies[0])
    archive.fill(dicom(3, 2, int(studies[0].rpartition(".")[2])))
    report = pull(home, archive, *studies)
    assert [(s.said, s.before, dict(s.came)) for s in report.studies] == [(5, 4, {"kept": 1}), (1, 0, {"kept": 1})]
    assert report.tally.to_json()["came"] == 2
    again = pull(home, archive, *studies)
    assert (again.is_complete, again.tally.to_json()["came"]) == (True, 0)


@WAYS
def test_a_study_that_is_nowhere_is_told(home, archive, studies, pull):
    report = pull(home, archive, "1.2.3", studies[1])
    assert [s.is_complete for s in report.studies] == [False, True]
    assert not report.is_complete


@WAYS
def test_what_waits_in_quarantine_does_not_lack(home, archive, pull):
    number = next(NUMBERS)
    archive.fill(dicom(1, 1, number), dicom(2, 1, number, Modality="XC"))
    report = pull(home, archive, f"{ROOT}.{number}")
    assert dict(report.studies[0].came) == {"kept": 1, "quarantined": 1}
    assert report.is_complete


def test_an_object_that_was_imported_from_a_folder_may_be_sent_again(home, tmp_path):
    place = fill(tmp_path / "out", {f"{n}.dcm": dicom(n) for n in (1, 2)})
    import_images(home, map(FileArrival, sorted(place.iterdir())), "lung", About("Lung"), lambda *_: None)
    with reception(home) as there:
        send(there, place)
    assert (there.tally.report.duplicate, dict(there.tally.report.quarantined)) == (2, {})


def test_an_archive_that_sends_elsewhere_is_told(home, archive, studies):
    with reception(home, aet="ELSEWHERE") as there:
        archive.know("ELSEWHERE", 9)
        report = pull_by_move(home, read_address(archive.address), studies, there, lambda _: None)
    assert [(s.code, s.lacking) for s in report.studies] == [("E612", 4), ("E612", 1)]
