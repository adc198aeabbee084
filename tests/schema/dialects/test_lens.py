"""Lens trees become our question; envelopes are opened; what cannot be said is refused."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.schema.dialects.lens import SCOPE_RULE, check_sites, translate, unwrap
from oncommons.schema.errors import OncommonsError
from oncommons.schema.errors_of_protocols import DialectError, Untranslatable
from oncommons.schema.question import Between, leaves

SEX, MODALITY, PART, MAKER, DIAGNOSIS = (
    "SNOMEDCT263495000",
    "RID10311",
    "SNOMEDCT123037004",
    "C25392",
    "SNOMEDCT439401001",
)
CT = {"field": "modality", "in": ["CT"]}


def is_(key, value, kind="EQUALS"):
    return {"key": key, "type": kind, "system": "urn:snomed-org/sct", "value": value}


def or_(*children):
    return {"operand": "OR", "children": list(children)}


def and_(*children):
    return {"operand": "AND", "children": list(children)}


def b64(body):
    return base64.b64encode(json.dumps(body).encode()).decode()


def asked(tree, entity="person"):
    return translate(unwrap({"ast": tree, "id": "x"}), entity).to_json().get("where")


def test_the_form_that_the_explorer_sends_is_translated():
    tree = or_(
        and_(or_(is_(SEX, "SNOMEDCT248153007")), or_(is_(MODALITY, "RID10321")), or_(is_(PART, "SNOMEDCT39607008")))
    )
    assert asked(tree) == {
        "all": [
            {"field": "sex", "in": ["M"]},
            {"some": "series", "where": {"all": [CT, {"field": "body_part", "in": ["LUNG"]}]}},
        ]
    }


@pytest.mark.parametrize(
    ("tree", "where"),
    [
        (or_(), None),
        (or_(and_()), None),
        (or_(and_(is_(SEX, "SNOMEDCT248153007")), and_()), None),
        (
            or_(and_(or_(is_(MODALITY, "RID10321"), is_(MODALITY, "RID10312")))),
            {"some": "series", "where": {"field": "modality", "in": ["CT", "MR"]}},
        ),
        (
            and_(or_(is_(MODALITY, "RID10321")), or_(is_(MODALITY, "RID10312"))),
            {
                "all": [
                    {"some": "series", "where": CT},
                    {"some": "series", "where": {"field": "modality", "in": ["MR"]}},
                ]
            },
        ),
        (is_(SEX, "SNOMEDCT261665006"), {"field": "sex", "missing": True}),
        (is_(MODALITY, "RID10321", "NOT_EQUALS"), {"not": {"some": "series", "where": CT}}),
        (is_("sex", ["F", "M"], "IN"), {"field": "sex", "in": ["F", "M"]}),
        (is_("person.age", {"min": 40, "max": 50.5}, "BETWEEN"), {"field": "age", "between": [40, 50]}),
        (is_("person.age", {"min": 39.5}, "BETWEEN"), {"field": "age", "between": [40, None]}),
        (is_("person.age", {"max": 50}, "BETWEEN"), {"field": "age", "between": [None, 50]}),
        (is_("age", 40, "LOWER_THAN"), {"field": "age", "between": [None, 39]}),
        (is_("age", 40, "GREATER_THAN"), {"field": "age", "between": [41, None]}),
        (is_("age", 40.5, "LOWER_THAN"), {"field": "age", "between": [None, 40]}),
        (is_("age", 40.5, "GREATER_THAN"), {"field": "age", "between": [41, None]}),
        (is_("age", 40, "EQUALS"), {"field": "age", "between": [40, 40]}),
        (
            is_("SNOMEDCT423493009", {"min": 40, "max": 50}, "BETWEEN"),
            {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [40, 50]}},
        ),
        (
            is_("SNOMEDCT432213005", 2019, "GREATER_THAN"),
            {"some": "condition", "where": {"field": "diagnosis_year", "between": [2020, None]}},
        ),
        (
            or_(is_(SEX, "SNOMEDCT248153007"), is_(MODALITY, "RID10321")),
            {"any": [{"field": "sex", "in": ["M"]}, {"some": "series", "where": CT}]},
        ),
        (
            or_(
                and_(is_(MODALITY, "RID10321"), is_(PART, "SNOMEDCT39607008")),
                and_(is_(MODALITY, "RID10312"), is_(PART, "SNOMEDCT76752008")),
            ),
            {
                "some": "series",
                "where": {
                    "any": [
                        {"all": [CT, {"field": "body_part", "in": ["LUNG"]}]},
                        {"all": [{"field": "modality", "in": ["MR"]}, {"field": "body_part", "in": ["BREAST"]}]},
                    ]
                },
            },
        ),
    ],
)
def test_a_tree_becomes_this_question(tree, where):
    assert asked(tree) == where


def test_a_study_is_asked_of_its_own_series():
    assert asked(or_(and_(is_(MODALITY, "RID10321"))), "study") == {"some": "series", "where": CT}
    assert asked(is_(MODALITY, "RID10321"), "series") == CT


def test_a_diagnosis_is_its_category_with_all_below():
    codes = asked(is_(DIAGNOSIS, "SNOMEDCT254837009"))["where"]["in"]
    assert set(codes) == {"ICD10:C50", "ICDO3:C50"}


TREE = or_(and_(or_(is_(SEX, "SNOMEDCT248153007"))))
INNER = {"ast": TREE, "id": "a__search__a"}


@pytest.mark.parametrize(
    "body",
    [
        INNER,
        json.dumps(INNER),
        b64(INNER),
        {"lang": "ast", "query": b64(INNER)},
        {"lang": "ast", "payload": b64(INNER)},
        b64({"lang": "ast", "query": b64(INNER)}),
        {"id": "x", "sites": ["athens"], "query": b64({"lang": "ast", "payload": b64(INNER)})},
        {"id": "x", "from": "a", "to": ["b"], "body": b64({"lang": "ast", "query": b64(INNER)})},
    ],
)
def test_every_envelope_is_opened(body):
    assert unwrap(body).tree == TREE


def test_the_sites_are_remembered():
    assert unwrap({"sites": ["athens"], "query": b64({"lang": "ast", "query": b64(INNER)})}).sites == ("athens",)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "%%%",
        [],
        {},
        None,
        3,
        {"lang": "cql", "query": "x"},
        {"query": b64([1])},
        {"ast": []},
        {"sites": "a", "query": "x"},
        b64(b64(b64(b64(b64(b64(INNER)))))),
    ],
)
def test_what_holds_no_tree_is_refused(body):
    with pytest.raises(DialectError):
        unwrap(body)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (is_("IMG1005459", "x"), "not a known value of BI-RADS or PI-RADS"),
        (is_("IMG1", "x"), "nothing in the data dictionary"),
        (is_(SEX, "SNOMEDCT1"), "not a known value"),
        (is_(MODALITY, "RID10334"), "SPECT"),
        (is_(PART, "bre", "CONTAINS"), "CONTAINS"),
        (is_(PART, "x", "SOUNDS_LIKE"), "known are"),
        (is_("age", {"min": "2000-01-01", "max": "2001-01-01"}, "BETWEEN"), "dates"),
        (is_("age", True), "number"),
        (is_("age", 1.5), "whole number"),
        (is_("age", ["1"], "IN"), "BETWEEN"),
        (is_(SEX, True), "code"),
        (is_(SEX, 3, "LOWER_THAN"), "not a number"),
    ],
)
def test_a_condition_that_cannot_be_carried_is_refused_with_a_reason(condition, reason):
    with pytest.raises(Untranslatable, match=reason) as told:
        asked(or_(and_(or_(is_(SEX, "SNOMEDCT248153007")), or_(condition))))
    assert told.value.at == "ast.children[0].children[1].children[0]"


def test_values_that_no_row_can_have_are_refused():
    with pytest.raises(Untranslatable, match="two values"):
        asked(and_(is_(MODALITY, "RID10321"), is_(MODALITY, "RID10312"), is_(PART, "SNOMEDCT39607008")))


@pytest.mark.parametrize(
    "tree",
    [
        {"operand": "XOR", "children": []},
        {"operand": "AND"},
        and_(3),
        and_({}),
        and_({"key": "sex"}),
        and_(is_(SEX, "x") | {"more": 1}),
    ],
)
def test_a_mangled_tree_is_refused(tree):
    with pytest.raises(DialectError):
        asked(tree)


def test_a_tree_that_is_too_deep_is_refused():
    tree = is_(SEX, "SNOMEDCT248153007")
    for _ in range(40):
        tree = or_(tree)
    with pytest.raises(DialectError, match="deeper"):
        asked(tree)


@given(
    st.recursive(
        st.sampled_from(
            [is_(SEX, "SNOMEDCT248153007"), is_(MODALITY, "RID10321"), is_("age", 3), {}, None, is_(PART, 1)]
        ),
        lambda inner: st.builds(
            lambda o, c: {"operand": o, "children": c}, st.sampled_from(["AND", "OR"]), st.lists(inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_every_tree_is_translated_or_refused(tree):
    with contextlib.suppress(OncommonsError):
        asked(tree if isinstance(tree, dict) else {"operand": "AND", "children": [tree]})


def test_the_rule_is_told_in_sentences():
    assert all(line.endswith(".") for line in SCOPE_RULE)


@pytest.mark.parametrize(
    ("kind", "value", "inside", "outside"),
    [
        ("EQUALS", 4.5, (4.5,), (4.4, 4.6)),
        ("BETWEEN", {"min": 4.5, "max": 5.5}, (4.5, 5, 5.5), (4.49, 5.51)),
        ("LOWER_THAN", 4.5, (4.49, -1), (4.5, 5)),
        ("GREATER_THAN", 4.5, (4.51, 5), (4.5, 4)),
    ],
)
def test_decimals_are_compared_as_they_are(kind, value, inside, outside):
    question = translate(
        unwrap({"ast": or_(and_(or_(is_("marker", "PSA")), or_(is_("value", value, kind)))), "id": "x"}), "person"
    )
    (found,) = [leaf.criterion for leaf in leaves(question) if isinstance(leaf.criterion, Between)]
    held = [(found.low is None or n >= found.low) and (found.high is None or n <= found.high) for n in inside + outside]
    assert held == [True] * len(inside) + [False] * len(outside)


def test_the_question_is_for_the_sites_of_the_request_and_has_its_identifier():
    body = {"id": "outer", "sites": ["cork", "athens"], "query": b64({"ast": or_(), "id": "inner"})}
    found = unwrap(json.dumps(body))
    assert (found.id, translate(found, "study").nodes) == ("outer", ("athens", "cork"))
    assert unwrap({"query": b64({"ast": or_(), "id": "inner"})}).id == ""
    assert unwrap({"ast": or_(), "id": 7}).id == ""


def test_a_site_that_is_not_there_is_refused_and_those_that_are_are_named():
    check_sites(unwrap({"ast": or_()}), set())
    with pytest.raises(DialectError, match="There is no site 'rome' here; there are athens, cork"):
        check_sites(unwrap({"sites": ["rome", "cork"], "query": {"ast": or_()}}), {"cork", "athens"})
