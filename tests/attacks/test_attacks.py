"""The attack suite as a gate: against a node of ours no attack gains more than is declared.

Where the declared bound is zero, the person makes no difference to any guess, secret by secret.  Where people may be told
or not, they make none by what is told and what is not, with any secret by which they are not of the sample.  And no more
numbers with a noise of their own count the person than the bound is declared for.  Attacks
are shown to work on the peers, so that an attack that has gone blunt is noticed.  ``benchmarks/attacks.py`` plays
many more games and measures the advantage itself.
"""

import random

import pytest
from tests.attacks.attacks import EDGE, Attacker, groups_of_others, people
from tests.attacks.game import advantage, guess
from tests.attacks.population import secrets, with_target, without_target
from tests.attacks.reconstruction import answers_within, by_draws, by_words, gained, reconstruct
from tests.attacks.suite import ATTACKS
from tests.attacks.systems import Laplace, Noticed, Ours, Threshold, World

from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.noise import Noise, Shape

TARGET = 600
"""The number of the person whom the attacks look for; everybody else has a smaller one."""
NAMED = {attack.name: attack for attack in ATTACKS}
SURE = [attack for attack in ATTACKS if attack.declared == 0]
EDGES = [attack for attack in ATTACKS if attack.edge]
NOISY = [attack for attack in ATTACKS if attack.answers]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The data without the person, and with them as each attack wants them."""
    made = {None: World(tmp_path_factory.mktemp("none"), without_target())}
    for attack in ATTACKS:
        if attack.target not in made:
            folder = tmp_path_factory.mktemp("with")
            made[attack.target] = World(folder, with_target(**dict(attack.target)))
    yield made
    for world in made.values():
        world.close()


@pytest.fixture(scope="module")
def ours(worlds, tmp_path_factory):
    return Ours(worlds[None], tmp_path_factory.mktemp("ours"))


@pytest.mark.parametrize("attack", SURE, ids=lambda attack: attack.name)
def test_the_person_makes_no_difference(attack, worlds, ours):
    both = worlds[None], worlds[attack.target]
    for seed in range(3):
        assert guess(attack, ours, both, seed, there=True) is guess(attack, ours, both, seed, there=False)


class Even(Noticed):
    """Every number that is drawn for is the same, so that nothing but judgements can differ."""

    def draw(self, dataset, entity, crowd):
        return 700 - crowd.rows


@pytest.mark.parametrize("attack", EDGES, ids=lambda attack: attack.name)
def test_only_the_sample_shows_where_people_are_told_apart(attack, worlds, ours):
    both, seen = (worlds[None], worlds[attack.target]), set()
    for seed in range(5):
        ours.fresh(seed)
        seen.add(ours.samples(TARGET))
        if not ours.samples(TARGET):
            found = [guess(attack, ours, both, seed, there=there, noise=Even) for there in (True, False)]
            assert found[0] is found[1]
    assert seen == {True, False}


def test_of_the_sample_are_no_more_than_is_declared(ours):
    found = 0
    for seed in range(2_000):
        ours.noise = Noise(random.Random(seed).randbytes(32), Shape(10))
        found += ours.samples(TARGET)
    assert found / 2_000 == pytest.approx(EDGE, abs=0.04)


@pytest.mark.parametrize("attack", NOISY, ids=lambda attack: attack.name)
def test_no_more_answers_count_the_person_than_the_bound_is_declared_for(attack, worlds, ours):
    ours.put(worlds[attack.target])
    ours.fresh(next(seed for seed in range(20) if not (ours.fresh(seed) or ours.samples(TARGET))))
    attack.guess(Attacker(ours, worlds[None], worlds[attack.target], random.Random(1)))
    assert (attack.answers > 1) <= ours.counting(TARGET) <= attack.answers


@pytest.mark.parametrize("name", ["averaging over restarts", "averaging over other words", "averaging over projects"])
def test_averaging_finds_nothing_to_average(name, worlds, ours):
    ours.put(worlds[()])
    ours.fresh(7)
    seen = set()
    asked = ours.ask

    def listening(body, project="p"):
        reply = asked(body, project)
        seen.add(reply.number)
        return reply

    ours.ask = listening
    NAMED[name].guess(Attacker(ours, worlds[None], worlds[()], random.Random(0)))
    del ours.ask
    assert len(seen) == 1


def test_games_show_no_more_than_is_declared_of_one_answer(worlds, ours):
    """Told to fail only where chance does not explain it; the benchmark plays many more games of every attack."""
    attack = NAMED["averaging over restarts"]
    assert not advantage(attack, ours, worlds[None], worlds[()], 60).is_above(attack.declared)


def test_who_walks_up_to_the_threshold_finds_those_of_the_sample(worlds, ours):
    """What is not protected from is known, and said; were it protected from one day, this test would tell."""
    attack, both = NAMED["walking up to the threshold"], (worlds[None], worlds[()])
    found = []
    for seed in range(12):
        yes = guess(attack, ours, both, seed, there=True)
        found += [yes] if ours.samples(TARGET) else []
    assert any(found)


BEATEN = [
    ("existence of one person", Laplace),
    ("membership by rare combination", Laplace),
    ("averaging over restarts", Threshold),
    ("differencing, nested", Threshold),
    ("differencing, groups at the threshold", Threshold),
    ("differencing, at the edge of merging", Threshold),
    ("differencing, all but groups at the threshold", Threshold),
    ("differencing, complementary", Threshold),
    ("differencing, parts of a whole", Threshold),
    ("differencing, overlapping", Threshold),
    ("margin subtraction", Threshold),
    ("before and after an import", Threshold),
    ("everybody else is known", Threshold),
]


@pytest.mark.parametrize(("name", "peer"), BEATEN, ids=lambda x: x if isinstance(x, str) else x.__name__)
def test_the_attack_works_where_nothing_stands_against_it(name, peer, worlds):
    attack = NAMED[name]
    assert advantage(attack, peer(worlds[None]), worlds[None], worlds[attack.target], 2).value == 1


@pytest.mark.parametrize("ranges", [1, 3])
def test_secrets_of_everybody_cannot_be_solved_for_within_the_budget(ranges, tmp_path):
    population, bits = secrets(0)
    world = World(tmp_path, population)
    ours = Ours(world, tmp_path)
    ours.fresh(0)
    found = gained(reconstruct(ours, ranges, 500, random.Random(0)), bits)
    assert found <= min(by_words(ours.budget, ranges), by_draws(ours, bits)) < 1
    assert gained(reconstruct(Threshold(world), ranges, 150 if ranges == 3 else 500, random.Random(0)), bits) == 1
    world.close()


def test_a_budget_suffices_for_so_many_random_sets():
    """Two tests for one range; four and three alternatives squared for three ranges."""
    assert [answers_within(Budget(), ranges) for ranges in (1, 3)] == [1_000 // 2, 1_000 // (4 + 9)]


@pytest.mark.parametrize("group", groups_of_others()[::4], ids=str)
def test_what_is_told_of_a_group_is_near_the_truth(group, worlds, ours):
    ours.put(worlds[None])
    ours.fresh(0)
    assert abs(ours.ask(people(group)).number - worlds[None].count(people(group))) <= 11
