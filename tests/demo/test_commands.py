"""The demonstration as a person runs it."""

import json
import os
import signal
import subprocess
import sys

import pytest
from tests.demo.processes import naming

from oncommons.schema.answer_json import answer_from_json

DEMO = [sys.executable, "-m", "oncommons", "demo", "--once", "--json"]


@pytest.fixture
def surroundings(tmp_path):
    """An environment whose temporary directory is this test's own."""
    direct = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return direct | {"TMPDIR": str(tmp_path)}


@pytest.mark.timeout(180)
def test_three_answers_and_curves_come_from_five_real_nodes_and_nothing_is_left_behind(tmp_path, surroundings):
    done = subprocess.run(DEMO, capture_output=True, text=True, check=False, env=surroundings, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout, done.stderr
    printed = json.loads(done.stdout)
    answers = [answer_from_json(body) for body in printed["answers"]]
    assert [[n.status for n in answer.nodes] for answer in answers] == [["answered"] * 5] * 3
    assert [n.node for n in answers[0].nodes] == ["athens", "bologna", "cork", "dresden", "evora"]
    unknown = {n.node: " ".join(u.text for d in n.datasets for u in d.unknown) for n in answers[2].nodes}
    assert {node for node, text in unknown.items() if "manufacturer" in text} == {"dresden"}
    precisions = {d.certain.precision for a in answers for n in a.nodes for d in n.datasets}
    assert {"rounded", "suppressed", "noisy"} <= precisions
    assert sum(node["people"] for node in printed["run"]["nodes"]) == 686
    assert printed["permit"].startswith("DEMO-1.")
    assert (naming(str(tmp_path)), list(tmp_path.iterdir())) == ([], [])


@pytest.mark.timeout(120)
@pytest.mark.parametrize("again", [[], [signal.SIGINT, signal.SIGTERM] * 20])
def test_ctrl_c_stops_everything_and_leaves_nothing_behind(tmp_path, surroundings, again):
    with subprocess.Popen(
        DEMO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings, start_new_session=True
    ) as demo:
        lines = [demo.stderr.readline(), demo.stderr.readline()]
        assert "The hub listens at" in lines[1]
        while len(naming(str(tmp_path))) < 2:  # until the first node is being made beside the hub
            assert demo.poll() is None
        os.killpg(demo.pid, signal.SIGINT)  # as a terminal does: to the command and what it runs
        for number in again:  # somebody loses patience while it stops
            os.kill(demo.pid, number)
        out, err = demo.communicate(timeout=100)
    assert (out, err.splitlines()[-1]) == ("", "Everything is stopped.")
    assert (naming(str(tmp_path)), list(tmp_path.iterdir())) == ([], [])
