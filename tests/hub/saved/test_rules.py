"""When a node is asked a watched question again, and which number was told under another rule."""

import pytest

from oncommons.hub.link.registry import Node
from oncommons.hub.saved.logbook import Asked
from oncommons.hub.saved.rules import is_due, is_for_people, lapsed_of, members_of
from oncommons.hub.saved.watching import PAUSE_SECONDS
from oncommons.schema.parsing import parse_question

DAY, HOUR = 86_400.0, 3_600.0


def node(seen=None):
    return Node("athens", {}, 0.0, None, seen, "1")


@pytest.mark.parametrize(
    ("asked", "published", "seen", "now", "due"),
    [
        (None, None, None, 0.0, True),
        (Asked(10.0, 11.0), None, 12.0, 10.0 + DAY - 1, False),
        (Asked(10.0, 11.0), None, 12.0, 10.0 + DAY, True),
        (Asked(10.0, 11.0), 9.0, 12.0, 10.0 + HOUR, False),
        (Asked(10.0, 11.0), 12.0, 12.0, 10.0 + HOUR - 1, False),
        (Asked(10.0, 11.0), 12.0, 12.0, 10.0 + HOUR, True),
        (Asked(10.0, None), 9.0, 9.0, 10.0 + HOUR, False),
        (Asked(10.0, None), 9.0, 12.0, 10.0 + HOUR - 1, False),
        (Asked(10.0, None), 9.0, 12.0, 10.0 + HOUR, True),
        (Asked(10.0, 5.0), 9.0, 12.0, 10.0 + HOUR, True),
    ],
)
def test_a_node_is_asked_for_news_after_an_hour_and_else_after_a_day(asked, published, seen, now, due):
    assert is_due(node(seen), asked, published, now, PAUSE_SECONDS) is due


def test_whoever_waits_anew_need_not_wait_for_the_hour_but_for_news():
    assert is_due(node(), Asked(10.0, 11.0), 12.0, 13.0)
    assert not is_due(node(), Asked(10.0, 11.0), 9.0, 13.0)


@pytest.mark.parametrize(("named", "members"), [([], ["athens", "bergen"]), (["athens", "cork"], ["athens"])])
def test_only_nodes_that_are_named_and_were_not_revoked_may_answer(named, members):
    nodes = [Node(name, {}, 0.0, gone, None, "1") for name, gone in (("athens", None), ("bergen", None), ("cork", 1.0))]
    question = parse_question({"count": "person", **({"nodes": named} if named else {})})
    assert [one.name for one in members_of(nodes, question)] == members


@pytest.mark.parametrize(
    ("rule", "now_rule", "published", "lapsed"),
    [
        ("noise", "threshold", 9.0, False),
        ("noise", "threshold", 12.0, True),
        ("noise", "noise", 12.0, False),
        ("", "threshold", 12.0, False),
        ("", "private", 12.0, True),
    ],
)
def test_a_number_is_forgotten_where_another_rule_was_published_since(rule, now_rule, published, lapsed):
    known = {"athens": Asked(10.0, 11.0, rule)}
    assert lapsed_of(known, {"athens": now_rule}, {"athens": published}) == ({"athens"} if lapsed else set())


@pytest.mark.parametrize(
    ("rule", "asked", "people"),
    [
        ("noise", None, False),
        ("noise", Asked(10.0, 11.0, "noise"), False),
        ("private", None, True),
        ("noise", Asked(10.0, 11.0, "noise", consents=True), True),
        ("open", Asked(10.0, None, consents=True), True),
    ],
)
def test_budgets_that_end_and_consents_are_for_people_to_use_up(rule, asked, people):
    assert is_for_people(rule, asked) is people
