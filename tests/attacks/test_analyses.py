"""Attacks by analyses under a permit, and by a hub that lies: what they would tell of one person, and that it stays."""

from contextlib import closing, suppress

import numpy as np
import pytest
from tests.attacks.hospital import (
    AGE,
    CRITERION,
    DIED,
    FEMALE,
    NOT_ONE,
    ONE,
    PAIRS,
    PEOPLE,
    TARGET,
    TIME,
    K,
    Node,
    variable,
)  # fmt: skip

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.pair import Result
from oncommons.schema.errors_of_analyses import AnalysisError, OutputWithheld
from oncommons.schema.run import parse_run
from oncommons.storage.analysed import Analysed

TIMES = {"time": "time", "event": "died"}


@pytest.fixture
def node(tmp_path):
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        yield Node(ledger)


HAZARD = {"time": TIME, "died": DIED, "age": AGE}
RATIO = TIMES | {"covariates": ["age"]}
COMMON = RATIO | {"baseline": "common"}
OUTCOME = {"died": DIED, "age": AGE}
LOGIT = {"outcome": "died", "covariates": ["age"], "family": "binomial"}


def frame(*names, centre=60.0, scale=9.0, sources=None):
    sources = sources or [[name, ""] for name in names]
    return {
        "names": list(names), "sources": sources,
        "centre": [centre] * len(names), "scale": [scale] * len(names),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("analysis", "columns", "settings"),
    [
        ("cox", HAZARD | {"female": FEMALE}, TIMES | {"covariates": ["age", "female"]}),
        ("cox", HAZARD | {"female": FEMALE}, TIMES | {"covariates": ["age", "female"], "baseline": "common"}),
        ("cox", HAZARD | {"female": FEMALE}, RATIO | {"strata": ["female"], "errors": "robust", "check": "identity"}),
        ("glm", OUTCOME, LOGIT),
        ("glm", HAZARD, {"outcome": "died", "covariates": ["age"], "family": "poisson"}),
        ("survival", HAZARD | {"female": FEMALE}, TIMES | {"by": "female"}),
        ("pca", {"age": AGE, "time": TIME}, {"variables": ["age", "time"]}),
        ("combat", {"age": AGE, "time": TIME, "female": FEMALE}, {"variables": ["age", "time"], "batch": "female"}),
    ],
)
def test_an_honest_fit_is_answered_in_every_round(node, analysis, columns, settings):
    asked = parse_run(
        {
            "analysis": analysis,
            "cohort": CRITERION,
            "variables": {n: variable(n) for n in columns},
            "settings": settings,
        }
    )
    state = None
    while not isinstance(state, Result):
        found = node.told(analysis, columns, settings, state)
        state = PAIRS[analysis].combine(chosen(PAIRS[analysis], asked), state, {"n": found})
    assert state.found


@pytest.mark.parametrize("settings", [RATIO, COMMON])
def test_no_coefficient_is_so_large_that_one_person_outweighs_the_others(node, settings):
    """With a coefficient of three a year, the sum over who is at risk is that of the eldest."""
    with pytest.raises(OutputWithheld, match=r"rule (people|dominance)"):
        node.told("cox", HAZARD, settings, {"frame": frame("age"), "beta": [12.0]})
    with pytest.raises(AnalysisError, match="no state of this fit"):
        node.told("cox", HAZARD, settings, {"frame": frame("age", scale=0.001), "beta": [1.0]})


def test_no_last_round_is_told_of_a_fit_that_is_none(node):
    """Squares of what people add to the score, where one of them adds nearly all."""
    settings, far = RATIO | {"errors": "robust"}, {"frame": frame("age"), "beta": [12.0], "last": True}
    with pytest.raises(OutputWithheld, match=r"rule (people|dominance)"):
        node.told("cox", HAZARD, settings, far)
    assert "squares" in node.told("cox", HAZARD, settings, far | {"beta": [0.1]})


def test_a_stratum_of_one_person_changes_whose_rows_are_used(node):
    """Strata are not told; two fits that differ by who is alone in one could be set off against each other."""
    node.told("cox", HAZARD | {"stage": FEMALE}, RATIO | {"strata": ["stage"]})
    moved = np.where(ONE > 0, 1 - FEMALE, FEMALE)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("cox", HAZARD | {"stage": moved}, RATIO | {"strata": ["stage"]})


def test_who_enters_late_enough_to_be_left_out_is_in_no_crowd(node):
    """An entry that only one person misses would tell two crowds apart that differ by them."""
    node.told("cox", HAZARD | {"hidden": 0 * TIME}, RATIO | {"entry": "hidden"})
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("cox", HAZARD | {"hidden": TIME * ONE}, RATIO | {"entry": "hidden"})


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_no_model_is_asked_where_only_one_person_has_a_slope(node, family):
    at_target = {"frame": frame("age", centre=float(AGE[TARGET]), scale=1.0), "beta": [0.0, 4.0]}
    with pytest.raises(OutputWithheld, match=r"rule (people|dominance)"):
        node.told("glm", OUTCOME, LOGIT | {"family": family}, at_target)


def test_a_model_of_ones_own_tells_of_no_group_of_one_and_not_why(node):
    """Estimate and error would be those of one person; that there is no estimate would tell of the outcome."""
    for event in (ONE, ONE * DIED, ONE * (1 - DIED), DIED * (FEMALE == 0)):
        columns, settings = {"died": event, "female": FEMALE}, {"outcome": "died", "covariates": ["female"]}
        with pytest.raises(OutputWithheld, match=r"rule (cells|dominance)"):
            node.told("meta", columns, settings)
    with pytest.raises(OutputWithheld, match="rule cells"):
        node.told("meta", {"died": DIED, "stage": ONE}, {"outcome": "died", "covariates": ["stage"]})


@pytest.mark.parametrize(
    ("analysis", "columns", "settings"),
    [
        ("combat", {"age": AGE, "time": TIME, "stage": ONE}, {"variables": ["age", "time"], "batch": "stage"}),
        ("combat", {"age": AGE, "time": TIME, "female": ONE}, {"variables": ["age", "time"], "covariates": ["female"]}),
        ("combat", {"age": AGE * ONE, "time": TIME}, {"variables": ["age", "time"]}),
        ("pca", {"age": AGE, "marker": ONE}, {"variables": ["age", "marker"]}),
        ("pca", {"age": AGE, "marker": 1e6 * ONE + AGE}, {"variables": ["age", "marker"]}),
    ],
)
def test_no_mean_or_product_is_that_of_one_person(node, analysis, columns, settings):
    with pytest.raises(OutputWithheld, match=r"rule (people|cells|dominance)"):
        node.told(analysis, columns, settings)


def test_the_first_round_cannot_be_left_out_to_escape_its_rules(node):
    columns, settings = HAZARD | {"stage": ONE}, TIMES | {"covariates": ["stage"]}
    state = {"frame": frame("stage=b", centre=0.0, scale=1.0, sources=[["stage", "b"]]), "beta": [0.0]}
    with pytest.raises(OutputWithheld, match="rule cells"):
        node.told("cox", columns, settings)
    with pytest.raises(OutputWithheld, match="rule cells"):
        node.told("cox", columns, settings, state)


STRANGE = {
    "more columns than are named": {"frame": frame("age", sources=[["age", ""]] * 30), "beta": [0.0] * 30},
    "a column twice": {"frame": frame("age", "too", sources=[["age", ""]] * 2), "beta": [0.0, 0.0]},
    "a column of its own choice": {"frame": frame("x", sources=[["time", ""]]), "beta": [0.0]},
    "a column for a level": {"frame": frame("x", sources=[["age", "97"]]), "beta": [0.0]},
    "no scale": {"frame": frame("age", scale=0.0), "beta": [0.0]},
    "no coefficient": {"frame": frame("age"), "beta": []},
    "no columns": {"beta": [0.0]},
    "no number": {"frame": frame("age"), "beta": ["much"]},
    "no time of ours": {"frame": frame("age"), "beta": [0.0], "weights": {"times": [1], "at": [1], "dying": [0]}},
    "no weights": {"frame": frame("age"), "beta": [0.0], "weights": {"times": [1]}},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_state_that_is_none_of_the_fit_is_refused(node, name):
    with pytest.raises(AnalysisError, match="no state of this fit"):
        node.told("cox", HAZARD, COMMON if "weights" in STRANGE[name] else RATIO, STRANGE[name])


def weighed(node, weigh):
    """What is told of the second order, by weights that the hub makes from the node's own times."""
    state = {"frame": frame("age"), "beta": [0.1]}
    found = node.told("cox", HAZARD, COMMON, state)
    times = [time for time, number in zip(found["times"], found["events"], strict=True) if number]
    at, dying = weigh(len(times))
    return node.told("cox", HAZARD, COMMON, state | {"weights": {"times": times, "at": at, "dying": dying}})


def test_no_weights_leave_single_people_in_the_sums_of_the_second_order(node):
    assert weighed(node, lambda n: ([0.01] * n, [0.0] * n))
    with pytest.raises(OutputWithheld, match=r"rule (people|rows)"):
        weighed(node, lambda n: ([0.0] * (n - 1) + [1.0], [0.0] * (n - 1) + [1.0]))
    with pytest.raises(AnalysisError, match="no state of this fit"):
        weighed(node, lambda n: ([1.0] + [0.0] * (n - 2) + [-1.0], [0.0] * n))
    with pytest.raises(AnalysisError, match="no state of this fit"):
        weighed(node, lambda n: ([0.0] * n, [0.0] * (n - 1) + [1.0]))


def test_two_runs_of_the_same_people_cannot_be_set_off_by_a_level_that_differs_by_one(node):
    settings = TIMES | {"by": "stage"}
    node.told("survival", HAZARD | {"stage": FEMALE}, settings)
    moved = np.where(ONE > 0, 1 - FEMALE, FEMALE)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("survival", HAZARD | {"stage": moved}, settings)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("glm", {"time": TIME, "female": moved}, {"outcome": "time", "covariates": ["female"]})
    assert node.told("survival", HAZARD | {"stage": FEMALE}, settings)


def test_two_runs_of_the_same_people_cannot_be_set_off_by_an_event_that_one_person_less_had(node):
    """Whoever asks says what the event is, and could leave one person out of it to learn when theirs came."""
    less = np.where(DIED * (np.arange(PEOPLE) == np.flatnonzero(DIED)[0]) > 0, 0.0, DIED)
    for analysis, settings, name in (
        ("survival", TIMES, "died"),
        ("cox", RATIO, "died"),
        ("competing", {"time": "time", "event": "stage"}, "stage"),
    ):
        node.told(analysis, {"time": TIME, "age": AGE, name: DIED}, settings)
        with pytest.raises(OutputWithheld, match="rule difference"):
            node.told(analysis, {"time": TIME, "age": AGE, name: less}, settings)


def test_a_threshold_is_not_moved_over_one_person(node):
    columns, settings = {"age": AGE, "died": DIED}, {"score": "age", "event": "died", "scale": "number"}
    told = node.told("validation", columns, settings | {"threshold": 60.5})
    assert "at" in told
    assert min(min(row) for row in told["people"]) >= K
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("validation", moved_over(columns), settings | {"threshold": 60.5})


def test_many_thresholds_do_not_tell_of_who_is_between_the_edges_of_their_bins(node):
    """What is told below each edge, of people and the sum of their scores, differs by enough people or by nobody."""
    columns, settings = {"age": AGE + TIME / 1e5, "died": DIED}, {"score": "age", "event": "died", "scale": "number"}
    below, runs = {}, 0
    for threshold in (0.0, *np.linspace(52, 68, 17)):
        with suppress(OutputWithheld):
            told = node.told("validation", columns, settings | {"threshold": float(threshold)})
            numbers, runs = np.cumsum(told["people"], axis=1)[:, :-1].T, runs + 1
            below |= dict(zip(told["edges"], numbers.tolist(), strict=True))
    apart = np.diff([below[edge] for edge in sorted(below)], axis=0)
    assert runs
    assert apart[apart > 0].min() >= K


def moved_over(columns):
    """The same, but one person's score is beyond the threshold now."""
    one = np.flatnonzero(AGE == 60)[0]
    return columns | {"age": np.where(np.arange(PEOPLE) == one, 61.0, AGE)}


def test_a_yes_of_one_person_is_a_cell_whatever_it_is_used_for(node):
    for columns, settings in (
        ({"time": TIME, "female": ONE}, {"outcome": "time", "covariates": ["female"]}),
        ({"female": ONE, "time": TIME}, {"outcome": "female", "covariates": ["time"]}),
        ({"age": AGE, "marker": ONE, "time": TIME}, {"outcome": "time", "covariates": ["age"], "weights": "marker"}),
    ):
        with pytest.raises(OutputWithheld, match="rule cells"):
            node.told("glm", columns, settings)


def test_a_variable_that_is_missing_for_one_person_does_not_hide_that_the_others_are_used(node):
    settings = {"outcome": "time", "covariates": ["age"]}
    node.told("glm", {"time": TIME, "age": AGE}, settings)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("glm", {"time": TIME, "age": AGE * NOT_ONE}, settings)
    node.told("glm", {"time": TIME, "age": AGE, "hidden": NOT_ONE}, settings)


def test_the_people_of_a_run_are_told_by_what_it_uses_and_not_by_what_it_names(node):
    """Named and not used, a variable would make two crowds look the same that differ by one."""
    settings = {"outcome": "time", "covariates": ["age"]}
    node.told("glm", {"time": TIME, "age": AGE, "hidden": NOT_ONE}, settings)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("glm", {"time": TIME, "age": AGE * NOT_ONE}, settings)


def test_nobody_makes_up_most_of_a_sum(node):
    rich = np.where(ONE > 0, 1e5, AGE)
    for settings in (
        {"outcome": "time", "covariates": ["marker"]},
        {"outcome": "time", "covariates": ["age"], "weights": "marker"},
        {"outcome": "marker", "covariates": ["age"]},
    ):
        with pytest.raises(OutputWithheld, match="rule dominance"):
            node.told("glm", {"time": TIME, "age": AGE, "marker": rich}, settings)


def test_means_of_k_and_of_one_more_are_not_both_told(node):
    some, settings = np.argsort(TIME)[: 3 * K], {"outcome": "time", "covariates": ["age"]}
    of = {n: np.where(np.isin(np.arange(PEOPLE), some[:n]), AGE, np.nan) for n in (3 * K - 1, 3 * K)}
    node.told("glm", {"time": TIME, "age": of[3 * K - 1]}, settings)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("glm", {"time": TIME, "age": of[3 * K]}, settings)


def test_two_numbers_of_a_field_in_one_run_do_not_differ_for_one_person(node):
    """The least and the most age of each: whoever has two of them would be told."""
    columns = {"time": TIME, "age": AGE, "marker": np.where(ONE > 0, 60.0, AGE)}
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told("describe", columns, {"variables": ["age", "marker"]})
    node.told("describe", columns | {"marker": AGE[::-1]}, {"variables": ["age", "marker"]})
