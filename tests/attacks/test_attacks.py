"""The attack suite as a gate: against a node of ours no attack gains more than is declared.

Where the declared bound is zero, the person makes no difference to any guess, secret by secret.  Elsewhere the bound
follows from how many numbers with a noise of their own count the person; that number is what is checked (suppressed
answers and merging are draws too, and are not counted here; the benchmark plays against all of it).  Attacks
are shown to work on the peers, so that an attack that has gone blunt is noticed.  ``benchmarks/attacks.py`` plays
many more games and measures the advantage itself.
"""

import random

import pytest
from tests.attacks.attacks import ATTACKS, Attacker, groups_of_others, people, reconstruct
from tests.attacks.game import advantage
from tests.attacks.population import secrets, with_target, without_target
from tests.attacks.systems import Laplace, Ours, Threshold, World

from oncommons.policy.noise import Shape

TARGET = 600
"""The number of the person whom the attacks look for; everybody else has a smaller one."""
NAMED = {attack.name: attack for attack in ATTACKS}
SURE = [attack for attack in ATTACKS if attack.answers == 0]
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
    assert advantage(attack, ours, worlds[None], worlds[attack.target], 3, paired=True) == 0


@pytest.mark.parametrize("attack", NOISY, ids=lambda attack: attack.name)
def test_no_more_answers_count_the_person_than_the_bound_is_declared_for(attack, worlds, ours):
    ours.put(worlds[attack.target])
    ours.fresh(1)
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


BEATEN = [
    ("existence of one person", Laplace),
    ("membership by rare combination", Laplace),
    ("averaging over restarts", Threshold),
    ("differencing, nested", Threshold),
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
    assert advantage(attack, peer(worlds[None]), worlds[None], worlds[attack.target], 2) == 1


def test_secrets_of_everybody_cannot_be_solved_for_within_the_budget(tmp_path):
    population, bits = secrets(0)
    world = World(tmp_path, population)

    def found(system, most):
        guesses = reconstruct(system, 3, most, random.Random(0))
        return 2 * sum(g == b for g, b in zip(guesses, bits, strict=True)) / len(bits) - 1

    assert found(Ours(world, tmp_path), 500) < Shape(10).advantage(10)
    assert found(Threshold(world), 150) == 1
    world.close()


@pytest.mark.parametrize("group", groups_of_others()[::4], ids=str)
def test_what_is_told_of_a_group_is_near_the_truth(group, worlds, ours):
    ours.put(worlds[None])
    ours.fresh(0)
    assert abs(ours.ask(people(group)).number - worlds[None].count(people(group))) <= 11
