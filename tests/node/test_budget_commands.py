"""The budget of a node is shown and set."""

import json

import pytest
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.home import make_home, open_home
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.privacy import Privacy

pytest.importorskip("opendp", reason="the extra dp is not installed")


def test_what_was_spent_is_shown_by_budget_and_by_status(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("private"))
    import_rows(home, tmp_path, {"person": "p"})
    desk = Desk(home)
    desk.answer({"count": "person"}, "lung")
    desk.close()
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


def test_under_the_rule_noise_too_what_is_not_named_stays(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("noise"))
    for options, told in (
        (["--tests", "50"], {"tests": 50, "days": 30, "hourly": 300}),
        (["--hourly", "20"], {"tests": 50, "days": 30, "hourly": 20}),
        ([], {"tests": 50, "days": 30, "hourly": 20}),
    ):
        _, out, _ = oncommons("node", "budget", *options, "--dir", home.folder, "--json")
        assert json.loads(out) == told


@pytest.mark.parametrize(
    ("rule", "options", "told"),
    [
        ("noise", ["--tests", "50", "--epsilon", "0.1"], "does not have --epsilon; it has --tests, --days, --hourly."),
        (
            "private",
            ["--tests", "50", "--days", "9"],
            "does not have --tests; it has --epsilon, --total, --altogether,",
        ),
        ("threshold", ["--tests", "50"], "does not have --tests; it has no budget."),
        ("open", ["--days", "9"], "does not have --days; it has no budget."),
    ],
)
def test_an_option_of_another_policy_is_refused_and_changes_nothing(oncommons, tmp_path, rule, options, told):
    home = make_home(tmp_path / "a", Policy.of(rule))
    status, _, err = oncommons("node", "budget", *options, "--dir", home.folder)
    assert (status != 0, "E307" in err, told in " ".join(err.split())) == (True, True, True)
    assert open_home(home.folder) == home


def test_a_policy_without_a_budget_says_so(oncommons, tmp_path):
    home = make_home(tmp_path / "a", Policy.of("threshold"))
    assert oncommons("node", "budget", "--dir", home.folder)[:2] == (
        0,
        "The policy threshold has no budget: who may ask may ask as much as they like.\n",
    )
