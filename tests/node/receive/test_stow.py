"""STOW-RS: what is taken in, and what the sender is told."""

import asyncio
import threading
from dataclasses import dataclass

import pydicom
import pytest
from tests.node.images import ROOT, dicom

from oncommons.node.receive import spool, stow
from oncommons.node.receive.large import LargeFile
from oncommons.node.receive.stow import CHANGED, MOST_AT_ONCE, Inbox, reason_of
from oncommons.schema.errors import BadRequest, StorageFailed, StorageFull
from oncommons.schema.errors_of_protocols import BadUpload

BOUNDARY = "0f3c"
TYPE = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
CT = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True)
class Became:
    outcome: str = "kept"
    code: str = ""


def message(*contents, media="application/dicom"):
    return (
        b"".join(f"--{BOUNDARY}\r\nContent-Type: {media}\r\n\r\n".encode() + content + b"\r\n" for content in contents)
        + f"--{BOUNDARY}--".encode()
    )


def sent(take, raw, content_type=TYPE, study="", size=1000):
    async def stream():
        for at in range(0, len(raw), size):
            yield raw[at : at + size]

    return asyncio.run(Inbox(take, "lung", study).receive(content_type, stream()))


@pytest.fixture
def taken():
    return []


@pytest.fixture
def keep(taken):
    def take(raw, dataset):
        taken.append((dataset, raw))
        return Became()

    return take


def test_each_object_is_taken_in_as_it_was_sent(keep, taken):
    raws = [dicom(n) for n in range(1, 4)]
    stored = sent(keep, message(*raws))
    assert sorted(taken) == sorted(("lung", raw) for raw in raws)
    assert [one.sop for one in stored.objects] == [f"{ROOT}.1.1.{n}" for n in range(1, 4)]


def test_the_answer_tells_what_is_kept_by_the_identifier_that_the_sender_knows(keep):
    stored = sent(keep, message(dicom(1)))
    found = pydicom.Dataset.from_json(stored.to_json())
    (one,) = found.ReferencedSOPSequence
    assert (one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID) == (CT, f"{ROOT}.1.1.1")
    assert (stored.status, one.WarningReason, one.RetrieveURL, found.RetrieveURL) == (202, CHANGED, "", "")
    assert "FailedSOPSequence" not in found


def test_an_object_that_is_there_already_counts_as_kept():
    assert sent(lambda *_: Became("duplicate"), message(dicom())).objects[0].failure == 0


@pytest.mark.parametrize(("code", "reason"), [("E601", 0xC601), ("E608", 0xC608)])
def test_an_object_that_is_refused_is_told_with_its_reason(code, reason):
    stored = sent(lambda *_: Became("refused", code), message(dicom()))
    (one,) = pydicom.Dataset.from_json(stored.to_json()).FailedSOPSequence
    assert (one.ReferencedSOPInstanceUID, one.FailureReason, stored.status) == (f"{ROOT}.1.1.1", reason, 409)


@pytest.mark.parametrize(("code", "reason"), [("E602", 0xB602), ("E604", 0xB604), ("E607", 0xB607)])
def test_an_object_in_quarantine_is_here_with_a_warning_that_tells_why_it_waits(code, reason):
    stored = sent(lambda *_: Became("quarantined", code), message(dicom()))
    (one,) = pydicom.Dataset.from_json(stored.to_json()).ReferencedSOPSequence
    assert (one.ReferencedSOPInstanceUID, one.WarningReason, stored.status) == (f"{ROOT}.1.1.1", reason, 202)


def test_a_reason_that_nobody_knows_is_the_plain_one():
    assert [reason_of(code, 0xC000) for code in ("", "X1", "E6x")] == [0xC000] * 3


def test_what_is_no_object_is_told_without_an_identifier():
    stored = sent(lambda *_: Became("refused", "E601"), message(b"hello"))
    (one,) = pydicom.Dataset.from_json(stored.to_json()).OtherFailuresSequence
    assert one.FailureReason == 0xC601


def test_some_kept_and_some_not_is_told_of_each():
    stored = sent(lambda raw, _: Became("kept" if raw == dicom(1) else "refused", "E608"), message(dicom(1), dicom(2)))
    assert ([one.failure for one in stored.objects], stored.status) == ([0, 0xC608], 202)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(StorageFull("full"), 0xA700), (StorageFailed("broken"), 0x0110), (ZeroDivisionError(), 0x0110)],
)
def test_an_object_whose_intake_fails_is_told_and_the_others_go_on(fault, reason, caplog):
    def take(raw, _):
        if raw == dicom(1):
            raise fault
        return Became()

    assert [one.failure for one in sent(take, message(dicom(1), dicom(2))).objects] == [reason, 0]
    assert caplog.text


def test_objects_of_another_study_are_not_taken_in(keep, taken):
    stored = sent(keep, message(dicom(1, study=1), dicom(1, study=2)), study=f"{ROOT}.1")
    assert ([one.failure for one in stored.objects], len(taken)) == ([0, 0xA900], 1)


def test_parts_of_another_kind_are_not_taken_in(keep, taken):
    stored = sent(keep, message(b"{}", media="application/dicom+json"))
    assert ([one.failure for one in stored.objects], taken) == ([0xC000], [])


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_object_that_is_too_large_is_not_taken_in(keep, taken, monkeypatch, wrapped):
    monkeypatch.setattr(stow, "LARGEST_FILE", 1000)
    body = (message(bytes(1001)),) if wrapped else (bytes(1001), "application/dicom")
    assert ([one.failure for one in sent(keep, *body).objects], taken) == ([0xC603], [])


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_large_object_lies_on_disk_and_is_taken_in_whole(keep, taken, monkeypatch, wrapped):
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 100)
    stored = sent(keep, *((message(dicom(1)),) if wrapped else (dicom(1), "application/dicom")))
    ((_, raw),) = taken
    assert (type(raw), raw[:], stored.status) == (LargeFile, dicom(1), 202)


def test_a_single_object_may_be_sent_without_wrapping(keep, taken):
    stored = sent(keep, dicom(1), "application/dicom")
    assert (taken, stored.status) == ([("lung", dicom(1))], 202)


@pytest.mark.parametrize("content_type", ["", "text/html", "application/dicom+json", "multipart/form-data; boundary=x"])
def test_a_message_of_another_type_is_refused(keep, content_type):
    with pytest.raises(BadUpload):
        sent(keep, message(dicom()), content_type)


def test_a_message_without_objects_is_refused(keep):
    with pytest.raises(BadRequest, match="no objects"):
        sent(keep, message())


def test_of_a_message_that_is_cut_short_the_whole_objects_are_taken_in(keep, taken):
    with pytest.raises(BadRequest, match="last boundary"):
        sent(keep, message(dicom(1), dicom(2))[:-200])
    assert taken == [("lung", dicom(1))]


def test_a_client_that_goes_away_takes_nothing_back(keep, taken):
    async def stream():
        yield message(dicom(1), dicom(2))[:-200]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(Inbox(keep, "lung").receive(TYPE, stream()))
    assert taken == [("lung", dicom(1))]


def test_several_objects_are_taken_in_at_once_but_not_more_than_allowed():
    lock, now, most = threading.Lock(), [0], [0]
    together = threading.Barrier(MOST_AT_ONCE)

    def take(*_):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(30)
        with lock:
            now[0] -= 1
        return Became()

    sent(take, message(*[dicom(n) for n in range(2 * MOST_AT_ONCE)]), size=100_000)
    assert most[0] == MOST_AT_ONCE
