"""A saved question as its page shows it."""

from dataclasses import replace
from typing import get_args

from tests.schema.test_saved import SAVED

from oncommons.schema.answer import Count, exact
from oncommons.schema.saved import Heard, Standing
from oncommons.web.watched import SIGNS, watched_view


def test_the_node_with_most_is_drawn_first_and_one_that_told_nothing_is_not():
    heard = (
        Heard("athens", "t", Count(0, 9, "suppressed"), "t", True),
        Heard("bologna", "t", exact(30), "t", False),
        Heard("cork", "t", None, "", False),
        Heard("dresden", "t", None, "", False, "E356"),
        Heard("essen", "t", None, "", False, "E374"),
    )
    view = watched_view(replace(SAVED, heard=heard))
    assert [bar.label for bar in view.chart.bars] == ["bologna", "athens"]
    assert (view.old, view.waiting, view.refused) == (("bologna", "cork"), ("dresden",), ("essen",))


def test_it_says_what_is_counted_where_it_is_asked_and_where_its_feed_is():
    view = watched_view(SAVED)
    assert (view.noun, view.feed) == ("people", "/api/saved/x/feed.atom")
    assert view.ask.startswith("/ask?question=%7B")


def test_every_state_has_a_sign_of_its_own():
    assert set(SIGNS) == set(get_args(Standing))
    assert len({sign for sign, _ in SIGNS.values()}) == len(SIGNS)
