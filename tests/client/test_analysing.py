"""What the pages of analyses call at a hub."""

import pytest
from tests.web.fake_hub import FakeHub
from tests.web.fake_runs import record

from oncommons.client.analysing import Analysing
from oncommons.schema.errors import NotFound


@pytest.fixture
def hub():
    return FakeHub([])


def test_a_run_is_begun_looked_at_listed_and_cancelled(hub):
    calls = Analysing(hub.connection().transport)
    run = record()["run"]
    assert calls.begin(run) == "r9"
    assert hub.runs.begun == [run]
    assert calls.one("r9", 0.5)["state"] == "running"
    assert [one["id"] for one in calls.mine()] == ["r9"]
    calls.cancel("r9")
    assert calls.one("r9")["state"] == "cancelled"
    with pytest.raises(NotFound):
        calls.one("../r9")


def test_the_analyses_are_told_with_their_nodes(hub):
    told = Analysing(hub.connection().transport).analyses()
    assert "cox" in {one["name"] for one in told["analyses"]}
    assert told["nodes"]["untold"] == ["dresden"]
