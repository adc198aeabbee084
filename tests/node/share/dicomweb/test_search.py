"""QIDO-RS over kept images; the expected answers are counted with pydicom's own reading of the files."""

import pytest
from tests.node.images import ROOT
from tests.node.share.dicomweb.kept_files import KeptFiles, two_studies

from oncommons.node.share.dicomweb.fields import FIELDS, Level
from oncommons.node.share.dicomweb.search import MOST_RESULTS, answer, read_search
from oncommons.schema.errors_of_protocols import BadSearch

BASE = "http://node/dicom-web"


@pytest.fixture
def kept(tmp_path):
    return KeptFiles(tmp_path, two_studies())


@pytest.fixture
def find(kept):
    """Searches; gives the results as plain values by keyword."""

    def search(level, study="", series="", **query):
        pairs = [(name, str(value)) for name, value in query.items()]
        found = answer(read_search(level, study, series, pairs), kept, BASE)
        return [plain(result) for result in found.results]

    return search


def plain(result):
    values = {FIELDS[tag].keyword: one.get("Value", []) for tag, one in result.items()}
    return {name: value[0] if len(value) == 1 else value for name, value in values.items()}


def sops(found):
    return [one["SOPInstanceUID"].removeprefix(f"{ROOT}.") for one in found]


def test_studies_are_told_with_what_belongs_to_them(find):
    first, second = find(Level.STUDY)
    assert (
        first
        | {
            "StudyInstanceUID": f"{ROOT}.1",
            "StudyDate": "20260105",
            "PatientID": "ANNA",
            "PatientName": {"Alphabetic": "ANNA"},
            "ModalitiesInStudy": ["CT", "MR"],
            "NumberOfStudyRelatedSeries": 2,
            "NumberOfStudyRelatedInstances": 5,
            "InstanceAvailability": "ONLINE",
            "RetrieveURL": f"{BASE}/studies/{ROOT}.1",
            "AccessionNumber": [],
        }
        == first
    )
    assert (second["ModalitiesInStudy"], second["NumberOfStudyRelatedInstances"]) == ("CT", 2)


def test_series_of_a_study_do_not_repeat_the_study(find):
    first, second = find(Level.SERIES, f"{ROOT}.1")
    assert (first["Modality"], first["NumberOfSeriesRelatedInstances"], "StudyDate" in first) == ("CT", 3, False)
    assert second["RetrieveURL"] == f"{BASE}/studies/{ROOT}.1/series/{ROOT}.1.2"


def test_series_of_all_studies_tell_their_study(find):
    assert [one["StudyDate"] for one in find(Level.SERIES)] == ["20260105", "20260105", "20260210"]


def test_objects_are_told_with_the_shape_of_their_pixels(find):
    one = find(Level.INSTANCE, f"{ROOT}.1", f"{ROOT}.1.1")[0]
    assert (one["Rows"], one["Columns"], one["BitsAllocated"], one["InstanceNumber"]) == (8, 8, 16, 1)
    assert one["AvailableTransferSyntaxUID"] == "1.2.840.10008.1.2.1"
    assert one["RetrieveURL"].endswith(f"/series/{ROOT}.1.1/instances/{ROOT}.1.1.1")
    assert "PatientID" not in one


@pytest.mark.parametrize(
    ("level", "query", "number"),
    [
        (Level.STUDY, {"ModalitiesInStudy": "MR"}, 1),
        (Level.STUDY, {"ModalitiesInStudy": "PT"}, 0),
        (Level.STUDY, {"00100020": "ANNA"}, 1),
        (Level.STUDY, {"PatientID": "*A"}, 2),
        (Level.STUDY, {"StudyDate": "20260101-20260131", "StudyDescription": "THO*"}, 1),
        (Level.STUDY, {"StudyDate": "20260101-20260131", "StudyDescription": "ABD*"}, 0),
        (Level.STUDY, {"StudyInstanceUID": f"{ROOT}.1,{ROOT}.2"}, 2),
        (Level.STUDY, {"StudyInstanceUID": f"{ROOT}.2"}, 1),
        (Level.STUDY, {"AccessionNumber": "17"}, 0),
        (Level.STUDY, {"AccessionNumber": ""}, 2),
        (Level.SERIES, {"Modality": "CT"}, 2),
        (Level.SERIES, {"Modality": "CT", "PatientID": "BERTA"}, 1),
        (Level.SERIES, {"ModalitiesInStudy": "MR"}, 2),
        (Level.SERIES, {"SeriesInstanceUID": f"{ROOT}.1.2"}, 1),
        (Level.INSTANCE, {"Modality": "CT"}, 5),
        (Level.INSTANCE, {"Modality": "CT", "InstanceNumber": "2"}, 2),
        (Level.INSTANCE, {"SliceThickness": "3"}, 2),
        (Level.INSTANCE, {"SOPInstanceUID": f"{ROOT}.1.1.3"}, 1),
        (Level.INSTANCE, {"SOPInstanceUID": f"{ROOT}.1.1.3", "Modality": "MR"}, 0),
        (Level.INSTANCE, {"StudyTime": "0700-0900"}, 2),
        (Level.INSTANCE, {}, 7),
    ],
)
def test_a_search_finds_what_fits_and_nothing_else(find, level, query, number):
    assert len(find(level, **query)) == number


@pytest.mark.parametrize("query", [{}, {"Modality": "CT"}, {"Rows": "8"}])
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_put_together_are_the_whole(find, query, limit):
    whole = sops(find(Level.INSTANCE, **query))
    pages = [sops(find(Level.INSTANCE, limit=limit, offset=at, **query)) for at in range(0, len(whole), limit)]
    assert [sop for page in pages for sop in page] == whole


@pytest.mark.parametrize(("limit", "offset", "remaining"), [(2, 0, 5), (2, 5, 0), (7, 0, 0), (3, 9, 0), (0, 0, 7)])
@pytest.mark.parametrize("query", [[], [("Rows", "8")]])
def test_what_remains_is_counted(kept, query, limit, offset, remaining):
    pairs = [*query, ("limit", str(limit)), ("offset", str(offset))]
    assert answer(read_search(Level.INSTANCE, "", "", pairs), kept, BASE).remaining == remaining


def test_objects_that_need_not_be_looked_at_are_not(kept):
    class Counting:
        asked = 0

        def series(self):
            return kept.series()

        def instances(self, *uids):
            self.asked += 1
            return kept.instances(*uids)

    counting = Counting()
    answer(read_search(Level.INSTANCE, "", "", [("limit", "2"), ("Modality", "CT")]), counting, BASE)
    assert counting.asked == 1


def test_no_answer_has_more_results_than_allowed():
    assert read_search(Level.STUDY, "", "", [("limit", "999999999")]).limit == MOST_RESULTS


def test_attributes_that_are_asked_for_are_given(find):
    assert find(Level.STUDY, includefield="StudyDescription")[0]["StudyDescription"] == "THORAX"
    one = find(Level.INSTANCE, includefield="ImagePositionPatient,00180050")[0]
    assert (one["ImagePositionPatient"], one["SliceThickness"]) == ([0.0, 0.0, 5.0], 5.0)


def test_attributes_that_are_searched_for_are_given(find):
    assert find(Level.SERIES, f"{ROOT}.1", PatientSex="F")[0]["PatientSex"] == "F"


def test_all_means_all_of_the_level(find):
    one = find(Level.SERIES, includefield="all")[0]
    assert (one["Manufacturer"], "PixelSpacing" in one) == ("GE MEDICAL SYSTEMS", False)


def test_attributes_of_a_level_below_and_unknown_ones_are_not_given(find):
    assert find(Level.STUDY, includefield="Modality,Nonsense,00990099") == find(Level.STUDY)


@pytest.mark.parametrize("name", ["fuzzymatching", "emptyvaluematching", "multiplevaluematching"])
def test_an_option_that_is_not_there_is_told_in_the_words_of_the_standard(name):
    assert read_search(Level.STUDY, "", "", [(name, "false")]).warnings == ()
    (warning,) = read_search(Level.STUDY, "", "", [(name, "true")]).warnings
    assert warning.startswith(f"The {name} parameter is not supported.")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PatinetID", "1"),
        ("InstitutionName", "x"),
        ("00990099", "x"),
        ("00400275.00400007", "x"),
        ("Modality", "CT"),
        ("SOPInstanceUID", "1.2"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("offset", "1.5"),
        ("StudyDate", "soon"),
    ],
)
def test_a_search_that_cannot_be_answered_is_refused_and_never_answered_without(name, value):
    with pytest.raises(BadSearch) as told:
        read_search(Level.STUDY, "", "", [(name, value)])
    assert told.value.at == name


def test_parameters_that_are_no_attributes_are_passed_over():
    assert read_search(Level.STUDY, "", "", [("orderby", "x"), ("_", "17"), ("accept", "*/*")]).tests == {}


def test_an_attribute_that_is_named_twice_must_fit_both(find):
    assert len(find(Level.STUDY, PatientID="A*", **{"00100020": "*A"})) == 1
    assert find(Level.STUDY, PatientID="A*", **{"00100020": "B*"}) == []


def test_attributes_stand_in_the_order_of_their_tags(kept):
    (result, *_) = answer(read_search(Level.INSTANCE, "", "", []), kept, BASE).results
    assert list(result) == sorted(result)
