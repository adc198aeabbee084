"""Each rule opens tables, answers and writes cards in its own way."""

from typing import get_args

import pytest
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.disclosing import DISCLOSURES, Noisy, Plain, Private
from oncommons.node.home import make_home
from oncommons.policy.disclosure import Policy, RuleName
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
