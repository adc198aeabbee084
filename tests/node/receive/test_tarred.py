"""Tar archives, read as a stream; the library's own writer makes them."""

import contextlib
import io
import tarfile
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.odd.archives import tarred

from oncommons.node.receive.packed import Stream
from oncommons.node.receive.tarred import is_tar, tar_members
from oncommons.schema.errors_of_protocols import ArchiveTooLarge, DamagedArchive

FORMS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
each_form = pytest.mark.parametrize("form", FORMS, ids=["ustar", "gnu", "pax"])
FILES = {"one": b"1" * 500, "two/zwei": bytes(range(256)) * 3000, "three": b"", "../four": bytes(512)}


def found(raw):
    stream = Stream(iter([raw[at : at + 999] for at in range(0, len(raw), 999)]))
    return {member.name: b"".join(member.pieces()) for member in tar_members(stream)}


def kinds(raw):
    return [(m.is_file, m.is_folder, m.has_holes) for m in tar_members(Stream(iter([raw])))]


@each_form
def test_what_was_written_is_read(form):
    assert found(tarred(FILES, form)) == FILES


@pytest.mark.parametrize("form", FORMS[1:], ids=["gnu", "pax"])
def test_long_and_foreign_names_are_read(form):
    files = {"d/" * 150 + "name": b"11", "кириллица": b"22", "x" * 300: b"333"}
    assert found(tarred(files, form)) == files


def test_a_size_beyond_eight_gigabytes_is_read():
    for form in FORMS[1:]:
        info = tarfile.TarInfo("large")
        info.size = 9 * 1024**3
        (member, *_) = [next(tar_members(Stream(iter([info.tobuf(form)]))))]
        assert member.size == 9 * 1024**3


@each_form
def test_links_and_devices_are_no_files_and_folders_are_folders(form):
    types = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE)
    told = kinds(tarred({f"{n}": kind for n, kind in enumerate(types)}, form))
    assert told == [(False, False, False)] * 4 + [(False, True, False)]


def test_an_unknown_type_is_a_file():
    raw = bytearray(tarfile.TarInfo("one").tobuf())
    raw[156:157] = b"Z"
    raw[148:156] = b"        "
    raw[148:156] = b"%06o\0 " % sum(raw)
    assert kinds(bytes(raw) + bytes(1024)) == [(True, False, False)]


def test_a_member_stored_with_holes_is_told_and_the_next_is_read():
    one = tarfile.TarInfo("holes")
    one.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(one.tobuf(tarfile.GNU_FORMAT))
    head[482] = 1
    head[148:156] = b"        "
    head[148:156] = b"%06o\0 " % sum(head)
    more = bytes(504) + b"\1" + bytes(7) + bytes(512)
    assert kinds(bytes(head) + more + tarred({"one": b"12"})) == [(True, False, True), (True, False, False)]


def test_what_is_not_asked_for_is_skipped():
    raw = tarred(FILES)
    assert [member.name for member in tar_members(Stream(iter([raw])))] == list(FILES)


@each_form
@pytest.mark.parametrize("cut", [1, 511, 512, 513, 1400])
def test_an_archive_that_is_cut_gives_what_comes_before_and_is_told(form, cut):
    raw = tarred(FILES, form).rstrip(b"\0")
    whole = raw[: raw.rindex(b"../four")] if form != tarfile.PAX_FORMAT else raw
    got = []
    with pytest.raises(DamagedArchive):
        got += tar_members(Stream(iter([whole[:-cut]])))
    assert len(got) <= len(FILES)


def test_an_archive_that_ends_between_two_members_is_told():
    got = []
    with pytest.raises(DamagedArchive):
        got.extend(tar_members(Stream(iter([tarred({"one": bytes(512)})[:1024]]))))
    assert [member.name for member in got] == ["one"]


def test_a_damaged_header_in_the_middle_is_told():
    raw = bytearray(tarred({"one": bytes(512), "two": bytes(512)}))
    raw[1030] ^= 0xFF
    got = []
    with pytest.raises(DamagedArchive):
        got.extend(tar_members(Stream(iter([bytes(raw)]))))
    assert [member.name for member in got] == ["one"]


def test_what_follows_the_end_is_told():
    with pytest.raises(DamagedArchive):
        list(tar_members(Stream(iter([tarred(FILES) + tarred(FILES)]))))


def test_a_name_without_end_is_not_read():
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 8 * 1024**3 - 1
    with pytest.raises(ArchiveTooLarge):
        list(tar_members(Stream(chain([info.tobuf(tarfile.GNU_FORMAT)], iter(lambda: b"x" * 9999, b"")))))


@pytest.mark.parametrize(
    "record", [b"9999 path=x\n", b"x path=y\n", b"12 path\n", b"0 a=b\n", b"-5 a=b\n", b"6", b"3 ="]
)
def test_a_damaged_pax_header_is_told(record):
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    raw = info.tobuf() + record + bytes(-len(record) % 512) + tarred(FILES)
    with pytest.raises(DamagedArchive):
        list(tar_members(Stream(iter([raw]))))


@pytest.mark.parametrize("size", ["9" * 5000, "-5", "x", "²"])
def test_a_size_that_is_no_number_is_not_believed(size):
    info = tarfile.TarInfo("one")
    info.pax_headers = {"size": size}
    raw = info.tobuf(tarfile.PAX_FORMAT) + bytes(1024)
    assert [member.size for member in tar_members(Stream(iter([raw])))] == [0]


@settings(deadline=None)
@given(st.data())
def test_a_changed_archive_gives_members_or_is_told(data):
    raw = bytearray(tarred({"one": b"x" * 600, "k" * 120: b"y"}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DamagedArchive, ArchiveTooLarge):
        assert len(found(bytes(raw))) <= 20


def test_an_archive_is_known_by_its_first_header():
    assert is_tar(tarred(FILES)[:512])
    assert not is_tar(tarred(FILES)[:511])
    assert not is_tar(bytes(512))
    assert not is_tar(io.BytesIO(b"x" * 600).read())
