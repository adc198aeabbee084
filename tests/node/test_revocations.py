"""A node hears what its hub took back: from the hub alone, for itself alone, and never an older list."""

import json
from contextlib import closing
from dataclasses import replace

import pytest
from tests.permits import HUB, NOW, OTHER_HUB, a_key, a_permit

from oncommons.node.desk import Desk
from oncommons.node.home import Membership, make_home
from oncommons.node.permits import Gate
from oncommons.node.recording import open_log
from oncommons.node.revocations import Revocations
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors_of_permits import BeyondPermit, NoticeNotTrusted
from oncommons.schema.federation import Revoked
from oncommons.service.identity import Issuer, Order, OrderReader
from oncommons.storage.permitted import Permitted

SEVEN = Revoked("athens", 5, ("P-7",))


@pytest.fixture
def home(tmp_path, with_rows):
    made = make_home(tmp_path / "athens", Policy("open"))
    with_rows(made, *({"person": f"p{i}", "collection": "d"} for i in range(3)))
    return made.with_membership(Membership("athens", "u", HUB.name, HUB.keys())).with_demand("required")


@pytest.fixture
def gate(home):
    desk = Desk(home)
    made = Gate(desk, OrderReader(HUB.keys()), lambda: NOW)
    yield made
    made.close()
    desk.close()


@pytest.fixture
def revocations(gate):
    return Revocations(gate)


def entered(home):
    with closing(open_log(home)) as log:
        found = [json.loads(line) for line in log.lines()]
    return [entry["body"] for entry in found if entry["kind"] == "permit"]


def ask(gate, **parts):
    return gate.answer(Order("q", {"count": "person"}, "ana", HUB.permit(a_permit(**parts), NOW)))


def test_a_permit_that_the_hub_took_back_opens_nothing_from_then_on(gate, revocations, home):
    assert (ask(gate).certain, revocations.number()) == (exact(3), 0)
    revocations.hear(HUB.revoked(SEVEN, NOW))
    with pytest.raises(BeyondPermit, match="was taken back"):
        ask(gate)
    assert ask(gate, id="P-8").certain == exact(3)
    assert revocations.number() == 5
    with closing(Permitted(home.permits_file)) as other:
        assert other.is_revoked("P-7"), "the process that serves images sees it, too"
    assert entered(home) == [{"what": "taken back by the hub", "number": 5, "permits": ["P-7"]}]


def test_what_was_taken_back_stays_so_though_a_newer_list_leaves_it_out(gate, revocations, home):
    revocations.hear(HUB.revoked(SEVEN, NOW))
    revocations.hear(HUB.revoked(Revoked("athens", 6, ("P-8",)), NOW))
    assert gate.ledger.gone() == {"P-7", "P-8"}
    assert entered(home)[-1] == {"what": "taken back by the hub", "number": 6, "permits": ["P-8"]}


def swapped(text, other):
    """A list with the claims of another one."""
    head, _, signature = text.split(".")
    return ".".join([head, other.split(".")[1], signature])


GOOD = HUB.revoked(replace(SEVEN, number=9, permits=()), NOW)
FORGED = {
    "another key": Issuer(a_key()).revoked(SEVEN, NOW),
    "another hub": OTHER_HUB.revoked(SEVEN, NOW),
    "no signature": HUB.revoked(SEVEN, NOW).rpartition(".")[0] + ".",
    "other claims": swapped(HUB.revoked(SEVEN, NOW), GOOD),
    "another kind": HUB.permit(a_permit(), NOW),
    "another node": HUB.revoked(replace(SEVEN, node="bergen", number=99), NOW),
    "no list": HUB._sign("oncommons-revoked+jwt", {"aud": "athens", "number": 9, "revoked": "P-7"}),
    "no number": HUB._sign("oncommons-revoked+jwt", {"aud": "athens", "number": True, "revoked": []}),
    "a huge number": HUB._sign("oncommons-revoked+jwt", {"aud": "athens", "number": 2**60, "revoked": []}),
    "a word": "list",
}


@pytest.mark.parametrize("text", FORGED.values(), ids=FORGED)
def test_a_list_that_is_not_the_hubs_for_this_node_changes_nothing_and_is_entered_once(text, gate, revocations, home):
    for _ in range(2):
        with pytest.raises(NoticeNotTrusted):
            revocations.hear(text)
    assert (revocations.number(), gate.ledger.gone()) == (0, frozenset())
    (entry,) = entered(home)
    assert (entry["what"], entry["code"]) == ("list of the hub refused", "E358")


@pytest.mark.parametrize("number", [4, 5])
def test_a_list_that_is_not_newer_is_refused_and_what_was_known_holds(number, gate, revocations, home):
    revocations.hear(HUB.revoked(SEVEN, NOW))
    with pytest.raises(NoticeNotTrusted, match="not newer"):
        revocations.hear(HUB.revoked(Revoked("athens", number, ()), NOW))
    assert (revocations.number(), gate.ledger.gone()) == (5, {"P-7"})
    assert entered(home)[-1]["what"] == "list of the hub refused"


def test_a_node_that_joins_another_hub_begins_anew_with_its_lists(gate, revocations):
    revocations.hear(HUB.revoked(SEVEN, NOW))
    gate.desk.home = gate.desk.home.with_membership(Membership("athens", "u", OTHER_HUB.name, OTHER_HUB.keys()))
    assert revocations.number() == 0
