"""The commands: exit codes, what is found in a directory that somebody worked on, exports."""

import json
import sqlite3
from contextlib import closing

import pytest

from oncommons.audit.commands import NOT_WHOLE
from oncommons.cli import EXIT_CODES
from oncommons.node.home import make_home
from oncommons.node.recording import record
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_protocols import AuditError
from oncommons.service.identity import sign_checkpoint
from oncommons.storage.audit import open_audit
from oncommons.storage.keys import load_key


@pytest.fixture
def home(tmp_path):
    home = make_home(tmp_path / "athens", Policy.of("open"))
    for i in range(5):
        record(home, "released", {"job": f"j{i}"}, lambda: 1_800_000_000.0)
    return home


@pytest.fixture
def kept(home, tmp_path):
    """What somebody else kept of the log as it is now."""
    with closing(open_audit(home.audit_file)) as log:
        text = sign_checkpoint(load_key(home.key_file), log.head(), 0)
    file = tmp_path / "kept.jsonl"
    file.write_text(json.dumps({"checkpoint": text}))
    return file


def spoil(home, *statements):
    with closing(sqlite3.connect(home.audit_file, isolation_level=None)) as there:
        for statement in statements:
            there.execute(statement)


def verified(oncommons, *words):
    status, out, _ = oncommons("audit", "verify", *words, "--json")
    return status, [(f["what"], f["first"], f["last"]) for log in json.loads(out)["logs"] for f in log["faults"]]


def test_a_whole_log_is_told_to_be_whole(oncommons, home, kept):
    assert verified(oncommons, "--node", home.folder, "--checkpoint", kept) == (0, [])
    status, out, _ = oncommons("audit", "verify", "--node", home.folder)
    assert (status, "athens: 6 entries are whole" in out, "written it anew" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM entry WHERE number = 3", ("removed", 3, 3)),
        ("UPDATE entry SET line = replace(line, 'j2', 'j9')", ("changed", 4, 4)),
        ("UPDATE entry SET line = 'x' WHERE number = 2", ("unreadable", 2, 2)),
        ("DELETE FROM entry WHERE number > 4", ("cut off", 5, 6)),
        ("INSERT INTO entry SELECT 7, line FROM entry WHERE number = 2", ("repeated", 2, 2)),
        ("UPDATE entry SET number = 14 - number WHERE number > 1", ("removed", 2, 5)),
    ],
)
def test_what_somebody_did_to_the_file_is_found(oncommons, home, statement, fault):
    spoil(home, statement)
    status, found = verified(oncommons, "--node", home.folder)
    assert (status, fault in found) == (NOT_WHOLE, True)


def test_a_careful_cut_is_found_by_what_somebody_else_kept(oncommons, home, kept):
    with closing(open_audit(home.audit_file)) as log:
        digest = json.loads(list(log.lines())[3])["hash"]
    spoil(home, "DELETE FROM entry WHERE number > 4", f"UPDATE head SET size = 4, digest = '{digest}'")
    assert verified(oncommons, "--node", home.folder) == (0, [])
    assert verified(oncommons, "--node", home.folder, "--checkpoint", kept) == (NOT_WHOLE, [("cut off", 5, 6)])
    status, out, _ = oncommons("audit", "verify", "--node", home.folder, "--checkpoint", kept)
    assert (status, "NOT what they were" in out, "Entries 5 to 6 are cut off" in out) == (NOT_WHOLE, True, True)


def test_entries_after_the_noted_end_are_found(oncommons, home):
    spoil(home, "UPDATE head SET size = 5, digest = (SELECT substr(line, -66, 64) FROM entry WHERE number = 5)")
    assert verified(oncommons, "--node", home.folder)[0] == NOT_WHOLE


def test_a_checkpoint_of_another_log_proves_nothing_and_says_so(oncommons, home, kept, tmp_path):
    other = make_home(tmp_path / "bologna", Policy.of("open"))
    record(other, "policy", {})
    status, _, err = oncommons("audit", "verify", "--node", other.folder, "--checkpoint", kept)
    assert (status, "None of the checkpoints is of this log" in err) == (NOT_WHOLE, True)
    kept.write_text("nothing")
    status, _, err = oncommons("audit", "verify", "--node", home.folder, "--checkpoint", kept)
    assert (status, "no checkpoint in kept.jsonl" in err) == (NOT_WHOLE, True)


def test_it_must_be_said_whose_log(oncommons, home):
    assert oncommons("audit", "verify")[0] == EXIT_CODES[AuditError] == NOT_WHOLE
    assert oncommons("audit", "list", "--node", home.folder, "--hub", home.folder)[0] == NOT_WHOLE


def test_entries_are_listed_and_looked_for(oncommons, home):
    status, out, _ = oncommons("audit", "list", "--node", home.folder, "--words", "J3", "--kind", "released", "--json")
    assert (status, [entry["number"] for entry in json.loads(out)["entries"]]) == (0, [5])
    _, out, _ = oncommons("audit", "list", "--node", home.folder, "--last", "2")
    assert [line.split()[0] for line in out.splitlines()] == ["5", "6"]
    assert "No entry fits" in oncommons("audit", "list", "--node", home.folder, "--since", "2099")[1]


def test_a_log_is_exported_as_it_is_kept(oncommons, home, tmp_path):
    file = tmp_path / "out.jsonl"
    status, out, _ = oncommons("audit", "export", file, "--node", home.folder, "--json")
    assert (status, json.loads(out)["entries"]) == (0, 6)
    with closing(open_audit(home.audit_file)) as log:
        assert file.read_text().splitlines() == list(log.lines())


def test_the_checkpoints_in_a_log_are_exported_for_others(oncommons, home, kept, tmp_path):
    text = json.loads(kept.read_text())["checkpoint"]
    other = make_home(tmp_path / "bologna", Policy.of("open"))
    record(other, "answered", {"checkpoint": text})
    file = tmp_path / "out.jsonl"
    assert oncommons("audit", "export", file, "--node", other.folder, "--checkpoints")[0] == 0
    (line,) = file.read_text().splitlines()
    assert (json.loads(line)["checkpoint"], json.loads(line)["entry"]) == (text, 2)
    assert verified(oncommons, "--node", home.folder, "--checkpoint", file) == (0, [])
