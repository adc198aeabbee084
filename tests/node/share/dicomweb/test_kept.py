"""What every holder of kept images must do; the same questions to the ledger and to the fake."""

from contextlib import closing

import pydicom
import pytest
from tests.node.images import dicom, fill
from tests.node.share.dicomweb.kept_files import KeptFiles

from oncommons.node.flow import import_images
from oncommons.node.keep.shelf import Shelf
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.node.share.dicomweb.kept import KeptSeries
from oncommons.node.share.dicomweb.store import LedgerImages
from oncommons.storage.ledger import Ledger

FILES = [dicom(n, series, study) for study in (1, 2) for series in (1, 2) for n in range(1, series + 2)]


@pytest.fixture
def ledger_images(home, tmp_path):
    folder = fill(tmp_path / "export", {f"{n}.dcm": raw for n, raw in enumerate(FILES)})
    import_images(home, (FileArrival(path) for path in files_in(folder)), "lung", About("Lung"), lambda *_: None)
    with closing(Ledger(home.ledger_file)) as ledger:
        yield LedgerImages(ledger, Shelf(home.blobs, home.quarantine, ledger).open)


@pytest.fixture(params=["ledger", "fake"])
def kept(request, tmp_path):
    return request.getfixturevalue("ledger_images") if request.param == "ledger" else KeptFiles(tmp_path, FILES)


def test_every_series_is_told_once_with_its_number_of_objects(kept):
    found = kept.series()
    assert [type(row) for row in found] == [KeptSeries] * 4
    assert sorted(row.instances for row in found) == [2, 2, 3, 3]
    assert len({row.study for row in found}) == 2


def test_series_and_objects_come_in_order(kept):
    series = [(row.study, row.series) for row in kept.series()]
    objects = [(row.study, row.series, row.sop) for row in kept.instances()]
    assert (series, objects) == (sorted(series), sorted(objects))


def test_objects_can_be_narrowed_down(kept):
    first = next(iter(kept.instances()))
    assert len(list(kept.instances())) == 10
    assert len(list(kept.instances(first.study))) == 5
    assert {row.series for row in kept.instances(first.study, first.series)} == {first.series}
    assert list(kept.instances(first.study, first.series, first.sop)) == [first]
    assert list(kept.instances(sop=first.sop)) == [first]
    assert list(kept.instances("1.2.3")) == list(kept.instances(first.study, "1.2.3")) == []


def test_an_object_tells_its_file_its_syntax_and_its_attributes(kept):
    for row in kept.instances():
        with row.open() as file:
            assert pydicom.dcmread(file).SOPInstanceUID == row.sop
        assert row.syntax == "1.2.840.10008.1.2.1"
        assert (row.attributes["00080060"], row.attributes["00280010"]) == ("CT", "8")
        assert row.attributes["00080018"] == row.sop


def test_attributes_of_a_series_are_those_of_one_of_its_objects(kept):
    for row in kept.series():
        assert dict(row.attributes) in [dict(one.attributes) for one in kept.instances(row.study, row.series)]
