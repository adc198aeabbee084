"""Who sees what of the audit log, and what can be looked for."""

import pytest

from oncommons.hub.audit.rules import Wanted, is_officer, nodes_in, nodes_seen, text_in, wanted
from oncommons.hub.people.register import Held
from oncommons.schema.errors import BadRequest
from oncommons.schema.people import ROLES
from oncommons.storage.chain import Entry

NODES = ("athens-general", "bologna", "cork")
ORGANISATIONS = {name[:3]: name for name in ("Athens General", "Bologna", "Cork", "Dublin", "Hub")}


def held(*roles):
    return [Held(name[:3], name, role) for role, name in roles]


@pytest.mark.parametrize(
    ("roles", "named", "seen"),
    [
        ([("operator", "Hub")], {}, None),
        ([("access-officer", "Athens General")], {}, {"athens-general"}),
        ([("access-officer", "Bologna"), ("access-officer", "Cork")], {}, {"bologna", "cork"}),
        ([("access-officer", "Bologna")], {"cork": "Bol"}, {"bologna", "cork"}),
        ([("access-officer", "Bologna")], {"bologna": "Cor"}, set()),
        ([("access-officer", "Dublin")], {}, set()),
        ([("coordinator", "Bologna"), ("data-manager", "Cork")], {}, set()),
        ([], {}, set()),
    ],
)
def test_an_officer_sees_the_nodes_of_their_organisations_and_an_operator_all(roles, named, seen):
    assert nodes_seen(held(*roles), NODES, named, ORGANISATIONS) == seen


def test_a_node_that_two_organisations_have_the_name_of_is_nobodys():
    """Its answers were shown to the officers of both."""
    two = {"Athens General": "Athens General", "Athens-General": "Athens-General"}
    for name in two:
        officer = [Held(name, name, "access-officer")]
        assert nodes_seen(officer, NODES, {}, two) == set()
        assert nodes_seen(officer, NODES, {"athens-general": "Athens-General"}, two) == (
            {"athens-general"} if name == "Athens-General" else set()
        )


@pytest.mark.parametrize("role", ROLES)
def test_only_officers_and_operators_look(role):
    assert is_officer(held((role, "Bologna"))) == (role in {"operator", "access-officer"})


def test_what_is_looked_for_is_read_from_an_address():
    found = wanted(
        {"kind": " asked ", "text": " one  two ", "since": "2026-11-01", "until": "2026-11-30", "other": "x"}
    )
    assert found == Wanted(kind="asked", words=("one", "two"), since="2026-11-01", until="2026-11-30")
    assert (found.before, Wanted().before) == ("2026-12-01", "")


@pytest.mark.parametrize(
    "given",
    [
        {"since": "2026-13-01"}, {"until": "2026-02-30"}, {"since": "yesterday"}, {"since": "2026-11-23T08:00"},
        {"since": "\u0662026-11-01"}, {"until": "9999-12-31"}, {"text": "a " * 9}, {"text": "x" * 201}, {"node": "x" * 201},
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_told(given):
    with pytest.raises(BadRequest):
        wanted(given)


@pytest.mark.parametrize(
    ("body", "nodes"),
    [
        ({"node": "b"}, ["b"]), ({"nodes": ["b", "a", "b"]}, ["a", "b"]), ({"node": 1, "nodes": "x"}, []),
        ({"holder": "c", "nodes": [1, ""]}, ["c"]), ({}, []),
    ],
)  # fmt: skip
def test_the_nodes_that_an_entry_concerns(body, nodes):
    assert nodes_in(Entry(1, "", "x", body, "", "")) == nodes


def test_a_text_of_an_entry_is_one_or_empty():
    assert [text_in({"a": value}, "a", 2) for value in ("xyz", 1, None, "")] == ["xy", "", "", ""]
