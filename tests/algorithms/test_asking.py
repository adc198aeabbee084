"""What a run asks of an analysis: roles, settings, and what cannot be."""

import pytest
from tests.schema.test_run import DEAD, EARLY, LATE

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.cox import COX
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.survival import SURVIVAL
from oncommons.schema.errors import MalformedQuestion, UnknownValue
from oncommons.schema.run import parse_run

VARIABLES = {
    "time": {"value": "follow_up"},
    "died": DEAD,
    "stage": {"levels": {"early": EARLY, "late": LATE}},
}


def run(**settings):
    return parse_run({"analysis": "any", "variables": VARIABLES, "settings": settings})


def test_what_is_not_said_has_its_default():
    found = chosen(COX, run(time="time", event="died", covariates=["stage"]))
    assert found == {
        "time": "time", "event": "died", "covariates": ["stage"], "strata": [], "entry": None,
        "baseline": "hospital", "ties": "efron", "errors": "model", "check": "km", "level": 0.95,
        "levels": {"stage": ("early", "late")}, "yes": {"died": ("no", "yes")},
    }  # fmt: skip
    assert chosen(SURVIVAL, run(time="time", event="died"))["by"] is None
    assert chosen(GLM, run(outcome="died", covariates=["time"], family="binomial", ridge=2))["ridge"] == 2.0


WRONG = {
    "no time": (SURVIVAL, {"event": "died"}, MalformedQuestion, "settings.time"),
    "no such variable": (SURVIVAL, {"time": "t", "event": "died"}, UnknownValue, "settings.time"),
    "another kind": (SURVIVAL, {"time": "time", "event": "time"}, UnknownValue, "settings.event"),
    "a list for one": (SURVIVAL, {"time": ["time"], "event": "died"}, MalformedQuestion, "settings.time"),
    "one for a list": (COX, {"time": "time", "event": "died", "covariates": "stage"}, MalformedQuestion, "settings.cov"),
    "an empty list": (COX, {"time": "time", "event": "died", "covariates": []}, MalformedQuestion, "settings.cov"),
    "twice": (COX, {"time": "time", "event": "died", "covariates": ["stage"] * 2}, MalformedQuestion, "settings.cov"),
    "unknown": (SURVIVAL, {"time": "time", "event": "died", "what": 1}, UnknownValue, "settings.what"),
    "no such choice": (GLM, {"outcome": "died", "covariates": ["time"], "family": "x"}, UnknownValue, "settings.family"),
    "out of range": (SURVIVAL, {"time": "time", "event": "died", "level": 1}, UnknownValue, "settings.level"),
    "true": (SURVIVAL, {"time": "time", "event": "died", "until": True}, UnknownValue, "settings.until"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_named(name):
    analysis, settings, error, at = WRONG[name]
    with pytest.raises(error) as found:
        chosen(analysis, run(**settings))
    assert found.value.at.startswith(at)
