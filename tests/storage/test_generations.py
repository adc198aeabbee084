"""A table file is replaced as a whole, whatever stops the writer."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import duckdb
import pytest

from oncommons.schema.errors import NothingImported, StorageFailed, StorageFull
from oncommons.storage.generations import Generations, plan_lightly, quoted

MARK = '"'
WRITER = """
import pathlib, sys
from oncommons.storage.generations import Generations
with Generations(pathlib.Path(sys.argv[1])).fresh() as connection:
    connection.execute("CREATE TABLE t AS SELECT range AS n FROM range(100000)")
    print("writing", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def tables(tmp_path):
    return Generations(tmp_path / "tables")


def write(tables, number):
    """A generation that holds one number."""
    with tables.fresh() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT {number} AS n")


def write_and_raise(tables, fault):
    with tables.fresh() as connection:
        connection.execute("CREATE TABLE t AS SELECT 2 AS n")
        raise fault("stop")


def read(tables):
    """The number that the current generation holds."""
    with tables.open() as connection:
        return connection.execute("SELECT n FROM t").fetchall()


@contextmanager
def writer(tables):
    """Another process that is writing a generation until the block ends."""
    command = [sys.executable, "-c", WRITER, str(tables.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()  # "writing"
        yield process


def test_only_the_optimisers_that_are_needed_stay_on():
    with duckdb.connect() as connection:
        every = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
        plan_lightly(connection, {"filter_pushdown", "of another version"})
        off = connection.execute("SELECT current_setting('disabled_optimizers')").fetchall()[0][0]
    assert every - {*off.split(",")} == {"filter_pushdown"}


def files(tables):
    return sorted(path.name for path in tables.folder.iterdir())


def test_before_anything_was_written_there_is_nothing(tables):
    assert tables.current() is None
    assert tables.open() is None
    assert not tables.folder.exists()


def test_what_was_written_becomes_the_current_generation(tables):
    write(tables, 1)
    assert read(tables) == [(1,)]


def test_the_next_generation_takes_the_place_of_the_former_and_leaves_nothing_of_it(tables):
    write(tables, 1)
    write(tables, 2)
    assert read(tables) == [(2,)]
    assert files(tables) == ["000002.duckdb", "current"]


def test_the_former_generation_can_be_read_while_the_next_is_written(tables):
    write(tables, 1)
    with tables.fresh() as connection:
        connection.execute("CREATE TABLE t AS SELECT n + 1 AS n FROM old.t")
    assert read(tables) == [(2,)]


def test_the_former_generation_cannot_be_changed_while_the_next_is_written(tables):
    write(tables, 1)
    with pytest.raises(duckdb.InvalidInputException, match="read-only"), tables.fresh() as connection:
        connection.execute("DELETE FROM old.t")
    assert read(tables) == [(1,)]


def test_the_first_generation_has_no_former(tables):
    with tables.fresh() as connection:
        attached = connection.execute("SELECT count(*) FROM duckdb_databases() WHERE database_name = 'old'")
        assert attached.fetchall() == [(0,)]


def test_until_the_block_ends_readers_see_the_former_generation(tables):
    write(tables, 1)
    with tables.fresh() as connection:
        connection.execute("CREATE TABLE t AS SELECT 2 AS n")
        assert read(tables) == [(1,)]
    assert read(tables) == [(2,)]


def test_a_reader_that_opened_before_keeps_reading_what_it_opened(tables):
    write(tables, 1)
    with tables.open() as reader:
        write(tables, 2)
        write(tables, 3)
        assert reader.execute("SELECT n FROM t").fetchall() == [(1,)]
    assert read(tables) == [(3,)]


def test_a_reader_cannot_write(tables):
    write(tables, 1)
    with tables.open() as reader, pytest.raises(duckdb.InvalidInputException, match="read-only"):
        reader.execute("DELETE FROM t")


class Overtaken(Generations):
    """Tables whose second generation is written just after a reader looked which one is current."""

    def current(self):
        path = super().current()
        if path.name == "000001.duckdb":
            write(Generations(self.folder), 2)
        return path


def test_a_reader_who_is_overtaken_by_a_writer_reads_the_next_generation(tables):
    write(tables, 1)
    assert read(Overtaken(tables.folder)) == [(2,)]


@pytest.mark.parametrize("fault", [ValueError, NothingImported, KeyboardInterrupt])
def test_a_block_that_raises_leaves_everything_as_it_was(tables, fault):
    write(tables, 1)
    with pytest.raises(fault):
        write_and_raise(tables, fault)
    assert read(tables) == [(1,)]
    assert files(tables) == ["000001.duckdb", "current"]


def test_a_first_block_that_raises_leaves_nothing(tables):
    with pytest.raises(ValueError, match="stop"), tables.fresh():
        raise ValueError("stop")
    assert tables.current() is None
    assert files(tables) == []


def test_after_a_block_that_raised_the_next_one_works(tables):
    with pytest.raises(ValueError, match="stop"), tables.fresh():
        raise ValueError("stop")
    write(tables, 2)
    assert read(tables) == [(2,)]


def test_the_pointer_is_moved_not_rewritten(tables):
    write(tables, 1)
    pointer = tables.folder / "current"
    with pointer.open() as seen_before:
        write(tables, 2)
        assert seen_before.read() == "000001.duckdb"
    assert pointer.read_text() == "000002.duckdb"


def test_a_killed_writer_leaves_the_former_generation(tables):
    write(tables, 1)
    with writer(tables) as process:
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert "000002.duckdb" in files(tables)
    assert read(tables) == [(1,)]


def test_what_a_killed_writer_left_is_written_over(tables):
    write(tables, 1)
    with writer(tables) as process:
        process.kill()
    write(tables, 2)
    assert read(tables) == [(2,)]
    assert files(tables) == ["000002.duckdb", "current"]


def test_a_reader_of_another_process_does_not_wait_for_the_writer(tables):
    write(tables, 1)
    with writer(tables):
        assert read(tables) == [(1,)]
    assert read(tables)[:2] == [(0,), (1,)]


def test_of_two_writers_the_second_waits_and_sees_what_the_first_wrote(tables):
    write(tables, 1)
    before = []

    def second():
        with tables.fresh() as connection:
            before.append(connection.execute("SELECT n FROM old.t").fetchall())
            connection.execute("CREATE TABLE t AS SELECT 3 AS n")

    with tables.fresh() as connection:
        waiting = threading.Thread(target=second)
        waiting.start()
        connection.execute("CREATE TABLE t AS SELECT 2 AS n")
        assert before == []
    waiting.join()
    assert (before, read(tables)) == ([[(2,)]], [(3,)])
    assert files(tables) == ["000003.duckdb", "current"]


TOLD_AT_COMMIT = "DuckDB tells a full disk as TransactionException at a commit and as FatalException at a checkpoint"


def at_once(connection):
    connection.execute("CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS word FROM range(200000)")


def bit_by_bit(connection):
    connection.execute("CREATE TABLE t (n BIGINT, word VARCHAR)")
    for i in range(60):
        connection.execute("INSERT INTO t SELECT range, md5((range + $i)::VARCHAR) FROM range(3000)", {"i": i})


def little(connection):
    connection.execute("CREATE TABLE t AS SELECT range AS n, hash(range) AS m FROM range(20000)")


def leave(folder, room):
    """Fill the disk but for some bytes."""
    disk = os.statvfs(folder)
    with (folder / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - room)


def fill(folder, room, make):
    """Write a small generation, then one that the disk cannot hold; the tables, and what the second raised."""
    tables = Generations(folder / "tables")
    write(tables, 1)
    if room:
        leave(folder, room)
    with pytest.raises(Exception, match=r"full|No space") as told, tables.fresh() as connection:
        make(connection)
    return tables, told.value


FULL = pytest.mark.parametrize(
    ("room", "make"),
    [(0, at_once), (0, bit_by_bit), (450_000, little), (4_096, little)],
    ids=["at once", "bit by bit", "at the end", "at the start"],
)


@FULL
def test_a_full_disk_leaves_the_former_generation(small_disk, room, make):
    tables, _ = fill(small_disk, room, make)
    assert files(tables) == ["000001.duckdb", "current"]
    assert read(tables) == [(1,)]


@FULL
def test_a_full_disk_is_told(small_disk, room, make):
    _, fault = fill(small_disk, room, make)
    assert isinstance(fault, StorageFull)
    assert str(small_disk) not in fault.message


LIMITED = """
import pathlib, resource, signal, sys
from oncommons.schema.errors import OncommonsError
from oncommons.storage.generations import Generations
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    with Generations(pathlib.Path(sys.argv[1])).fresh() as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS n, md5(range::VARCHAR) AS word FROM range(200000)")
except OncommonsError as fault:
    print(fault.code)
"""


def test_a_file_that_may_not_grow_is_told_as_a_full_disk(tables):
    write(tables, 1)
    said = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tables.folder)], capture_output=True, check=True, text=True
    )
    assert said.stdout == "E401\n"
    assert read(tables) == [(1,)]


def test_a_damaged_generation_is_told(tables):
    write(tables, 1)
    tables.current().write_bytes(b"\xa5" * 5_000)
    with pytest.raises(StorageFailed) as told:
        tables.open()
    assert str(tables.folder) not in told.value.message


def test_a_generation_that_is_gone_is_told(tables):
    write(tables, 1)
    tables.current().unlink()
    with pytest.raises(StorageFailed):
        tables.open()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe"])
def test_a_damaged_pointer_is_told(tables, content):
    write(tables, 1)
    (tables.folder / "current").write_bytes(content)
    with pytest.raises(StorageFailed):
        write(tables, 2)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "tables").write_text("a file stands here")
    with pytest.raises(StorageFailed):
        write(Generations(tmp_path / "tables" / "below"), 1)


def test_a_quote_in_the_name_of_the_folder_is_harmless(tmp_path):
    tables = Generations(tmp_path / "o'neill; --")
    write(tables, 1)
    write(tables, 2)
    assert read(tables) == [(2,)]


@pytest.mark.parametrize(("said", "told"), [("Query interrupted", KeyboardInterrupt), ("other", RuntimeError)])
def test_what_duckdb_makes_of_ctrl_c_is_an_interruption(tables, said, told):
    with pytest.raises(told), tables.fresh():
        raise RuntimeError(said)
    assert tables.current() is None


def test_settling_waits_for_whoever_writes(tmp_path):
    generations, seen = Generations(tmp_path / "tables"), []

    begun = threading.Event()

    def look():
        begun.set()
        generations.settle()
        seen.append(generations.current())

    other = threading.Thread(target=look)
    with generations.fresh():
        other.start()
        assert begun.wait(20)
        other.join(0.2)
        assert seen == []
    other.join(20)
    assert seen == [generations.current()]


def test_a_state_stands_for_what_was_written(tmp_path):
    tables, states = Generations(tmp_path / "tables"), [""]
    for _ in range(2):
        assert tables.state() == states[-1]
        with tables.fresh():
            assert tables.state() == states[-1]
        states.append(tables.state())
    shutil.rmtree(tmp_path / "tables")
    with tables.fresh():
        pass
    states.append(tables.state())
    assert len({*states}) == 4


def test_a_pointer_to_a_file_that_is_gone_is_an_error(tmp_path):
    tables = Generations(tmp_path / "tables")
    with tables.fresh():
        pass
    tables.current().unlink()
    with pytest.raises(StorageFailed, match="missing"):
        tables.state()


@pytest.mark.parametrize("text", ["plain", "it's", "''", 'a "b"', '"', "';"])
def test_a_text_and_a_name_come_back_from_sql_as_they_are(text):
    with duckdb.connect() as base:
        found = base.execute(f"SELECT {quoted(text)} AS {quoted(text, MARK)}")
        assert (found.description[0][0], found.fetchall()) == (text, [(text,)])
