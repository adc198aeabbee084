"""HTTP of runs: what is refused before any node is asked, and which analyses there are."""

import json
import subprocess
import sys

import pytest
from tests.hub.callers import told
from tests.hub.dispatch.hospitals import MADE
from tests.hub.dispatch.test_running import begin, given  # noqa: F401  a fixture
from tests.node.followed import COX, CURVES

from oncommons.schema.federation import PERMIT_HEADER


@pytest.mark.parametrize(
    ("run", "status", "code"),
    [
        (COX | {"analysis": "glm"}, 403, "E374"), (COX | {"analysis": "nothing"}, 403, "E374"),
        (COX | {"cohort": {"field": "age", "between": [1, None]}}, 403, "E374"),
        (COX | {"settings": {}}, 422, "E101"), ({"analysis": "cox"}, 422, "E101"),
        (COX | {"settings": COX["settings"] | {"ties": "exact"}}, 422, "E103"),
    ],
)  # fmt: skip
def test_what_the_permit_does_not_cover_or_nobody_understands_is_refused(hub, given, run, status, code):  # noqa: F811
    assert told(begin(hub, run, given)) == (status, code)


def test_without_a_pass_there_is_no_run(hub, given):  # noqa: F811
    assert told(hub("POST", "/api/runs", content=json.dumps(COX).encode())) == (403, "E373")
    assert told(begin(hub, COX, "P-7.guessed")) == (404, "E375")
    assert told(begin(hub, COX, given, id="../x")) == (400, "E405")


def shown(given):  # noqa: F811
    return {"headers": {PERMIT_HEADER: given}}


def test_a_run_is_begun_and_looked_at_by_who_asked_alone(hub, given):  # noqa: F811
    got = begin(hub, COX, given, id="mine")
    assert (got.status_code, got.json()) == (202, {"id": "mine", "state": "running"})
    run = hub("GET", "/api/runs/mine", params={"wait": 20}, **shown(given)).json()
    assert (run["id"], run["by"], run["permit"], run["state"], run["analysis"]) == (
        "mine",
        "ana",
        "P-7",
        "failed",
        "cox",
    )
    (listed,) = hub("GET", "/api/runs", **shown(given)).json()["runs"]
    assert listed == run
    ben = str(hub.app.state.permits.renew("P-7", "ben", hub.clock()))
    for other in (shown(ben), shown("P-7.guessed"), {}):
        assert told(hub("GET", "/api/runs/mine", **other)) == (404, "E404")
        assert told(hub("POST", "/api/runs/mine/cancel", **other)) == (404, "E404")
    assert hub("GET", "/api/runs", **shown(ben)).json() == {"runs": []}
    assert told(hub("GET", "/api/runs")) == (403, "E373")


def test_a_new_pass_of_the_same_person_shows_the_same_runs(hub, given):  # noqa: F811
    begin(hub, COX, given, id="mine")
    new = str(hub.app.state.permits.renew("P-7", "ana", hub.clock()))
    assert hub("GET", "/api/runs/mine", **shown(new)).status_code == 200
    assert begin(hub, COX, new, id="mine").json()["id"] == "mine"


def test_another_run_under_the_same_identifier_is_refused(hub, given):  # noqa: F811
    begin(hub, COX, given, id="mine")
    assert told(begin(hub, CURVES, given, id="mine")) == (400, "E405")


@pytest.mark.parametrize("wait", ["x", "-1", "nan", "61", ""])
def test_a_wait_is_so_many_seconds(hub, given, wait):  # noqa: F811
    got = hub("GET", "/api/runs/nothing", params={"wait": wait}, **shown(given))
    assert told(got) == (400, "E405")


def test_the_hub_says_which_analyses_there_are(hub):
    found = hub("GET", "/api/analyses").json()["analyses"]
    assert [one["name"] for one in found] == sorted(MADE)
    assert all(one["says"] and one["source"] and one["roles"] for one in found)


def test_the_hub_says_which_nodes_make_an_analysis_and_which_have_not_told(hub):
    for name, made in (("athens", {"cox": 1}), ("bergen", {}), ("cork", None), ("dublin", {"cox": 1})):
        hub.member(name)
        hub.app.state.exchange.registry.makes(name, made)
    hub.app.state.exchange.registry.revoke("dublin", hub.clock())
    told = hub("GET", "/api/analyses").json()
    assert told["nodes"] == {"told": ["athens", "bergen"], "untold": ["cork"]}
    assert {one["name"]: one["nodes"] for one in told["analyses"] if one["nodes"]} == {"cox": {"athens": 1}}


def test_a_hub_is_served_without_what_analyses_compute_with():
    code = "import sys; sys.modules['numpy'] = sys.modules['scipy'] = None; import oncommons.hub.app, oncommons.node.membership"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
