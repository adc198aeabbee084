"""Our answers as Samply Lens itself reads them, one site at a time."""

import base64
import json

import pytest

from oncommons.schema.answer import Count, DatasetAnswer, NodeAnswer, exact
from oncommons.schema.dialects.lens_site import NOT_TOLD, claimed, refused, told
from oncommons.schema.errors_of_permits import BeyondPermit

FEW, UNTOLD = Count(0, 9, "suppressed"), Count(0, None, "suppressed")


def part(*counts):
    return NodeAnswer("athens", "answered", datasets=tuple(DatasetAnswer(f"d{i}", c, c) for i, c in enumerate(counts)))


def read(event):
    """As the guide of Lens reads a result."""
    assert event["status"] == "succeeded"
    return event["from"].split(".")[1], json.loads(base64.b64decode(event["body"]))


def test_a_result_has_the_form_of_lens():
    site, result = read(told("t", part(exact(4), exact(3)), part(exact(6), exact(5)), "Count people."))
    assert site == "athens"
    assert result["totals"] == {"patients": 7, "studies": 11}
    assert result["stratifiers"] == {"collection": {"athens:d0": 4, "athens:d1": 3}}
    assert result["counts"]["patients"]["precision"] == "exact"
    assert result["sentence"] == "Count people."
    assert "resourceType" not in result


def test_of_a_suppressed_number_the_lower_bound_is_shown_and_both_stand_beside_it():
    _, result = read(told("t", part(FEW, exact(12), UNTOLD), part(FEW, exact(20), UNTOLD), ""))
    assert result["totals"] == {"patients": 12, "studies": 20}
    assert result["stratifiers"]["collection"] == {"athens:d0": 0, "athens:d1": 12}
    counts = result["counts"]["patients"]
    assert (counts["at_least"], counts["at_most"], counts["precision"]) == (12, None, "rounded")


@pytest.mark.parametrize("where", [0, 1])
def test_a_site_that_tells_no_number_has_failed_since_lens_would_show_a_zero(where):
    parts = [part(exact(4)), part(exact(4))]
    parts[where] = part(UNTOLD)
    event = told("t", *parts, "")
    assert (event["status"], event["body"]) == ("permafailed", NOT_TOLD)


def test_a_site_that_did_not_answer_has_failed_with_the_reason():
    refused = NodeAnswer("athens", "refused", "The budget is spent.", "E321")
    for parts in ((refused, part(exact(1))), (part(exact(1)), refused)):
        event = told("t", *parts, "")
        assert (event["status"], event["body"]) == ("permafailed", "E321 The budget is spent.")
    assert claimed("t", "athens")["status"] == "claimed"


def test_a_site_that_may_not_be_told_any_more_fails_with_the_rule():
    event = refused("t", "athens", BeyondPermit("The permit ended."))
    assert (event["from"], event["status"], event["body"]) == (
        "oncommons.athens.hub",
        "permafailed",
        "E374 The permit ended.",
    )
