"""Runs over hospitals that hold parts of a real trial: equal to the whole, and honest about who took part."""

import json

import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import logrank_test
from tests.hub.dispatch.hospitals import FULL, INSTITUTIONS, from_the_third_on, made_homes, serving
from tests.node.followed import COX, CURVES, lung
from tests.permits import BEGIN, body

from oncommons.hub.dispatch import running
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.federation import PERMIT_HEADER
from oncommons.schema.permit import parse_permit

VARIABLES = ["person.sex", "person.follow_up", "person.vital_status", "condition.age_at_diagnosis"]
PERMIT = parse_permit(
    body(
        datasets=[{"node": name, "dataset": "lung"} for name in INSTITUTIONS],
        variables=VARIABLES,
        analyses=["count", "cox", "describe", "survival"],
        budget=0,
    )
)


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    return made_homes(tmp_path_factory.mktemp("nodes"), Policy("open"))


@pytest.fixture
def given(hub):
    """A pass of the permit."""
    hub.clock.now = BEGIN + 5.0
    return str(hub.app.state.permits.issue(PERMIT, "https://hub.test", hub.clock())[1]["ana"])


def begin(hub, run, given, **params):
    return hub("POST", "/api/runs", content=json.dumps(run).encode(), params=params, headers={PERMIT_HEADER: given})


def look(hub, identifier, given, wait=20):
    """A run when it has ended."""
    got = hub("GET", f"/api/runs/{identifier}", params={"wait": wait}, headers={PERMIT_HEADER: given})
    assert got.status_code == 200, got.text
    return got.json()


def make(hub, run, given, **params):
    """A run that has ended."""
    got = begin(hub, run, given, **params)
    assert got.status_code == 202, got.text
    return look(hub, got.json()["id"], given)


def made(hub, run, given, **params):
    """The record of a run."""
    ended = make(hub, run, given, **params)
    assert ended["state"] == "done", ended
    return ended["record"]


def fitted(*names):
    """The trial of some hospitals in one place, each with a baseline of its own."""
    places = {inst: name for name, of in INSTITUTIONS.items() for inst in of}
    rows = lung()[["time", "status", "age", "sex"]].assign(hospital=[places[one] for one in lung()["inst"]])
    rows = rows[rows["hospital"].isin(list(names or INSTITUTIONS))].assign(sex=rows["sex"] - 1)
    return CoxPHFitter().fit(rows, "time", "status", strata=["hospital"], fit_options={"precision": 1e-14})


def part(answer, name):
    return next(node for node in answer["nodes"] if node["node"] == name)


def test_a_model_over_three_hospitals_is_that_of_the_whole_trial(hub, homes, given):
    with serving(hub, homes):
        found = made(hub, COX, given)
    fit = fitted()
    assert found["result"]["coefficients"]["age"] == pytest.approx(fit.params_["age"], abs=1e-10)
    assert found["result"]["coefficients"]["female"] == pytest.approx(fit.params_["sex"], abs=1e-10)
    assert found["result"]["log_likelihood"] == pytest.approx(fit.log_likelihood_, abs=1e-8)
    assert {node["node"]: node["people"] for node in found["nodes"]} == {
        name: int(lung()["inst"].isin(list(of)).sum()) for name, of in INSTITUTIONS.items()
    }
    assert (found["version"], found["exact"], found["by_node"], found["permit"]) == (1, True, True, "P-7")
    assert found["run"]["settings"] == COX["settings"]


def test_a_description_of_three_hospitals_is_that_of_the_whole_trial(hub, homes, given):
    settings = {"variables": ["age", "died"], "by": "female"}
    with serving(hub, homes):
        found = made(hub, COX | {"analysis": "describe", "settings": settings}, given)
    women = lung()[lung()["sex"] == 2]
    assert found["result"]["variables"]["age"]["yes"] == pytest.approx(
        {"people": len(women), "missing": 0, "mean": women["age"].mean(), "sd": women["age"].std()}
    )
    assert found["result"]["variables"]["died"]["yes"]["levels"]["yes"] == women["status"].sum()
    assert (found["exact"], found["by_node"], found["approximate"]) == (True, False, ["quantiles", "histogram"])


def test_curves_are_compared_as_on_the_whole(hub, homes, given):
    with serving(hub, homes):
        found = made(hub, CURVES, given)
    women = lung()["sex"] == 2
    oracle = logrank_test(
        lung()["time"][women], lung()["time"][~women], lung()["status"][women], lung()["status"][~women]
    )
    assert found["result"]["log_rank"]["statistic"] == pytest.approx(oracle.test_statistic, abs=1e-9)
    assert found["rounds"] == 1
    assert found["tables"]["curve"][0][:3] == ["group", "time", "at_risk"]


def test_a_hospital_that_keeps_its_part_is_named_and_the_result_is_of_the_others(hub, homes, given, tmp_path):
    strict = made_homes(tmp_path, Policy("private"))["cork"]
    with serving(hub, {**homes, "cork": strict}):
        found = made(hub, COX, given)
    kept = part(found, "cork")
    assert (kept["status"], kept["code"]) == ("refused", "E412")
    fit = fitted("athens", "bergen")
    assert found["result"]["coefficients"]["age"] == pytest.approx(fit.params_["age"], abs=1e-10)


def test_a_hospital_that_drops_out_in_the_middle_is_left_out_of_all_rounds(hub, homes, given):
    with serving(hub, homes, bergen=from_the_third_on(FULL)):
        found = made(hub, COX, given)
    assert part(found, "bergen")["status"] == "refused"
    rest = lung()[~lung()["inst"].isin(list(INSTITUTIONS["bergen"]))]
    fit = fitted("athens", "cork")
    assert found["result"]["coefficients"]["age"] == pytest.approx(fit.params_["age"], abs=1e-10)
    assert found["result"]["people"] == len(rest)
    lost = part(found, "bergen")
    assert (lost["rounds"], lost["people"]) == (2, len(lung()) - len(rest))
    assert found["participation"]["people_left_out"] == lost["people"]


def lying(**parts):
    """Changes values of a part that has them, and tells the rest as it is."""
    return lambda answer: answer | {"part": answer["part"] | {n: v for n, v in parts.items() if n in answer["part"]}}


LIES = {
    "no people": lambda answer: answer | {"people": -3},
    "nothing": lambda answer: {"part": []},
    "text": lying(people="many"),
    "half a person": lying(people=63.5),
    "people it has not": lying(people=1e300),
    "squares that are no sum of squares": lying(numbers={"age": [4000.0, 100.0], "female": [0, 0]}),
    "fewer than no events": lying(events=-4),
    "more events than people": lying(events=65),
}


@pytest.mark.parametrize("name", LIES)
def test_a_hospital_that_lies_is_named_and_in_no_number(hub, homes, given, name):
    with serving(hub, homes, athens=LIES[name]):
        found = made(hub, COX, given)
    liar = part(found, "athens")
    assert (liar["status"], liar["code"]) == ("refused", "E413")
    assert liar["reason"].startswith("Sent numbers that ")
    assert found["result"]["coefficients"]["age"] == pytest.approx(fitted("bergen", "cork").params_["age"], abs=1e-10)


@pytest.mark.parametrize("wrong", [{"numbers": {}}, {"score": [1.0]}, {"score": "x"}, {"score": [1e300, 0]}])
def test_a_hospital_whose_part_does_not_fit_is_named(hub, homes, given, wrong):
    with serving(hub, homes, bergen=lying(**wrong)):
        ended = make(hub, COX, given)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "E413")
    assert ended["error"]["message"] == "The parts of the nodes do not fit together; it is that of bergen."


def test_where_no_hospital_takes_part_it_says_why(hub, given, tmp_path):
    with serving(hub, made_homes(tmp_path, Policy("private"))):
        ended = make(hub, COX, given)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "E410")
    assert "private" in ended["error"]["message"]


@pytest.mark.parametrize("fewest", [2, 3])
def test_where_fewer_hospitals_take_part_than_must_there_is_no_result(hub, homes, given, tmp_path, fewest):
    strict = made_homes(tmp_path, Policy("private"))["cork"]
    with serving(hub, {**homes, "cork": strict}):
        ended = make(hub, COX | {"fewest_nodes": fewest}, given)
    if fewest == 2:
        assert ended["record"]["participation"]["took_part"] == 2
        assert ended["record"]["run"]["fewest_nodes"] == 2
    else:
        assert (ended["state"], ended["error"]["code"]) == ("failed", "E416")
        assert ended["error"]["message"].startswith("2 of 3 nodes can take part, and 3 must. cork: ")


def test_a_hospital_that_is_lost_in_the_middle_counts_no_more(hub, homes, given):
    with serving(hub, homes, bergen=from_the_third_on(FULL)):
        ended = make(hub, COX | {"fewest_nodes": 3}, given)
    assert ended["error"]["message"] == "2 of 3 nodes can take part, and 3 must. bergen: The disk is full."


def test_more_hospitals_than_the_permit_names_are_not_waited_for(hub, homes, given):
    with serving(hub, homes):
        ended = make(hub, COX | {"fewest_nodes": 4}, given)
    assert ended["error"]["message"] == "3 of 3 nodes can take part, and 4 must."
    assert ended["progress"]["round"] == 0


def test_how_many_must_take_part_is_nothing_to_the_nodes(hub, homes, given):
    with serving(hub, homes):
        assert made(hub, COX | {"fewest_nodes": 3}, given)["result"] == made(hub, COX, given)["result"]


def test_rounds_that_were_answered_are_not_asked_again(hub, homes, given):
    asked = []
    with serving(hub, homes, athens=lambda answer: asked.append(1) or answer):
        first = made(hub, COX, given, id="mine")
        number = len(asked)
        assert made(hub, COX, given, id="mine") == first
    assert len(asked) == number > 3


def test_a_run_has_so_many_rounds_and_no_more_with_those_that_were_in_vain(hub, homes, given, monkeypatch):
    monkeypatch.setattr(running, "MOST_ROUNDS", 4)
    asked = []
    with serving(hub, homes, bergen=from_the_third_on(FULL), athens=lambda answer: asked.append(1) or answer):
        ended = make(hub, COX, given)
    assert (ended["state"], ended["error"]["message"]) == ("failed", "The analysis has not ended after 4 rounds.")
    assert len(asked) == 4


def test_a_run_of_nodes_that_have_not_joined_is_put_to_nobody_else(hub, given):
    hub.member("delft")
    ended = make(hub, COX, given)
    assert ended["error"]["message"] == "No node that the permit names has joined this hub."
    assert ended["progress"] == {"round": 0, "nodes": []}
