"""Zip archives, read; the library's own writer makes them and its reader says what is in them."""

import io
import stat
import zipfile
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.odd.archives import zipped

from oncommons.node.receive.packed import LARGEST_UNKNOWN
from oncommons.node.receive.zipped import ZipMember, content_of, entries
from oncommons.schema.errors import ImageError, ImageTooLarge, NotDicom
from oncommons.schema.errors_of_protocols import DamagedArchive, LockedArchive

FILES = {"one.dcm": b"1" * 500, "two/zwei-ü.dcm": bytes(700_000), "three": b"", "../four": bytes(range(256))}
AT_FLAGS, AT_METHOD, AT_SIZE, AT_DISK = 8, 10, 24, 34
"""Where the list of members has them (APPNOTE 4.3.12)."""


def listed(raw, start=0):
    return list(entries(io.BytesIO(raw), start, len(raw)))


def contents(raw, start=0):
    return {e.name: content_of(io.BytesIO(raw), e, start) for e in listed(raw, start) if not e.is_folder}


def changed(raw, at, value):
    """An archive in whose list the first member is changed."""
    place = raw.index(b"PK\1\2") + at
    return raw[:place] + value + raw[place + len(value) :]


def fault_of(raw):
    entry, *_ = listed(raw)
    with pytest.raises(ImageError) as told:
        content_of(io.BytesIO(raw), entry)
    return type(told.value)


@settings(deadline=None)
@given(
    st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1), st.binary()),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]),
    st.binary(max_size=100),
)
def test_what_was_written_is_read(files, method, comment):
    out = io.BytesIO(zipped(files, method))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = comment
    assert contents(out.getvalue()) == files


def test_a_member_on_disk_is_read_when_it_is_asked_for(tmp_path):
    place = tmp_path / "a.zip"
    place.write_bytes(zipped(FILES))
    found = [ZipMember(place, e.name, e) for e in listed(place.read_bytes())]
    assert {member.name: member.read() for member in found} == FILES


def test_an_archive_may_begin_anywhere_in_a_file():
    raw = zipped(FILES)
    assert contents(b"other bytes" + raw, 11) == FILES
    assert contents(b"a program before it" + raw) == FILES


def test_long_numbers_and_more_members_than_fit_two_bytes_are_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(65_600):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
        with archive.open("last", "w", force_zip64=True) as file:
            file.write(b"content")
    raw = out.getvalue()
    found = listed(raw)
    assert (len(found), found[65_599].name) == (65_601, "65599")
    assert content_of(io.BytesIO(raw), found[-1]) == b"content"


def test_long_numbers_of_a_member_are_read():
    raw = zipped({"one": b"content"})
    at = raw.index(b"PK\1\2")
    extra = pack("<2H3Q", 1, 24, 7, len(b"content") + 2, 0)
    long = changed(raw, 20, pack("<2L", 0xFFFFFFFF, 0xFFFFFFFF))
    long = changed(long, 30, pack("<H", len(extra)))
    long = changed(long, 42, pack("<L", 0xFFFFFFFF))
    end = long.index(b"PK\5\6")
    whole = long[:end] + extra + long[end : end + 12] + pack("<L", end - at + len(extra)) + long[end + 16 :]
    (found,) = listed(whole)
    assert (found.size, found.packed, found.at) == (7, 9, 0)


def test_folders_are_known_and_their_names_are_no_files():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("folder")
        archive.writestr("folder/one", b"1")
    assert [e.is_folder for e in listed(out.getvalue())] == [True, False]


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_a_link_or_device_is_no_image(kind):
    out = io.BytesIO()
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    assert fault_of(out.getvalue()) is NotDicom


@pytest.mark.parametrize("flag", [0x1, 0x41, 0x2001])
def test_a_member_with_a_password_is_locked(flag):
    assert fault_of(changed(zipped({"one": b"x" * 90}), AT_FLAGS, pack("<H", flag))) is LockedArchive


def test_an_unknown_method_is_told():
    assert fault_of(changed(zipped({"one": b"x" * 90}), AT_METHOD, pack("<H", 9))) is DamagedArchive


def test_a_member_that_says_it_is_too_large_is_not_unpacked():
    assert fault_of(changed(zipped({"one": b"x" * 200}), AT_SIZE, pack("<L", LARGEST_UNKNOWN + 1))) is ImageTooLarge


@pytest.mark.parametrize("size", [0, 89, 91, 4000])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_member_of_another_size_than_its_list_says_is_damaged(size, method):
    assert fault_of(changed(zipped({"one": b"x" * 90}, method), AT_SIZE, pack("<L", size))) is DamagedArchive


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_member_whose_bytes_were_changed_is_damaged(method):
    raw = bytearray(zipped({"one": bytes(range(256)) * 4}, method))
    raw[120] ^= 0xFF
    assert fault_of(bytes(raw)) is DamagedArchive


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\5\6",
        b"PK\3\4" + bytes(500),
        zipped(FILES)[:-30],
        zipped(FILES)[:300],
        zipped(FILES)[40:],
        zipped(FILES).replace(b"PK\1\2", b"PK\1\3", 1),
        zipped(FILES).replace(b"PK\5\6\0\0", b"PK\5\6\1\0"),
    ],
)
def test_an_archive_whose_list_is_damaged_is_told(raw):
    with pytest.raises(DamagedArchive):
        listed(raw)


def test_an_archive_that_lists_fewer_members_than_it_says_is_damaged():
    raw = zipped(FILES)
    at = raw.index(b"PK\5\6")
    with pytest.raises(DamagedArchive):
        listed(raw[: at + 10] + pack("<H", 5) + raw[at + 12 :])


@settings(deadline=None)
@given(st.data())
def test_a_damaged_archive_gives_members_or_is_told(data):
    raw = bytearray(zipped({"one": b"x" * 90, "two": bytes(range(200))}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    file = io.BytesIO(bytes(raw))
    try:
        for entry in entries(file, 0, len(raw)):
            assert len(content_of(file, entry)) == entry.size
    except ImageError:
        pass
