"""Objects that describe others are linked in the import that brings them, or in the one that brings what they describe."""

from collections import Counter
from contextlib import closing

import duckdb
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from tests.data import data
from tests.node.checked import contours, keep, slices
from tests.node.images import ROOT, dicom

from oncommons.node.desk import Desk
from oncommons.node.flow import import_images
from oncommons.node.linking import link_kept
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.storage.ledger_links import LedgerLinks

PLAN, DOSE = "1.2.840.10008.5.1.4.1.1.481.5", "1.2.840.10008.5.1.4.1.1.481.2"
NO_PIXELS = dict.fromkeys(["PixelData", "Rows", "Columns", "ImagePositionPatient", "ImageOrientationPatient"])


def naming(kind, name):
    """A sequence that names one object."""
    one = Dataset()
    one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = kind, name
    return Sequence([one])


def links(home):
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        modality = {e.sop: e.modality for e in ledger.objects()} | {e.series: e.modality for e in ledger.objects()}
        return [(modality[r.sop], r.kind, modality.get(r.target, ""), r.objects) for r in ledger.links()]


def count(home, *codes):
    asked = {"count": "series", "where": {"field": "described_by", "in": list(codes)}}
    return Desk(home).answer(asked).certain.at_least


def names_of(files):
    return [f"{ROOT}.{name}" for name in files]


def test_contours_are_linked_with_the_slices_that_they_were_drawn_on(home, tmp_path):
    files = slices(4)
    keep(home, tmp_path, {**files, "c": contours(names_of(files)[:3])})
    assert links(home) == [("RTSTRUCT", "contours", "CT", 3)]
    assert (count(home, "CONTOURS"), count(home, "NONE")) == (1, 1)


def test_slices_that_come_later_into_another_dataset_are_linked_then(home, tmp_path):
    files = slices(4)
    keep(home, tmp_path, {"c": contours(names_of(files))}, "contours")
    assert links(home) == [("RTSTRUCT", "contours", "", 4)]
    assert count(home, "CONTOURS") == 0
    keep(home, tmp_path, files, "slices")
    assert links(home) == [("RTSTRUCT", "contours", "CT", 4)]
    assert count(home, "CONTOURS") == 1


def test_contours_that_come_later_tell_of_slices_that_are_in_another_dataset(home, tmp_path):
    files = slices(4)
    keep(home, tmp_path, files, "slices")
    keep(home, tmp_path, {"c": contours(names_of(files))}, "contours")
    assert count(home, "CONTOURS") == 1


def test_a_dose_is_followed_to_the_slices_under_its_plan(home, tmp_path):
    files = slices(3)
    drawn = contours(names_of(files), series=9)
    plan = dicom(
        1,
        10,
        Modality="RTPLAN",
        SOPClassUID=PLAN,
        **NO_PIXELS,
        ReferencedStructureSetSequence=naming("1.2", f"{ROOT}.1.9.1"),
    )
    dose = dicom(
        1, 11, Modality="RTDOSE", SOPClassUID=DOSE, DoseUnits="GY", DoseType="PHYSICAL", DoseSummationType="PLAN",
        ReferencedRTPlanSequence=naming(PLAN, f"{ROOT}.1.10.1"),
    )  # fmt: skip
    keep(home, tmp_path, {**files, "c": drawn, "p": plan, "d": dose})
    assert sorted(links(home)) == [
        ("RTDOSE", "dose", "RTPLAN", 1),
        ("RTPLAN", "plan", "RTSTRUCT", 1),
        ("RTSTRUCT", "contours", "CT", 3),
    ]
    planned = [{"field": "modality", "in": ["CT"]}, {"field": "described_by", "in": ["DOSE"]}]
    assert Desk(home).answer({"count": "series", "where": {"all": planned}}).certain.at_least == 1


def test_each_object_is_read_once_and_a_lost_file_breaks_nothing(home, tmp_path):
    files = slices(3)
    keep(home, tmp_path, {**files, "c": contours(names_of(files))})
    before = link_kept(home, "lung")
    for path in home.images.rglob("*.dcm"):
        path.unlink()
    assert link_kept(home, "lung") == before
    with closing(LedgerLinks(home.ledger_file)) as ledger:
        ledger._connection.execute("DELETE FROM linking")
    assert link_kept(home, "lung") == []


def test_the_contours_of_real_patients_are_linked_with_their_ct_pet_and_mr(home):
    folder = data("sts") / min(p.name for p in data("sts").iterdir() if p.is_dir())
    import_images(home, [FileArrival(path) for path in files_in(folder)], "sts", About(""), lambda *_: None)
    resolved = Counter(kind for _, kind, target, _ in links(home) if target for kind in [target])
    with duckdb.connect(str(home.tables.current()), read_only=True) as base:
        known = base.execute(
            "SELECT m.code, d.code, count(*) FROM series s JOIN code m ON m.number = s.modality "
            "JOIN code d ON d.number = s.described_by GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    assert resolved == {"CT": 1, "MR": 1, "PT": 1}
    assert known == [("CT", "CONTOURS", 1), ("MR", "CONTOURS", 1), ("PT", "CONTOURS", 1), ("RTSTRUCT", "NONE", 3)]
