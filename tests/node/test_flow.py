"""The stages in their order: an import becomes tables, and a desk answers from the newest."""

import hashlib
import itertools
import os
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from tests.node.images import IDENTIFIERS, ROOT, bytes_below, dicom, fill
from tests.node.tables import every_column, import_rows, make_raw, write_csv

from oncommons.node.flow import Desk, ImageReport, import_from, import_images
from oncommons.node.home import Membership, make_home
from oncommons.node.receive.folder import LARGEST_FILE
from oncommons.node.receive.table import About, receive_file, receive_raw
from oncommons.policy.disclosure import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, NothingImported, StorageFailed, UnknownField, UnreadableSource

ROOT_FOLDER = Path(__file__).parents[2]
PEOPLE = {"count": "person"}


def certain(desk):
    return desk.answer(PEOPLE).certain


@pytest.fixture
def desk(home):
    found = Desk(home)
    yield found
    if found._index is not None:
        found._index.close()


def test_an_import_is_answered_from(home, desk, tmp_path):
    received = import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    assert received.series == 2
    assert certain(desk) == exact(2)


def test_a_node_without_data_says_so(desk):
    assert (desk.cards(), desk.has_news()) == ((), False)
    with pytest.raises(NothingImported):
        desk.answer(PEOPLE)


def test_an_import_while_serving_is_noticed(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p"})
    assert desk.has_news()
    assert (certain(desk), desk.has_news()) == (exact(1), False)
    import_rows(home, tmp_path, {"person": "q"}, {"person": "r"}, {"collection": "e"})
    assert desk.has_news()
    assert [card.dataset for card in desk.cards()] == ["d", "e"]
    assert (certain(desk), desk.has_news()) == (exact(3), False)


@pytest.mark.parametrize("damage", ["gone", "broken", "homeless", "interrupted"])
def test_an_import_that_fails_leaves_the_tables_as_they_were(home, desk, tmp_path, damage):
    import_rows(home, tmp_path, {"person": "p"})
    before = {path.name: path.read_bytes() for path in (home.folder / "index").iterdir()}

    def source(base):
        make_raw(base, [{"person": "q"}, {"person": ""}] if damage == "homeless" else [{"person": "q"}])
        received = receive_raw(base, every_column())
        if damage == "interrupted":
            raise KeyboardInterrupt
        if damage == "broken":
            base.execute("DROP TABLE received")
            (tmp_path / "x.parquet").write_bytes(b"PAR1")
        if damage in {"gone", "broken"}:
            return receive_file(base, tmp_path / "x.parquet", every_column())
        return received

    with pytest.raises((UnreadableSource, KeyboardInterrupt)):
        import_from(source, home.tables)
    assert {path.name: path.read_bytes() for path in (home.folder / "index").iterdir()} == before
    assert certain(desk) == exact(1)


def test_the_first_import_may_fail_and_the_second_succeed(home, desk, tmp_path):
    with pytest.raises(UnreadableSource):
        import_from(lambda base: receive_file(base, tmp_path / "none.csv", every_column()), home.tables)
    assert home.tables.current() is None
    import_rows(home, tmp_path, {"person": "p"})
    assert certain(desk) == exact(1)


def test_an_answer_bears_the_name_and_policy_of_the_node(home, tmp_path):
    import_rows(home, tmp_path, *({"person": f"p{i}"} for i in range(12)))
    joined = home.with_policy(Policy("threshold", 10)).with_membership(Membership("athens", "u", "i", {}))
    desk = Desk(joined)
    answer = desk.answer(PEOPLE)
    assert (answer.node, answer.policy, str(answer.certain)) == ("athens", str(joined.policy), "10–19")
    assert str(desk.cards()[0].records["person"]) == "10–19"
    desk._index.close()


def test_a_question_is_checked_before_anything_is_read(desk):
    with pytest.raises(MalformedQuestion):
        desk.answer("count people")
    with pytest.raises(UnknownField):
        desk.answer({"count": "person", "where": {"field": "shoe_size", "in": ["44"]}})


def test_questions_of_many_threads_are_answered_one_by_one(home, desk, tmp_path):
    import_rows(home, tmp_path, *({"person": f"p{i}"} for i in range(5)))
    found = []

    def ask():
        found.extend(certain(desk) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [exact(5)] * 20


def test_datasets_of_two_files_stand_beside_each_other(home, desk, tmp_path):
    import_rows(home, tmp_path, {"collection": "a"})
    path = write_csv(tmp_path / "more.csv", [{"collection": "b"}, {"collection": "b", "person": "q"}])
    import_from(lambda base: receive_file(base, path, every_column("sex")), home.tables)
    told = {d.dataset: d.certain for d in desk.answer(PEOPLE).datasets}
    assert told == {"a": exact(1), "b": exact(2)}


SERIES = {"count": "series", "by": ["modality"]}


def take_in(home, place, dataset="lung"):
    """Import images; gives the report and what was told of each file, by its name."""
    told = {}
    report = import_images(home, place, dataset, About(dataset), lambda path, what: told.update({path.name: what}))
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
            "ultrasound.dcm": dicom(6, Modality="US"),
            "nobody.dcm": dicom(7, PatientID=None),
            "waves.dcm": dicom(8, Modality="ECG"),
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
    }
    assert sorted(told.values()) == ["duplicate", *["kept"] * 3, *["quarantined"] * 6, *["refused"] * 4]
    assert sorted(entries(home).values()) == [*["kept"] * 3, *["quarantined"] * 6, *["refused"] * 4]


def test_what_waits_lies_in_quarantine_as_it_came(home, mixed):
    _, told = take_in(home, mixed)
    waiting = {(mixed / name).read_bytes() for name, what in told.items() if what == "quarantined" != name[:5]}
    laid = {hashlib.sha256(raw).hexdigest(): raw for raw in waiting if len(raw) <= LARGEST_FILE}
    assert bytes_below(home.quarantine) == laid
    assert len(laid) == 5


def test_the_same_identifier_with_other_content_waits_and_the_first_stays(home, tmp_path):
    take_in(home, fill(tmp_path / "in", {"1": dicom(1)}))
    before = bytes_below(home.images)
    report, _ = take_in(home, fill(tmp_path / "more", {"1": dicom(1, pixel=9), "2": dicom(2)}))
    assert (report.kept, dict(report.quarantined)) == (1, {"E607": 1})
    assert bytes_below(home.images).items() > before.items()
    assert list(bytes_below(home.quarantine).values()) == [dicom(1, pixel=9)]


def test_importing_twice_gives_duplicates_only_and_the_same_bytes(home, desk, mixed):
    first, _ = take_in(home, mixed)
    before, known, told = bytes_below(home.images), entries(home), modalities(desk)
    second, _ = take_in(home, mixed)
    assert (second.kept, second.duplicate, second.came) == (0, first.kept + first.duplicate, first.came)
    assert (second.quarantined, second.refused, second.series) == (first.quarantined, first.refused, first.series)
    assert (bytes_below(home.images), entries(home), modalities(desk)) == (before, known, told)


def test_an_import_that_was_stopped_is_ended_by_the_next(home, desk, tmp_path):
    place = fill(tmp_path / "in", {f"{n:03}": dicom(n) for n in range(1, 140)})
    count = itertools.count()

    def stop(*_):
        if next(count) == 133:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_images(home, place, "lung", About("lung"), stop)
    kept = len(entries(home))
    assert 0 < kept < 134
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


def test_a_second_import_at_once_is_refused(home, tmp_path):
    place, refused = fill(tmp_path / "in", {"1": dicom(1)}), []

    def come_between(*_):
        with pytest.raises(StorageFailed) as told:
            take_in(home, place)
        refused.append(told.value.code)

    report = import_images(home, place, "lung", About("lung"), come_between)
    assert (refused, report.kept) == (["E403"], 1)


def test_a_report_adds_up():
    report = ImageReport(3, 2, Counter({"E604": 4, "E602": 1}), 7, 1)
    assert report.came == 17
    assert list(report.to_json()["quarantined"]) == ["E602", "E604"]
    assert ImageReport().came == 0


@pytest.mark.timeout(600)
def test_every_file_of_a_real_collection_is_accounted_for(home, desk):
    place = Path(os.environ.get("ONCOMMONS_DATA", ROOT_FOLDER.parent / "shared" / "data")) / "sts"
    if not place.is_dir():
        pytest.skip("the images of soft tissue sarcoma are not here; ONCOMMONS_DATA names the folder that holds sts")
    report, _ = take_in(home, place, "sts")
    told = (report.came, report.kept, report.refused, report.quarantined.total(), report.series)
    assert told == (1990, 1989, 1, 0, 72)
    assert len(bytes_below(home.images)) == 1989
    assert sum(modalities(desk)["sts"].values()) == 72
