"""What was made of the units of a source is there for the next import, until one ends."""

import os
import resource
import subprocess
import sys
from collections import Counter
from contextlib import suppress

import duckdb
import pytest
from tests.node.clinicals import held
from tests.node.receive.clinical import stopping
from tests.node.receive.clinical.stopping import SOURCES, receive_at, taken, watched, way_in

from oncommons.node.home import make_home
from oncommons.node.receive.clinical.records import Names
from oncommons.node.receive.clinical.resuming import NOTHING_KEPT, Readings, key_of, made_by
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.service.commands import INCOMPLETE

UNITS = [[1, "row", {"a": "\ud800é\n"}], [2, "today"], [], [3, "kind", None]]


def lasting(unit):
    return "today" not in unit


class Converting:
    """Converts units into themselves; can be stopped before one."""

    def __init__(self, stop=None):
        self.stop, self.seen = stop, []

    def __call__(self, unit):
        if unit == self.stop:
            raise EOFError
        self.seen.append(unit)
        return unit


def read(folder, units=UNITS, stop=None, key="k"):
    """What is read, and what was converted for that."""
    converting, found = Converting(stop), []
    with suppress(EOFError):
        found.extend(Readings(folder).of(key, lambda: iter(units), converting, lasting))
    return found, converting.seen


def test_what_was_made_of_a_source_is_not_made_again_but_what_may_change_by_tomorrow(tmp_path):
    folder = tmp_path / "r"
    assert read(folder) == (UNITS, UNITS)
    assert read(folder) == (UNITS, [[2, "today"]])
    assert read(folder, [], key="other") == read(folder, [], key="other") == ([], [])
    assert [path.stat().st_mode & 0o77 for path in (folder, folder / "k")] == [0, 0]
    Readings(folder).forget(but={"k"})
    assert [path.name for path in folder.iterdir()] == ["k"]
    Readings(folder).forget()
    assert not folder.exists()


def test_what_somebody_else_put_there_stays(tmp_path):
    read(tmp_path / "r")
    (tmp_path / "r" / "folder").mkdir()
    Readings(tmp_path / "r").forget()
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["folder"]


def test_what_was_not_read_to_its_end_goes_on_where_it_was(tmp_path):
    assert read(tmp_path, stop=[]) == (UNITS[:2], UNITS[:2])
    assert read(tmp_path, stop=UNITS[3]) == (UNITS[:3], UNITS[1:3])
    assert read(tmp_path) == (UNITS, UNITS[1::2])
    found = Readings(tmp_path).of("more", lambda: UNITS, Converting(), lasting)
    next(found)
    found.close()  # as when a full disk stops who asks
    assert read(tmp_path, key="more") == (UNITS, UNITS[1:])


def test_what_is_torn_anywhere_goes_on_behind_its_last_whole_line(tmp_path):
    path = tmp_path / "k"
    read(tmp_path)
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert read(tmp_path) == (
            UNITS,
            [unit for n, unit in enumerate(UNITS) if n == 1 or n >= whole[:size].count(b"\n")],
        )
        assert path.read_bytes() == whole


@pytest.mark.parametrize("damage", [b"\0" * 30 + b"\n", b"[1, \n", b"7\n", b"\xff]\n", b"[\xff]\n"])
def test_what_is_damaged_is_dropped_with_all_behind_it(tmp_path, damage):
    read(tmp_path)
    lines = (tmp_path / "k").read_bytes().splitlines(keepends=True)
    (tmp_path / "k").write_bytes(b"".join([lines[0], damage, *lines[2:]]))
    assert read(tmp_path) == (UNITS, UNITS[1:])


def test_many_units_are_kept_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr("oncommons.node.receive.clinical.resuming._HELD", 1_000)
    monkeypatch.setattr("oncommons.node.receive.clinical.resuming._STEP", 3_000)
    many = [[n, "x" * (n % 50)] for n in range(1_000)]
    assert read(tmp_path, many, many[-1]) == (many[:-1], many[:-1])
    assert read(tmp_path, many) == (many, many[-1:])


def test_a_source_that_became_shorter_while_it_was_read_is_told(tmp_path):
    read(tmp_path)
    with pytest.raises(StorageFailed, match="changed"):
        read(tmp_path, UNITS[:1])


def test_a_full_disk_is_told_and_what_had_room_counts(tmp_path):
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40, hard))
        with pytest.raises(StorageFull):
            read(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert read(tmp_path) == (UNITS, UNITS[1:])


def test_nothing_is_kept_where_there_is_no_folder():
    assert read(None) == read(None) == (UNITS, UNITS)
    NOTHING_KEPT.forget()


def test_a_key_is_of_its_parts_and_not_of_their_letters():
    assert len({key_of("a", "b"), key_of("ab", ""), key_of("", "ab"), key_of("ab")}) == 4


def test_another_time_zone_makes_another_key():
    with duckdb.connect() as base:
        before = made_by(base)
        base.execute("SET TimeZone = 'Pacific/Apia'")
        assert made_by(base) != before


def killed(log, *words):
    """Kills an import of each kind of source in a folder, or a command, again and again."""
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    call = [sys.executable, "-m", stopping.__name__, log, *words]
    done = subprocess.run(
        list(map(str, call)), capture_output=True, timeout=60, check=False, env={**os.environ, **paths}
    )
    assert done.returncode == 0, done.stderr


def test_what_is_killed_goes_on_where_it_was_and_ends_as_if_it_had_not_been(tmp_path):
    log = tmp_path / "log"
    for kind, write in SOURCES.items():
        (tmp_path / kind).mkdir()
        write(tmp_path / kind)
    killed(log, tmp_path)
    for kind in SOURCES:
        with watched(log):
            again = receive_at(kind, tmp_path)
        Readings(tmp_path / f"{kind}.readings").forget()
        assert again == receive_at(kind, tmp_path), kind
    often = {unit for unit, times in Counter(log.read_text().splitlines()).items() if times > 1}
    assert len(often) == 5, often
    assert all("2999" in unit for unit in often)


class Stopped(Exception):
    """Something went wrong."""


def stop():
    raise Stopped


def changed(kind, path):
    """Changes a source a little."""
    if kind == "omop":
        with duckdb.connect(str(path)) as base:
            base.execute("DELETE FROM measurement WHERE measurement_id = 20")
    elif kind == "parquet":
        with duckdb.connect() as base:
            base.execute(f"COPY (FROM '{path}' LIMIT 5) TO '{path}.new' (FORMAT parquet)")
        path.with_name(f"{path.name}.new").rename(path)
    else:
        path = path / "a.json" if kind == "folder" else path
        path.write_bytes(path.read_bytes().replace(b"C61", b"C50"))


class Asking(Readings):
    """Notes by which keys it is asked, and keeps nothing."""

    def of(self, key, *more):
        ASKED.add(key)
        return super().of(key, *more)


ASKED = set()


def asked(*words, **more):
    """The keys that a way in asks for."""
    ASKED.clear()
    with duckdb.connect(config={"threads": 1}) as base:
        way_in(*words, Asking(), **more)(base)
    return {*ASKED}


@pytest.mark.parametrize("kind", SOURCES)
def test_a_source_that_changed_meanwhile_is_read_from_its_beginning(tmp_path, kind):
    path, readings = SOURCES[kind](tmp_path), Readings(tmp_path / "r")
    with pytest.raises(Stopped), watched(tmp_path / "log", 20 if kind in {"ndjson", "bundle", "folder"} else 4, stop):
        taken(way_in(kind, path, readings))
    changed(kind, path)
    again = taken(way_in(kind, path, readings))
    assert again == taken(way_in(kind, path, NOTHING_KEPT))
    assert {one.name for one in readings.folder.iterdir()} == asked(kind, path)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("csv", {"person": "index"}),
        ("csv", {"blocks": way_in("csv", None, None).keywords["mapping"].blocks[:2]}),
        ("csv", {"hashed": False}),
        ("csv", {"names": Names("q{}".format, str)}),
        ("bundle", {"identifier": "urn:h"}),
        ("bundle", {"names": Names("q{}".format, str)}),
        ("bundle", {"names": Names("p{}".format, str)}),
        ("omop", {"names": Names("q{}".format, str)}),
    ],
)
def test_what_is_read_otherwise_is_read_from_its_beginning(tmp_path, kind, more):
    path = SOURCES[kind](tmp_path)
    assert asked(kind, path) == asked(kind, path)
    assert asked(kind, path).isdisjoint(asked(kind, path, **more))


def test_a_file_alone_is_read_otherwise_than_in_a_folder(tmp_path):
    path = stopping.write_ndjson(tmp_path)
    assert asked("ndjson", path).isdisjoint(asked("folder", tmp_path))


def test_a_killed_command_says_and_writes_the_same_as_one_that_was_not(oncommons, home, tmp_path):
    words = ["node", "clinical", stopping.write_ndjson(tmp_path), "--dataset", "d", "--json"]
    killed(tmp_path / "log", *words, "--dir", home.folder, "--report", tmp_path / "none.csv")
    assert home.readings.exists()
    assert home.tables.current() is None
    fresh = make_home(tmp_path / "fresh", Policy("open"))
    fresh.secret_file.write_bytes(home.secret_file.read_bytes())
    found = []
    for one, report in [(home, tmp_path / "a.csv"), (fresh, tmp_path / "b.csv")]:
        found.append((oncommons(*words, "--dir", one.folder, "--report", report), report.read_text(), held(one)))
        assert not one.readings.exists()
    assert found[0] == found[1]
    assert found[0][0][0] == INCOMPLETE
