"""What other clients read of nodes with the usual rule, noise, whose datasets mostly hold nobody of whom a question asks."""

import pytest
from tests.hub.federated import federated
from tests.hub.lens.test_spot import events, results
from tests.oracle import columns, pooled
from tests.schema.dialects.test_lens import MODALITY, b64, is_, or_

from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.noise import Shape

HELD = {
    "athens": ("lctsc", "prostate_diagnosis", "breast_mri_nact_pilot", "4d_lung"),
    "bologna": ("soft_tissue_sarcoma", "qin_pet_phantom", "ispy1", "cc_tumor_heterogeneity"),
}
NOISE = 9 + 5
"""How far what is told of a dataset lies from the truth at most: the noise, and its rounding."""
TREES = {code: or_(is_(MODALITY, rid)) for code, rid in (("CT", "RID10321"), ("MR", "RID10312"), ("PT", "RID10337"))}


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    held = {name: (collections, Policy.of("noise")) for name, collections in HELD.items()}
    with federated(tmp_path_factory.mktemp("noisy"), held) as hub:
        yield hub


@pytest.fixture(scope="module")
def true():
    """Modality to dataset to people, by brute force."""
    pool = pooled.load(tuple(name for names in HELD.values() for name in names))
    asked = {code: {"some": "series", "where": {"field": "modality", "in": [code]}} for code in (*TREES, "ECG")}
    return {
        code: {name: n.certain for name, n in columns.answer({"count": "person", "where": where}, pool).items()}
        for code, where in asked.items()
    }


def bounds(truth):
    """A sum of what is told: of those with many people, each off by the noise; of those with few, nothing."""
    many = [n for n in truth.values() if n >= Shape(10).reach]
    rest = [n for n in truth.values() if n < Shape(10).reach]
    return sum(many) - NOISE * len(many), sum(many) + NOISE * len(many) + sum(n + NOISE for n in rest if n)


def summary(hub, code):
    body = {"meta": {}, "query": {"requestedGranularity": "count", "filters": [{"id": f"DCM:{code}"}]}}
    return hub("POST", "/api/beacon/individuals", json=body).json()["responseSummary"]


@pytest.mark.parametrize("code", TREES)
def test_a_beacon_tells_a_number_near_the_truth_though_most_datasets_hold_nobody(noisy, true, code):
    told, (low, high) = summary(noisy, code), bounds(true[code])
    assert low <= told["numTotalResults"] <= high
    assert told["countAdjustedTo"][0] <= sum(true[code].values()) <= told["countAdjustedTo"][1]


def test_of_what_nobody_has_no_number_is_told(noisy, true):
    assert sum(true["ECG"].values()) == 0
    told = summary(noisy, "ECG")
    assert "numTotalResults" not in told
    assert told["countAdjustedTo"] == [f"<{len(true['ECG']) * (Shape(10).reach - 1) + 1}"]


@pytest.mark.parametrize("code", TREES)
def test_lens_tells_the_sum_of_its_collections(noisy, true, code):
    body = noisy("POST", "/api/lens", json={"lang": "ast", "query": b64({"ast": TREES[code], "id": "i"})}).json()
    low, high = bounds(true[code])
    assert body["total"]["subjects_count"] == sum(one["subjects_count"] for one in body["collections"])
    assert low <= body["total"]["subjects_count"] <= high


def test_a_site_tells_the_sum_of_its_collections(noisy, true):
    low, high = bounds(true["CT"])
    found = results(events(noisy, TREES["CT"]))
    told = [one["totals"]["patients"] for one in found.values()]
    assert low <= sum(told) <= high
    for one in found.values():
        assert one["totals"]["patients"] == sum(one["stratifiers"]["collection"].values())


WEIGHED = {
    "count": "person",
    "where": {
        "all": [
            {"field": "sex", "in": ["F"]},
            {"some": "series", "where": {"field": "modality", "in": ["CT", "PT"]}},
            {"some": "series", "where": {"field": "manufacturer", "in": ["GE", "SIEMENS"]}},
        ]
    },
}


def test_a_gain_holds_the_true_number_at_every_node(noisy):
    """Against brute force; and some of these intervals, though wide, say that there is a gain."""
    pool = pooled.load(tuple(name for names in HELD.values() for name in names))
    full = columns.answer(WEIGHED, pool)
    body = noisy("POST", "/api/feasibility", json=WEIGHED).json()
    assert all(rule.startswith("noise 10:") for rule in body["policies"].values())
    assert len(body["relaxed"]) == 3
    for one in body["relaxed"]:
        now = columns.answer(one["question"], pool)
        for node, names in HELD.items():
            true = sum(now[name].certain - full[name].certain for name in names)
            assert one["nodes"][node]["at_least"] <= true <= one["nodes"][node]["at_most"]
        assert one["gain"]["precision"] in {"noisy", "suppressed"}
    assert any(one["gain"]["at_least"] > 0 for one in body["relaxed"])


def test_rows_under_noise_have_gains_without_an_end_which_say_nothing(noisy):
    body = noisy("POST", "/api/feasibility", json={"count": "series", "where": {"field": "modality", "in": ["MR"]}})
    (one,) = body.json()["relaxed"]
    assert (one["gain"]["at_least"], one["gain"]["at_most"]) == (0, None)
