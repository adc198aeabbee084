"""The same attacks on every analysis that is installed: one person more or less, a yes of one, few people, states of no fit.

Means and models that differ by one person, and sums that are one person's, are those of dsBase 250 and 251.
"""

from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.attacks.hospital import AGE, DIED, FEMALE, ONE, PAIRS, PEOPLE, TARGET, TIME, K, Node

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.pair import Result
from oncommons.schema.errors_of_analyses import AnalysisError, OutputWithheld
from oncommons.service.analyses import origin
from oncommons.storage.analysed import Analysed

OTHER = (np.arange(PEOPLE) % 3).astype(float).clip(0, 1)
RICH = np.where(ONE > 0, 1e5, AGE)


@dataclass(frozen=True)
class Target:
    """How one analysis is attacked.

    Attributes:
        columns: What an honest run is of.
        settings: Its settings.
        yes: Names of those variables that may be a yes of one person; each is tried.
        sums: Names of those of which sums are told; nobody may make up most of them.
        states: Of its own, beside those that are none of any analysis; nothing where it has one round.
    """

    columns: dict[str, object]
    settings: dict[str, object]
    yes: tuple[str, ...]
    sums: tuple[str, ...]
    states: tuple[object, ...] = field(default=())


def frame(*sources, centre=60.0, scale=9.0):
    names = [f"{name}{level}" for name, level in sources]
    wide = len(sources)
    told = {
        "names": names,
        "sources": [list(one) for one in sources],
        "centre": [centre] * wide,
        "scale": [scale] * wide,
    }
    return {"frame": told, "beta": [0.1] * wide, "log_alpha": 0.0}


NO_STATE = ({}, {"frame": {}}, {"frame": None}, frame(("age", ""), scale=0.0), frame(("hidden", "")), {"means": [1.0]})
"""What no analysis of more than one round sends."""
FRAMES = (
    *NO_STATE,
    frame(("age", ""), ("age", "")),
    frame(("age", "b")),
    frame(("age", ""), centre=1e308, scale=1e-308),
)
MEANS = ({"means": "x"}, {"means": [1.0, 2.0, 3.0]}, {"means": [1e300, 0.0]}, {"means": [None, 1.0]})
GRIDS = tuple(
    {"means": {"age": means, "hidden": [0.0]}, "grids": grids}
    for means, grids in (
        ([60.0], {"hidden": [1, 0, 60]}), ([60.0], {"age": [3, 0, 60]}), ([60.0], {"age": "wide"}), ([60.0], [1]),
        ([60.0, 1.0], {"age": [1, 0, 60]}), ([60.0], {"age": [1, 10**6, 60]}), ("x", {"age": [1, 0, 60]}),
    )
)  # fmt: skip
TIMED = {"time": TIME, "died": DIED}
FOLLOWED = {"time": "time", "event": "died"}
TARGETS = {
    "combat": Target(
        {"age": AGE, "time": TIME, "female": FEMALE, "stage": OTHER},
        {"variables": ["age", "time"], "covariates": ["female"], "batch": "stage"},
        ("female", "stage"), ("age", "time"), FRAMES,
    ),
    "compare": Target(
        {"age": AGE, "stage": FEMALE}, {"outcome": "age", "by": "stage"}, ("stage",), ("age",), (*NO_STATE[:4], *MEANS)
    ),
    "competing": Target(
        {"time": TIME, "stage": np.where(TIME > 300, DIED, 0), "female": FEMALE},
        {"time": "time", "event": "stage", "by": "female"}, ("stage",), (),
    ),
    "correlation": Target({"age": AGE, "time": TIME}, {"variables": ["age", "time"]}, ("age",), ("age", "time"), FRAMES),
    "cox": Target(
        TIMED | {"age": AGE, "female": FEMALE}, FOLLOWED | {"covariates": ["age", "female"]}, ("female", "died"), ("age",),
        (*FRAMES, frame(("age", "")) | {"beta": [500.0]}, frame(("age", "")) | {"beta": ["x"]}),
    ),
    "crosstab": Target({"stage": FEMALE, "female": OTHER}, {"rows": "stage", "columns": "female"}, ("stage", "female"), ()),
    "describe": Target({"age": AGE, "female": FEMALE}, {"variables": ["age", "female"]}, ("female",), ("age",), GRIDS),
    "glm": Target(
        {"died": DIED, "age": AGE, "female": FEMALE},
        {"outcome": "died", "covariates": ["age", "female"], "family": "negative_binomial"},
        ("died", "female"), ("age",),
        (
            *FRAMES,
            frame(("age", "")) | {"beta": [0.0, 500.0]},
            *(frame(("age", "")) | {"beta": [0.0, 0.1], "log_alpha": wild} for wild in (None, True, 400.0, -1e9, "x")),
        ),
    ),
    "meta": Target(
        {"died": DIED, "age": AGE, "female": FEMALE},
        {"model": "binomial", "outcome": "died", "covariates": ["age", "female"]}, ("died", "female"), ("age",),
    ),
    "pca": Target({"age": AGE, "time": TIME}, {"variables": ["age", "time"]}, ("age",), ("age", "time"), FRAMES),
    "survival": Target(
        TIMED | {"stage": FEMALE}, FOLLOWED | {"by": "stage"}, (), (),
    ),
    "validation": Target(
        {"age": AGE / 100, "died": DIED}, {"score": "age", "event": "died", "sums": "together"}, ("died",), ("age",),
        ({}, {"grid": []}, {"grid": [4, 0, 0]}, {"grid": [1, 10**6, 0]}, {"grid": "x"}, {"grid": {"step": 1}}),
    ),
}  # fmt: skip
"""An analysis that joins the package is attacked, too: :func:`test_every_analysis_is_attacked`."""


def of_each(part):
    """Each analysis with each name of a part of its target."""
    return pytest.mark.parametrize(
        ("name", "variable"), [(name, v) for name, one in TARGETS.items() for v in part(one)]
    )


@pytest.fixture
def node(tmp_path):
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        yield Node(ledger)


def told(node, name, changed=None, state=None):
    one = TARGETS[name]
    return node.told(name, one.columns | (changed or {}), one.settings, state)


def test_every_analysis_is_attacked():
    assert {name for name in PAIRS if not origin(name)} == TARGETS.keys()


@pytest.mark.parametrize("name", [name for name, one in TARGETS.items() if not one.states])
def test_one_without_states_has_one_round(node, name):
    one = TARGETS[name]
    settings = chosen(PAIRS[name], node.asked(name, one.columns, one.settings))
    assert isinstance(PAIRS[name].combine(settings, None, dict.fromkeys("ab", told(node, name))), Result)


@pytest.mark.parametrize("name", TARGETS)
def test_it_answers_who_is_honest_and_the_same_people_again(node, name):
    assert told(node, name) == told(node, name)


@of_each(lambda one: one.columns)
def test_two_runs_that_differ_by_one_person_are_not_both_told(node, name, variable):
    """Who lacks a variable is left out: means and models of all, and of all but one."""
    missing = {variable: np.where(ONE > 0, np.nan, TARGETS[name].columns[variable])}
    told(node, name)
    with pytest.raises(OutputWithheld, match=r"rule (difference|cells)"):
        told(node, name, missing)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("left", [1, K - 1])
def test_nor_two_cohorts_of_which_one_has_some_people_fewer(node, name, left):
    one = TARGETS[name]
    cohort = ["" if TARGET <= i < TARGET + left else "d" for i in range(PEOPLE)]
    node.told(name, one.columns, one.settings, of=cohort)
    with pytest.raises(OutputWithheld, match="rule difference"):
        told(node, name)


@pytest.mark.parametrize("name", TARGETS)
def test_nor_two_of_which_one_has_a_few_people_of_another_dataset(node, name):
    """Of the other dataset nobody was analysed before; those of the first are the same."""
    one = TARGETS[name]
    first = ["" if i == TARGET else "d" for i in range(PEOPLE)]
    node.told(name, one.columns, one.settings, of=first)
    with pytest.raises(OutputWithheld, match="rule difference"):
        node.told(name, one.columns, one.settings, of=[where or "e" for where in first])


@of_each(lambda one: [name for name in one.columns if name in {"age", "time"}])
def test_nor_two_of_which_a_number_is_another_one_for_one_person(node, name, variable):
    """Which rows a number is taken from is a criterion of whoever asks, too; the people are the same."""
    column = TARGETS[name].columns[variable]
    told(node, name)
    with pytest.raises(OutputWithheld, match="rule difference"):
        told(node, name, {variable: np.where(ONE > 0, np.median(column), column)})


@of_each(lambda one: one.yes)
@pytest.mark.parametrize("yes", [ONE, 1 - ONE, np.arange(PEOPLE) < K - 1])
def test_no_yes_of_few_is_told(node, name, variable, yes):
    """A variable is a criterion of whoever asks, and may single out one person: also the first round must not tell of it."""
    with pytest.raises(OutputWithheld, match=r"rule (cells|dominance|people|events|difference)"):
        told(node, name, {variable: np.asarray(yes, dtype=float)})


@of_each(lambda one: one.sums)
def test_no_sum_is_told_that_is_nearly_one_persons(node, name, variable):
    """dsBase 250: no rule on how much one person makes up."""
    with pytest.raises(OutputWithheld, match=r"rule (dominance|cells)"):
        told(node, name, {variable: RICH})


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_told_of_few_people(node, name):
    one = TARGETS[name]
    few = ["d" if TARGET <= i < TARGET + K - 1 else "" for i in range(PEOPLE)]
    try:
        found = node.told(name, one.columns, one.settings, of=few)
    except (OutputWithheld, AnalysisError):
        return
    assert not any(found.values()), "a curve of nobody is empty"


@of_each(lambda one: one.states)
def test_a_state_that_no_fit_comes_to_is_refused(node, name, variable):
    """By a hub that lies; in words, and without a number."""
    with pytest.raises((AnalysisError, OutputWithheld)):
        told(node, name, state=variable)


@pytest.mark.parametrize("name", [name for name, one in TARGETS.items() if one.states])
def test_the_rules_of_the_first_round_hold_in_each_of_the_others(node, name):
    """A hub that lies begins with a later round: it would have sums of squares without those that forbid them."""
    one = TARGETS[name]
    settings = chosen(PAIRS[name], node.asked(name, one.columns, one.settings))
    state = PAIRS[name].combine(settings, None, {"+": told(node, name)})
    assert not isinstance(state, Result)
    assert told(node, name, state=state)
    for variable in one.sums:
        with pytest.raises(OutputWithheld, match=r"rule (dominance|cells)"):
            told(node, name, {variable: RICH}, state)
    for variable in one.yes:
        with pytest.raises(OutputWithheld, match=r"rule (cells|dominance|people|events|difference)"):
            told(node, name, {variable: ONE}, state)
