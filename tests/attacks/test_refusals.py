"""Attacks that learn from what a node refuses: why there is no answer, and where a hub that lies has a fit stand."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.node.followed import RUN, lung, take_people
from tests.permits import HUB

from oncommons.algorithms.glm import GLM
from oncommons.node.compute import Round, Strictness, compute
from oncommons.node.desk import Desk, Terms
from oncommons.node.home import Membership, make_home
from oncommons.node.recording import Asker
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.output import REFUSALS
from oncommons.schema.errors_of_analyses import AnalysisError, OutputWithheld, PeopleChanged, TooManyWithheld
from oncommons.schema.run import parse_run
from oncommons.storage.analysed import Analysed

TERMS = Terms("P-7", frozenset({"lung"}), project="lung")
ODDS = {
    "analysis": "glm", **RUN, "settings": {"outcome": "time", "covariates": ["age"], "family": "binomial"},
}  # fmt: skip
RATES = ODDS | {"settings": {"outcome": "died", "covariates": ["age"], "family": "poisson"}}
SHARES = RATES | {"settings": RATES["settings"] | {"family": "binomial"}}
FRAME = {"names": ["age"], "sources": [["age", ""]], "centre": [0.0], "scale": [1.0]}


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "athens", Policy("threshold", 10)).with_analyses(frozenset({"glm"}))
    take_people(made, tmp_path, lung())
    return made.with_membership(Membership("athens", "u", HUB.name, HUB.keys()))


def told(desk, body, state=None, company=None):
    asked = {"version": GLM.version, "state": state} | ({"with": company} if company else {})
    return desk.compute(parse_run(body), asked, Asker("lung", "j", "", "P-7"), TERMS)


def followed_for(days):
    return {"field": "follow_up", "between": [days, days]}


def counted(home):
    with closing(Analysed(home.analysed_file)) as ledger:
        return ledger.withheld(0.0).get("lung", 0)


def test_that_somebody_is_there_does_not_show_in_why_there_is_no_answer(home):
    """The days of whoever was followed are no yes or no; of nobody there is no such reason."""
    days = lung()["time"].astype(int)
    one, nobody = days.value_counts().idxmin(), next(day for day in range(1, 999) if day not in set(days))
    assert (days == one).sum() == 1
    said = set()
    with closing(Desk(home)) as desk:
        for day in (one, nobody):
            with pytest.raises(OutputWithheld, match="The rule people") as caught:
                told(desk, ODDS | {"cohort": followed_for(int(day))})
            said.add(caught.value.message)
    assert (len(said), counted(home)) == (1, 2)


def test_why_there_is_no_answer_of_many_is_told_and_counts(home):
    with closing(Desk(home)) as desk:
        for _ in range(2):
            with pytest.raises(AnalysisError, match="yes or no"):
                told(desk, ODDS)
    assert counted(home) == 1


def test_two_that_differ_by_few_are_refused_before_it_is_told_why_there_is_no_answer(home):
    but_few = {"not": {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [81, None]}}}
    assert 0 < (lung()["age"] > 80).sum() < 10
    with closing(Desk(home)) as desk:
        told(desk, RATES)
        with pytest.raises(OutputWithheld, match="The rule difference"):
            told(desk, ODDS | {"cohort": but_few})


def test_where_a_hub_has_one_fit_stand_each_state_that_is_refused_counts(home):
    """Whoever is oldest has the largest predictor: where it is beyond all fits, the hub that asked knows that they are older."""
    with closing(Desk(home)) as desk:
        company = {name: told(desk, SHARES)["sums"] for name in ("athens", "bergen", "cork")}
        refused = 0
        for age in range(81, 83):  # the oldest is 82
            with pytest.raises(AnalysisError) as caught:
                told(desk, SHARES, {"frame": FRAME, "beta": [0.0, 500.0 / age]}, company)
            refused += "no state of this fit" in caught.value.message
            assert counted(home) == age - 80
        assert refused == 1


def test_a_hub_that_lies_about_the_people_learns_no_more_of_states_for_nothing(home):
    company = {name: {"key": "A" * 43 + "=", "people": 227, "table": ""} for name in ("athens", "bergen", "cork")}
    with closing(Desk(home)) as desk:
        for step in range(REFUSALS):
            with pytest.raises(PeopleChanged):
                told(desk, RATES, {"frame": FRAME, "beta": [0.0, step / 1e6]}, company)
        with pytest.raises(TooManyWithheld):
            told(desk, RATES)


def divided(*_):
    raise ZeroDivisionError


def test_what_an_analysis_of_others_raises_is_held_back_by_the_rules_as_well(tmp_path):
    asked = Round(parse_run(RATES), replace(GLM, local=divided), {"state": None}, None)
    for people, expected in ((9, OutputWithheld), (10, ZeroDivisionError)):
        rows = [("lung", i, 100.0 + i, 1.0, 50.0 + i, 0.0) for i in range(people)]
        with closing(Analysed(tmp_path / f"{people}.sqlite")) as ledger, pytest.raises(expected):
            compute(asked, rows, Strictness(10), ledger, 0.0)
