"""What criteria cost, as a page shows it."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.hub.callers import card
from tests.schema.test_feasibility import weighed

from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.schema.answer import Answer, Count, NodeAnswer, exact
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.feasibility import UNTOLD, Feasibility
from oncommons.web.criteria import criteria_view, price_view, says


def test_the_costliest_criterion_stands_first():
    view = criteria_view(weighed())
    assert [row.relaxed.gain for row in view.rows] == [exact(7), exact(0)]
    assert (view.best.text, view.noun, view.nodes) == ("sex is F", "people", ("athens", "bologna"))
    assert [bar.text for bar in view.chart.bars] == ["7", "0"]


def test_a_node_that_did_not_answer_has_no_gain():
    assert criteria_view(weighed()).rows[1].nodes == (exact(0), None)


def test_a_node_at_which_it_waits_for_consent_is_not_called_silent():
    found = weighed()
    second = replace(found.relaxed[1], missing=("bologna", "cork"), waiting=("cork",))
    view = criteria_view(replace(found, relaxed=(found.relaxed[0], second)))
    assert [row.silent for row in view.rows] == [(), ("bologna",)]


def test_what_no_node_told_is_not_drawn():
    found = weighed()
    first = replace(found.relaxed[0], gain=UNTOLD, nodes={}, missing=("athens",), waiting=("athens",))
    view = criteria_view(replace(found, relaxed=(first, found.relaxed[1])))
    assert [bar.text for bar in view.chart.bars] == ["0"]
    assert (view.is_told, view.waiting) == (True, (first,))
    none = criteria_view(replace(found, relaxed=(first,)))
    assert (none.chart.bars, none.is_told) == ((), False)


def test_the_question_without_the_criterion_can_be_asked():
    query = parse_qs(urlsplit(criteria_view(weighed()).rows[0].href).query)
    assert query["do"] == ["ask"]
    assert "modality" in query["question"][0]
    assert "sex" not in query["question"][0]


def test_a_question_without_criteria_has_no_best():
    view = criteria_view(Feasibility({"count": "series"}, "Count series.", exact(1), ()))
    assert (view.best, view.rows, view.noun) == (None, (), "series")


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (Count(12, 40, "noisy"), "at least 12 more"),
        (exact(0), "none more"),
        (Count(0, 44, "suppressed"), "too wide to tell: none, or up to 44 people"),
        (Count(0, None, "suppressed"), "nothing: any number, or none"),
    ],
)
def test_what_an_interval_says_is_told_in_words(gain, words):
    assert says(gain, "people") == words


def test_how_exact_the_nodes_are_is_told_once_for_each_rule():
    assert criteria_view(weighed()).rules == {"open": ("athens", "bologna")}


OPEN = str(Policy("open"))


def priced(question, cork=OPEN, **policies):
    nodes = (NodeAnswer(name, "answered", policy=policy) for name, policy in policies.items())
    silent, unasked = NodeAnswer("cork", "silent", "Asleep."), NodeAnswer("delft", "unasked")
    cards = [("cork", DatasetCard.from_json(card(policy=cork)))] if cork else []
    return price_view(Answer("a b", question, "Count.", (*nodes, silent, unasked)), cards)


BOTH = {"all": [{"field": "sex", "in": ["F"]}, {"field": "age", "between": [40, None]}]}
RULES = {"athens": Privacy().text(500_000, 500_000), "bologna": str(Policy("noise")), "dresden": str(Policy("open"))}


def test_what_it_costs_is_told_by_the_rules_of_the_nodes():
    price = priced({"count": "person", "where": BOTH}, **RULES)
    assert (price.questions, price.tests, price.left_out) == (2, 2, 0)
    assert (price.noisy, list(price.private), price.free) == (("bologna",), ["athens"], ("dresden", "cork"))
    assert "spent 0.5 of 10" in price.private["athens"]
    assert price.href == "/answers/a%20b/criteria?do=weigh"
    assert price.without == price.href + "&nodes=bologna&nodes=dresden&nodes=cork"


def test_a_private_node_that_did_not_answer_has_a_price_and_so_has_one_whose_rule_nobody_told():
    price = priced({"count": "person", "where": BOTH}, cork=RULES["athens"], dresden=RULES["dresden"])
    assert (price.private, price.free) == ({"cork": RULES["athens"]}, ("dresden",))
    price = priced({"count": "person", "where": BOTH}, cork="", dresden=RULES["dresden"])
    assert (list(price.private), price.without.count("nodes=")) == (["cork"], 1)


def test_a_grouped_question_is_asked_without_its_groups_too():
    assert priced({"count": "person", "where": BOTH, "by": ["sex"]}, **RULES).questions == 3


def test_of_many_criteria_the_first_are_paid_for():
    where = {"all": [{"field": "age", "between": [n, None]} for n in range(15)]}
    assert (
        priced({"count": "person", "where": where}).questions,
        priced({"count": "person", "where": where}).left_out,
    ) == (
        12,
        3,
    )


def test_where_all_are_private_nobody_is_left_to_ask():
    assert priced({"count": "person", "where": BOTH}, RULES["athens"], athens=RULES["athens"]).without == ""
