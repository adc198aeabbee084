"""Counts as a Beacon tells them, for every precision."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.answer import Answer, Count, DatasetAnswer, NodeAnswer, exact, total
from oncommons.schema.dialects.beacon_answer import Beacon, check_heard, tell_answer, tell_fault
from oncommons.schema.dialects.beacon_counts import counted, existence
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import entry_of
from oncommons.schema.errors import BadRequest
from oncommons.schema.errors_of_permits import BeyondPermit, ConsentAwaited, PermitNeeded, TooManyWait
from oncommons.schema.errors_of_protocols import NobodyAnswered

BEACON = Beacon("org.example.beacon", "Example", "https://example.org/api/beacon", "0.1.0", "Example", "https://e.org")
COUNTS = st.one_of(
    st.integers(0, 100).map(exact),
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.sampled_from(["rounded", "noisy"])).map(
        lambda t: Count(t[0], t[0] + t[1], t[2])
    ),
    st.integers(1, 50).map(lambda top: Count(0, top, "suppressed")),
    st.just(Count(0, None, "suppressed")),
)


def answer(*counts, **parts):
    datasets = tuple(DatasetAnswer(f"d{i}", c, c) for i, c in enumerate(counts))
    return Answer(
        "id", {"count": "person"}, "Count people.", (NodeAnswer("athens", "answered", datasets=datasets, **parts),)
    )


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (exact(0), {"exists": False, "n": 0, "countPrecision": "exact"}),
        (exact(7), {"exists": True, "n": 7, "countPrecision": "exact"}),
        (Count(20, 29, "rounded"), {"exists": True, "n": 20, "countPrecision": "rounded", "countAdjustedTo": [20, 29]}),
        (Count(18, 25, "noisy"), {"exists": True, "n": 21, "countPrecision": "imprecise", "countAdjustedTo": [18, 25]}),
        (
            Count(0, 9, "suppressed"),
            {"exists": True, "n": 9, "countPrecision": "imprecise", "countAdjustedTo": ["<10"]},
        ),
        (Count(0, None, "suppressed"), {"exists": True, "countPrecision": "imprecise", "countAdjustedTo": [">=0"]}),
    ],
)
def test_a_count_carries_its_precision(count, expected):
    assert counted(count, "n") == expected


@given(COUNTS)
def test_a_zero_is_told_only_where_it_is_one_or_stands_beside_its_interval(count):
    told = counted(count, "n")
    if told.get("n") == 0:
        assert count == exact(0) or told["countAdjustedTo"]
    assert told["exists"] is (count.at_most != 0)
    assert (existence(count) == "certain") is (count.at_least > 0)


@pytest.mark.parametrize(("low", "said"), [(69, "probable"), (0, "not told: random noise is larger")])
def test_a_probable_count_is_never_said_to_be_certain(low, said):
    count = Count(low, 129, "probable")
    assert existence(count).startswith(said)
    assert (counted(count, "n")["exists"], counted(count, "n")["countPrecision"]) == (True, "imprecise")


@given(st.lists(COUNTS, min_size=1, max_size=4), st.sampled_from(["boolean", "count", "record"]))
def test_the_total_is_that_of_the_parts_and_nothing_more_is_told_than_was_asked(counts, granularity):
    body = tell_answer(BEACON, entry_of("person"), BeaconRequest(granularity), answer(*counts))
    section = counted(total(counts), "numTotalResults")
    section.pop("numTotalResults", None)
    told = sum(count.number for count in counts)
    if told or all(count.at_most == 0 for count in counts):
        section["numTotalResults"] = told
    assert body["responseSummary"] == (section if granularity != "boolean" else {"exists": section["exists"]})
    assert ("response" in body) is (granularity == "record")
    returned = body["meta"]["returnedGranularity"]
    assert returned == ("count" if granularity != "boolean" and "numTotalResults" in section else "boolean")


@pytest.mark.parametrize("granularity", ["count", "record"])
def test_an_empty_dataset_beside_one_that_withholds_its_number_makes_no_zero(granularity):
    body = tell_answer(
        BEACON, entry_of("person"), BeaconRequest(granularity), answer(exact(0), Count(0, 22, "suppressed"))
    )
    assert body["responseSummary"]["exists"]
    assert "numTotalResults" not in body["responseSummary"]


def test_datasets_in_which_there_is_nobody_add_nothing_to_a_sum():
    """Nineteen of them, as the rule noise tells of nobody; their upper ends would be 418 people."""
    body = tell_answer(
        BEACON,
        entry_of("person"),
        BeaconRequest("count"),
        answer(Count(796, 818, "noisy"), *[Count(0, 22, "suppressed")] * 19),
    )
    assert body["responseSummary"] == {
        "exists": True,
        "numTotalResults": 807,
        "countPrecision": "imprecise",
        "countAdjustedTo": [796, 1236],
    }


def test_a_sum_of_which_nothing_is_told_has_no_number():
    body = tell_answer(BEACON, entry_of("person"), BeaconRequest("count"), answer(*[Count(0, 22, "suppressed")] * 40))
    assert body["responseSummary"] == {"exists": True, "countPrecision": "imprecise", "countAdjustedTo": ["<881"]}
    assert body["meta"]["returnedGranularity"] == "boolean"


def test_a_late_node_is_named_and_not_counted():
    late = NodeAnswer("bologna", "late", "Too late.", datasets=answer(exact(9)).nodes[0].datasets)
    parts = (*answer(exact(3)).nodes, late)
    body = tell_answer(BEACON, entry_of("person"), BeaconRequest("count"), Answer("id", {}, "", parts))
    assert body["responseSummary"]["numTotalResults"] == 3
    assert body["info"]["notIncluded"] == [{"node": "bologna", "status": "late", "reason": "Too late.", "code": ""}]


def test_no_answer_is_no_number():
    with pytest.raises(NobodyAnswered, match="Asleep"):
        tell_answer(
            BEACON, entry_of("person"), BeaconRequest(), Answer("id", {}, "", (NodeAnswer("a", "silent", "Asleep."),))
        )


@pytest.mark.parametrize(("code", "kind"), [("E373", PermitNeeded), ("E374", BeyondPermit)])
def test_where_every_node_refuses_by_a_permit_that_is_told(code, kind):
    parts = (NodeAnswer("a", "refused", "The rule end says.", code), NodeAnswer("b", "unasked", "Not named."))
    with pytest.raises(kind, match=r"a: The rule end says\."):
        check_heard(Answer("id", {}, "", parts))
    with pytest.raises(NobodyAnswered):
        check_heard(Answer("id", {}, "", (*parts, NodeAnswer("c", "silent", "Asleep."))))
    check_heard(Answer("id", {}, "", (*parts, *answer(exact(3)).nodes)))


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (("E356",), ConsentAwaited),
        (("E356", "E374"), ConsentAwaited),
        (("E373", "E357", "E356"), ConsentAwaited),
        (("E357",), TooManyWait),
        (("E357", "E374", "E373"), TooManyWait),
        (("E373", "E374"), BeyondPermit),
        (("E356", ""), NobodyAnswered),
        (("E374", "E209"), NobodyAnswered),
    ],
)
def test_of_several_reasons_the_one_that_helps_most_is_told(codes, kind):
    parts = tuple(
        NodeAnswer(str(i), "waiting" if code == "E356" else "refused" if code else "silent", f"Says {i}.", code)
        for i, code in enumerate(codes)
    )
    with pytest.raises(kind) as caught:
        check_heard(Answer("id", {}, "", parts))
    assert type(caught.value) is kind
    assert all(f"{part.node}: {part.reason}" in caught.value.message for part in parts)
    check_heard(Answer("id", {}, "", (*parts, *answer(exact(3)).nodes)))


def test_a_fault_carries_our_code():
    body = tell_fault(BEACON, BeaconRequest(), BadRequest("No.", at="x"), 400)
    assert body["error"] == {"errorCode": 400, "errorMessage": "E405 (at x): No."}
