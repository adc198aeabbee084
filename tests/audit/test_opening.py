"""Logs of directories, opened to be read and not to be changed."""

import pytest

from oncommons.audit.opening import entries_of, fits, open_hub, open_node
from oncommons.hub.opening import open_hub as made_hub
from oncommons.node.home import make_home
from oncommons.node.recording import record
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_protocols import NoAuditLog
from oncommons.service.settings import read_settings
from oncommons.storage.chain import Entry


@pytest.fixture
def home(tmp_path):
    home = make_home(tmp_path / "athens", Policy.of("open"))
    record(home, "policy", {"policy": "open"}, lambda: 0.0)
    return home


def test_the_log_of_a_node_is_read(home):
    with open_node(home.folder) as log:
        assert (log.name, log.head().size) == ("athens", 2)
        assert [entry.kind for entry in entries_of(log)] == ["begun", "policy"]


def test_the_log_of_a_hub_is_read(tmp_path):
    hub = made_hub(read_settings(tmp_path / "hub"))
    hub.registry.invite("athens", hub.pin, 0)
    hub.database.close()
    with open_hub(tmp_path / "hub") as log:
        assert [entry.kind for entry in entries_of(log)] == ["begun", "invited"]
        assert log.jwk["kid"] == hub.key.thumbprint()


def test_what_has_no_log_is_told_and_nothing_is_made(tmp_path):
    for opening in (open_node, open_hub):
        with pytest.raises(NoAuditLog), opening(tmp_path / "nothing"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_entries_are_found_by_kind_time_and_words():
    entry = Entry(1, "2026-11-23T08:00:00.000Z", "released", {"question": {"in": ["MR"]}, "of": "Köln"}, "", "")
    assert fits(entry, "", "", "")
    assert fits(entry, "released", "2026-11-23", "mr köln")
    assert not fits(entry, "refused", "", "")
    assert not fits(entry, "", "2026-11-24", "")
    assert not fits(entry, "", "", "mr CT")
