"""The registry: invited once, joined once, seen, revoked."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from joserfc.jwk import ECKey, OKPKey
from tests.hub.callers import PUBLIC_KEY

from oncommons.hub.link.registry import INVITATION_SECONDS, ONLINE_SECONDS, Node, Registry, named
from oncommons.schema.errors import (
    BadRequest,
    InvitationRefused,
    NameTaken,
    NodeRevoked,
    NodeUnknown,
    OncommonsError,
    TokenRefused,
    UnknownValue,
)

PIN = "0123456789abcdef"


@pytest.fixture
def registry(database):
    return Registry(database)


def join(registry, name="athens", now=0.0):
    return registry.join(registry.invite(name, PIN, now).secret, PUBLIC_KEY, "1.0", now)


def test_an_invited_node_joins_under_the_invited_name(registry):
    assert join(registry, now=5) == "athens"
    node = registry.node("athens")
    assert (node.jwk["x"], node.joined, node.revoked, node.seen, node.version) == (
        PUBLIC_KEY["x"],
        5,
        None,
        None,
        "1.0",
    )


def test_an_invitation_carries_the_pin_and_a_secret_of_its_own(registry):
    first, second = registry.invite("athens", PIN, 0), registry.invite("bologna", PIN, 0)
    assert first.pin == second.pin == PIN
    assert first.secret != second.secret


def test_an_invitation_serves_once(registry):
    secret = registry.invite("athens", PIN, 0).secret
    registry.join(secret, PUBLIC_KEY, "", 0)
    with pytest.raises(InvitationRefused, match="used before"):
        registry.join(secret, PUBLIC_KEY, "", 1)


def test_of_many_that_join_at_once_with_one_invitation_one_gets_in(registry):
    secret = registry.invite("athens", PIN, 0).secret

    def attempt(_):
        try:
            return registry.join(secret, PUBLIC_KEY, "", 0)
        except OncommonsError as fault:
            return fault.code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == ["E201"] * 3 + ["athens"]


def test_an_invitation_serves_until_it_expires(registry):
    assert registry.join(registry.invite("athens", PIN, 0).secret, PUBLIC_KEY, "", INVITATION_SECONDS) == "athens"
    secret = registry.invite("bologna", PIN, 0).secret
    with pytest.raises(InvitationRefused, match="expired"):
        registry.join(secret, PUBLIC_KEY, "", INVITATION_SECONDS + 1)


@pytest.mark.parametrize("secret", ["", "0" * 32, "' OR 1=1 --"])
def test_a_wrong_secret_is_refused(registry, secret):
    registry.invite("athens", PIN, 0)
    with pytest.raises(InvitationRefused, match="does not know"):
        registry.join(secret, PUBLIC_KEY, "", 0)


def test_a_newer_invitation_takes_the_place_of_an_unused_one(registry):
    older, newer = registry.invite("athens", PIN, 0).secret, registry.invite("athens", PIN, 1).secret
    with pytest.raises(InvitationRefused):
        registry.join(older, PUBLIC_KEY, "", 2)
    assert registry.join(newer, PUBLIC_KEY, "", 2) == "athens"


@pytest.mark.parametrize("name", ["", "Athens", "-a", "a b", "a" * 64, "ä", "a'; DROP TABLE node"])
def test_nobody_is_invited_under_what_is_not_a_name(registry, name):
    with pytest.raises(BadRequest):
        registry.invite(name, PIN, 0)


def test_nobody_is_invited_under_a_name_that_is_taken(registry):
    join(registry)
    with pytest.raises(NameTaken, match="athens"):
        registry.invite("athens", PIN, 0)


def test_a_key_that_cannot_be_used_leaves_the_invitation_unused(registry):
    secret = registry.invite("athens", PIN, 0).secret
    other = [{}, {"kty": "OKP"}, OKPKey.generate_key("X25519").as_dict(), ECKey.generate_key("P-256").as_dict()]
    for jwk in other:
        with pytest.raises(BadRequest):
            registry.join(secret, jwk, "", 0)
    assert registry.join(secret, PUBLIC_KEY, "", 0) == "athens"


def test_a_private_key_that_was_sent_by_mistake_is_not_kept(registry):
    private = OKPKey.generate_key("Ed25519").as_dict(private=True)
    registry.join(registry.invite("athens", PIN, 0).secret, private, "", 0)
    assert "d" not in registry.node("athens").jwk


def test_a_revoked_node_may_not_call(registry):
    join(registry)
    registry.revoke("athens", 9)
    with pytest.raises(NodeRevoked):
        registry.node("athens")
    with pytest.raises(NodeRevoked):
        registry.called("athens", "", 9)
    assert [(n.name, n.revoked) for n in registry.nodes()] == [("athens", 9)]


def test_whether_a_node_is_revoked_is_looked_up(registry):
    join(registry)
    assert not registry.is_revoked("athens")
    registry.revoke("athens", 9)
    assert registry.is_revoked("athens")
    assert not registry.is_revoked("nobody")


def test_a_node_that_nobody_knows_may_not_call_and_is_not_revoked(registry):
    with pytest.raises(NodeUnknown):
        registry.node("athens")
    with pytest.raises(NodeUnknown, match="oncommons hub nodes"):
        registry.revoke("athens", 0)


def test_a_revoked_node_joins_again_with_a_new_invitation_and_a_new_key(registry):
    join(registry)
    registry.revoke("athens", 1)
    join(registry, now=2)
    node = registry.node("athens")
    assert (node.joined, node.revoked, node.seen) == (2, None, None)


def test_an_assertion_serves_once_until_it_has_expired(registry):
    registry.use_assertion("one", 100, 0)
    with pytest.raises(TokenRefused, match="used before"):
        registry.use_assertion("one", 100, 50)
    registry.use_assertion("another", 100, 50)
    registry.use_assertion("one", 300, 200)


def test_a_node_that_called_is_remembered_for_a_second(registry):
    join(registry)
    assert registry.remembered("athens", 10) is None
    registry.called("athens", "1.0", 10)
    assert registry.remembered("athens", 10.5).name == "athens"
    assert registry.remembered("athens", 11) is None


def test_a_clock_that_was_set_back_does_not_keep_a_node_in_memory(registry):
    join(registry)
    registry.called("athens", "1.0", 1_000)
    assert registry.remembered("athens", 500) is None


def test_a_node_that_was_revoked_is_forgotten_when_it_calls(registry):
    join(registry)
    registry.called("athens", "1.0", 10)
    registry.revoke("athens", 10)
    with pytest.raises(NodeRevoked):
        registry.called("athens", "1.0", 10.5)
    assert registry.remembered("athens", 10.6) is None


def test_a_call_is_written_down_at_most_every_ten_seconds(registry):
    join(registry)
    seen = []
    for now in (100, 109, 110, 119):
        registry.called("athens", "1.0", now)
        seen.append(registry.node("athens").seen)
    assert seen == [100, 100, 110, 110]


def test_a_new_version_is_written_down_at_once(registry):
    join(registry)
    registry.called("athens", "1.0", 100)
    registry.called("athens", "2.0" * 50, 101)
    assert registry.node("athens").version == ("2.0" * 50)[:64]


def test_nodes_stand_in_order_of_name(registry):
    for name in ("cork", "athens", "bologna"):
        join(registry, name)
    assert [n.name for n in registry.nodes()] == ["athens", "bologna", "cork"]


@pytest.mark.parametrize(
    ("revoked", "seen", "presence"),
    [
        (None, None, "never"),
        (None, 1_000 - ONLINE_SECONDS + 1, "online"),
        (None, 1_000 - ONLINE_SECONDS, "away"),
        (999.0, 1_000.0, "revoked"),
        (999.0, None, "revoked"),
    ],
)
def test_presence_follows_from_the_last_call(revoked, seen, presence):
    assert Node("athens", {}, 0, revoked, seen, "").presence(1_000) == presence


def test_nodes_are_found_by_name_revoked_ones_too_and_all_where_none_is_named():
    nodes = [Node(name, {}, 0.0, revoked, None, "") for name, revoked in (("athens", None), ("bologna", 1.0))]
    assert named(nodes, ()) == nodes
    assert [node.name for node in named(nodes, ["bologna"])] == ["bologna"]
    with pytest.raises(UnknownValue, match='"rome" is not a node of this federation; there are athens') as fault:
        named(nodes, ["athens", "rome"])
    assert fault.value.at == "nodes[1]"


def test_which_analyses_a_node_makes_is_noted_and_forgotten_when_it_joins_anew(registry):
    join(registry)
    assert registry.node("athens").analyses is None
    registry.makes("athens", {"survival": 1, "cox": 2})
    assert registry.node("athens").analyses == {"cox": 2, "survival": 1}
    registry.makes("athens", {})
    assert registry.node("athens").analyses == {}
    registry.makes("athens", None)
    assert registry.node("athens").analyses is None
    registry.makes("athens", {"cox": 1})
    registry.revoke("athens", 1.0)
    join(registry, now=2.0)
    assert registry.node("athens").analyses is None
