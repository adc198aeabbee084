"""Each rule opens tables, answers and writes cards in its own way."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.disclosing import DISCLOSURES, Noisy, Plain, Private
from oncommons.node.home import Home, make_home
from oncommons.policy.disclosure.counts import Behind, Cell, Policy, RuleName, release_cells
from oncommons.schema.answer import exact

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}


def test_every_rule_has_somebody_who_applies_it():
    assert set(DISCLOSURES) == set(get_args(RuleName))


@pytest.mark.parametrize(
    ("rule", "kind", "precision", "even", "remembers"),
    [
        ("open", Plain, "exact", False, False),
        ("threshold", Plain, "rounded", False, False),
        ("noise", Noisy, "noisy", True, True),
        ("private", Private, "probable", True, True),
    ],
)
def test_a_rule_is_applied_to_answers_and_cards(tmp_path, rule, kind, precision, even, remembers):
    home = make_home(tmp_path / "athens", Policy.of(rule))
    import_rows(home, tmp_path, *({"person": f"p{n}", "sex": "F"} for n in range(60)))
    waited = []
    desk = Desk(home, wait=waited.append)
    answer, (card,) = desk.answer(WOMEN), desk.cards()
    desk.close()
    assert (type(desk.disclosure), answer.certain.precision, bool(waited)) == (kind, precision, even)
    assert (card.records["person"] == exact(60)) is (rule == "open")
    assert (home.folder / "told.sqlite").exists() is remembers


@st.composite
def cells(draw):
    """Numbers of a few groups: certain and possible, of people, or of rows and the people behind them."""
    people = draw(st.booleans())
    found = []
    for code in range(draw(st.integers(0, 3))):
        certain, more = draw(st.integers(0, 120)), draw(st.integers(0, 60))
        behind = None
        if not people:
            sure, apart = draw(st.integers(min(certain, 1), certain)), draw(st.integers(min(more, 1), more))
            behind = Behind(sure, draw(st.integers(max(sure, apart), sure + apart)), apart)
        found.append(Cell((str(code),), certain, certain + more, behind=behind))
    return found, people


def intervals(released):
    """Every number that is told: which it is, and its interval; what is not listed is among the rest of its answer."""
    told = {"certain": released.certain, "possible": released.possible}
    for group in released.groups:
        told |= {(*group.key.values(), "certain"): group.certain, (*group.key.values(), "possible"): group.possible}
    return {name: (n.at_least, float("inf") if n.at_most is None else n.at_most) for name, n in told.items()}


@given(found=cells(), k=st.integers(2, 25), leasts=st.lists(st.integers(1, 150), min_size=1, max_size=6))
def test_many_permits_together_tell_no_more_than_the_rule_of_the_node(tmp_path_factory, found, k, leasts):
    """Whatever smallest numbers they name: their intervals, put together, are never narrower than the node's own."""
    numbers, people = found
    rule = Plain(Home(tmp_path_factory.getbasetemp(), Policy("threshold", k)))

    def told(disclosure, grouped):
        asked, sizes = (numbers, {"sex": 4}) if grouped else (numbers[:1], {})
        return intervals(release_cells(asked, sizes, disclosure.home.policy, people=people))

    for grouped in (True, False):
        own = told(rule, grouped)
        for least in leasts:
            for name, (low, top) in told(rule.strictly(least), grouped).items():
                assert name in own
                assert low <= own[name][0] and own[name][1] <= top  # noqa: PT018


def test_a_threshold_is_raised_to_a_multiple_of_its_own(tmp_path):
    rule = Plain(Home(tmp_path, Policy("threshold", 10)))
    raised = [rule.strictly(least).home.policy.k for least in (1, 10, 11, 15, 20, 21, 1_000)]
    assert raised == [10, 10, 20, 20, 20, 30, 1_000]
