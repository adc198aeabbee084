"""Datasets and cohorts as a Beacon tells them."""

from tests.official import faults, model
from tests.schema.dialects.test_beacon_answer import BEACON, answer

from oncommons.schema.answer import Count, exact
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon_collections import tell_collections
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import COLLECTIONS

DATASET, COHORT = COLLECTIONS
HELD = [
    (
        "athens",
        DatasetCard(f"d{i}", f"Set {i}", {"person": count}, {"modality": {"CT": exact(3)}}, (), "open", about="x"),
    )
    for i, count in enumerate((exact(30), Count(20, 29, "rounded"), Count(0, 9, "suppressed")))
]


def told(entry, found=None, **parts):
    return tell_collections(BEACON, entry, BeaconRequest(**parts), HELD, found)


def test_a_dataset_and_a_cohort_fit_their_models():
    for entry in COLLECTIONS:
        found = told(entry)["response"]["collections"]
        assert [c["name"] for c in found] == ["Set 0", "Set 1", "Set 2"]
        assert not [fault for c in found for fault in faults(c, model(entry.path))]


def test_only_an_exact_number_is_the_size_of_a_cohort():
    assert [c.get("cohortSize") for c in told(COHORT)["response"]["collections"]] == [30, None, None]
    assert told(COHORT)["response"]["collections"][0]["cohortDataTypes"][0]["id"] == "DCM:CT"


def test_filters_leave_out_only_the_datasets_that_certainly_have_nobody():
    body = told(DATASET, answer(exact(0), exact(2), Count(0, 9, "suppressed")))
    assert [c["id"] for c in body["response"]["collections"]] == ["athens:d1", "athens:d2"]
    assert body["responseSummary"] == {"exists": True, "numTotalResults": 2}


def test_less_is_told_where_less_is_asked():
    assert told(DATASET, granularity="boolean")["responseSummary"] == {"exists": True}
    assert "response" not in told(DATASET, granularity="count")


def test_a_limit_of_zero_is_all():
    assert len(told(DATASET, limit=0)["response"]["collections"]) == 3
    assert len(told(DATASET, limit=2, skip=1)["response"]["collections"]) == 1
