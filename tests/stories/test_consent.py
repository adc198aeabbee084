"""A data manager consents to a question, and the hub takes a permit back: a node that really serves hears of both."""

import threading
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta

import pytest
import requests
from tests.hub.callers import calling, listening
from tests.permits import body
from tests.stories.federation import PEOPLE, until, within

import oncommons
from oncommons.node.flow import import_from
from oncommons.node.home import make_home
from oncommons.node.membership import join_hub, serve_node
from oncommons.node.outside_serving import DICOMWEB, make_outside
from oncommons.node.receive.idc import receive_idc
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import NodeRevoked
from oncommons.schema.errors_of_permits import BeyondPermit
from oncommons.schema.permit import parse_permit
from oncommons.service.serving import Listen, Serving, address_of, take_port
from oncommons.storage.permitted import Permitted

EVERYBODY = {"count": "person"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with calling(tmp_path_factory.mktemp("hub")) as found:
        found.clock.now = datetime.now(UTC).timestamp()
        with listening(found) as url:
            yield found, url


@pytest.fixture(scope="module")
def node(hub, tmp_path_factory):
    """A node that holds a collection, wants to see each question, and serves."""
    caller, url = hub
    made = make_home(tmp_path_factory.mktemp("node") / "athens", Policy("open"))
    import_from(lambda base: receive_idc(base, ("lctsc",)), made.tables)
    code = str(caller.hub.registry.invite("athens", caller.hub.pin, caller.clock()))
    home = join_hub(made, url, code, "", "1").with_demand("run").with_showing("permit")

    def serving():
        with suppress(NodeRevoked):
            serve_node(home, "1")

    thread = threading.Thread(target=serving)
    thread.start()
    until(lambda: caller("GET", "/api/nodes").json()["nodes"][0]["presence"] == "online", "the node")
    yield home
    caller.clock.now += 60  # for so long the hub would remember whom it knew
    caller.hub.registry.revoke("athens", caller.clock())
    caller.portal.call(caller.app.state.exchange.stop)
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def passing(hub):
    """Issues a permit and gives the pass of one of its people."""
    caller, url = hub
    today = datetime.now(UTC)
    period = {"not_before": f"{today - timedelta(2):%Y-%m-%d}", "not_after": f"{today + timedelta(9):%Y-%m-%d}"}
    parts = {"datasets": [{"node": "athens", "dataset": "lctsc"}], "analyses": ["count", "images"], "period": period}

    def issue(name):
        permit = parse_permit(body(id=name, title="Lungs", **parts))
        return str(caller.app.state.permits.issue(permit, url, today.timestamp())[1]["ana"])

    return issue


def test_a_question_waits_until_the_data_manager_agrees_and_then_runs_once(hub, node, passing):
    given = passing("P-run")
    with oncommons.connect(hub[1]) as connection:
        first = connection.ask(EVERYBODY, permit=given)
        (waiting,) = first.waiting
        assert (waiting.node, waiting.status, waiting.code) == ("athens", "waiting", "E356")
        assert first.included == ()

        (run,) = within("node", "permits", "waiting", "--dir", str(node.folder))["runs"]
        assert (run["person"], run["permit"], run["title"], run["question"]) == ("ana", "P-run", "Lungs", EVERYBODY)
        within("node", "permits", "agree", run["run"], "--dir", str(node.folder))
        assert connection.ask(EVERYBODY, permit=given).certain == exact(PEOPLE["athens"])
        assert [n.node for n in connection.ask(EVERYBODY, permit=given).waiting] == ["athens"]

        within("node", "permits", "decline", run["run"], "--reason", "Not every day.", "--dir", str(node.folder))
        (declined,) = connection.ask(EVERYBODY, permit=given).nodes
        assert (declined.status, declined.code) == ("refused", "E374")
        assert "Not every day." in declined.reason


def test_a_permit_that_the_hub_takes_back_is_refused_by_the_node_itself_and_its_image_tokens(hub, node, passing):
    caller, url = hub
    given = passing("P-gone")
    with closing(Permitted(node.permits_file)) as manager, ExitStack() as inside:
        manager.consent_to_images("lung", time.time())
        listen = Listen("127.0.0.1", 0)
        taken = take_port(listen)
        serving = Serving(make_outside(node), taken, listen)
        serving.start()
        inside.callback(serving.stop)
        with oncommons.connect(url) as connection:
            token = connection.image_token("athens", given).token
        place = f"{address_of(taken, listen)}{DICOMWEB}/studies"
        shown = {"authorization": f"Bearer {token}"}
        assert requests.get(place, headers=shown, timeout=60).status_code == 204

        caller.app.state.permits.revoke("P-gone", caller.clock())
        until(lambda: "P-gone" in manager.gone(), "the node to hear of it")
        refused = requests.get(place, headers=shown, timeout=60).json()["error"]
        assert (refused["code"], "was taken back" in refused["message"]) == ("E374", True)
    with oncommons.connect(url) as connection, pytest.raises(BeyondPermit):
        connection.ask(EVERYBODY, permit=given)
