"""The attack suite against the rule private: no attack loses more than the budget, and one answer gives what it may.

Noise has no seed here, so what is measured is compared within bounds that are missed less than once in a thousand
million runs.
"""

import random
from math import exp, log, sqrt

import pytest
from tests.attacks.attacks import ONLY_TARGET, PET, Attacker, people
from tests.attacks.population import with_target, without_target
from tests.attacks.suite import ATTACKS
from tests.attacks.systems import Reply, World, seated

from oncommons.node.confiding import Confidant, load_mechanism
from oncommons.node.disclosing import Private as Confiding
from oncommons.node.home import Home
from oncommons.node.share.private import release_private
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.policy.disclosure.private import reach
from oncommons.schema.errors import BudgetSpent
from oncommons.schema.errors_of_analyses import BeyondPrivacy
from oncommons.schema.parsing import parse_question
from oncommons.storage.spending import Spending

pytest.importorskip("opendp", reason="the extra dp is not installed")

PRIVACY = Privacy(epsilon=0.5, total=2, altogether=4)
BOUND = (exp(PRIVACY.epsilon) - 1) / (exp(PRIVACY.epsilon) + 1)
GAMES = 8_000
DOUBT = 2 * sqrt(log(4e9) / (2 * GAMES))
"""How far an advantage that is estimated from so many games may be off, by the bound of Hoeffding for both worlds."""
# Messages that tell a number are those of rules that have numbers to tell; this one has a budget to tell of.  Time is held
# back by the desk, in the same way for every rule that has to, and takes nothing from a budget.
NAMES = [attack for attack in ATTACKS if attack.name != "error messages" and not attack.timed]


class Private:
    """A node of ours with the rule private; what it will not answer, it does not."""

    name = "oncommons, private"

    def __init__(self, world, folder):
        self.folder, self.seed, self.lost = folder, 0, 0.0
        self.confidant = None
        self.fresh(0)
        self.put(world)

    def put(self, world):
        home = Home(world.home.folder, Policy.of("private"), privacy=PRIVACY)
        self.desk = seated(world, home, Confiding(home, self.confidant), lambda _: None)

    def fresh(self, seed):
        self.close()
        self.seed, self.lost = self.seed + 1, 0.0
        self.restart()

    def restart(self):
        self.close()
        self.confidant = Confidant(Spending(self.folder / f"{self.seed}.sqlite"), PRIVACY, self.noted)
        if hasattr(self, "desk"):
            self.desk.disclosure.confidant = self.confidant

    def noted(self, epsilon, sensitivity):
        """A mechanism for the one dataset there is; what it may lose is added up."""
        self.lost += epsilon
        return load_mechanism()(epsilon, sensitivity)

    def close(self):
        if self.confidant:
            self.confidant.close()
        self.confidant = None

    def ask(self, body, project="p"):
        try:
            (told,) = self.desk.answer(dict(body), project).datasets
        except (BudgetSpent, BeyondPrivacy) as fault:
            return Reply(None, text=fault.message)
        return Reply(
            told.certain.value, told.possible.value, {tuple(g.key.values()): g.certain.value for g in told.groups}
        )


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    found = [World(tmp_path_factory.mktemp("w"), made()) for made in (without_target, with_target)]
    yield found
    for world in found:
        world.close()


@pytest.fixture
def private(worlds, tmp_path):
    made = Private(worlds[1], tmp_path)
    yield made
    made.close()


def gained(worlds, epsilon):
    """What who says yes where the noisy number is above zero gains over guessing; no guess is better."""
    question = parse_question(people(PET, ONLY_TARGET))
    mechanism = load_mechanism()(epsilon, 1)
    far, yes = reach(1, mechanism.scale), []
    for world in worlds:
        tallies = world.index.ask(question)
        told = [release_private(question, tallies, mechanism).datasets[0].certain for _ in range(GAMES)]
        yes.append(sum(count.at_most > far for count in told) / GAMES)
    return yes[1] - yes[0]


def test_who_asks_for_the_one_person_gains_what_differential_privacy_allows_and_no_more(worlds):
    assert gained(worlds, PRIVACY.share(1)) == pytest.approx(BOUND, abs=DOUBT)


@pytest.mark.parametrize("factor", [0.5, 1.8])
def test_another_epsilon_would_be_seen(worlds, factor):
    assert gained(worlds, PRIVACY.epsilon * factor) != pytest.approx(BOUND, abs=DOUBT)


def test_there_is_nothing_to_average(private):
    """Restarts and other projects give the same number."""
    body, told = people(PET, ONLY_TARGET), set()
    for n in range(3):
        told.add(private.ask(body, f"p{n}").number)
        private.restart()
        told.add(private.ask(body, f"p{n}").number)
    assert len(told) == 1
    assert private.confidant.spending.altogether(0) == 500_000


@pytest.mark.parametrize("attack", NAMES, ids=lambda attack: attack.name)
def test_no_attack_makes_the_node_lose_more_than_its_budget(attack, worlds, private):
    attack.guess(Attacker(private, worlds[0], worlds[1], random.Random(1)))
    ledger = private.confidant.spending
    assert private.lost <= PRIVACY.altogether
    assert private.lost == pytest.approx(ledger.altogether(0) / 1e6)
    assert max(ledger.projects(0).values(), default=0) <= 2_000_000
    assert (ledger.altogether(0) == 0) is (attack.name == "membership by rare combination")


def test_what_is_told_of_a_large_group_is_near_the_truth(worlds, private):
    body = people({"field": "age", "between": [20, 60]})
    assert abs(private.ask(body).number - worlds[1].count(body)) < 60
