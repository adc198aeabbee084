"""A federation of real processes on one machine."""

import pytest
from tests.demo.processes import naming

from oncommons.client.transport import Transport
from oncommons.demo.accounts import ACCOUNTS, new_password
from oncommons.demo.federation import Federation, NodePlan, _checked
from oncommons.schema.errors import BadPolicy, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn


def test_a_hub_alone_starts_and_nothing_outlives_the_block(tmp_path):
    told = []
    with Federation(tmp_path, (), told.append) as federation:
        with federation.start() as connection:
            assert connection.about()["name"] == "oncommons demo"
            assert connection.nodes() == []
        assert told == [f"The hub listens at {federation.url}"]
        assert naming(str(tmp_path))
    assert naming(str(tmp_path)) == []


def test_with_a_password_the_hub_wants_to_know_who_asks_and_four_people_can_sign_in(tmp_path):
    told = []
    with Federation(tmp_path, (), told.append, new_password()) as federation:
        with federation.start() as connection:
            assert connection.about()["people"] == "required"
        assert told[1] == "4 people have accounts"
        hub = Transport(federation.url)
        for one in ACCOUNTS:
            sent = {"email": one.email, "password": federation.password}
            session = hub.call("POST", "/api/sessions", body=sent)["session"]
            account = hub.showing(session, {}).call("GET", "/api/account")
            assert (account["name"], [r["role"] for r in account["roles"]]) == (one.name, [one.role])
        with pytest.raises(NotSignedIn):
            hub.call("POST", "/api/questions", body={"question": {"count": "person"}})
    assert naming(str(tmp_path)) == []


def test_a_node_that_cannot_be_made_ends_everything(tmp_path):
    plans = (NodePlan("athens", "secret"),)
    with pytest.raises(BadPolicy), Federation(tmp_path, plans, lambda _: None) as federation:
        federation.start()
    assert naming(str(tmp_path)) == []


def test_stopping_twice_is_harmless(tmp_path):
    federation = Federation(tmp_path, (), lambda _: None)
    federation.stop()
    federation.stop()


def test_nothing_is_made_any_more_once_it_is_stopped(tmp_path):
    federation = Federation(tmp_path, (NodePlan("athens", "open"),), lambda _: None)
    federation.stop()
    with pytest.raises(OncommonsError):
        federation._make_node(0)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_ends_early_is_told(tmp_path):
    with Federation(tmp_path, (), lambda _: None) as federation, pytest.raises(OncommonsError, match="ended early"):
        federation._serve("node", "nope")


def test_a_command_that_fails_is_told_with_its_name(tmp_path):
    with (
        Federation(tmp_path, (), lambda _: None) as federation,
        pytest.raises(OncommonsError, match="node nope failed"),
    ):
        federation._run("node", "nope")


def test_an_error_that_a_process_prints_is_raised_here():
    assert _checked({"url": "x"}) == {"url": "x"}
    with pytest.raises(BadPolicy, match="no"):
        _checked(BadPolicy("no").to_json())
