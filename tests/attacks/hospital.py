"""A hospital with a rule of ten and somebody who stands out, of which analyses are made; what a variable is, is given as a column."""

import json

import numpy as np

from oncommons.node.compute import Round, Strictness, compute
from oncommons.schema.run import parse_run
from oncommons.service.analyses import analyses

PEOPLE, K, TARGET = 400, 10, 137
RANDOM = np.random.default_rng(8)
AGE = np.clip(np.round(RANDOM.normal(60, 9, PEOPLE)), 30, 88)
AGE[TARGET] = 97.0
FEMALE = RANDOM.integers(0, 2, PEOPLE).astype(float)
TIME = np.round(RANDOM.exponential(500, PEOPLE)) + 1
DIED = (RANDOM.uniform(size=PEOPLE) < 0.7).astype(float)
ONE = (np.arange(PEOPLE) == TARGET).astype(float)
NOT_ONE = np.where(ONE, np.nan, 1.0)
NUMBERS = {"time": "follow_up", "age": "age_at_diagnosis", "marker": "age_at_diagnosis", "hidden": "follow_up"}
CRITERION = {"field": "sex", "in": ["F"]}
PAIRS = analyses()


def variable(name):
    if name in NUMBERS:
        return {"value": NUMBERS[name]} | ({"of": "condition"} if NUMBERS[name].startswith("age") else {})
    return {"levels": {"a": CRITERION, "b": {"not": CRITERION}}} if name == "stage" else {"is": CRITERION}


class Node:
    """A node with a rule of ten; what a variable is, is given as a column, as its index would."""

    def __init__(self, ledger, questions=None):
        self.ledger, self.questions = ledger, questions

    def told(self, analysis, columns, settings, state=None, least=K, of=None):
        """What it tells in a round; ``of`` gives the dataset of each person, or that they are not of the cohort."""
        rows = [
            (of[i] if of else "d", i, *(None if np.isnan(one[i]) else float(one[i]) for one in columns.values()))
            for i in range(PEOPLE)
            if not of or of[i]
        ]
        told = compute(
            Round(self.asked(analysis, columns, settings), PAIRS[analysis], {"state": state}, None),
            rows,
            Strictness(least),
            self.ledger,
            0.0,
            self.questions,
        )
        return json.loads(json.dumps(told["part"], allow_nan=False))

    @staticmethod
    def asked(analysis, columns, settings):
        """The run of it."""
        body = {
            "analysis": analysis,
            "cohort": {"any": [CRITERION, {"not": CRITERION}]},
            "variables": {name: variable(name) for name in columns},
            "settings": settings,
        }
        return parse_run(body)
