"""What the moments of answers show: a node holds answers back, and no more is seen than is declared.

No time passes: what an answer costs is a model, and moves a clock on.
"""

import random

import pytest
from tests.attacks.game import advantage
from tests.attacks.population import with_target, without_target
from tests.attacks.suite import ATTACKS
from tests.attacks.systems import Threshold, World
from tests.attacks.timing import PERSON_SECONDS, Modelled, TimedOurs, TimedPeer, declared

from oncommons.node.desk import EVEN_SECONDS, Desk
from oncommons.policy.disclosure.budget import Budget

REPEATED, DEEP, _ = (attack for attack in ATTACKS if attack.timed)
PLENTY = Budget(10**9, 30, 10**9)
GAMES = 50


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    made = [World(tmp_path_factory.mktemp("w"), people) for people in (without_target(), with_target())]
    yield made
    for world in made:
        world.close()


@pytest.fixture
def ours(worlds, tmp_path):
    return TimedOurs(worlds[0], tmp_path, Modelled(random.Random(0)), PLENTY)


@pytest.mark.parametrize("attack", [REPEATED, DEEP], ids=lambda attack: attack.name)
def test_time_shows_no_more_than_is_declared(attack, worlds, ours):
    assert not advantage(attack, ours, *worlds, GAMES).is_above(attack.declared)


def test_one_multiple_for_all_questions_would_not_do(worlds, ours, monkeypatch):
    """Each criterion more makes the answer longer where somebody is found."""
    monkeypatch.setattr("oncommons.node.desk.even_seconds", lambda _: EVEN_SECONDS)
    assert advantage(DEEP, ours, *worlds, 20).is_above(DEEP.declared)


def test_time_shows_the_person_where_nothing_is_held_back(worlds):
    peer = TimedPeer(Threshold(worlds[0]), worlds[0], Modelled(random.Random(0)))
    assert advantage(REPEATED, peer, *worlds, 20).value == 1


def test_multiples_alone_would_not_do(worlds, ours, monkeypatch):
    """Whoever chooses words whose answer takes about a multiple sees the person, were questions not held back first."""
    monkeypatch.setattr(Desk, "_rest", lambda _desk, passed, _project, _question: -passed % EVEN_SECONDS)
    assert advantage(REPEATED, ours, *worlds, 20).is_above(REPEATED.declared)


def test_what_is_declared_is_the_share_of_a_multiple_that_a_person_takes():
    share = PERSON_SECONDS / EVEN_SECONDS
    assert declared(1) == pytest.approx(share)
    assert declared(2) == pytest.approx(2 * share - share**2)
