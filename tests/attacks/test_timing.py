"""What the moments of answers show: a node holds answers back, and no more is seen than is declared.

No time passes: what an answer costs is a model, and moves a clock on.
"""

import random
from contextlib import closing

import pytest
from tests.attacks.game import advantage
from tests.attacks.population import with_target, without_target
from tests.attacks.suite import ATTACKS
from tests.attacks.systems import Threshold, World
from tests.attacks.timing import PERSON_SECONDS, Modelled, TimedOurs, TimedPeer, Watch, declared
from tests.node.followed import CURVES, lung, take_people
from tests.permits import HUB

from oncommons.algorithms.survival import SURVIVAL
from oncommons.node.desk import EVEN_SECONDS, Desk, Terms
from oncommons.node.home import Membership, make_home
from oncommons.node.index.asking import Index
from oncommons.node.recording import Asker
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_analyses import OutputWithheld
from oncommons.schema.run import parse_run

REPEATED, DEEP, _ = (attack for attack in ATTACKS if attack.timed)
PLENTY = Budget(10**9, 30, 10**9)
GAMES, PLANTED = 50, 20
"""Games in which nothing may be seen; fewer show what is planted below."""
TARGET_DAY = 15
"""How long one woman or man of the trial was followed, and hardly anybody else."""


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
    assert advantage(DEEP, ours, *worlds, PLANTED).is_above(DEEP.declared)


def test_time_shows_the_person_where_nothing_is_held_back(worlds):
    peer = TimedPeer(Threshold(worlds[0]), worlds[0], Modelled(random.Random(0)))
    assert advantage(REPEATED, peer, *worlds, PLANTED).value == 1


def test_multiples_alone_would_not_do(worlds, ours, monkeypatch):
    """Whoever chooses words whose answer takes about a multiple sees the person, were questions not held back first."""
    monkeypatch.setattr(Desk, "_rest", lambda _desk, passed, _project, _question: -passed % EVEN_SECONDS)
    assert advantage(REPEATED, ours, *worlds, PLANTED).is_above(REPEATED.declared)


def test_what_is_declared_is_the_share_of_a_multiple_that_a_person_takes():
    share = PERSON_SECONDS / EVEN_SECONDS
    assert declared(1) == pytest.approx(share)
    assert declared(2) == pytest.approx(2 * share - share**2)


@pytest.fixture(scope="module")
def two_homes(tmp_path_factory):
    """Of the trial's people, with two who were followed for the day that the cohort asks for, and without them."""
    made, table = [], lung()
    for name in ("there", "gone"):
        folder = tmp_path_factory.mktemp(name)
        home = make_home(folder / "athens", Policy("noise", 10)).with_analyses(frozenset({"survival"}))
        at = table["time"] == TARGET_DAY
        take_people(home, folder, table[~at] if name == "gone" else table)
        made.append(home.with_membership(Membership("athens", "u", HUB.name, HUB.keys())))
    assert (table["time"] == TARGET_DAY).sum() in range(1, 4)
    return made


def seconds_of_refusals(homes, keys, monkeypatch):
    """When an analysis of a few people, and one of nobody, are refused: with each key, at each node."""
    watch, rows = Watch(), Index.rows

    def costing(index, run):
        found = rows(index, run)
        watch.wait(0.004 + (PERSON_SECONDS if found else 0.0))
        return found

    monkeypatch.setattr(Index, "rows", costing)
    run, told = parse_run(CURVES | {"cohort": {"field": "follow_up", "between": [TARGET_DAY] * 2}}), []
    for home in homes:
        with closing(Desk(home, watch, watch.wait)) as desk:
            for key in range(keys):
                desk.key, begun = key.to_bytes(32, "little"), watch.now
                with pytest.raises(OutputWithheld, match="The rule people"):
                    desk.compute(
                        run,
                        {"version": SURVIVAL.version, "state": None},
                        Asker("p", "j"),
                        Terms("P-7", frozenset({"lung"})),
                    )
                told.append(round(watch.now - begun, 9))
    return told[:keys], told[keys:]


def test_a_refused_analysis_of_nobody_takes_as_long_as_one_of_few(two_homes, monkeypatch):
    few, nobody = seconds_of_refusals(two_homes, 60, monkeypatch)
    assert {*few, *nobody} == {EVEN_SECONDS, 2 * EVEN_SECONDS}
    seen = sum(one != other for one, other in zip(few, nobody, strict=True)) / 60
    assert seen <= 2 * PERSON_SECONDS / EVEN_SECONDS
    monkeypatch.setattr(Desk, "_rest", lambda *_: 0.0)
    few, nobody = seconds_of_refusals(two_homes, 2, monkeypatch)
    assert few[0] > nobody[0]
