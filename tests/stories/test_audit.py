"""Two processes keep each other's checkpoints: who writes a log anew, with the key in hand, is seen by the other."""

import contextlib
import io
import json
import sqlite3
from datetime import datetime

import pytest
from tests.storage.chains import oracle
from tests.stories.federation import Federation, numbers

from oncommons.audit.commands import NOT_WHOLE
from oncommons.cli import main
from oncommons.storage.chain import Event, Head, next_entry


def audit(*words):
    """Exit status and JSON of a command of the audit."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as ended:
        main(["audit", *map(str, words), "--json"])
    return ended.value.code or 0, json.loads(said.getvalue())


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A hub and a node after two questions, stopped."""
    made = Federation(tmp_path_factory.mktemp("audited"))
    try:
        made.hub.start()
        made.add("cork").start()
        made.await_online("cork")
        assert numbers(made.ask()) == {"cork": 51}
        made.ask({"count": "series", "by": ["modality"]})
    finally:
        made.stop()
    return made


@pytest.fixture
def places(asked, tmp_path):
    """Copies of the directories and databases of the node and the hub."""
    places = {"--node": (tmp_path / "cork", "audit.sqlite"), "--hub": (tmp_path / "hub", "hub.sqlite")}
    for folder, file in places.values():
        folder.mkdir()
        for name in ("key.pem", "hub-key.pem", file, f"{file}-wal"):  # not all of it may be in the database yet
            if (asked.folder / folder.name / name).exists():
                (folder / name).write_bytes((asked.folder / folder.name / name).read_bytes())
    return {side: (folder, folder / file) for side, (folder, file) in places.items()}


def rewrite(database, tables, at, change):
    """Write a log anew from an entry on, all hashes right, as somebody could who has the directory."""
    entries, heads = tables
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as there:
        lines = [line for (line,) in there.execute(f"SELECT line FROM {entries} ORDER BY number")]
        head, again = Head(), []
        for line in lines:
            old = json.loads(line)
            body = change(old["body"]) if old["number"] == at else old["body"]
            if body is None:
                continue
            entry = next_entry(Event(old["kind"], body, datetime.fromisoformat(old["time"]).timestamp()), head)
            head, again = entry.head, [*again, entry.to_line()]
        assert oracle(again) == head
        there.execute(f"DELETE FROM {entries}")
        there.executemany(f"INSERT INTO {entries} (number, line) VALUES (?, ?)", list(enumerate(again, 1)))
        there.execute(f"UPDATE {heads} SET size = ?, digest = ?", [head.size, head.digest])


TABLES = {"--node": ("entry", "head"), "--hub": ("audit_entry", "audit_head")}
KINDS = {"--node": "released", "--hub": "asked"}


def first_of(side, places):
    _, found = audit("list", side, places[side][0], "--kind", KINDS[side])
    return found["entries"][0]["number"]


def test_both_logs_agree_and_name_the_same_answers(places):
    status, found = audit("verify", "--node", places["--node"][0], "--hub", places["--hub"][0])
    assert (status, found["whole"]) == (0, True)
    assert [log["compared"] >= 2 for log in found["logs"]] == [True, True]
    told = {}
    for side, kind in (("--node", "released"), ("--hub", "answered")):
        _, listed = audit("list", side, places[side][0], "--kind", kind)
        told[side] = [(entry["body"]["job"], entry["body"]["answer"]) for entry in listed["entries"]]
    assert told["--node"] == told["--hub"]
    assert len(told["--node"]) == 2


@pytest.mark.parametrize(("side", "other"), [("--node", "--hub"), ("--hub", "--node")])
@pytest.mark.parametrize("change", [lambda body: body | {"job": "another"}, lambda _: None], ids=["changed", "removed"])
def test_a_log_that_its_owner_wrote_anew_is_shown_by_what_the_other_kept(places, side, other, change, tmp_path):
    at = first_of(side, places)
    rewrite(places[side][1], TABLES[side], at, change)
    status, alone = audit("verify", side, places[side][0])
    assert (status, alone["whole"], alone["logs"][0]["compared"]) == (0, True, 0)
    kept = tmp_path / "kept.jsonl"
    audit("export", kept, other, places[other][0], "--checkpoints")
    status, found = audit("verify", side, places[side][0], "--checkpoint", kept)
    faults = found["logs"][0]["faults"]
    assert (status, found["whole"]) == (NOT_WHOLE, False)
    # where only a later checkpoint was kept, it is the lacking end that shows
    assert any(fault["first"] <= at <= fault["last"] or fault["what"] == "cut off" for fault in faults)
    status, both = audit("verify", "--node", places["--node"][0], "--hub", places["--hub"][0])
    assert (status, [log["whole"] for log in both["logs"]].count(False)) == (NOT_WHOLE, 1)
