"""The heads of the logs, for everybody, and the entries of the hub's log, for officers."""

from dataclasses import replace

import pytest
from tests.hub.audit.logs import NODES, PERMITS, a_story
from tests.hub.callers import told
from tests.hub.link.test_witness import Node
from tests.hub.people.guests import guest, opened

from oncommons.schema.people import ROLES
from oncommons.service.identity import read_checkpoint
from oncommons.storage.audit_hub import AUDIT_ENTRY, HubLog
from oncommons.storage.keys import public_part


def test_the_head_of_the_hubs_log_is_told_and_signed(hub):
    body = hub("GET", "/api/audit").json()
    head = HubLog(hub.hub.database).head()
    assert (body["size"], body["head"], body["nodes"]) == (head.size, head.digest, [])
    assert read_checkpoint(body["checkpoint"], public_part(hub.hub.key)).head == head


def test_of_each_node_the_last_checkpoint_is_told(hub):
    athens, bologna = Node(hub), Node(hub, "bologna")
    Node(hub, "cork")
    for node, size in ((athens, 3), (bologna, 8), (athens, 4)):
        node.call("GET", "/api/link/work", size)
    found = hub("GET", "/api/audit").json()["nodes"]
    assert [(n["node"], n["size"], n["contradicts"]) for n in found] == [("athens", 4, 0), ("bologna", 8, 0)]
    assert read_checkpoint(found[0]["checkpoint"], public_part(athens.key)).head.size == 4
    athens.call("GET", "/api/link/work", 2, at=1)
    found = hub("GET", "/api/audit").json()["nodes"]
    assert found[0]["contradicts"] == found[0]["entry"] - 1


def test_nodes_that_were_revoked_or_have_another_key_are_left_out(hub):
    athens = Node(hub)
    athens.call("GET", "/api/link/work", 3)
    hub.hub.registry.revoke("athens", hub.clock())
    assert hub("GET", "/api/audit").json()["nodes"] == []
    Node(hub)
    assert hub("GET", "/api/audit").json()["nodes"] == []


LOOK = "/api/audit/entries"


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """A hub with a story, and people in every role, at the organisation of the node athens and elsewhere."""
    with opened(tmp_path_factory.mktemp("hub")) as hub:
        for name in NODES[:2]:
            hub.join(name)
        hub.app.state.index = replace(hub.app.state.index, permits=lambda: PERMITS)
        a_story(hub.hub.database, 40)
        people = {role: guest(hub, f"{role}@athens.example", role, "Athens") for role in ROLES}
        people["elsewhere"] = guest(hub, "else@dublin.example", "access-officer", "Dublin")
        yield hub, people


@pytest.mark.parametrize("role", [role for role in ROLES if role not in {"operator", "access-officer"}])
def test_nobody_looks_through_the_log_but_officers_and_operators(seen, role):
    hub, people = seen
    assert told(people[role]("GET", LOOK)) == (403, "E383")
    assert told(hub("GET", LOOK)) == (401, "E382")
    assert told(people["operator"].token("ask")("GET", LOOK)) == (403, "E383")


def test_an_operator_sees_all_and_an_officer_what_concerns_their_node(seen):
    hub, people = seen
    every, mine = people["operator"]("GET", LOOK).json(), people["access-officer"]("GET", LOOK).json()
    size = HubLog(hub.hub.database).head().size
    assert (every["sees"], mine["sees"], every["proof"]["state"], every["proof"]["entries"]) == (
        None,
        ["athens"],
        "whole",
        size,
    )
    assert len(every["entries"]) == size
    assert mine["entries"] == [one for one in every["entries"] if "athens" in one["nodes"]]
    assert 5 < len(mine["entries"]) < size
    assert people["elsewhere"]("GET", LOOK).json()["entries"] == []


def test_an_officer_of_an_organisation_that_was_named_for_a_node_sees_it(seen):
    hub, people = seen
    place = people["elsewhere"].about()["roles"][0]["id"]
    hub.app.state.holders = lambda: {"bergen": place}
    assert people["elsewhere"]("GET", LOOK).json()["sees"] == ["bergen"]
    hub.app.state.holders = dict


def test_what_is_looked_for_is_found_page_by_page(seen):
    _, people = seen
    got = people["operator"]("GET", LOOK, params={"kind": "answered", "permit": "P-7"}).json()
    assert {(one["kind"], one["permit"]) for one in got["entries"]} == {("answered", "P-7")}
    last = got["entries"][-1]["number"]
    below = people["operator"]("GET", LOOK, params={"below": str(last)}).json()
    assert max(one["number"] for one in below["entries"]) == last - 1
    assert got["proof"] == below["proof"] | {"at": got["proof"]["at"]}
    for params in ({"below": "x"}, {"below": "-1"}, {"below": "9" * 10}, {"since": "x"}):
        assert told(people["operator"]("GET", LOOK, params=params)) == (400, "E405")


def test_a_log_that_was_changed_is_told_in_the_first_line(seen):
    hub, people = seen
    people["operator"]("GET", LOOK)  # what is marked by then was whole
    with hub.hub.database.write() as connection:
        row = connection.execute(AUDIT_ENTRY.select().where(AUDIT_ENTRY.c.number == 2)).one()
        connection.execute(
            AUDIT_ENTRY.update().where(AUDIT_ENTRY.c.number == 2).values(line=row.line.replace("athens", "athene"))
        )
    look = people["operator"]
    assert look("GET", LOOK, params={"prove": "anew"}).json()["proof"]["state"] == "not whole"
    with hub.hub.database.write() as connection:
        connection.execute(AUDIT_ENTRY.update().where(AUDIT_ENTRY.c.number == 2).values(line=row.line))
    assert look("GET", LOOK).json()["proof"]["state"] == "whole"
