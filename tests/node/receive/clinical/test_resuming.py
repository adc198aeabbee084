"""What was read of files is there for the next import, until one ends."""

import json
import os
import signal
import subprocess
import sys
from functools import partial

import pytest
from tests.node.bundles import coded, patient, resource, story, write_bundle, write_lines

from oncommons.node.clinical import faults_of, import_clinical, names_at
from oncommons.node.home import make_home
from oncommons.node.receive.clinical.fhir import receive_fhir
from oncommons.node.receive.clinical.fhir_source import FhirSource
from oncommons.node.receive.clinical.resuming import NOTHING_KEPT, Readings, key_of
from oncommons.policy.disclosure import Policy
from oncommons.schema.errors import StorageFailed

ITEMS = [["row", 1, {"a": "\ud800é\n"}], ["kind", "Patient"]]


def lasting(item):
    return item[0] != "passing"


def unread():
    raise AssertionError("The file was read again.")


def test_what_was_read_to_its_end_is_not_read_again(tmp_path):
    readings = Readings(tmp_path / "r")
    assert list(readings.of("k", lambda: ITEMS, lasting)) == ITEMS
    assert list(readings.of("k", unread, lasting)) == ITEMS
    assert list(readings.of("other", list, lasting)) == []
    assert [path.stat().st_mode & 0o77 for path in (tmp_path / "r", tmp_path / "r" / "k")] == [0, 0]
    readings.forget(but={"k"})
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["k"]
    readings.forget()
    assert not (tmp_path / "r").exists()


def test_what_somebody_else_put_there_stays(tmp_path):
    readings = Readings(tmp_path / "r")
    list(readings.of("k", lambda: ITEMS, lasting))
    (tmp_path / "r" / "folder").mkdir()
    readings.forget()
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["folder"]


@pytest.mark.parametrize("why", ["stopped", "passing", "broken"])
def test_what_was_not_read_to_its_end_or_does_not_last_is_not_kept(tmp_path, why):
    def read():
        yield ["passing" if why == "passing" else "kind"]
        if why == "broken":
            raise EOFError

    found = Readings(tmp_path / "r").of("k", read, lasting)
    if why == "broken":
        assert next(found) == ["kind"]
        with pytest.raises(EOFError):
            next(found)
    elif why == "stopped":
        next(found)
        found.close()
    else:
        list(found)
    assert list((tmp_path / "r").iterdir()) == []


def test_many_items_are_kept_in_their_order(tmp_path):
    many = [["kind", str(n)] for n in range(2_500)]
    readings = Readings(tmp_path)
    assert list(readings.of("k", lambda: many, lasting)) == list(readings.of("k", unread, lasting)) == many


def test_what_is_damaged_is_told_and_read_again_then(tmp_path):
    readings = Readings(tmp_path)
    list(readings.of("k", lambda: ITEMS, lasting))
    (tmp_path / "k").write_bytes(b'["row", 1')
    with pytest.raises(StorageFailed, match="Import again"):
        list(readings.of("k", unread, lasting))
    assert list(readings.of("k", lambda: ITEMS, lasting)) == ITEMS


def test_nothing_is_kept_where_there_is_no_folder():
    assert list(NOTHING_KEPT.of("k", lambda: ITEMS, lasting)) == ITEMS
    NOTHING_KEPT.forget()


def test_a_key_is_of_its_parts_and_not_of_their_letters():
    assert len({key_of("a", "b"), key_of("ab", ""), key_of("", "ab"), key_of("ab")}) == 4


def export(folder):
    """A folder of files that belong together, with a row of some kinds of faults."""
    folder.mkdir()
    write_bundle(folder / "a.json", *story()[:2])
    write_lines(folder / "b.ndjson", *story()[3:], patient("b", "4712"), resource("Condition", "Patient/none"))
    write_lines(folder / "c.ndjson", story()[2], patient("b", "4712", gender="female"), {"resourceType": "Account"})
    write_lines(folder / "d.ndjson", resource("Condition", "Patient/b", code=coded("x", "what"), onsetDateTime="2999"))
    (folder / "e.json").write_text('{"resourceType": "Bundle", "entry": [{"resource": {')
    return folder


def receive_at(home, folder):
    readings = Readings(home.readings)
    return partial(receive_fhir, source=FhirSource(folder, "d"), names=names_at(home), readings=readings)


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.node.receive.clinical.test_resuming import receive_at
from oncommons.node.clinical import import_clinical
from oncommons.node.home import open_home
from oncommons.node.receive.clinical import fhir

home, folder, last, log = open_home(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
resources_of, seen = fhir.resources_of, []


def counted(path):
    seen.append(path.name)
    with log.open("a") as file:
        file.write(path.name + "\\n")
    for resource in resources_of(path):
        if len(seen) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        yield resource


fhir.resources_of = counted
import_clinical(home, receive_at(home, folder))
"""


def child(home, folder, last, log):
    """Runs an import that dies in the file that it reads as the last-th one; gives the files that it began to read."""
    log.write_text("")
    words = [sys.executable, "-c", KILLED, home.folder, folder, last, log]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        list(map(str, words)), capture_output=True, timeout=60, check=False, env={**os.environ, **paths}
    )
    return done.returncode, log.read_text().split(), done.stderr


def said(home):
    """All that a node's tables of OMOP say."""
    with home.tables.open() as base:
        names = base.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'omop' ORDER BY 1").fetchall()
        return {
            name: sorted(base.execute(f"SELECT * FROM omop.{name}").fetchall(), key=repr)
            for (name,) in names
            if name != "source"
        }


def test_what_is_killed_goes_on_where_it_was_and_ends_as_if_it_had_not_been(tmp_path):
    folder, home, log = export(tmp_path / "f"), make_home(tmp_path / "n", Policy("open")), tmp_path / "log"
    for last, files in [(3, "abc"), (2, "cd"), (3, "dea"), (3, "eab")]:  # e is damaged
        status, read, fault = child(home, folder, last, log)
        assert (status, "".join(name[0] for name in read)) == (-signal.SIGKILL, files), fault
    assert home.tables.current() is None
    again = import_clinical(home, receive_at(home, folder))
    assert not home.readings.exists()
    fresh = make_home(tmp_path / "m", Policy("open"))
    fresh.secret_file.write_bytes(home.secret_file.read_bytes())
    once = import_clinical(fresh, receive_at(fresh, folder))
    assert (again.to_json(), said(home)) == (once.to_json(), said(fresh))
    assert faults_of(home, again.taken.source) == faults_of(fresh, once.taken.source)
    assert json.loads(json.dumps(again.to_json()))["damaged"] == ["e.json"]


def test_a_file_that_changed_meanwhile_is_read_again(tmp_path):
    folder, home, log = export(tmp_path / "f"), make_home(tmp_path / "n", Policy("open")), tmp_path / "log"
    assert child(home, folder, 3, log)[0] == -signal.SIGKILL
    with (folder / "a.json").open("a") as file:
        file.write("\n")
    status, read, fault = child(home, folder, 99, log)
    assert (status, "".join(name[0] for name in read)) == (0, "acdeabcd"), fault
