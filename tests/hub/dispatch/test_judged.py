"""Several events, and a score, over hospitals that hold parts of a real trial and whose data are not open."""

import pytest
from scipy.stats import mannwhitneyu
from tests.hub.dispatch.hospitals import INSTITUTIONS, copied_homes, made_homes, serving
from tests.hub.dispatch.test_running import PERMIT, made
from tests.node.followed import RUN, lung
from tests.permits import BEGIN, body

from oncommons.policy.disclosure.counts import Policy
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
def filled(tmp_path_factory):
    """The folder of hospitals that have told nothing yet."""
    folder = tmp_path_factory.mktemp("hospitals")
    made_homes(folder, Policy("threshold", 5))
    return folder


@pytest.fixture
def homes(filled, tmp_path):
    return copied_homes(filled, tmp_path)


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


def test_a_score_is_judged_as_on_all_rows_and_told_together_no_part_is_seen(hub, homes, given):
    seen = []
    with serving(hub, homes, athens=lambda answer: seen.append(answer) or answer):
        once, together = (
            made(hub, SCORE | {"settings": SCORE["settings"] | {"sums": sums}}, given) for sums in ("once", "together")
        )
    age, dead = lung()["age"], lung()["status"] == 1
    area = mannwhitneyu(age[dead], age[~dead]).statistic / dead.sum() / (~dead).sum()
    for found, near in ((once, 0.1), (together, 0.01)):
        told = found["result"]["roc"]
        assert told["at_least"] <= area <= told["at_most"]
        assert abs(told["area"] - area) < near
    told = [
        {row[0]: row[1] for row in found["tables"]["measures"][1:]}.get("sensitivity") for found in (once, together)
    ]
    assert told[0] == told[1]
    assert any("nothing is told" in said for said in once["warnings"])
    assert (once["rounds"], together["rounds"]) == (1, 2)
    assert together["secured"] == ["athens", "bergen", "cork"]
    assert set(seen[2]["part"]) == {"shapes", "masked"}
