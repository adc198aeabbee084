"""HTTP of runs: what is refused before any node is asked, and which analyses there are."""

import json
import subprocess
import sys

import pytest
from tests.hub.callers import told
from tests.hub.dispatch.hospitals import MADE
from tests.hub.dispatch.test_running import given, make  # noqa: F401  a fixture
from tests.node.followed import COX


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
    assert told(make(hub, run, given)) == (status, code)


def test_without_a_pass_there_is_no_run(hub, given):  # noqa: F811
    assert told(hub("POST", "/api/runs", content=json.dumps(COX).encode())) == (403, "E373")
    assert told(make(hub, COX, "P-7.guessed")) == (404, "E375")
    assert told(make(hub, COX, given, id="../x")) == (400, "E405")


def test_the_hub_says_which_analyses_there_are(hub):
    found = hub("GET", "/api/analyses").json()["analyses"]
    assert [one["name"] for one in found] == sorted(MADE)
    assert all(one["says"] and one["source"] and one["roles"] for one in found)


def test_a_hub_is_served_without_what_analyses_compute_with():
    code = "import sys; sys.modules['numpy'] = sys.modules['scipy'] = None; import oncommons.hub.app, oncommons.node.membership"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
