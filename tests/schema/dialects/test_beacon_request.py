"""Requests to a Beacon: by GET and by POST they mean the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.dialects.beacon_request import read_get, read_post
from oncommons.schema.dialects.filters import Filter
from oncommons.schema.errors_of_protocols import DialectError, Untranslatable


def post(**query):
    return read_post({"meta": {"apiVersion": "v2.1.1"}, "query": query})


def test_get_and_post_mean_the_same():
    got = read_get([("filters", "DCM:CT,age>=P40Y"), ("skip", "1"), ("limit", "5"), ("requestedGranularity", "count")])
    sent = post(
        filters=[{"id": "DCM:CT"}, {"id": "age", "operator": ">=", "value": "P40Y"}],
        pagination={"skip": 1, "limit": 5},
        requestedGranularity="count",
    )
    assert [str(f) for f in got.filters] == [str(f) for f in sent.filters] == ["DCM:CT", "age>=P40Y"]
    assert (got.skip, got.limit, got.granularity) == (sent.skip, sent.limit, sent.granularity)


def test_keys_in_snake_case_mean_the_same():
    query = {"requested_granularity": "count", "test_mode": True, "filters": [{"id": "DCM:CT"}]}
    asked = read_post({"meta": {"api_version": "v2.0.0"}, "query": query})
    same = read_post(
        {
            "meta": {"apiVersion": "v2.0.0"},
            "query": {"requestedGranularity": "count", "testMode": True, "filters": [{"id": "DCM:CT"}]},
        }
    )
    assert asked == same
    assert asked.test is True


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"test_mode": True, "testMode": False}},
        {"query": {"tests_mode": True}},
        {"query": {"_": 1}},
        {"meta": {"api__version": "v2.0"}, "query": {"only_women": True}},
    ],
)
def test_a_key_that_is_given_twice_or_not_known_is_refused(body):
    with pytest.raises(DialectError):
        read_post(body)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("DCM:CT", ("DCM:CT", "", "")),
        ("age<=40", ("age", "<=", "40")),
        ("sex!F", ("sex", "!", "F")),
        ("a = b", ("a", "=", "b")),
    ],
)
def test_comparisons_of_a_get_request_are_taken_apart(text, parts):
    (one,) = read_get([("filters", text)]).filters
    assert (one.id, one.operator, one.value) == parts


def test_filters_may_be_given_several_times():
    assert len(read_get([("filters", "a:b"), ("filters", "c:d,,e:f")]).filters) == 3


def test_the_defaults_are_those_of_the_specification():
    asked = read_get([])
    assert (asked.include, asked.skip, asked.page, asked.test, asked.filters) == ("HIT", 0, 10, False, ())


def test_a_number_as_a_value_is_taken_as_it_reads():
    assert post(filters=[{"id": "age", "operator": ">", "value": 40}]).filters[0] == Filter(
        "age", ">", "40", at="query.filters[0]"
    )


@pytest.mark.parametrize(
    "one",
    [
        {},
        {"id": ""},
        {"id": 3},
        {"id": "age", "operator": "~", "value": "1"},
        {"id": "age", "operator": ">"},
        {"id": "age", "value": ""},
        {"id": "age", "value": ["1"]},
        {"id": "DCM:CT", "includeDescendantTerms": 1},
        [],
    ],
)
def test_a_mangled_filter_is_refused(one):
    with pytest.raises(DialectError):
        post(filters=[one])


def test_too_many_filters_are_refused():
    with pytest.raises(DialectError, match="at most"):
        post(filters=[{"id": "DCM:CT"}] * 101)


def test_variants_are_told_not_to_be_there():
    with pytest.raises(Untranslatable, match="genomic"):
        post(requestParameters={"referenceName": {}})


@pytest.mark.parametrize(
    "sent",
    [
        [[{"id": "series.modality"}, {"id": "sex", "label": "Sex"}]],
        [{"requestId": "a", "aggregationTerms": [{"id": "series.modality"}, {"id": "sex"}]}],
    ],
)
def test_fields_to_group_by_are_read_in_both_forms_of_the_draft_and_by_get(sent):
    asked = post(requestedGranularity="aggregated", aggregators=sent)
    got = read_get([("requestedGranularity", "aggregated"), ("aggregators", "series.modality::sex")])
    assert asked.aggregators == got.aggregators == ("series.modality", "sex")
    assert post(requestedGranularity="aggregated").aggregators == ()


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"aggregators": [[{"id": "sex"}]], "requestedGranularity": "count"}, DialectError),
        ({"aggregators": [[{"id": "sex"}]], "requestedGranularity": "record"}, DialectError),
        ({"aggregators": {"id": "sex"}}, DialectError),
        ({"aggregators": ["sex"]}, DialectError),
        ({"aggregators": [{"requestId": "a"}]}, DialectError),
        ({"aggregators": [[{"label": "sex"}]]}, DialectError),
        ({"aggregators": [[{"id": "sex"}], [{"id": "vital_status"}]]}, Untranslatable),
        ({"aggregators": [[{"id": "age", "splits": [40]}]]}, Untranslatable),
        (
            {"aggregators": [{"aggregationTerms": [{"id": "sex", "categories": [{"value": "NCIT:C16576"}]}]}]},
            Untranslatable,
        ),
    ],
)
def test_an_aggregation_that_is_not_one_of_fields_is_refused(query, error):
    with pytest.raises(error):
        post(**{"requestedGranularity": "aggregated"} | query)


@given(
    st.recursive(
        st.none() | st.integers() | st.sampled_from(["sex", "series.modality", ""]),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["id", "label", "aggregationTerms", "requestId", "x"]), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_no_aggregation_breaks_the_reading(sent):
    try:
        names = post(requestedGranularity="aggregated", aggregators=sent).aggregators
    except (DialectError, Untranslatable):
        return
    assert all(names)
