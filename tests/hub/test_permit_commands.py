"""The commands for permits, run as the front door runs them."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.permits import body

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.opening import open_hub
from oncommons.hub.people.register import new_person
from oncommons.hub.permits.book import PermitBook
from oncommons.service.identity import Issuer, OrderReader
from oncommons.service.settings import read_settings
from oncommons.storage.audit_hub import HubLog

LONG = {"not_before": "2026-01-01", "not_after": "2035-12-31"}


@pytest.fixture
def permit(oncommons, tmp_path):
    """Runs a command for permits at one hub; gives its status, output and complaint."""
    (tmp_path / "lung.json").write_text(json.dumps(body(period=LONG)), encoding="utf-8")
    (tmp_path / "bad.json").write_text(json.dumps(body(colour="red")), encoding="utf-8")

    def run(*words):
        named = [tmp_path / word if word.endswith(".json") else word for word in words]
        return oncommons("hub", "permit", *named, "--dir", tmp_path / "hub")

    return run


def test_a_permit_is_issued_listed_and_taken_back(permit, tmp_path):
    assert "No permit was issued" in permit("list")[1]
    status, out, _ = permit("issue", "lung.json")
    assert (status, out.count("  P-7."), "until 2035-12-31T00:00:00Z" in out) == (0, 2, True)
    assert permit("list")[1].split() == ["P-7", "holds", "lung", "until", "2035-12-31T00:00:00Z"]
    assert "node permits revoke P-7" in permit("revoke", "P-7")[1]
    (listed,) = json.loads(permit("list", "--json")[1])["permits"]
    assert (listed["standing"], listed["nodes"]) == ("revoked", ["athens", "bergen"])


def test_what_is_issued_verifies_and_its_passes_are_those_of_the_people(permit, tmp_path):
    told = json.loads(permit("issue", "lung.json", "--json")[1])
    hub = open_hub(read_settings(tmp_path / "hub"))
    issuer = Issuer(hub.key)
    assert OrderReader(issuer.keys()).read_permit(told["signed"]).to_json() == told["permit"]
    book = PermitBook(tmp_path / "hub", issuer, HubLog(hub.database))
    assert {person: book.whose(text)[1] for person, text in told["passes"].items()} == {"ana": "ana", "ben": "ben"}
    hub.database.close()


def test_what_is_issued_and_taken_back_is_entered_in_the_audit_log_without_the_people(permit, tmp_path):
    signed = json.loads(permit("issue", "lung.json", "--json")[1])["signed"]
    permit("revoke", "P-7")
    hub = open_hub(read_settings(tmp_path / "hub"))
    issued, revoked = [json.loads(line) for line in HubLog(hub.database).lines()][-2:]
    hub.database.close()
    assert (issued["kind"], issued["body"]) == (
        "permit issued",
        {
            "permit": "P-7",
            "project": "lung",
            "nodes": ["athens", "bergen"],
            "signed": hashlib.sha256(signed.encode()).hexdigest(),
        },
    )
    assert (revoked["kind"], revoked["body"]) == ("permit revoked", {"permit": "P-7"})


@pytest.mark.parametrize(
    ("view", "key"), [("permit", '"budget"'), ("odrl", '"Agreement"'), ("crate", "5s-crate"), ("visas", "Controlled")]
)
def test_a_permit_is_shown_as_others_read_it(permit, view, key):
    permit("issue", "lung.json")
    status, out, _ = permit("show", "P-7", "--as", view)
    assert (status, key in out) == (0, True)
    assert json.loads(out) == json.loads(permit("show", "P-7", "--as", view, "--json")[1])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("issue", "bad.json"), "E371"),
        (("issue", "none.json"), "E371"),
        (("show", "P-9"), "E375"),
        (("show", "P-7", "--as", "poem"), "E371"),
        (("revoke", "P-9"), "E375"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_code(permit, words, code):
    status, out, _ = permit(*words, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, code)


def test_those_who_have_an_account_are_told_in_their_inbox(permit, tmp_path):
    hub = open_hub(read_settings(tmp_path / "hub"))
    with hub.database.write() as connection:
        ana = new_person(connection, "ana@athens.example", "Ana", "-", 0.0)
    (tmp_path / "mine.json").write_text(json.dumps(body(period=LONG, people=[ana, "ben"])), encoding="utf-8")
    permit("issue", "mine.json")
    permit("revoke", "P-7")
    permit("revoke", "P-7")
    news, _ = Inbox(hub.database).news(ana)
    hub.database.close()
    assert sorted(one["says"] for one in news) == [
        "Permit P-7 was taken back: nothing can be asked under it any more.",
        "You may ask under permit P-7, “lung”, until 2035-12-31.",
    ]
    assert {one["where"] for one in news} == {"/projects/P-7"}


def test_a_running_hub_that_is_copied_as_the_page_says_knows_its_permits(permit, tmp_path):
    permit("issue", "lung.json")
    permit("revoke", "P-7")
    (tmp_path / "hub" / "hub.json").write_text("{}")  # as a hub that served has it
    page = Path(__file__).parents[2].joinpath("docs", "how-to-run-a-hub.md").read_text("utf-8")
    recipe = re.search(r"```bash\n(mkdir backup\n.*?)```", page, re.DOTALL)[1]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["bash", "-ec", recipe], cwd=tmp_path, env={"PATH": path}, check=True)
    (tmp_path / "hub").rename(tmp_path / "lost")
    (tmp_path / "backup").rename(tmp_path / "hub")
    (found,) = json.loads(permit("list", "--json")[1])["permits"]
    assert (found["id"], found["standing"]) == ("P-7", "revoked")
