"""The heads of the logs, for everybody."""

from tests.hub.link.test_witness import Node

from oncommons.service.identity import read_checkpoint
from oncommons.storage.audit_hub import HubLog
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
