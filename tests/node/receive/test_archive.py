"""Archives as a way in: every member is named once, with its bytes or the reason why there are none."""

import io
import pickle
import stat
import tarfile
import zipfile

import pytest
from tests.odd.archives import MAKERS, PACKERS, tarred, zipped

from oncommons.node.receive import packed
from oncommons.node.receive.archive import LARGEST_NESTED, Told, is_archive, is_named_so, kind_of, members
from oncommons.node.receive.large import LargeFile
from oncommons.node.receive.packed import LARGEST_UNKNOWN
from oncommons.node.receive.zipped import ZipMember
from oncommons.schema.errors import ImageError
from oncommons.schema.errors_of_protocols import DamagedArchive

FILES = {"one.dcm": b"1" * 500, "two/zwei": bytes(70_000), "three": b"", "../../four": b"44", "/five": b"55"}
each_kind = pytest.mark.parametrize("name", MAKERS)


def put(folder, name, raw):
    (folder / name).write_bytes(raw)
    return folder / name


def read(place, **more):
    """Every member by its name in the archive: its bytes, or the code of the reason; lists where a name comes twice."""
    found = []
    for member in members(place, **more):
        try:
            content = member.read()
        except ImageError as fault:
            content = fault.code
        found.append((member.name.removeprefix(str(place)).removeprefix("/"), content))
    return found


@each_kind
def test_every_file_in_an_archive_comes_in(tmp_path, name):
    place = put(tmp_path, name, MAKERS[name](FILES))
    assert is_archive(place)
    assert read(place) == list(FILES.items())
    assert [path.name for path in tmp_path.iterdir()] == [name]


@each_kind
@pytest.mark.parametrize("inner", MAKERS)
def test_archives_in_an_archive_are_looked_into_and_deeper_ones_are_told(tmp_path, name, inner):
    deepest = MAKERS[inner]({"deep.dcm": b"deep"})
    middle = MAKERS[inner]({"in.dcm": b"in", f"deeper-{inner}": deepest})
    place = put(tmp_path, name, MAKERS[name]({"before.dcm": b"before", inner: middle, "after.dcm": b"after"}))
    assert read(place) == [
        ("before.dcm", b"before"),
        (f"{inner}/in.dcm", b"in"),
        (f"{inner}/deeper-{inner}", "E643"),
        ("after.dcm", b"after"),
    ]


@pytest.mark.parametrize("end", PACKERS)
def test_a_single_packed_file_is_its_only_member(tmp_path, end):
    assert read(put(tmp_path, f"one.dcm.{end}", PACKERS[end](b"content" * 99))) == [("", b"content" * 99)]
    inside = put(tmp_path, "all.zip", zipped({f"one.dcm.{end}": PACKERS[end](b"content")}))
    assert read(inside) == [(f"one.dcm.{end}", b"content")]


def test_members_can_be_sent_to_another_process(tmp_path):
    for name, make in MAKERS.items():
        for member in members(put(tmp_path, name, make(FILES))):
            assert pickle.loads(pickle.dumps(member)).read() == member.read()
    fault = pickle.loads(pickle.dumps(Told("x", fault=DamagedArchive("words", detail="secret")))).fault
    assert (fault.message, fault.detail, fault.code) == ("words", "secret", "E641")


def test_members_of_a_zip_on_disk_are_not_unpacked_before_they_are_read(tmp_path):
    stored = zipped({"in.dcm": b"in"}, zipfile.ZIP_STORED)
    place = put(tmp_path, "a.zip", zipped({"a.dcm": b"a", "b.zip": stored}, zipfile.ZIP_STORED))
    assert [type(member) for member in members(place)] == [ZipMember, ZipMember]


@each_kind
def test_an_archive_that_is_cut_tells_so_itself_and_gives_what_comes_before(tmp_path, name):
    raw = MAKERS[name](FILES)
    found = read(put(tmp_path, name, raw[: 1500 if name.endswith(".tar") else len(raw) * 9 // 10]))
    assert found[-1] == ("", "E641")
    assert set(found[:-1]) <= set(FILES.items())


def test_a_member_that_cannot_be_read_leaves_the_others(tmp_path):
    raw = bytearray(zipped({"one": b"1" * 90, "two": b"2" * 90, "three.zip": b"PK\3\4" + bytes(90)}))
    raw[raw.index(b"PK\1\2") + 8] |= 1
    assert read(put(tmp_path, "a.zip", bytes(raw))) == [("one", "E640"), ("two", b"2" * 90), ("three.zip", "E641")]


@each_kind
def test_a_nested_archive_that_is_damaged_leaves_the_others(tmp_path, name):
    found = read(
        put(tmp_path, name, MAKERS[name]({"in.zip": zipped(FILES)[:-40], "in.tar": tarred(FILES)[:600], "b": b"bb"}))
    )
    assert found == [("in.zip", "E641"), ("in.tar", "E641"), ("b", b"bb")]


def test_links_in_archives_are_no_images(tmp_path):
    tar = tarred({"one": b"11", "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE})
    assert read(put(tmp_path, "a.tar", tar)) == [("one", b"11"), ("link", "E601"), ("hard", "E601"), ("pipe", "E601")]
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, b"/etc/passwd")
    assert read(put(tmp_path, "a.zip", out.getvalue())) == [("link", "E601")]


def test_folders_in_archives_are_not_counted(tmp_path):
    assert read(put(tmp_path, "a.tar", tarred({"folder": tarfile.DIRTYPE}))) == []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("folder")
    assert read(put(tmp_path, "a.zip", out.getvalue())) == []


@pytest.mark.parametrize("name", ["a.tar.gz", "a.tar.bz2", "a.tar.xz"])
def test_an_archive_that_grows_without_bound_is_left(tmp_path, name):
    place = put(tmp_path, name, MAKERS[name]({"one": b"11", "bomb": bytes(30_000_000), "two": b"22"}))
    found = read(place, always=-100 * place.stat().st_size + 3_000_000)
    assert found == [("one", b"11"), ("", "E642")]


def test_a_zip_that_lists_the_same_bytes_again_and_again_is_unpacked_within_its_budget(tmp_path):
    raw = zipped({"one": bytes(1_000_000)})
    start, end = raw.index(b"PK\1\2"), raw.index(b"PK\5\6")
    listed = raw[start:end] * 30
    count, size = (30).to_bytes(2, "little"), len(listed).to_bytes(4, "little")
    bomb = raw[:start] + listed + raw[end : end + 8] + count * 2 + size + raw[end + 16 :]
    place = put(tmp_path, "a.zip", bomb)
    found = [content for _, content in read(place, always=-100 * len(bomb) + 3_000_000)]
    assert found == [bytes(1_000_000)] * 3 + ["E642"] * 27


def test_a_bomb_in_an_archive_spends_the_budget_of_the_whole(tmp_path):
    bomb = zipped({"in": bytes(3_000_000)})
    place = put(tmp_path, "a.zip", zipped({f"{n}.zip": bomb for n in range(4)} | {"last": b"22"}))
    found = read(place, always=-100 * place.stat().st_size + 7_000_000)
    codes = [content if isinstance(content, str) else len(content) for _, content in found]
    assert codes == [3_000_000, 3_000_000, "E642", "E642", "E642"]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_a_member_larger_than_can_be_held_is_told_and_the_next_is_read(tmp_path, name):
    large = bytes(LARGEST_UNKNOWN + 1)
    place = put(tmp_path, name, MAKERS[name]({"large": large, "b": b"bb"}))
    assert read(place) == [("large", "E603"), ("b", b"bb")]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_a_large_member_lies_on_disk_as_long_as_it_is_needed(tmp_path, monkeypatch, name):
    monkeypatch.setattr(packed, "LARGEST_UNKNOWN", 5_000_000)
    large = bytes(128) + b"DICM" + bytes(range(256)) * 25_000
    place = put(tmp_path, name, MAKERS[name]({"large": large, "b": b"bb"}))
    first, second = (member.read() for member in members(place, room=tmp_path))
    assert (type(first), first[:], second) == (LargeFile, large, b"bb")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_large_zip_in_another_archive_is_read_where_it_is_not_packed_again(tmp_path):
    inner = zipped({"in": bytes(LARGEST_NESTED), "too": b"too"}, zipfile.ZIP_STORED)
    stored = put(tmp_path, "a.zip", zipped({"in.zip": inner}, zipfile.ZIP_STORED))
    assert [len(content) for _, content in read(stored)] == [LARGEST_NESTED, 3]
    assert read(put(tmp_path, "b.zip", zipped({"in.zip": inner}))) == [("in.zip", "E642")]


def test_an_archive_is_known_by_its_name_and_its_beginning(tmp_path):
    for name, raw, known, any_name in (
        ("a.ZIP", zipped(FILES), True, True),
        ("a.docx", zipped(FILES), False, True),
        ("a.zip", b"dear sir or madam", False, False),
        ("a.zip", b"", False, False),
        ("a.gz", bytes(128) + b"DICM", False, False),
        ("a.zip", b"PK\3\4" + bytes(124) + b"DICM", False, False),
        ("brain.nii.gz", PACKERS["gz"](bytes(400)), False, True),
    ):
        place = put(tmp_path, name, raw)
        assert (is_archive(place), is_archive(place, any_name=True)) == (known, any_name), name
    assert not is_archive(tmp_path / "none.zip")
    (tmp_path / "link.zip").symlink_to(tmp_path / "a.ZIP")
    assert not is_archive(tmp_path / "link.zip")


def test_kinds_and_names():
    assert [kind_of(raw) for raw in (b"", zipped({}), tarred(FILES)[:512])] == ["", "zip", "tar"]
    assert [is_named_so(name) for name in ("a.tar.gz", "b.Tgz", "c.dcm", "zip", ".zip")] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_an_archive_that_has_gone_is_told(tmp_path):
    assert read(tmp_path / "none.zip") == [("", "E602")]
