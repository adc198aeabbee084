"""What a hub that is curious can solve from the sums over all hospitals: with the rule, other people give the same numbers."""

import json

import numpy as np
import pytest

from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Result, Table
from oncommons.policy.masking import flat
from oncommons.policy.summing import PART

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
