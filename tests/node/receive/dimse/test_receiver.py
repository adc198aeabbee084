"""The C-STORE receiver, with dcmtk and pynetdicom as its peers."""

import socket
import threading
from io import BytesIO

import pydicom
import pytest
import trustme
from pydicom.data import get_testdata_file
from pydicom.filereader import _read_file_meta_info, read_preamble
from pynetdicom import AE, build_context
from tests.node.images import ROOT, dicom, fill
from tests.node.receive.dimse.conftest import Taken
from tests.peers import run_dcmtk

from oncommons.node.receive import spool
from oncommons.node.receive.dimse.listening import Heard, Listening
from oncommons.node.receive.dimse.receiver import Receiver
from oncommons.node.receive.large import LargeFile
from oncommons.schema.errors import MachineError, PortInUse, StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import BadPacsAddress

CT, VERIFICATION = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.1"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
EXPLICIT, JPEG_LOSSLESS, GE_PRIVATE = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70", "1.2.840.113619.5.2"


def send(receiver, *paths, words=(), check=True):
    """Send files or folders with dcmtk; gives what it says."""
    fixed = ("-v", "-aet", "PACS", "+sd", "+r")
    return run_dcmtk("storescu", *fixed, *words, "127.0.0.1", receiver.port, *paths, check=check)


def associate(receiver, *contexts, aet="TESTER"):
    entity = AE(aet)
    entity.requested_contexts = list(contexts) or [build_context(CT, EXPLICIT), build_context(VERIFICATION)]
    return entity.associate("127.0.0.1", receiver.port)


def one(number=1):
    return pydicom.dcmread(BytesIO(dicom(number)))


def elements(image):
    """Its attributes without group lengths and padding, which dcmtk leaves out."""
    return {e.tag: e.value for e in image if e.tag.element and e.tag.group != 0xFFFC}


def data_set_of(raw):
    """The bytes behind the file meta information."""
    file = BytesIO(raw)
    read_preamble(file, force=False)
    _read_file_meta_info(file)
    return file.read()


def test_files_come_byte_by_byte_as_they_were_sent(listen, memory, tmp_path):
    files = {f"{n}.dcm": dicom(n) for n in range(1, 6)}
    said = send(listen(), fill(tmp_path / "out", files))
    assert said.count("Received Store Response (Success)") == 5
    assert sorted(map(data_set_of, memory.came)) == sorted(map(data_set_of, files.values()))


def test_what_came_is_a_file_that_says_what_it_is(listen, memory, tmp_path):
    send(listen(), fill(tmp_path / "out", {"1.dcm": dicom(1)}))
    meta = pydicom.dcmread(BytesIO(memory.came[0])).file_meta
    assert (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID) == (CT, f"{ROOT}.1.1.1")
    assert meta.TransferSyntaxUID == EXPLICIT


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MR_small.dcm", ()),
        ("MR_small_implicit.dcm", ("-xi",)),
        ("MR_small_bigendian.dcm", ("-xb",)),
        ("MR_small_RLE.dcm", ("-xr",)),
        ("MR_small_jpeg_ls_lossless.dcm", ("-xt",)),
        ("MR_small_jp2klossless.dcm", ("-xv",)),
        ("JPEG2000.dcm", ("-xw",)),
        ("JPEG-LL.dcm", ("-xs",)),
        ("SC_rgb_jpeg_dcmtk.dcm", ("-xy",)),
        ("image_dfl.dcm", ("-xd",)),
        ("rtplan.dcm", ("-xi",)),
        ("reportsi.dcm", ()),
        ("liver_1frame.dcm", ()),
        ("waveform_ecg.dcm", ()),
    ],
)
def test_every_kind_of_object_comes_in_its_own_transfer_syntax(listen, memory, name, words):
    path = get_testdata_file(name)
    assert "(Success)" in send(listen(), path, words=("-R", *words))
    sent, came = pydicom.dcmread(path), pydicom.dcmread(BytesIO(memory.came[0]))
    assert came.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID
    assert elements(came) == elements(sent)


def test_objects_of_a_kind_that_nobody_knows_come_too(listen, memory):
    association = associate(listen(), build_context("1.2.999.1.2", EXPLICIT))
    image = one()
    image.SOPClassUID = "1.2.999.1.2"
    assert association.send_c_store(image).Status == 0x0000
    association.release()
    assert pydicom.dcmread(BytesIO(memory.came[0])).file_meta.MediaStorageSOPClassUID == "1.2.999.1.2"


def test_the_first_transfer_syntax_of_the_standard_is_chosen(listen):
    contexts = [build_context(CT, [GE_PRIVATE, JPEG_LOSSLESS, EXPLICIT]), build_context(CT, GE_PRIVATE)]
    association = associate(listen(), *contexts, build_context(STUDY_ROOT_FIND))
    association.release()
    assert [context.transfer_syntax for context in association.accepted_contexts] == [[JPEG_LOSSLESS]]
    assert sorted(context.result for context in association.rejected_contexts) == [3, 4]


def test_an_echo_is_answered(listen):
    assert "(Success)" in run_dcmtk("echoscu", "-v", "127.0.0.1", listen().port)


def test_echoes_and_objects_may_alternate(listen, memory):
    association = associate(listen())
    for number in (1, 2):
        assert association.send_c_echo().Status == 0x0000
        assert association.send_c_store(one(number)).Status == 0x0000
    association.release()
    assert association.is_released
    assert len(memory.came) == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Taken("duplicate"), 0x0000),
        (Taken("quarantined", "E604"), 0x0000),
        (Taken("refused", "E601"), 0xC601),
        (StorageFull("The disk is full."), 0xA700),
        (RuntimeError("Quokka^Zebedee"), 0x0110),
    ],
)
def test_the_answer_says_what_became_of_the_object_and_the_next_is_taken(listen, memory, answer, status):
    memory.answers.append(answer)
    association = associate(listen())
    assert association.send_c_store(one(1)).Status == status
    assert association.send_c_store(one(2)).Status == 0x0000
    association.release()
    assert len(memory.came) == 2


def test_a_failure_is_told_by_its_code_and_never_by_its_cause(listen, memory):
    memory.answers += [StorageFull("The disk is full."), RuntimeError("Quokka^Zebedee")]
    association = associate(listen())
    comments = [association.send_c_store(one(n)).ErrorComment for n in (1, 2)]
    association.release()
    assert comments == ["E401 The disk is full", "E500 Something of ours broke"]


def test_each_object_is_told_of_to_this_node(listen, memory):
    memory.answers += [Taken(), Taken("quarantined", "E602"), StorageFull("")]
    association = associate(listen())
    for number in (1, 2, 3):
        association.send_c_store(one(number))
    association.release()
    assert memory.heard == [
        Heard("TESTER", f"{ROOT}.1.1.1", "kept", ""),
        Heard("TESTER", f"{ROOT}.1.1.2", "quarantined", "E602"),
        Heard("TESTER", f"{ROOT}.1.1.3", "failed", "E401"),
    ]


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_what_is_not_a_uid_never_reaches_the_intake(listen, memory):
    image = one()
    association = associate(listen())
    image.SOPInstanceUID = "../../etc/passwd"
    assert association.send_c_store(image).Status == 0x0117
    association.release()
    assert memory.came == []


def test_an_object_that_is_too_large_is_answered_and_the_next_is_taken(listen, memory):
    association = associate(listen(largest=100_000))
    large = one(1)
    large.Rows = large.Columns = 512
    large.PixelData = bytes(512 * 512 * 2)
    assert association.send_c_store(large).Status == 0xC603
    assert association.send_c_store(one(2)).Status == 0x0000
    association.release()
    assert [heard.outcome for heard in memory.heard] == ["failed", "kept"]
    assert len(memory.came) == 1


def test_a_large_object_lies_on_disk_and_is_taken_whole(listen, memory, tmp_path, monkeypatch):
    association = associate(listen(room=tmp_path))
    association.send_c_store(one(1))
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 100)
    for _ in range(2):
        association.send_c_store(one(1))
    association.release()
    assert [type(raw) for raw in memory.came] == [bytes, LargeFile, LargeFile]
    assert len({raw[:] for raw in memory.came}) == 1
    assert list(tmp_path.iterdir()) == []


def test_two_senders_are_served_at_the_same_time(listen, memory, tmp_path):
    both = threading.Barrier(2, timeout=30)
    memory.answers += [lambda: Taken(sop=str(both.wait()))] * 2
    receiver = listen()
    threads = [
        threading.Thread(target=send, args=(receiver, fill(tmp_path / str(n), {"1.dcm": dicom(n)}))) for n in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory.came) == 2


def test_only_callers_on_the_list_are_let_in(listen, memory):
    receiver = listen(calling=("PACS", " MODALITY "))
    callers = [associate(receiver, aet=title) for title in ("STRANGER", "PACS ", "MODALITY")]
    assert [caller.is_rejected for caller in callers] == [True, False, False]
    for caller in callers[1:]:
        caller.release()


def test_one_association_too_many_is_rejected_and_may_come_back(listen):
    receiver = listen(associations=2)
    first, second, third = (associate(receiver) for _ in range(3))
    assert (first.is_established, second.is_established, third.is_rejected) == (True, True, True)
    first.release()
    second.release()


def test_a_stop_waits_for_the_object_that_is_being_taken_in(listen, memory):
    inside, goes_on = threading.Event(), threading.Event()

    def slow():
        inside.set()
        assert goes_on.wait(30)
        return Taken()

    memory.answers.append(slow)
    receiver = listen()
    association = associate(receiver)
    sender = threading.Thread(target=association.send_c_store, args=(one(),))
    sender.start()
    assert inside.wait(30)
    ending = threading.Thread(target=receiver.stop)
    ending.start()
    goes_on.set()
    ending.join(30)
    sender.join(30)
    assert not ending.is_alive()
    assert [heard.outcome for heard in memory.heard] == ["kept"]
    association.abort()


def test_a_stop_ends_what_is_idle_and_frees_the_port(listen, memory):
    receiver = listen()
    port, association = receiver.port, associate(receiver)
    receiver.stop()
    receiver.stop()
    assert receiver.port == 0
    listen(port=port)
    association.abort()


def test_a_port_in_use_is_told(listen, memory):
    with pytest.raises(PortInUse):
        listen(port=listen().port)


def test_an_address_of_another_machine_is_told(listen):
    with pytest.raises(MachineError):
        listen(host="192.0.2.1")


@pytest.mark.parametrize("settings", [{"aet": "much too long a title"}, {"calling": ("A\\B",)}])
def test_a_title_that_cannot_be_one_is_told_before_anything_listens(memory, settings):
    with pytest.raises(BadPacsAddress):
        Receiver(memory.take, Listening("lung", **settings))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """Files of a CA, and of a server and a client that it vouches for."""
    folder, ca = tmp_path_factory.mktemp("tls"), trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    for name in ("127.0.0.1", "client"):
        leaf = ca.issue_cert(name)
        leaf.private_key_pem.write_to_path(folder / f"{name}.key")
        leaf.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
    return folder


def secure(certificates, **more):
    return {"certificate": str(certificates / "127.0.0.1.pem"), "key": str(certificates / "127.0.0.1.key")} | more


def test_objects_come_over_tls(listen, memory, certificates, tmp_path):
    receiver = listen(**secure(certificates))
    files = {f"{n}.dcm": dicom(n) for n in range(1, 4)}
    send(receiver, fill(tmp_path / "out", files), words=("+tla", "+cf", certificates / "ca.pem"))
    assert sorted(map(data_set_of, memory.came)) == sorted(map(data_set_of, files.values()))


def test_a_client_without_a_certificate_is_turned_away_where_one_is_wanted(listen, memory, certificates, tmp_path):
    receiver = listen(**secure(certificates, ca=str(certificates / "ca.pem")))
    place = fill(tmp_path / "out", {"1.dcm": dicom(1)})
    send(receiver, place, words=("+tla", "+cf", certificates / "ca.pem"), check=False)
    send(receiver, place, check=False)
    assert memory.came == []
    known = ("+tls", certificates / "client.key", certificates / "client.pem", "+cf", certificates / "ca.pem")
    send(receiver, place, words=known)
    assert len(memory.came) == 1


def test_who_never_ends_a_handshake_holds_up_nobody(listen, memory, certificates, tmp_path):
    receiver = listen(**secure(certificates))
    with socket.create_connection(("127.0.0.1", receiver.port)) as silent:
        silent.sendall(b"\x16\x03\x01")
        place = fill(tmp_path / "out", {"1.dcm": dicom(1)})
        send(receiver, place, words=("+tla", "+cf", certificates / "ca.pem"))
    assert len(memory.came) == 1


def test_a_certificate_that_cannot_be_used_is_told(memory, tmp_path):
    with pytest.raises(StorageFailed):
        Receiver(memory.take, Listening("lung", certificate=str(tmp_path / "none.pem")))
