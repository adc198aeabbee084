"""A check of what a node keeps finds what was spoilt, and nothing else."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.data import data
from tests.node.checked import contours, enhanced, keep, slices
from tests.node.images import ROOT

from oncommons.node.checking import check, latest_reports
from oncommons.node.flow import import_images
from oncommons.node.receive.folder import FileArrival, files_in
from oncommons.node.receive.table import About
from oncommons.node.report.wording import report_text
from oncommons.schema.errors import NotFound
from oncommons.storage.journal import append, records


def codes(report):
    return {found.code: found.series for found in report.findings}


@pytest.fixture
def checked(home, tmp_path):
    """Imports files and checks; gives the report."""

    def run(files, **more):
        keep(home, tmp_path, files)
        (report,) = check(home, **more)
        return report

    return run


def kept_files(home):
    return sorted(home.images.rglob("*.dcm"))


@pytest.mark.parametrize("quick", [False, True])
def test_a_good_dataset_has_no_faults(checked, quick):
    report = checked({**slices(), **slices(series=2, pixel=90, AcquisitionTime="090000")}, quick=quick)
    assert codes(report) == {}
    assert (report.figures["series"], report.figures["instances"], report.figures["people"]) == (2, 12, 1)
    assert report.coverage["slice thickness"] == (2, 2)
    assert report.anonymity.people == 1


@pytest.mark.parametrize("quick", [False, True])
def test_a_missing_slice_is_found(checked, quick):
    report = checked(slices(8, without={4}), quick=quick)
    assert codes(report) == {"missing-slices": 1, "numbers-missing": 1}
    assert report.figures["without_findings"] == 0


@pytest.mark.parametrize(("lacking", "quick", "found"), [((), False, 0), ((4,), False, 1), ((4,), True, 0)])
def test_a_slice_that_lacks_among_the_frames_of_an_object_is_found(checked, lacking, quick, found):
    report = checked({"one": enhanced(8, without=lacking)}, quick=quick)
    assert codes(report).get("missing-slices", 0) == found


def test_a_file_that_is_gone_or_damaged_is_found_unless_the_ledger_is_believed(home, checked, tmp_path):
    keep(home, tmp_path, slices(3))
    first, second, _ = kept_files(home)
    first.unlink()
    second.write_bytes(second.read_bytes()[:400])
    (report,) = check(home)
    assert (codes(report)["file-gone"], codes(report)["file-damaged"]) == (1, 1)
    assert codes(check(home, quick=True)[0]) == {}


def test_pixels_that_were_cut_off_are_found(home, checked):
    checked(slices(3))
    path = kept_files(home)[1]
    path.write_bytes(path.read_bytes()[:-4])
    assert codes(check(home)[0]) == {"pixels-short": 1}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"series": 2}, "twin-series"),
        ({"study": 2}, "twin-study"),
        ({"study": 2, "patient": "ZQX-9999"}, "twin-person"),
    ],
)
def test_copies_under_other_names_are_found(checked, more, code):
    assert codes(checked({**slices(), **slices(**more)})) == {code: 2}


def test_copies_are_found_across_datasets(home, tmp_path):
    keep(home, tmp_path, slices())
    keep(home, tmp_path, slices(study=2, patient="ZQX-9999"), "other")
    assert [codes(report) for report in check(home)] == [{"twin-person": 1}, {"twin-person": 1}]
    assert codes(check(home, "lung")[0]) == {}


def test_series_that_look_alike_but_have_other_pixels_are_no_copies(checked):
    assert codes(checked({**slices(), **slices(series=2, pixel=90)})) == {}


def test_contours_are_linked_to_their_images(checked):
    report = checked({**slices(3), "rs": contours([f"{ROOT}.1.1.{n}" for n in (1, 2, 3)])})
    (count,) = report.links
    assert (count.kind, count.objects, count.whole, count.targets) == ("contours", 1, 1, 1)
    assert "unresolved-links" not in codes(report)


def test_contours_of_images_that_are_not_here_are_found(checked):
    report = checked({**slices(3), "rs": contours([f"{ROOT}.1.1.{n}" for n in (2, 3, 4, 5)])})
    (count,) = report.links
    assert (count.partial, codes(report)["unresolved-links"]) == (1, 1)
    words = {found.code: found.examples[0][1] for found in report.findings}
    assert words["unresolved-links"] == "Not here: 2 of 4 objects that it describes."


def test_each_check_is_noted_and_the_next_one_compares(home, checked):
    first = checked(slices(3))
    (second,) = check(home)
    assert first.before == {}
    assert second.before["figures"] == first.figures
    assert [record["dataset"] for record in records(home.quality_file)] == ["lung", "lung"]
    assert json.loads(json.dumps(second.to_json()))


def test_checks_are_compared_with_those_made_in_the_same_way(home, checked):
    by_files = checked(slices(3))
    (by_ledger,) = check(home, quick=True)
    (again,) = check(home)
    assert (by_files.way, by_ledger.way, by_ledger.before) == ("files", "quick", {})
    assert again.before["at"] == by_files.at
    assert again.before["way"] == "files"


def test_what_a_check_of_pixels_found_is_told_by_checks_that_do_not_look(home, checked):
    checked(slices(3))
    found = {
        "at": "2026-01-02T00:00:00+00:00",
        "dataset": "lung",
        "way": "pixels",
        "findings": {"pixels-undecodable": 2},
    }
    append(home.quality_file, found)
    (later,) = check(home)
    assert later.decoded == found
    assert "On 2026-01-02 pixels of 2 series could not be decoded; this check did not try." in report_text(later)
    assert latest_reports(home)["lung"]["decoded"] == found


def test_reports_of_two_datasets_that_are_checked_at_once_both_stay(home, tmp_path):
    names = ["first", "second"]
    for study, name in enumerate(names, 1):
        keep(home, tmp_path, slices(2, study=study), name)
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: check(home, name), names))
    assert sorted(latest_reports(home)) == names


def test_only_the_dataset_that_is_named_is_checked(home, tmp_path):
    keep(home, tmp_path, slices(2))
    keep(home, tmp_path, slices(2, study=2), "other")
    assert [report.dataset for report in check(home, "other")] == ["other"]
    assert [report.dataset for report in check(home)] == ["lung", "other"]
    with pytest.raises(NotFound):
        check(home, "brain")


def test_a_node_without_images_has_no_reports(home):
    assert check(home) == []


def test_the_real_contours_name_series_that_are_here_and_objects_that_are_not(home):
    """The collection was cropped and given new identifiers after the contours had been drawn; pydicom agrees."""
    arrivals = [FileArrival(path) for path in files_in(data("sts") / "STS_003")]
    import_images(home, arrivals, "sts", About(""), lambda *_: None)
    (report,) = check(home)
    assert codes(report) == {"unresolved-links": 3, "dates-contradicted": 1}
    (count,) = report.links
    assert (count.objects, count.partial, count.targets) == (3, 3, 3)
    assert (report.figures["series"], report.figures["people"]) == (6, 1)
