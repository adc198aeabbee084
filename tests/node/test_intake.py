"""Images come in: every object ends in one outcome, kept ones are whole, and nothing of a patient is left."""

import hashlib
import itertools
import os
import pickle
import sqlite3
import sys
import threading
from collections import Counter, deque
from contextlib import closing
from io import BytesIO

import orjson
import pydicom
import pytest
from pydicom.data import get_testdata_file
from tests.data import data
from tests.imaging.deid.pixels.pictures import anatomy, with_text
from tests.node.images import IDENTIFIERS, ROOT, bytes_below, dicom, fill
from tests.node.tables import import_rows
from tests.odd.archives import MAKERS, zipped

from oncommons.imaging.attributes import ATTRIBUTES
from oncommons.imaging.deid.pixels.loader import recogniser_here
from oncommons.imaging.deid.pixels.views import scaled
from oncommons.node import workers
from oncommons.node.deidentify import node_keys
from oncommons.node.flow import import_images
from oncommons.node.home import make_home
from oncommons.node.intake import ImageReport, Intake, Taken
from oncommons.node.receive.archive import Told, arrivals_in
from oncommons.node.receive.folder import LARGEST_FILE, FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.node.workers import _batches
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import (
    MayShowText,
    MissingPackage,
    NotFound,
    StorageFailed,
    StorageFull,
    UnknownKind,
    UnreadableSource,
)
from oncommons.storage.decisions import Person
from oncommons.storage.ledger import Ledger

PEOPLE = {"count": "person"}
ANNA = Person("anna", "console")


def certain(desk):
    return desk.answer(PEOPLE).certain


SERIES = {"count": "series", "by": ["modality"]}


def take_in(home, place, dataset="lung", processes=1):
    """Import images; gives the report and what was told of each file, by its name."""
    told = {}
    arrivals = (FileArrival(path) for path in files_in(place))
    report = import_images(
        home, arrivals, dataset, About(dataset), lambda a, t: told.update({a.path.name: t.outcome}), processes
    )
    return report, told


def entries(home):
    """Digest to outcome, for every file that the ledger names."""
    with closing(sqlite3.connect(home.ledger_file)) as base:
        return dict(base.execute("SELECT digest, outcome FROM file").fetchall())


def modalities(desk):
    """Dataset to modality to the number of series."""
    answers = desk.answer(SERIES).datasets
    return {d.dataset: {code: g.certain.at_least for g in d.groups for code in g.key.values()} for d in answers}


@pytest.fixture
def mixed(tmp_path):
    """A folder with a file for each outcome."""
    good = {f"series/{n}.dcm": dicom(n) for n in range(1, 4)}
    place = fill(
        tmp_path / "mixed",
        good
        | {
            "again.dcm": dicom(1),
            "changed.dcm": dicom(1, pixel=9),
            "cut.dcm": dicom(5)[:-40],
            "photograph.dcm": dicom(6, Modality="XC"),
            "nobody.dcm": dicom(7, PatientID=None),
            "waves.dcm": dicom(8, Modality="HC"),
            "letter.txt": b"dear sir or madam",
            "empty.dcm": b"",
        },
    )
    (place / "link.dcm").symlink_to("again.dcm")
    os.mkfifo(place / "pipe.dcm")
    with (place / "large.dcm").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    return place


def test_images_are_kept_and_can_be_asked_for(home, desk, tmp_path):
    place = fill(tmp_path / "in", {"1": dicom(1), "2": dicom(2), "a/3": dicom(3, series=2, Modality="MR")})
    report, told = take_in(home, place)
    assert report == ImageReport(kept=3, series=2)
    assert told == {"1": "kept", "2": "kept", "3": "kept"}
    assert modalities(desk) == {"lung": {"CT": 1, "MR": 1}}
    assert certain(desk) == exact(1)
    assert [card.dataset for card in desk.cards()] == ["lung"]


def test_kept_images_are_whole_under_new_identifiers(home, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1), "2": dicom(2)}))
    for path in home.images.rglob("*.dcm"):
        one = pydicom.dcmread(path)
        assert (path.stem, path.parent.name) == (one.SOPInstanceUID, one.SeriesInstanceUID)
        assert (one.Modality, one.PixelData) == ("CT", bytes([7, 0]) * 64)
        assert not str(one.SOPInstanceUID).startswith(ROOT)
    assert len(list(home.images.rglob("*.dcm"))) == 2


def test_every_file_is_in_exactly_one_number(home, mixed):
    report, told = take_in(home, mixed)
    assert report.to_json() == {
        "came": 14,
        "kept": 3,
        "duplicate": 1,
        "quarantined": {"E602": 2, "E603": 1, "E604": 1, "E605": 1, "E607": 1},
        "refused": 4,
        "series": 1,
        "elsewhere": {},
        "faces": 0,
    }
    assert sorted(told.values()) == ["duplicate", *["kept"] * 3, *["quarantined"] * 6, *["refused"] * 4]
    assert sorted(entries(home).values()) == [*["kept"] * 3, *["quarantined"] * 6, *["refused"] * 4]


def test_what_waits_lies_in_quarantine_as_it_came(home, mixed):
    _, told = take_in(home, mixed)
    waiting = [mixed / name for name, what in told.items() if what == "quarantined" != name[:5]]
    copied = [path.read_bytes() for path in waiting if path.stat().st_size <= LARGEST_FILE]
    laid = {hashlib.sha256(raw).hexdigest(): raw for raw in copied}
    copies = {name: raw for name, raw in bytes_below(home.quarantine).items() if not name.endswith(".from")}
    assert copies == laid
    assert len(laid) == 5


def test_the_same_identifier_with_other_content_waits_and_the_first_stays(home, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1)}))
    before = bytes_below(home.images)
    report, _ = take_in(home, fill(tmp_path / "more", {"1": dicom(1, pixel=9), "2": dicom(2)}))
    assert (report.kept, dict(report.quarantined)) == (1, {"E607": 1})
    assert bytes_below(home.images).items() > before.items()
    assert dicom(1, pixel=9) in bytes_below(home.quarantine).values()


def test_importing_twice_gives_duplicates_only_and_the_same_bytes(home, desk, mixed):
    first, _ = take_in(home, mixed)
    before, known, told = bytes_below(home.images), entries(home), modalities(desk)
    second, _ = take_in(home, mixed)
    assert (second.kept, second.duplicate, second.came) == (0, first.kept + first.duplicate, first.came)
    assert (second.quarantined, second.refused, second.series) == (first.quarantined, first.refused, first.series)
    assert (bytes_below(home.images), entries(home), modalities(desk)) == (before, known, told)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_import_that_was_stopped_is_ended_by_the_next(home, desk, tmp_path, monkeypatch, processes):
    monkeypatch.setattr(workers, "_TOGETHER", 64)
    place = fill(tmp_path / "in", {f"{n:03}": dicom(n) for n in range(1, 140)})
    count = itertools.count()

    def stop(*_):
        if next(count) == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_images(home, (FileArrival(path) for path in files_in(place)), "lung", About("lung"), stop, processes)
    kept = len(entries(home))
    assert 64 <= kept < 139
    assert list(home.drafts.iterdir()) == []
    report, _ = take_in(home, place)
    assert (report.kept, report.duplicate, report.series) == (139 - kept, kept, 1)
    assert len(bytes_below(home.images)) == 139
    assert modalities(desk) == {"lung": {"CT": 1}}


def test_images_that_come_later_join_their_series(home, desk, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1)}))
    assert modalities(desk) == {"lung": {"CT": 1}}
    report, _ = take_in(home, fill(tmp_path / "more", {"2": dicom(2), "3": dicom(3, series=2)}))
    assert (report.kept, report.series) == (2, 2)
    assert modalities(desk) == {"lung": {"CT": 2}}


def test_two_datasets_of_images_and_a_table_stand_side_by_side(home, desk, tmp_path):
    import_rows(home, tmp_path, {"modality": "PT"})
    take_in(home, fill(tmp_path / "in", {"1": dicom(1)}))
    liver = fill(tmp_path / "more", {"1": dicom(1, study=2, patient="OTHER-1", Modality="MR")})
    assert take_in(home, liver, "liver")[0].series == 1
    assert modalities(desk) == {"d": {"PT": 1}, "lung": {"CT": 1}, "liver": {"MR": 1}}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_file_that_is_in_another_dataset_stays_there_and_the_report_says_so(home, tmp_path, processes):
    first = fill(tmp_path / "first", {"1": dicom(1), "2": dicom(2)})
    take_in(home, first)
    other_head = b"\1" * 128 + dicom(2)[128:]
    second = fill(tmp_path / "second", {"1": dicom(1), "2": other_head, "3": dicom(3, study=2), "4": dicom(3, study=2)})
    report, told = take_in(home, second, "breast", processes)
    assert (report.kept, report.duplicate, report.to_json()["elsewhere"]) == (1, 3, {"lung": 2})
    assert sorted(told.values()) == ["duplicate"] * 3 + ["kept"]
    with closing(Ledger(home.ledger_file)) as ledger:
        assert [len(ledger.series(name)) for name in ("lung", "breast")] == [1, 1]
    again, _ = take_in(home, first)
    assert again.to_json()["elsewhere"] == {}


def test_the_year_of_a_study_is_unknown_among_images(home, desk, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1)}))
    answer = desk.answer({"count": "study", "where": {"field": "study_year", "between": [1900, 2100]}})
    (told,) = answer.datasets
    assert (told.certain, told.possible) == (exact(0), exact(1))
    assert [lack.known for lack in told.lacking if lack.field == "study_year"] == [False]


def test_nothing_of_a_patient_is_below_the_node_but_in_quarantine(home, desk, mixed):
    take_in(home, mixed)
    take_in(home, mixed)
    originals = [pydicom.dcmread(BytesIO(dicom(1))), pydicom.dcmread(get_testdata_file("CT_small.dcm"))]
    uids = {e.value for one in originals for e in one.iterall() if e.VR == "UI"}
    words = {*IDENTIFIERS, *(uid for uid in uids if not uid.startswith("1.2.840.10008."))}
    below = {name: raw.lower() for name, raw in bytes_below(home.folder).items() if not name.startswith("quarantine")}
    found = {(name, word) for name, raw in below.items() for word in words if word.lower().encode() in raw}
    assert {"ledger.sqlite", "index/current", "deid.key"} <= below.keys()
    assert found == set()
    assert not {(name, word) for name in below for word in words if word.lower() in name.lower()}


def test_nothing_of_a_patient_comes_into_ledger_and_index_by_fields_that_are_indexed(home, tmp_path):
    one = dicom(1, Manufacturer="Acme for ZQX-4711", BodyPartExamined="ZEBEDEE", PatientSex="F")
    take_in(home, fill(tmp_path / "in", {"1": one}))
    assert not [
        n for n, raw in bytes_below(home.folder).items() if b"zqx-4711" in raw.lower() or b"zebedee" in raw.lower()
    ]


def test_the_age_of_the_oldest_is_not_in_the_ledger(home, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1, PatientAge="097Y")}))
    assert not [name for name, raw in bytes_below(home.folder).items() if b"097Y" in raw]


def test_two_nodes_give_other_identifiers_and_one_node_always_the_same(home, tmp_path):
    place = fill(tmp_path / "in", {"1": dicom(1)})
    other = make_home(tmp_path / "bologna", Policy("open"))
    take_in(home, place)
    take_in(other, place)
    assert bytes_below(home.images).keys().isdisjoint(bytes_below(other.images))
    later = make_home(tmp_path / "cork", Policy("open"))
    later.secret_file.write_bytes(home.secret_file.read_bytes())
    take_in(later, place)
    assert bytes_below(later.images) == bytes_below(home.images)


def test_a_place_that_is_not_there_is_told_and_an_empty_one_brings_nothing(home, tmp_path):
    with pytest.raises(UnreadableSource):
        take_in(home, tmp_path / "none")
    (tmp_path / "empty").mkdir()
    assert take_in(home, tmp_path / "empty")[0] == ImageReport()
    assert home.tables.current() is None


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_dataset_without_a_name_is_told_before_anything_is_kept(home, tmp_path, name):
    place = fill(tmp_path / "in", {"1": dicom(1)})
    with pytest.raises(UnreadableSource):
        take_in(home, place, name)
    assert (home.images.exists(), home.ledger_file.exists()) == (False, False)
    assert take_in(home, place, " lung ")[0].series == 1


def test_a_damaged_ledger_or_secret_stops_an_import(home, tmp_path):
    place = fill(tmp_path / "in", {"1": dicom(1)})
    home.secret_file.write_bytes(b"short")
    with pytest.raises(StorageFailed):
        take_in(home, place)
    home.secret_file.unlink()
    home.ledger_file.write_bytes(b"dear sir or madam, " * 500)
    with pytest.raises(StorageFailed):
        take_in(home, place)
    assert not home.images.exists()


def test_an_import_within_another_finds_what_is_settled(home, tmp_path):
    place, inner = fill(tmp_path / "in", {"1": dicom(1)}), []
    arrivals = [FileArrival(path) for path in files_in(place)]
    report = import_images(home, arrivals, "lung", About("lung"), lambda *_: inner.append(take_in(home, place)[0]))
    assert (report.kept, [one.duplicate for one in inner]) == (1, [1])


def test_a_report_adds_up():
    report = ImageReport(3, 2, Counter({"E604": 4, "E602": 1}), 7, 1)
    assert report.came == 17
    assert list(report.to_json()["quarantined"]) == ["E602", "E604"]
    assert ImageReport().came == 0


@pytest.mark.timeout(600)
def test_every_file_of_a_real_collection_is_accounted_for(home, desk):
    report, _ = take_in(home, data("sts"), "sts", processes=2)
    told = (report.came, report.kept, report.refused, report.quarantined.total(), report.series)
    assert told == (1990, 1989, 1, 0, 72)
    assert len(bytes_below(home.images)) == 1989
    assert sum(modalities(desk)["sts"].values()) == 72


def waiting(home):
    """What waits in quarantine, by the code of the reason."""
    with closing(Ledger(home.ledger_file)) as ledger:
        return {entry.code: entry for entry in ledger.waiting()}


def test_an_object_that_comes_over_a_network_is_durable_when_it_is_told(home):
    with Intake(home) as intake:
        taken = intake.take(dicom(1), "lung", "storescu")
        digest = hashlib.sha256(dicom(1)).hexdigest()
        assert taken == Taken("kept", digest, sop=taken.sop, dataset="lung")
        assert entries(home) == {digest: "kept"}
        assert [path.stem for path in home.images.rglob("*.dcm")] == [taken.sop]
        assert intake.take(dicom(1), "lung") == Taken("duplicate", digest, sop=taken.sop, dataset="lung")
        other = intake.take(dicom(1, pixel=9), "lung", "storescu")
        assert (other.outcome, other.code) == ("quarantined", "E607")
        assert intake.take(b"dear sir or madam", "lung").outcome == "refused"
        assert not list(home.drafts.rglob("*.*"))


def test_many_threads_take_in_at_once_and_each_object_is_kept_once(home):
    told = []

    def send(numbers):
        told.extend(intake.take(dicom(n), "lung").outcome for n in numbers)

    with Intake(home) as intake:
        threads = [threading.Thread(target=send, args=[range(1, 13)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Counter(told) == {"kept": 12, "duplicate": 36}
    assert len(bytes_below(home.images)) == 12


class Crowd(deque):
    """A queue that says when so many have come."""

    def __init__(self, many):
        super().__init__()
        self.many, self.came = many, threading.Event()

    def append(self, one):
        super().append(one)
        self.many -= 1
        if not self.many:
            self.came.set()


class WaitingShelf:
    """A shelf that settles nothing before a crowd has come; may fail then."""

    def __init__(self, shelf, crowd, fault=None):
        self.shelf, self.crowd, self.fault, self.batches = shelf, crowd, fault, []

    def settle(self, batch):
        assert self.crowd.came.wait(30)
        self.batches.append(len(batch))
        if self.fault and len(self.batches) == 2:
            raise self.fault
        return self.shelf.settle(batch)


@pytest.mark.parametrize("fault", [None, StorageFull("The disk is full.")])
def test_what_several_threads_bring_is_made_durable_together(home, fault):
    told = []

    def send(number):
        try:
            told.append(intake.take(dicom(number), "lung").outcome)
        except StorageFull as raised:
            told.append(raised.code)

    with Intake(home) as intake:
        intake._waiting = Crowd(4)
        intake._shelf = shelf = WaitingShelf(intake._shelf, intake._waiting, fault)
        threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    first, rest = shelf.batches[0], sum(shelf.batches[1:])
    assert (first + rest, len(shelf.batches) <= 2) == (4, True)
    assert Counter(told) == Counter(["kept"] * first + ["E401" if fault else "kept"] * rest)
    assert len(bytes_below(home.images)) == (first if fault else 4)


def test_the_ledger_tells_attributes_as_they_are_kept(home):
    with Intake(home) as intake:
        taken = intake.take(dicom(3, SeriesDescription="ABDOMEN Zebedee", PatientAge="097Y"), "lung")
    with closing(Ledger(home.ledger_file)) as ledger:
        entry = ledger.entry(taken.digest)
    told = orjson.loads(entry.attributes)
    kept = pydicom.dcmread(home.images / entry.series / f"{entry.sop}.dcm")
    for keyword in ("Rows", "Modality", "SOPInstanceUID", "SeriesDescription", "PatientAge", "SliceThickness"):
        assert told[f"{ATTRIBUTES[keyword]:08X}"] == str(kept[keyword].value)
    assert told[f"{ATTRIBUTES['SeriesDescription']:08X}"] == "ABDOMEN"
    parts = told[f"{ATTRIBUTES['ImageOrientationPatient']:08X}"].split("\\")
    assert [float(part) for part in parts] == list(kept.ImageOrientationPatient)
    assert (entry.syntax, entry.entered[:2]) == (kept.file_meta.TransferSyntaxUID, "20")


def test_what_a_person_has_looked_at_is_kept(home):
    with Intake(home) as intake:
        assert intake.take(dicom(1, Modality="XC"), "lung", "/in/us.dcm").code == MayShowText.code
        entry = waiting(home)["E604"]
        assert (home.quarantine / f"{entry.digest}.from").read_text() == "/in/us.dcm"
        assert intake.release(entry, ANNA).outcome == "kept"
    assert (waiting(home), bytes_below(home.quarantine)) == ({}, {})
    assert len(bytes_below(home.images)) == 1


def test_looking_does_not_help_what_cannot_be_cleaned(home):
    with Intake(home) as intake:
        intake.take(dicom(1, Modality="HC"), "lung")
        entry = waiting(home)["E605"]
        with pytest.raises(UnknownKind):
            intake.release(entry, ANNA)
    assert list(waiting(home)) == ["E605"]
    assert entry.digest in bytes_below(home.quarantine)


def test_what_a_person_has_rejected_goes_and_is_refused_when_it_comes_again(home):
    with Intake(home) as intake:
        intake.take(dicom(1, Modality="XC"), "lung")
        entry = waiting(home)["E604"]
        intake.reject(entry, ANNA)
        assert (waiting(home), bytes_below(home.quarantine)) == ({}, {})
        again = intake.take(dicom(1, Modality="XC"), "lung")
        assert (again.outcome, again.code) == ("refused", "E608")
        with pytest.raises(NotFound):
            intake.release(entry, ANNA)
    assert bytes_below(home.quarantine) == {}


def decided(home):
    with closing(Ledger(home.ledger_file)) as ledger:
        return [(d.what, d.who, d.way, d.became) for d in ledger.decisions()]


def test_who_decided_is_recorded_whatever_came_of_it(home):
    with Intake(home) as intake:
        for number, modality in ((1, "XC"), (2, "HC"), (3, "XC")):
            intake.take(dicom(number, Modality=modality), "lung")
        with closing(Ledger(home.ledger_file)) as ledger:
            looked, rejected, unknown = ledger.waiting()
        assert intake.release(looked, ANNA).outcome == "kept"
        with pytest.raises(UnknownKind):
            intake.release(unknown, ANNA)
        intake.reject(rejected, Person("root", "command line"))
    assert decided(home) == [
        ("reject", "root", "command line", "refused"),
        ("release", "anna", "console", "quarantined"),
        ("release", "anna", "console", "kept"),
    ]


def test_a_file_that_comes_in_can_be_sent_to_another_process(tmp_path):
    (tmp_path / "1").write_bytes(b"one")
    arrival = pickle.loads(pickle.dumps(FileArrival(tmp_path / "1")))
    assert (arrival.name, arrival.read()) == (str(tmp_path / "1"), b"one")


def test_two_processes_keep_the_same_bytes_as_one(home, tmp_path):
    place = fill(tmp_path / "in", {f"{n:03}": dicom(n, series=1 + n % 3) for n in range(1, 200)})
    other = make_home(tmp_path / "other", Policy("open"))
    take_in(home, place)
    other.secret_file.write_bytes(home.secret_file.read_bytes())
    report, told = take_in(other, place, processes=2)
    assert (report.kept, report.series, len(told)) == (199, 3, 199)
    assert bytes_below(other.images) == bytes_below(home.images)


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_kept_is_compressed_where_the_node_says_so(home, tmp_path, processes):
    place = fill(tmp_path / "in", {str(n): dicom(n) for n in range(1, 4)})
    other = make_home(tmp_path / "other", Policy("open"), compress=True)
    other.secret_file.write_bytes(node_keys(home.secret_file) and home.secret_file.read_bytes())
    take_in(home, place)
    report, _ = take_in(other, place, processes=processes)
    assert (report.kept, report.series) == (3, 1)
    plain, packed = bytes_below(home.images), bytes_below(other.images)
    assert plain.keys() == packed.keys()
    for name, content in packed.items():
        found = pydicom.dcmread(BytesIO(content))
        assert found.file_meta.TransferSyntaxUID.name == "JPEG-LS Lossless Image Compression"
        assert (found.pixel_array == pydicom.dcmread(BytesIO(plain[name])).pixel_array).all()
    with closing(Ledger(other.ledger_file)) as ledger:
        sizes = {(e.syntax, e.size) for e in ledger.kept("lung")}
    assert sizes == {("1.2.840.10008.1.2.4.80", len(content)) for content in packed.values()}


@pytest.mark.parametrize("first", [False, True])
def test_an_object_that_comes_again_is_a_duplicate_although_the_node_compresses_now_or_no_more(home, first):
    raw = dicom(1)
    again = b"\1" * 128 + raw[128:]
    with Intake(home.with_compress(compress=first)) as intake:
        assert intake.take(raw, "lung").outcome == "kept"
    before = bytes_below(home.images)
    with Intake(home.with_compress(compress=not first)) as intake:
        assert [intake.take(one, "lung").outcome for one in (raw, again, again)] == ["duplicate"] * 3
        assert intake.take(dicom(1, pixel=9), "lung").code == "E607"
    assert bytes_below(home.images) == before
    assert bytes_below(home.drafts) == {}


def test_a_node_that_compresses_says_at_once_that_the_package_is_missing(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "jpeg_ls", None)
    monkeypatch.delitem(sys.modules, "oncommons.imaging.jpegls", raising=False)
    with pytest.raises(MissingPackage, match="compress"), Intake(home.with_compress(compress=True)):
        pass
    with Intake(home.with_compress(compress=False)) as intake:
        assert intake.take(dicom(1), "lung").outcome == "kept"


def test_members_of_a_packed_archive_wait_in_memory_a_few_bytes_at_a_time():
    batches = list(_batches(iter([Told("x", bytes(3 * 1024**2))] * 7)))
    assert [len(batch) for batch in batches] == [3, 3, 1]
    assert [len(batch) for batch in _batches(iter([Told("x", b"y")] * 130))] == [64, 64, 2]


@pytest.mark.parametrize("processes", [1, 2])
def test_members_of_archives_are_taken_in_as_files_are(home, tmp_path, processes):
    files = {f"{n:03}": dicom(n) for n in range(1, 140)}
    place = fill(tmp_path / "in", {"a.zip": zipped(files), "b.tar.gz": MAKERS["a.tar.gz"](files)})
    report = import_images(home, arrivals_in(place), "lung", About("lung"), lambda *_: None, processes)
    assert (report.kept, report.duplicate, report.came) == (139, 139, 278)


def named(number=1):
    """An ultrasound image with a name burned into it."""
    pixels = with_text(anatomy(80, 320))
    layout = {"Rows": 80, "Columns": 320, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0}
    ultrasound = {"Modality": "US", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}
    return dicom(number, **layout, **ultrasound, PixelData=pixels.tobytes())


@pytest.mark.parametrize("processes", [1, 2])
def test_a_name_that_is_burned_in_is_black_in_what_is_kept(home, tmp_path, processes):
    if recogniser_here() is None:
        pytest.skip("text recognition is not installed: pip install 'oncommons[ocr]' (Python 3.11 and 3.12)")
    report, _ = take_in(home, fill(tmp_path / "in", {"1": named(1), "2": dicom(2, series=2)}), processes=processes)
    assert (report.kept, report.quarantined.total()) == (2, 0)
    kept = [pydicom.dcmread(BytesIO(raw)) for raw in bytes_below(home.images).values()]
    assert Counter(one.get("BurnedInAnnotation") for one in kept) == {"NO": 1, None: 1}
    (ultrasound,) = [one for one in kept if one.Modality == "US"]
    assert [found.text for found in recogniser_here()(scaled(ultrasound.pixel_array, 2.0))] == []
    with closing(Ledger(home.ledger_file)) as ledger:
        (entry,) = [one for one in ledger.kept("lung") if one.modality == "US"]
    assert orjson.loads(entry.attributes)[f"{ATTRIBUTES['BurnedInAnnotation']:08X}"] == "NO"


def test_a_suspect_waits_where_text_cannot_be_recognised_and_is_kept_once_it_can(home, monkeypatch):
    with monkeypatch.context() as without, Intake(home) as intake:
        without.setattr(workers, "recogniser_here", lambda: None)
        taken = intake.take(named(), "lung")
        assert (taken.outcome, taken.code) == ("quarantined", MayShowText.code)
        assert "pip install 'oncommons[ocr]'" in taken.message
    with monkeypatch.context() as with_it, Intake(home) as intake:
        with_it.setattr(workers, "recogniser_here", lambda: lambda _: [])
        assert intake.take(named(), "lung").outcome == "kept"
    assert (waiting(home), bytes_below(home.quarantine)) == ({}, {})


def test_series_from_which_a_face_could_be_rebuilt_are_counted(home, tmp_path):
    head = {str(n): dicom(n, BodyPartExamined="HEAD", SliceThickness="1.0") for n in (1, 2)}
    again = {"3": dicom(1, series=2, BodyPartExamined="BRAIN"), "4": dicom(1, series=3, BodyPartExamined="CHEST")}
    place = fill(tmp_path / "in", head | again)
    report, _ = take_in(home, place)
    assert (report.kept, len(report.faces), report.to_json()["faces"]) == (4, 2, 2)
    assert take_in(home, place)[0].faces == set()


def test_a_profile_of_the_node_may_refuse_faces(home):
    home.profile_file.write_text('name = "x"\nfaces = "refuse"\n')
    with Intake(home) as intake:
        assert intake.take(dicom(1, BodyPartExamined="HEAD", SliceThickness="1.0"), "lung").code == "E627"
        assert intake.release(waiting(home)["E627"], ANNA).outcome == "kept"
