"""Fits over hospitals whose data are not open: equal to the whole, with nobody's part seen by the hub."""

import base64
from math import prod

import pytest
import statsmodels.api as sm
from tests.hub.dispatch.hospitals import FULL, INSTITUTIONS, copied_homes, from_the_third_on, made_homes, serving
from tests.hub.dispatch.test_running import PERMIT, fitted, made, make, part
from tests.node.followed import COX, RUN, lung
from tests.permits import BEGIN, body

from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.permit import parse_permit

LOGIT = {
    "analysis": "glm",
    **RUN,
    "settings": {"outcome": "died", "covariates": ["age", "female"], "family": "binomial"},
}
LOGIT_PERMIT = parse_permit(
    body(
        datasets=[{"node": name, "dataset": "lung"} for name in INSTITUTIONS],
        variables=list(PERMIT.variables),
        analyses=["cox", "glm"],
        budget=0,
    )
)


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
    """A pass of the permit."""
    hub.clock.now = BEGIN + 5.0
    return str(hub.app.state.permits.issue(LOGIT_PERMIT, "https://hub.test", hub.clock())[1]["ana"])


def pooled(table):
    matrix = sm.add_constant(table.assign(female=table["sex"] - 1)[["age", "female"]].astype(float))
    return sm.GLM(table["status"], matrix, family=sm.families.Binomial()).fit(tol=1e-14)


def test_a_fit_of_several_rounds_is_that_of_the_whole_and_no_part_is_seen(hub, homes, given):
    seen = []
    with serving(hub, homes, athens=lambda answer: seen.append(answer) or answer):
        found = made(hub, LOGIT, given)
    fit = pooled(lung())
    assert found["result"]["coefficients"]["age"] == pytest.approx(fit.params["age"], abs=1e-10)
    assert found["result"]["coefficients"]["female"] == pytest.approx(fit.params["female"], abs=1e-10)
    assert found["secured"] == ["athens", "bergen", "cork"]
    first, *later = seen
    assert len(later) == found["rounds"] - 1 > 3
    assert first["sums"]["people"] == first["people"] == part(found, "athens")["people"]
    assert all(set(one["part"]) == {"shapes", "masked"} for one in later)
    assert len({one["part"]["masked"] for one in later}) == len(later)


def test_a_dispersion_is_found_from_sums_alone(hub, homes, given):
    settings = {"outcome": "time", "covariates": ["age", "female"], "family": "negative_binomial"}
    with serving(hub, homes):
        found = made(hub, LOGIT | {"settings": settings}, given)
    table = lung().assign(female=lung()["sex"] - 1)
    told = found["result"]
    near = [*told["coefficients"].values(), told["alpha"]["estimate"] * 1.05]
    fit = sm.NegativeBinomial(table["time"], sm.add_constant(table[["age", "female"]].astype(float))).fit(
        start_params=near, method="newton", tol=1e-14, maxiter=100, disp=0
    )
    assert [*told["coefficients"].values(), told["alpha"]["estimate"]] == pytest.approx(list(fit.params), rel=1e-9)
    assert [row[2] for row in found["tables"]["terms"][1:]] == pytest.approx(list(fit.bse[:3]), rel=1e-8)
    assert found["secured"] == ["athens", "bergen", "cork"]


def test_coxs_model_is_that_of_the_whole_stratified_by_hospital(hub, homes, given):
    body = COX | {"settings": COX["settings"] | {"errors": "robust", "check": "identity"}}
    seen = []
    with serving(hub, homes, athens=lambda answer: seen.append(answer) or answer):
        found = made(hub, body, given)
    assert found["secured"] == ["athens", "bergen", "cork"]
    assert all(set(one["part"]) == {"shapes", "masked"} for one in seen[1:])
    assert "events" not in seen[0]["part"]
    fit = fitted()
    assert found["result"]["coefficients"]["age"] == pytest.approx(fit.params_["age"], abs=1e-10)
    assert found["result"]["coefficients"]["female"] == pytest.approx(fit.params_["sex"], abs=1e-10)
    assert found["result"]["log_likelihood"] == pytest.approx(fit.log_likelihood_, abs=1e-10)
    assert found["result"]["concordance"]["value"] == pytest.approx(fit.concordance_index_, abs=1e-10)
    assert found["tables"]["proportional"][-1][2] == 2
    assert found["rounds"] <= 7


def test_one_baseline_for_all_is_made_of_open_data_only(hub, homes, given):
    with serving(hub, homes):
        got = make(hub, COX | {"settings": COX["settings"] | {"baseline": "common"}}, given)
    assert got["error"]["code"] == "E410"
    assert "only open data" in got["error"]["message"]


def test_where_fewer_than_three_are_left_they_are_named_and_open_ones_go_on(hub, homes, given, tmp_path):
    public = made_homes(tmp_path / "open", Policy("open"))["cork"]
    with serving(hub, {**homes, "cork": public}):
        found = made(hub, LOGIT, given)
    assert [part(found, name).get("code") for name in ("athens", "bergen", "cork")] == ["E411", "E411", None]
    assert "at least 3 such hospitals" in part(found, "athens")["reason"]
    rest = lung()[lung()["inst"].isin(list(INSTITUTIONS["cork"]))]
    assert found["result"]["coefficients"]["age"] == pytest.approx(pooled(rest).params["age"], abs=1e-10)
    assert found["secured"] == []


def test_a_hospital_that_drops_out_leaves_too_few_for_a_sum(hub, homes, given):
    with serving(hub, homes, bergen=from_the_third_on(FULL)):
        got = make(hub, LOGIT, given)
    assert got["error"]["code"] == "E410"


def test_people_that_change_in_the_middle_begin_the_run_anew(hub, homes, given):
    seen = []

    def changed(answer):
        seen.append(answer)
        if len(seen) != 3:
            return answer
        return {"error": {"code": "E415", "message": "The people of this node have changed since the run began."}}

    with serving(hub, homes, bergen=changed):
        found = made(hub, LOGIT, given)
    assert found["result"]["coefficients"]["age"] == pytest.approx(pooled(lung()).params["age"], abs=1e-10)
    assert part(found, "bergen")["people"] == lung()["inst"].isin(list(INSTITUTIONS["bergen"])).sum()


LIES = {
    "no masks": lambda answer: answer | {"part": {"information": [[1.0]]}},
    "other masks": lambda answer: (
        answer | {"part": answer["part"] | {"masked": "A" * 8 + answer["part"]["masked"][8:]}}
    ),
    "fewer": lambda answer: answer | {"part": answer["part"] | {"masked": answer["part"]["masked"][:-44] + "="}},
}


@pytest.mark.parametrize("name", LIES)
def test_a_hospital_that_does_not_keep_to_the_sum_is_caught(hub, homes, given, name):
    with serving(
        hub, homes, athens=lambda answer: LIES[name](answer) if "masked" in answer.get("part", {}) else answer
    ):
        got = make(hub, LOGIT, given)
    assert got["error"]["code"] == "E413"
    named = "it is that of athens." if name != "other masks" else "Whose part it is cannot be seen."
    assert got["error"]["message"].endswith(named)


def test_a_hospital_that_lies_before_sums_are_secured_is_named(hub, homes, given):
    lie = {"numbers": {"age": [-9.0, 1.0], "female": [0.0, 0.0]}}
    with serving(hub, homes, athens=lambda answer: answer | {"part": lie} if "sums" in answer else answer):
        got = make(hub, LOGIT, given)
    assert got["state"] == "failed"
    assert "athens: Sent numbers that no table gives, in numbers." in got["error"]["message"]


def test_a_sum_that_no_tables_give_makes_no_result(hub, homes, given):
    """Masks stay as they are, and a great number is added to what stands under them."""

    def lies(answer):
        if "masked" not in answer["part"]:
            return answer
        packed = bytearray(base64.b64decode(answer["part"]["masked"]))
        at = 32 * sum(prod(answer["part"]["shapes"][one]) for one in sorted(answer["part"]["shapes"]) if one < "events")
        packed[at + 8] ^= 128
        return answer | {"part": answer["part"] | {"masked": base64.b64encode(packed).decode()}}

    with serving(hub, homes, athens=lies):
        got = make(hub, COX, given)
    assert got["error"]["code"] == "E413"
    assert got["error"]["message"].startswith("The sum over athens, bergen, cork is one that no tables give")
