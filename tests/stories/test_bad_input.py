"""What people, files, disks and clocks do wrong: each is told with its code, and everything else goes on."""

import json
import os
import time
from contextlib import closing

import duckdb
import httpx
import pytest
from tests import disks
from tests.stories.federation import MEN_AND_WOMEN, PATIENCE, Federation, command
from tests.stories.nursery import Copy

from oncommons.client.link import NodeLink
from oncommons.client.transport import Transport
from oncommons.node.home import open_home
from oncommons.schema.errors import OncommonsError
from oncommons.storage.keys import load_key

PEOPLE = 60 + 92 + 51
"""Patients of the federation's three collections."""
MAPPING = 'dataset = "lung"\n[columns]\nperson = "p"\nstudy = "t"\nseries = "s"\n'


def where(criterion):
    return {"count": "person", "where": criterion}


def nested(levels):
    inner = {"field": "sex", "in": ["F"]}
    for _ in range(levels):
        inner = {"not": inner}
    return where(inner)


HOSTILE = {
    "an unknown field": (where({"field": "patient_name", "in": ["F"]}), "E102"),
    "an unknown key": ({"count": "person", "sql": "1"}, "E101"),
    "a wrong type": (where(["sex"]), "E101"),
    "a number for a code": (where({"field": "sex", "in": [7]}), "E103"),
    "21 levels": (nested(21), "E105"),
    "10,000 codes": (where({"field": "sex", "in": [f"C{n}" for n in range(10_000)]}), "E105"),
    "SQL in a value": (where({"field": "sex", "in": ["F'; DROP TABLE person; --"]}), "E103"),
    "SQL in a field": (where({"field": "sex = 'F' OR 1=1", "in": ["F"]}), "E102"),
    "nothing": (b"", "E101"),
    "no JSON": (b"\x00\xff\x1f\x8b", "E101"),
    "brackets": (b"[" * 200_000, "E105"),
    "brackets in a criterion": (b'{"count":"person","where":' + b"[" * 100_000, "E105"),
    "objects in objects": (b'{"count":"person","where":' + b'{"not":' * 20_000, "E105"),
    "a question just too long": (b" " * 262_145, "E105"),
    "5 MB": (b" " * 5_000_000, "E105"),
}
"""Questions that nobody should ask, and their codes."""


def run(*words):
    """Exit status and JSON of a command that fails."""
    process = Copy([*map(str, words), "--json"], os.devnull)
    with process.stdout as said:
        return process.wait(PATIENCE), json.loads(said.read())


def publish(folder, skew):
    """What a node by a clock that is off by so many seconds is told when it publishes."""
    home = open_home(folder)
    member = home.joined()
    with closing(Transport(member.url)) as transport:
        link = NodeLink(
            transport, member.name, load_key(home.key_file), member.issuer, clock=lambda: time.time() + skew
        )
        try:
            link.publish([])
        except OncommonsError as fault:
            return f"{fault.code} {fault.message}"
    return ""


def people(federation):
    return federation.ask().certain.at_least


def series_of(folder):
    return command("node", "status", "--dir", str(folder))["series"]


def parquet(path, rows):
    """A file of series, too varied to be made small."""
    with closing(duckdb.connect()) as base:
        base.execute(
            f"COPY (SELECT md5('p' || i) AS p, md5('t' || i) AS t, md5('s' || i) AS s FROM range({rows}) x(i)) "
            f"TO '{path}' (FORMAT parquet)"
        )
    return path


@pytest.fixture
def lonely(tmp_path):
    """A hub without nodes."""
    made = Federation(tmp_path)
    made.hub.start()
    try:
        yield made
    finally:
        made.stop()


def test_hostile_questions_get_their_codes_and_the_federation_still_answers(federation):
    told = {}
    with httpx.Client(base_url=federation.url, timeout=60) as client:
        for what, (body, _) in HOSTILE.items():
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            reply = client.post("/api/questions", content=content)
            told[what] = reply.json()["error"]["code"]
            assert 400 <= reply.status_code < 500
            assert "Traceback" not in reply.text
    assert told == {what: code for what, (_, code) in HOSTILE.items()}
    assert people(federation) == PEOPLE


@pytest.mark.parametrize("damage", ["cut", "overwritten", "another kind"])
def test_a_damaged_file_leaves_the_former_data_answering(federation, tmp_path, damage):
    source, mapping = parquet(tmp_path / "series.parquet", 1_000), tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    whole = source.read_bytes()
    source.write_bytes(
        {"cut": whole[: len(whole) // 2], "overwritten": whole[:100] + os.urandom(len(whole) - 108) + whole[-8:]}.get(
            damage, b"dear sir or madam"
        )
    )
    folder = federation.folder / "athens"
    before = series_of(folder)
    status, body = run("node", "import", source, "--mapping", mapping, "--dir", folder)
    assert (status, body["error"]["code"]) == (30, "E304")
    assert str(tmp_path) not in body["error"]["message"]
    assert series_of(folder) == before
    assert people(federation) == PEOPLE


@pytest.fixture
def small_disk():
    """A folder on a disk of 8 MiB."""
    with disks.small_disk(8) as folder:
        yield folder


def test_a_full_disk_leaves_the_former_data_answering(lonely, small_disk, tmp_path):
    lonely.folder = small_disk
    node = lonely.add("athens")
    node.log = tmp_path / "athens.log"
    folder, mapping = small_disk / "athens", tmp_path / "mapping.toml"
    mapping.write_text(MAPPING)
    source, before = parquet(tmp_path / "series.parquet", 200_000), series_of(folder)
    status, body = run("node", "import", source, "--mapping", mapping, "--dir", folder)
    assert (status, body["error"]["code"]) == (40, "E401")
    assert series_of(folder) == before
    node.start()
    lonely.await_online("athens")
    assert people(lonely) == 60


def test_a_port_in_use_is_told(lonely, tmp_path):
    status, body = run("hub", "serve", "--port", lonely.port, "--dir", tmp_path / "other")
    assert (status, body["error"]["code"]) == (40, "E402")
    assert "--port" in body["error"]["message"]


def test_a_method_that_is_not_there_is_told_with_those_that_are(lonely):
    reply = httpx.delete(f"{lonely.url}/api/hub")
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET")


def test_wrong_and_used_invitations_are_told(lonely, tmp_path):
    code = command("hub", "invite", "athens", "--dir", lonely.hub_folder)["code"]
    for name in ("first", "second"):
        command("node", "init", str(tmp_path / name), "--policy", "open")
    wrong = f"{'0' * 32}.{code.partition('.')[2]}"
    join = ("node", "join", lonely.url)
    told = [run(*join, wrong, "--dir", tmp_path / "first"), run(*join, "nonsense", "--dir", tmp_path / "first")]
    command(*join, code, "--dir", str(tmp_path / "first"))
    told.append(run(*join, code, "--dir", tmp_path / "second"))
    assert [(status, body["error"]["code"]) for status, body in told] == [(20, "E201")] * 3
    assert "used before" in told[2][1]["error"]["message"]


def test_a_node_whose_clock_is_off_is_told_by_how_much_and_others_go_on(federation):
    ahead, behind = (publish(federation.folder / "cork", skew) for skew in (600, -600))
    assert ahead.startswith("E204 The node's clock is 10 minutes ahead of the hub's.")
    assert behind.startswith("E204 The node's clock is 10 minutes behind the hub's.")
    assert federation.hub.running.poll() is None
    assert federation.ask(MEN_AND_WOMEN).certain.at_least == PEOPLE


def test_a_clock_that_is_off_by_a_minute_does_no_harm(federation):
    assert publish(federation.folder / "cork", 60) == ""
    assert publish(federation.folder / "cork", -60) == ""
