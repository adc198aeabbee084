"""The shelf: each node's cards, replaced as a whole."""

import pytest
from tests.hub.callers import card

from oncommons.hub.catalogue.shelf import Shelf
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.errors import StorageFailed


def cards(*names):
    return [DatasetCard.from_json(card(name, title=f"Über {name}")) for name in names]


@pytest.fixture
def shelf(database):
    return Shelf(database)


def names(shelf):
    return [(node, c.dataset) for node, c in shelf.cards()]


def test_a_new_shelf_is_empty(shelf):
    assert (shelf.cards(), shelf.numbers()) == ([], {})


def test_a_card_comes_back_as_it_was(shelf):
    shelf.replace("athens", cards("lung"), 1)
    assert shelf.cards() == [("athens", cards("lung")[0])]


def test_cards_stand_in_order_of_node_and_dataset(shelf):
    shelf.replace("bologna", cards("b", "a"), 1)
    shelf.replace("athens", cards("c"), 1)
    assert names(shelf) == [("athens", "c"), ("bologna", "a"), ("bologna", "b")]
    assert shelf.numbers() == {"athens": 1, "bologna": 2}


def test_new_cards_take_the_place_of_the_old_ones_of_that_node_only(shelf):
    shelf.replace("athens", cards("a", "b"), 1)
    shelf.replace("bologna", cards("a"), 1)
    shelf.replace("athens", cards("c"), 2)
    assert names(shelf) == [("athens", "c"), ("bologna", "a")]


def test_a_node_may_take_every_card_away(shelf):
    shelf.replace("athens", cards("a"), 1)
    shelf.replace("athens", [], 2)
    assert shelf.cards() == []


def test_cards_that_cannot_all_be_kept_leave_the_former_ones(shelf):
    shelf.replace("athens", cards("a"), 1)
    with pytest.raises(StorageFailed):
        shelf.replace("athens", cards("b", "b"), 2)
    assert names(shelf) == [("athens", "a")]


def test_it_knows_when_each_node_published_and_by_which_rule(shelf):
    shelf.replace("athens", cards("a", "b"), 1)
    shelf.replace("bologna", cards("a"), 5)
    shelf.replace("athens", cards("c"), 7)
    assert shelf.published() == {"athens": 7.0, "bologna": 5.0}
    assert shelf.rules() == {"athens": "open", "bologna": "open"}


@pytest.mark.parametrize("policy", [Policy(rule) for rule in ("open", "noise", "threshold", "private")])
def test_the_rule_is_the_first_word_of_what_a_card_says(shelf, policy):
    shelf.replace("athens", [DatasetCard.from_json(card("a", policy=str(policy)))], 1)
    assert shelf.rules() == {"athens": policy.rule}
