"""Dataset cards."""

import json
from dataclasses import replace

import pytest

from oncommons.schema.answer import Count, exact
from oncommons.schema.dataset import DatasetCard, people_by_code, unlisted
from oncommons.schema.errors import BadRequest

CARD = DatasetCard(
    dataset="tcga_brca",
    title="TCGA Breast",
    records={"person": exact(1098), "study": Count(0, 4, "suppressed")},
    codes={"sex": {"F": exact(1086)}},
    fields=("person.sex", "series.modality"),
    policy="open",
    licence="CC BY 4.0",
    source="doi:10.7937/x",
    about="breast",
)
BODY = CARD.to_json()


def test_a_card_comes_back_from_json_text_as_itself():
    assert DatasetCard.from_json(json.loads(json.dumps(BODY))) == CARD


@pytest.mark.parametrize("field", ["licence", "source", "about"])
def test_what_a_source_may_leave_out_is_empty(field):
    assert getattr(DatasetCard.from_json({k: v for k, v in BODY.items() if k != field}), field) == ""


@pytest.mark.parametrize("field", ["dataset", "title", "records", "codes", "fields", "policy"])
def test_a_card_without_a_part_it_needs_is_refused(field):
    with pytest.raises(BadRequest, match="shape of a card"):
        DatasetCard.from_json({k: v for k, v in BODY.items() if k != field})


@pytest.mark.parametrize("body", [None, 3, "card", [], [BODY]])
def test_what_is_not_an_object_is_not_a_card(body):
    with pytest.raises(BadRequest):
        DatasetCard.from_json(body)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("records", {"person": 3}),
        ("records", {"person": {"at_least": "many", "at_most": None, "precision": "exact"}}),
        ("records", []),
        ("codes", {"sex": ["F"]}),
        ("fields", 3),
    ],
)
def test_a_part_of_the_wrong_shape_is_refused(field, value):
    with pytest.raises(BadRequest):
        DatasetCard.from_json(BODY | {field: value})


def test_people_of_a_code_are_summed_over_cards_and_what_a_card_hides_is_a_range():
    sure = replace(CARD, records={"person": exact(1098)})
    shy = replace(CARD, codes={"sex": {"M": Count(20, 29, "rounded")}}, records={})
    assert list(people_by_code([sure, shy], "sex", "person.sex").items()) == [
        ("F", (Count(1086, 1095, "rounded"), 1)),
        ("M", (Count(20, 29, "rounded"), 1)),
    ]


def test_what_a_card_of_exact_numbers_does_not_name_nobody_has():
    assert unlisted(replace(CARD, records={"person": exact(3)})) == Count(0, 0, "exact")


def test_what_a_card_hides_of_people_does_not_depend_on_how_its_series_are_told():
    shy = replace(CARD, codes={"sex": {"M": Count(20, 29, "rounded")}}, records={"series": Count(0, 3000, "noisy")})
    assert unlisted(shy) == Count(0, 9, "suppressed")


def test_what_a_card_hides_is_unbounded_where_its_numbers_are():
    wide = replace(CARD, records={"person": Count(10, None, "rounded")})
    assert unlisted(wide) == Count(0, None, "suppressed")
