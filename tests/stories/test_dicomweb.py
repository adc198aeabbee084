"""A standard client against a node: everything that ``dicomweb-client`` offers, with its defaults."""

import io

import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client import DICOMwebClient
from PIL import Image
from tests.imaging.files import read, sample
from tests.node.consoles import console
from tests.node.images import dicom

from oncommons.node.home import make_home
from oncommons.policy.disclosure.counts import Policy

COMPRESSED = ("JPEG2000.dcm", "MR_small_RLE.dcm", "emri_small_jpeg_2k_lossless.dcm", "JPEG-LL.dcm")
NATIVE = ("CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "emri_small.dcm", "image_dfl.dcm")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A node that was sent real files and a series of slices, and a client of it."""
    home = make_home(tmp_path_factory.mktemp("dicomweb") / "athens", Policy("open"))
    with console(home) as running:
        client = DICOMwebClient(running.dicomweb, headers=running.headers)
        slices = [dicom(n, 1, 1, pixel=n, ImagePositionPatient=[0, 0, 3 * n]) for n in range(1, 8)]
        stored = client.store_instances([pydicom.dcmread(io.BytesIO(raw)) for raw in slices])
        assert len(stored.ReferencedSOPSequence) == 7
        for name in (*NATIVE, *COMPRESSED):
            message = {"Content-Type": "application/dicom"} | running.headers
            requests.post(f"{running.dicomweb}/studies", sample(name), headers=message, timeout=60)
        yield home, client


@pytest.fixture
def client(served):
    return served[1]


@pytest.fixture
def kept(served):
    """The kept files, by SOP Instance UID."""
    files = [path.read_bytes() for path in served[0].images.rglob("*.dcm")]
    return {read(raw).SOPInstanceUID: raw for raw in files}


def uids(found):
    return [found[tag]["Value"][0] for tag in ("0020000D", "0020000E", "00080018") if tag in found]


def slices(client):
    """The series of seven slices."""
    return next(one for one in client.search_for_series() if one["00201209"]["Value"] == [7])


def test_studies_series_and_objects_are_found(client, kept):
    objects = client.search_for_instances()
    assert {one["00080018"]["Value"][0] for one in objects} == kept.keys()
    assert sum(one["00201208"]["Value"][0] for one in client.search_for_studies()) == len(kept)
    assert sum(one["00201209"]["Value"][0] for one in client.search_for_series()) == len(kept)


def test_searches_are_narrowed_by_filters(client):
    study, series = uids(slices(client))
    assert len(client.search_for_studies(search_filters={"ModalitiesInStudy": "MR"})) < len(client.search_for_studies())
    assert [uids(one)[1] for one in client.search_for_series(search_filters={"SeriesInstanceUID": series})] == [series]
    assert len(client.search_for_instances(study, series, search_filters={"InstanceNumber": "3"})) == 1
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []


def test_searches_are_given_in_pages(client):
    study, series = uids(slices(client))
    pages = [client.search_for_instances(study, series, limit=3, offset=at) for at in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert len(client.search_for_instances(study, series, limit=2, get_remaining=True)) == 7


def test_fields_can_be_asked_for(client):
    (one, *_) = client.search_for_instances(fields=["PixelSpacing"], search_filters={"Modality": "CT"})
    assert len(one["00280030"]["Value"]) == 2


def test_every_object_is_retrieved_with_the_pixels_that_are_kept(client, kept):
    for found in client.search_for_instances():
        one = client.retrieve_instance(*uids(found))
        theirs = read(kept[one.SOPInstanceUID])
        assert one.file_meta.TransferSyntaxUID == theirs.file_meta.TransferSyntaxUID
        assert np.array_equal(one.pixel_array, theirs.pixel_array)


def test_a_study_and_a_series_are_retrieved_whole(client, kept):
    study, series = uids(slices(client))
    whole, streamed = client.retrieve_study(study), list(client.iter_series(study, series))
    assert len(whole) == len(streamed) == 7
    for one in (*whole, *streamed, *client.retrieve_series(study, series, (("application/dicom", "*"),))):
        assert np.array_equal(one.pixel_array, read(kept[one.SOPInstanceUID]).pixel_array)


def test_frames_are_retrieved_as_they_are_with_the_defaults_of_the_client(client, kept):
    for found in client.search_for_instances():
        place = uids(found)
        theirs = read(kept[place[2]])
        frames = theirs.pixel_array if int(theirs.get("NumberOfFrames", 1)) > 1 else theirs.pixel_array[None]
        given = client.retrieve_instance_frames(*place, list(range(1, len(frames) + 1)))
        again = client.retrieve_instance_frames(*place, [1], media_types=("application/octet-stream",))
        pixels = [np.frombuffer(raw, frames.dtype.newbyteorder("<")) for raw in (*given, *again)]
        assert all(np.array_equal(a, b.ravel()) for a, b in zip(pixels, (*frames, frames[0]), strict=True))


def test_metadata_are_those_of_the_kept_file(client, kept):
    for found in client.search_for_instances():
        theirs = read(kept[uids(found)[2]])
        told = pydicom.Dataset.from_json(client.retrieve_instance_metadata(*uids(found)), lambda *_: None)
        assert {e.tag for e in told} == {e.tag for e in theirs if e.tag.element}
        assert (told.PatientID, told.Rows, told.get("PixelSpacing")) == (
            theirs.PatientID,
            theirs.Rows,
            theirs.get("PixelSpacing"),
        )
    study, series = uids(slices(client))
    assert len(client.retrieve_study_metadata(study)) == len(client.retrieve_series_metadata(study, series)) == 7


def test_links_of_metadata_lead_to_the_pixels(client, kept):
    place = next(uids(one) for one in client.search_for_instances(*uids(slices(client))))
    link = client.retrieve_instance_metadata(*place)["7FE00010"]["BulkDataURI"]
    assert client.retrieve_bulkdata(link) == [read(kept[place[2]]).PixelData]


def test_pictures_are_rendered(client):
    for found in client.search_for_instances():
        for options in (
            {},
            {"media_types": ("image/png",)},
            {"media_types": ("image/jpeg",), "params": {"quality": 50}},
        ):
            with Image.open(io.BytesIO(client.retrieve_instance_rendered(*uids(found), **options))) as picture:
                assert picture.size == (found["00280011"]["Value"][0], found["00280010"]["Value"][0])
        assert client.retrieve_instance_frames_rendered(*uids(found), [1])[:2] == b"\xff\xd8"
