"""An archive that is asked by C-FIND and C-MOVE: Orthanc, and one that answers what it should not."""

from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from tests.node.images import ROOT, dicom

from oncommons.node.receive.dimse.query import DimseArchive, Us
from oncommons.node.receive.pulling import Series
from oncommons.node.receive.studies import DimseAddress, read_address
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import BadPacsAddress, PacsRefused, PacsUnreachable

CT = "1.2.840.10008.5.1.4.1.1.2"
FIND, MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"


@pytest.fixture
def ours(archive, listen):
    """Our receiver, known to Orthanc, and Orthanc as an archive."""
    archive.know("ONCOMMONS", listen().port)
    return DimseArchive(read_address(archive.address), Us("ONCOMMONS"))


def test_orthanc_tells_what_it_has(archive, ours):
    archive.fill(dicom(1, study=81), dicom(2, study=81), dicom(1, 2, study=81))
    assert sorted(ours.series(f"{ROOT}.81"), key=lambda series: series.uid) == [
        Series(f"{ROOT}.81.1", frozenset({f"{ROOT}.81.1.1", f"{ROOT}.81.1.2"}), 2),
        Series(f"{ROOT}.81.2", frozenset({f"{ROOT}.81.2.1"}), 1),
    ]


def test_orthanc_sends_a_study_and_a_series_to_our_receiver(archive, ours, memory):
    archive.fill(dicom(1, study=82), dicom(2, study=82), dicom(1, 2, study=82))
    ours.fetch(f"{ROOT}.82", f"{ROOT}.82.2")
    assert [(heard.peer, heard.sop) for heard in memory.heard] == [("ORTHANC", f"{ROOT}.82.2.1")]
    ours.fetch(f"{ROOT}.82")
    assert {heard.sop for heard in memory.heard[1:]} == {f"{ROOT}.82.1.1", f"{ROOT}.82.1.2", f"{ROOT}.82.2.1"}


def test_orthanc_does_not_know_every_study(ours):
    assert ours.series("1.2.3") == []


def test_orthanc_does_not_answer_a_stranger(archive):
    with pytest.raises(PacsUnreachable, match="Is NOBODY entered there"):
        DimseArchive(read_address(archive.address), Us("NOBODY")).series("1.2.3")


@pytest.fixture
def scp():
    """Starts an archive that answers with functions of the event; gives it as ours to ask."""
    running = []

    def start(find=None, move=None, **more):
        entity = AE("ODD")
        for service in (FIND, MOVE)[: more.pop("services", 2)]:
            entity.add_supported_context(service)
        for name, value in more.items():
            setattr(entity, name, value)
        handlers = [(evt.EVT_C_FIND, find), (evt.EVT_C_MOVE, move)]
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[h for h in handlers if h[1]])
        running.append(server)
        return DimseArchive(DimseAddress("ODD", "127.0.0.1", server.server_address[1]), Us("ONCOMMONS"))

    yield start
    for server in running:
        server.shutdown()


def told(**attributes):
    one = Dataset()
    for keyword, value in attributes.items():
        setattr(one, keyword, value)
    return one


def test_a_list_ends_with_success(scp):
    def find(event):
        if event.identifier.QueryRetrieveLevel == "SERIES":
            yield 0xFF00, told(SeriesInstanceUID="1.9", NumberOfSeriesRelatedInstances="3")
        else:
            yield 0xFF01, told(SOPInstanceUID="1.2")
            yield 0xFF00, told(SOPInstanceUID="1.3")

    assert scp(find).series("1.1") == [Series("1.9", frozenset({"1.2", "1.3"}), 3)]


def test_a_series_without_a_uid_is_refused(scp):
    def find(_event):
        yield 0xFF00, told(Modality="CT")

    with pytest.raises(PacsRefused, match="without a UID"):
        scp(find).series("1.1")


@pytest.mark.parametrize("status", [0xA700, 0xC001, 0x0122])
def test_a_failed_query_is_told(scp, status):
    def find(_event):
        yield status, None

    with pytest.raises(PacsRefused):
        scp(find).series("1.1")


def test_an_archive_that_could_not_send_everything_is_no_fault(listen, memory, scp):
    memory.answers.append(StorageFull(""))
    receiver = listen()

    def move(_event):
        yield "127.0.0.1", receiver.port, {"contexts": [build_context(CT)]}
        yield 2
        for number in (1, 2):
            yield 0xFF00, pydicom.dcmread(BytesIO(dicom(number)))

    scp(move=move).fetch("1.1")
    assert [heard.outcome for heard in memory.heard] == ["failed", "kept"]


def test_orthanc_that_could_not_send_everything_says_so(archive, ours, memory):
    archive.fill(dicom(1, study=83), dicom(2, study=83))
    memory.answers.append(StorageFull(""))
    with pytest.raises(PacsRefused):
        ours.fetch(f"{ROOT}.83")
    assert memory.heard[0].outcome == "failed"


def _unknown(_event):
    yield None, None


def test_an_archive_that_does_not_know_us_says_so(scp):
    with pytest.raises(PacsRefused, match="does not know ONCOMMONS"):
        scp(move=_unknown).fetch("1.1")


def test_an_archive_that_lets_in_others_only_is_told(scp):
    with pytest.raises(PacsRefused, match="does not let ONCOMMONS in"):
        scp(require_calling_aet=["SOMEBODY"]).series("1.1")


def test_an_archive_that_cannot_send_is_told(scp):
    with pytest.raises(PacsRefused, match="in this way"):
        scp(services=1).fetch("1.1")


def test_an_archive_that_hangs_up_is_told(scp):
    def find(event):
        event.assoc.abort()
        yield 0xFF00, told(SeriesInstanceUID="1.9")

    with pytest.raises(PacsUnreachable):
        scp(find).series("1.1")


def test_nobody_there_is_told():
    with pytest.raises(PacsUnreachable, match="ODD at"):
        DimseArchive(DimseAddress("ODD", "127.0.0.1", 9), Us("ONCOMMONS")).series("1.1")


def test_a_title_that_cannot_be_one_is_told():
    with pytest.raises(BadPacsAddress):
        DimseArchive(DimseAddress("ODD", "127.0.0.1", 9), Us("A\\B"))


def test_a_certificate_that_cannot_be_used_is_told(tmp_path):
    with pytest.raises(StorageFailed):
        DimseArchive(DimseAddress("ODD", "127.0.0.1", 9, secure=True), Us("ONCOMMONS", str(tmp_path / "none")))
