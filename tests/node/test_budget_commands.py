"""The budget of a node is shown and set."""

import json

from tests.node.tables import import_rows

from oncommons.node.flow import Desk
from oncommons.node.home import make_home, open_home
from oncommons.policy.disclosure import Policy
from oncommons.policy.privacy import Privacy


def test_what_was_spent_is_shown_by_budget_and_by_status(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("private"))
    import_rows(home, tmp_path, {"person": "p"})
    desk = Desk(home)
    desk.answer({"count": "person"}, "lung")
    desk._confidant.close()
    desk._index.close()
    status, out, _ = oncommons("node", "budget", "--dir", home.folder, "--json")
    body = json.loads(out)
    assert (status, body["spent"], body["spent_altogether"]) == (0, {"lung": 0.5}, 0.5)
    for command in ("budget", "status"):
        _, out, _ = oncommons("node", command, "--dir", home.folder)
        assert "all together have spent 0.5 of 20; lung 0.5 of 10." in out


def test_what_is_named_changes_and_the_rest_stays(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("private"))
    oncommons("node", "budget", "--epsilon", "0.25", "--days", "90", "--dir", home.folder)
    oncommons("node", "budget", "--datasets", "1", "--rows", "4", "--dir", home.folder)
    assert open_home(home.folder).privacy == Privacy(0.25, 10, 20, 90, 1, 4)


def test_a_budget_that_promises_nothing_is_refused(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("private"))
    status, _, err = oncommons("node", "budget", "--epsilon", "11", "--dir", home.folder)
    assert (status != 0, "E307" in err) == (True, True)
    assert open_home(home.folder).privacy == Privacy()


def test_the_budget_of_the_rule_noise_is_set_as_before(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("noise"))
    _, out, _ = oncommons("node", "budget", "--tests", "50", "--dir", home.folder, "--json")
    assert json.loads(out) == {"tests": 50, "days": 30, "hourly": 300}
