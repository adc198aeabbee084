"""What a hub that is curious can solve from the sums over all hospitals: with the rule, other people give the same numbers."""

import json

import numpy as np
import pytest

from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Result, Table
from oncommons.node.compute import columns_of
from oncommons.node.summing import unknowns
from oncommons.policy.disclosure.masking import flat
from oncommons.policy.disclosure.summing import PART
from oncommons.schema.run import parse_run

SETTINGS = {
    "outcome": "died", "covariates": ["age", "female"], "family": "binomial", "offset": None, "weights": None,
    "ridge": 0.0, "errors": "model", "level": 0.95, "levels": {},
}  # fmt: skip
COLUMNS = 3


def people(number):
    """Ages that nobody knows, and what somebody who attacks may know already: sex, and who died."""
    chance = np.random.default_rng(7)
    age, female = chance.normal(60, 9, number), np.arange(number) % 2 * 1.0
    died = (chance.random(number) < 1 / (1 + np.exp(-(age - 60) / 18))) * 1.0
    return age, female, died


def parts(age, female, died, state):
    found = GLM.local(Table({"age": age, "female": female, "died": died}), SETTINGS, state, 3).found
    return json.loads(json.dumps(found))


def fitted(age, female, died):
    """The states of an honest fit."""
    states, state = [], None
    while not isinstance(state, Result):
        state = GLM.combine(SETTINGS, state, {"+": parts(age, female, died, state)})
        states.append(state)
    return states[:-1]


def numbers(age, female, died, states):
    """All that the hub sees."""
    return np.concatenate([flat(parts(age, female, died, state))[1] for state in states])


def followed(number):
    """How many ages follow from all that was told, to first order; and how many numbers that were."""
    age, *known = people(number)
    states, step = fitted(age, *known), 1e-4
    told = numbers(age, *known, states)
    slope = [
        (numbers(age + one, *known, states) - numbers(age - one, *known, states)) / (2 * step)
        for one in step * np.eye(number)
    ]
    scaled = np.stack(slope) / np.maximum(np.abs(told), 1.0)
    return int(np.linalg.matrix_rank(scaled, tol=1e-9 * np.linalg.norm(scaled))), len(set(told.tolist()))


@pytest.mark.parametrize("number", [10, 14])
def test_of_few_people_all_ages_follow(number):
    """Where the rule does not let it come to: who is curious finds all of them, who knows all else."""
    known, told = followed(number)
    assert told > PART * number * COLUMNS
    assert known == number


@pytest.mark.parametrize("number", [50, 80])
def test_of_as_many_as_the_rule_asks_for_most_ages_do_not_follow(number):
    known, told = followed(number)
    assert told <= PART * number * COLUMNS
    assert known < number / 2


DEAD = {"field": "vital_status", "in": ["DEAD"]}
FEMALE = {"field": "sex", "in": ["F"]}
EVENT = np.array([0.0, 1, 1, 0, 1, 0])
CODE = np.array([0.0, 1, 2, 2, 1, 0])
SAME = {
    "twice": ({"not": {"not": DEAD}}, EVENT),
    "the other way round": ({"not": DEAD}, 1 - EVENT),
    "with what is always so": ({"any": [DEAD, {"all": [FEMALE, {"not": FEMALE}]}]}, EVENT),
}


@pytest.mark.parametrize("name", SAME)
def test_a_variable_that_is_written_otherwise_is_no_unknown_more(name):
    """Else whoever asks could let a hospital tell ever more of the same people."""
    criterion, column = SAME[name]
    run = {"analysis": "glm", "variables": {"died": {"is": DEAD}, "again": {"is": criterion}, "unused": {"is": FEMALE}}}
    rows = Table({"died": EVENT, "again": column, "unused": np.zeros(6)})
    assert unknowns(columns_of(parse_run(run), rows, ["died", "again"])) == 1


def test_unknowns_are_fields_as_far_as_columns_differ():
    levels = {"a": DEAD, "b": FEMALE, "c": {"not": FEMALE}}
    run = {
        "analysis": "glm",
        "variables": {
            "one": {"levels": levels}, "again": {"levels": levels}, "age": {"value": "age_at_diagnosis", "of": "condition"},
            "young": {"value": "age_at_diagnosis", "of": "condition", "take": "least"},
        },
    }  # fmt: skip
    of = {"one": CODE, "again": 2 - CODE, "age": np.arange(6.0), "young": np.arange(6.0) ** 2}
    found = columns_of(parse_run(run), Table(of, {"one": tuple(levels), "again": tuple(levels)}), list(of))
    assert (
        sum(number for name, number in found.items() if name.startswith("column")) == 3
    )  # two of the levels, one of age
    assert unknowns(found) == 3  # sex, whether they died, and the age
    assert unknowns(columns_of(parse_run(run), Table(of, {}), ["age", "young"])) == 1
