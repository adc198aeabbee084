"""Several events, and a score, over hospitals that hold parts of a real trial and whose data are not open."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from tests.hub.dispatch.hospitals import INSTITUTIONS, made_homes, serving
from tests.hub.dispatch.test_running import PERMIT, made
from tests.node.followed import RUN, lung
from tests.permits import BEGIN, body

from oncommons.policy.disclosure import Policy
from oncommons.schema.permit import parse_permit

DEAD, WOMAN = {"field": "vital_status", "in": ["DEAD"]}, {"field": "sex", "in": ["F"]}
EVENTS = {"none": {"not": DEAD}, "woman died": {"all": [DEAD, WOMAN]}, "man died": {"all": [DEAD, {"not": WOMAN}]}}
RISKS = {
    "analysis": "competing",
    "variables": RUN["variables"] | {"first": {"levels": EVENTS}},
    "settings": {"time": "time", "event": "first", "until": 365.0},
}
SCORE = {
    "analysis": "validation",
    **RUN,
    "settings": {"score": "age", "event": "died", "scale": "number", "threshold": 65.0},
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    return made_homes(tmp_path_factory.mktemp("nodes"), Policy("threshold", 5))


@pytest.fixture
def given(hub):
    """A pass of a permit for both."""
    hub.clock.now = BEGIN + 5.0
    held = [{"node": name, "dataset": "lung"} for name in INSTITUTIONS]
    analyses = ["competing", "validation"]
    permit = parse_permit(body(datasets=held, variables=list(PERMIT.variables), analyses=analyses, budget=0))
    return str(hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]["ana"])


def test_incidences_are_near_those_of_the_whole_and_the_result_says_how_near(hub, homes, given):
    with serving(hub, homes):
        found = made(hub, RISKS, given)
    assert list(found["run"]["variables"]["first"]["levels"]) == list(EVENTS)  # which are not those of the alphabet
    rows = {
        row[1]: dict(zip(found["tables"]["incidence"][0], row, strict=True)) for row in found["tables"]["incidence"][1:]
    }
    dead, free, incidence = lung()["status"] == 1, 1.0, {1: 0.0, 2: 0.0}
    for time in sorted(set(lung()["time"][dead])):
        if time <= 365:
            risk = (lung()["time"] >= time).sum()
            for sex in (1, 2):
                incidence[sex] += free * (dead & (lung()["time"] == time) & (lung()["sex"] == sex)).sum() / risk
            free *= 1 - (dead & (lung()["time"] == time)).sum() / risk
    for cause, sex in (("woman died", 2), ("man died", 1)):
        assert rows[cause]["events"] == (dead & (lung()["sex"] == sex)).sum()
        assert abs(rows[cause]["incidence"] - incidence[sex]) < min(0.06, rows[cause]["off"])
    assert any("so coarsely that the curve of man died" in said for said in found["warnings"])


@pytest.mark.parametrize("sums", ["once", "together"])
def test_a_score_is_judged_as_on_all_rows_and_told_together_no_part_is_seen(hub, homes, given, sums):
    seen = []
    run = SCORE | {"settings": SCORE["settings"] | {"sums": sums}}
    with serving(hub, homes, athens=lambda answer: seen.append(answer) or answer):
        found = made(hub, run, given)
    age, dead = lung()["age"], lung()["status"] == 1
    area = mannwhitneyu(age[dead], age[~dead]).statistic / dead.sum() / (~dead).sum()
    told, measures = found["result"]["roc"], {row[0]: row[1] for row in found["tables"]["measures"][1:]}
    assert told["at_least"] <= area <= told["at_most"]
    assert abs(told["area"] - area) < (0.01 if sums == "together" else 0.1)
    assert found["rounds"] == len(seen) == (2 if sums == "together" else 1)
    assert (found.get("secured") == ["athens", "bergen", "cork"]) == (sums == "together")
    if sums == "together":
        assert set(seen[1]["part"]) == {"shapes", "masked"}
        assert measures["sensitivity"] == pytest.approx((age[dead] >= 65).mean())
        assert measures["specificity"] == pytest.approx((age[~dead] < 65).mean())
    else:
        assert found["result"]["threshold"]["people"] < len(lung())
        assert found["warnings"][-1].startswith("At the threshold nothing is told of ")
    assert np.isfinite(told["error"])
