"""Commands of a node's data manager, run as the front door runs them."""

import json
import logging
import sys

import pytest
from tests.node.tables import import_rows

from oncommons.node.home import open_home
from oncommons.policy.disclosure.counts import Policy

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def quiet():
    """Takes back what a serving command does to the log."""
    log = logging.getLogger("oncommons")
    before = log.handlers[:], log.level, log.propagate
    yield
    log.handlers[:], log.level, log.propagate = before


def test_init_makes_a_node_and_says_what_comes_next(oncommons, tmp_path):
    status, out, _ = oncommons("node", "init", tmp_path / "athens")
    assert (status, "oncommons node join URL CODE" in out) == (0, True)
    assert open_home(tmp_path / "athens").policy.k == 10


def test_init_takes_a_policy(oncommons, tmp_path):
    status, out, _ = oncommons("node", "init", tmp_path / "a", "--policy", "threshold", "--k", "25", "--json")
    assert (status, json.loads(out)["policy"][:12]) == (0, "threshold 25")


@pytest.mark.parametrize("words", [("--policy", "secret"), ("--k", "1"), ("--k", "100000")])
def test_init_refuses_a_policy_that_does_not_exist_and_makes_nothing(oncommons, tmp_path, words):
    status, _, err = oncommons("node", "init", tmp_path / "a", *words)
    assert (status, "E307" in err) == (30, True)
    assert not (tmp_path / "a").exists()


def test_init_twice_is_refused(oncommons, home):
    status, out, _ = oncommons("node", "init", home.folder, "--json")
    assert (status, json.loads(out)["error"]["code"]) == (30, "E302")


def test_join_makes_a_member(oncommons, home, running_hub):
    code = running_hub.invite("by-command")
    status, out, _ = oncommons("node", "join", running_hub.url, code, "--dir", home.folder, "--json")
    assert (status, json.loads(out)) == (0, {"name": "by-command", "url": running_hub.url})


def test_join_with_a_wrong_code_is_refused(oncommons, home, running_hub):
    code = f"{'0' * 32}.{running_hub.hub.pin}"
    status, _, err = oncommons("node", "join", running_hub.url, code, "--dir", home.folder)
    assert (status, "E201" in err) == (20, True)


def test_policy_changes_the_policy(oncommons, home):
    status, out, _ = oncommons("node", "policy", "threshold", "--k", "20", "--dir", home.folder)
    assert (status, out[:21]) == (0, "Policy: threshold 20:")
    assert str(open_home(home.folder).policy).startswith("threshold 20")


def test_budget_changes_the_budget(oncommons, home):
    home.with_policy(Policy.of("noise"))
    status, out, _ = oncommons("node", "budget", "--tests", "50", "--hourly", "5", "--dir", home.folder, "--json")
    assert (status, json.loads(out)) == (0, {"tests": 50, "days": 30, "hourly": 5})
    assert vars(open_home(home.folder).budget) == json.loads(out)


def test_a_new_node_has_the_rule_noise(oncommons, tmp_path):
    oncommons("node", "init", tmp_path / "a")
    assert str(open_home(tmp_path / "a").policy).startswith("noise 10:")


def test_compress_switches_compression_on_and_off(oncommons, home):
    status, out, _ = oncommons("node", "compress", "--dir", home.folder)
    assert (status, "losslessly compressed" in out, open_home(home.folder).compress) == (0, True, True)
    status, out, _ = oncommons("node", "compress", "--off", "--dir", home.folder, "--json")
    assert (status, json.loads(out), open_home(home.folder).compress) == (0, {"compress": False}, False)


def test_a_node_can_be_made_to_compress_and_the_missing_package_is_told_before_it_is_made(
    oncommons, tmp_path, monkeypatch
):
    assert oncommons("node", "init", tmp_path / "a", "--compress")[0] == 0
    assert open_home(tmp_path / "a").compress
    monkeypatch.setitem(sys.modules, "jpeg_ls", None)
    monkeypatch.delitem(sys.modules, "oncommons.imaging.jpegls", raising=False)
    status, out, _ = oncommons("node", "init", tmp_path / "b", "--compress", "--json")
    assert (status, json.loads(out)["error"]["code"], (tmp_path / "b").exists()) == (40, "E406", False)
    assert oncommons("node", "compress", "--dir", tmp_path / "a")[0] == 40


def test_status_tells_what_a_node_is_and_holds(oncommons, home, tmp_path):
    body = {"name": "not joined", "hub": "", "policy": str(home.policy), "datasets": 0, "series": 0}
    assert json.loads(oncommons("node", "status", "--dir", home.folder, "--json")[1]) == body
    import_rows(home, tmp_path, {}, {})
    told = json.loads(oncommons("node", "status", "--dir", home.folder, "--json")[1])
    assert told == body | {"datasets": 1, "series": 2}


@pytest.mark.parametrize("words", [("status",), ("serve",), ("policy", "open"), ("join", "u", "c"), ("import", "idc")])
def test_commands_outside_a_node_say_so(oncommons, tmp_path, words):
    status, _, err = oncommons("node", *words, "--dir", tmp_path)
    assert (status, "E301" in err, "oncommons node init" in err) == (30, True, True)


def test_serve_without_a_membership_says_how_to_join(oncommons, home):
    status, _, err = oncommons("node", "serve", "--dir", home.folder)
    assert (status, "E303" in err) == (30, True)
