"""Which organisation decides about the datasets of a node."""

import pytest
from tests.hub.callers import START
from tests.hub.decisions.rooms import settle_in

from oncommons.hub.decisions.file import roles_at
from oncommons.hub.decisions.holders import holders_at, name_holder
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.storage.audit_hub import HubLog


def test_a_holder_is_named_and_named_anew(database):
    settle_in(database)
    name_holder(database, "cork", "Bologna", (3, True), START)
    name_holder(database, "cork", "ATHENS", (None, False), START)
    with database.read() as connection:
        body = roles_at(connection).body("cork")
        listed = holders_at(connection, frozenset({"dublin", "bologna"}))
    assert (body.officers, body.quorum, body.asks_patients) == ({"olga"}, 2, False)
    assert [(h.node, name, n) for h, name, n in listed] == [
        ("athens", "Athens", 1),
        ("bologna", "Bologna", 1),
        ("cork", "Athens", 1),
        ("dublin", "", 0),
    ]
    assert "holder named" in list(HubLog(database).lines())[-1]


@pytest.mark.parametrize(
    ("node", "organisation", "quorum", "kind"),
    [("Cork!", "Athens", 1, BadRequest), ("cork", "Athens", 101, BadRequest), ("cork", "Nowhere", 1, NotFound)],
)
def test_what_cannot_be_named_is_refused(database, node, organisation, quorum, kind):
    settle_in(database)
    with pytest.raises(kind):
        name_holder(database, node, organisation, (quorum, False), START)
