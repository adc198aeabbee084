"""What pages say the federation holds is the sum of the cards, with its precision."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.web.fake_hub import NODES, NOW, card, cards_of, rounded, statuses

from oncommons.schema.answer import Count, exact
from oncommons.schema.dataset import DatasetCard, FoundCard, FoundCards
from oncommons.web import holdings

PLAIN = DatasetCard("plain", "Plain", {"person": exact(100)}, {"sex": {"F": exact(60)}}, ("person.sex",), "open")
SHY = DatasetCard("shy", "Shy", {"person": rounded(95)}, {"sex": {"M": rounded(90)}}, ("person.sex",), "threshold 10")


def test_sums_carry_their_precision():
    assert holdings.records_of([("a", PLAIN), ("b", SHY)]) == {"person": Count(190, 199, "rounded")}
    assert holdings.records_of([]) == {}


def test_a_code_that_an_exact_card_does_not_name_is_zero_there():
    assert [c.people for c in holdings.codes_of([("a", PLAIN)], "sex")] == [exact(60)]
    male = next(c for c in holdings.codes_of([("a", PLAIN), ("b", SHY)], "sex") if c.code == "M")
    assert male.people == Count(90, 99, "rounded")
    assert male.told_by == 1


def test_a_code_that_another_card_does_not_name_may_hide_a_few():
    female = next(c for c in holdings.codes_of([("a", PLAIN), ("b", SHY)], "sex") if c.code == "F")
    assert female.people == Count(60, 69, "rounded")
    assert female.label == "female"


def test_a_card_without_the_field_adds_nothing():
    blind = replace(SHY, codes={}, fields=())
    assert holdings.codes_of([("a", PLAIN), ("b", blind)], "sex")[0].people == exact(60)


def test_a_card_that_has_the_field_but_names_no_code_may_hide_a_few():
    silent = replace(SHY, codes={})
    assert holdings.codes_of([("a", PLAIN), ("b", silent)], "sex")[0].people == Count(60, 69, "rounded")


def test_the_values_of_a_dictionary_stand_under_their_vocabulary():
    values = {"IIA": {"people": Count(20, 29, "rounded").to_json(), "datasets": 2}}
    fields = [{"name": "stage", "vocabulary": "stage", "values": values}, {"name": "age", "vocabulary": None}]
    assert holdings.values_in({"fields": fields}) == {
        "stage": [("stage", (holdings.CodeCount("IIA", "", Count(20, 29, "rounded"), 2),))]
    }


def test_codes_of_a_field_that_the_dictionary_lacks_have_no_label():
    odd = replace(PLAIN, codes={"colour": {"RED": exact(1)}})
    assert holdings.codes_of([("a", odd)], "colour")[0].label == ""
    assert holdings.card_view("a", odd).codes["colour"][0].code == "RED"


def test_nodes_carry_their_own_sums():
    views = holdings.node_views(statuses(), cards_of(), NOW)
    assert [v.status.name for v in views] == list(NODES)
    assert views[0].records["person"].precision == "exact"
    assert views[1].records["person"].precision == "rounded"
    assert views[2].seen == "2 hours ago"
    assert views[3].seen == "never"
    assert views[3].at == ""


def test_cards_are_shown_the_largest_first():
    people = [v.card.records["person"].at_least for v in holdings.by_size(cards_of())]
    assert people == sorted(people, reverse=True)
    assert len(people) == len(cards_of())


def test_what_was_found_keeps_its_order_and_tells_where():
    (node, card), other = cards_of()[:2]
    found = FoundCards((FoundCard(*other), FoundCard(node, card, ("title: Lung", "modality: CT", "about: Lung"))))
    views = holdings.found_views(found)
    assert [v.card for v in views] == [other[1], card]
    assert views[1].why == ("modality: CT",)


def test_a_card_view_names_what_is_missing():
    view = holdings.card_view("dresden", card("dresden", 0))
    assert "series.manufacturer" in view.missing
    assert view.modalities[0].code == "MR"
    assert view.href == "/datasets/dresden/breast_00"
    assert holdings.card_view("a", replace(PLAIN, dataset="a/b c")).href == "/datasets/a/a%2Fb%20c"


def test_charts_of_codes_show_people():
    chart = holdings.code_chart(cards_of(), "body_part")
    assert chart.title == "People by body part"
    assert chart.bars[0].label.partition(" · ")[0] in {"BREAST", "CHEST", "PROSTATE"}


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("doi:10.7937/k9/tcia", "https://doi.org/10.7937/k9/tcia"),
        ("10.1148/rg.230180", "https://doi.org/10.1148/rg.230180"),
        ("https://example.org/x", "https://example.org/x"),
        ("javascript:alert(1)", ""),
        ('doi:10.1/"><script>', "https://doi.org/10.1/%22%3E%3Cscript%3E"),
        ("http://example.org", ""),
        ("our own archive", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(source, link):
    assert holdings.link_of(source) == link


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-5, "just now"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (90_000, "1 day ago"),
        (900_000, "10 days ago"),
    ],
)
def test_how_long_ago(seconds, text):
    assert holdings.ago("2026-09-21T14:13:20+00:00", NOW + seconds) == text


def test_what_is_not_a_time_is_shown_as_it_is():
    assert holdings.ago("yesterday", NOW) == "yesterday"
    assert holdings.when("yesterday") == "yesterday"
    assert holdings.when("2026-09-21T16:13:20+02:00") == "2026-09-21 14:13:20 UTC"
