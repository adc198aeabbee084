"""What attackers gain, and what it costs: our disclosure control beside two peers' rules.

    python benchmarks/attacks.py --games 300

Every attack of ``tests/attacks`` is played so many times in a world with one person and in one without; the advantage
is the chance to say yes where they are there less the chance to say yes where they are not.  0 is guessing, 1 is
certainty.  Behind each stands the interval in which the true advantage lies in 95 of 100 cases.  Peers are the published
rules, see ``tests/attacks/systems.py``; a question takes the same way everywhere.  What answers cost is measured on the
whole IDC index (1,044,191 series); what is left to use is measured by ``benchmarks/countable.py``.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.attacks.attacks import ages, people  # noqa: E402
from tests.attacks.game import advantage  # noqa: E402
from tests.attacks.population import secrets, with_target, without_target  # noqa: E402
from tests.attacks.reconstruction import answers_within, by_draws, by_words, gained, reconstruct  # noqa: E402
from tests.attacks.suite import ATTACKS  # noqa: E402
from tests.attacks.systems import Laplace, Ours, System, Threshold, World  # noqa: E402
from tests.attacks.timing import Modelled, TimedOurs, TimedPeer, measured  # noqa: E402

from oncommons.node.desk import Desk  # noqa: E402
from oncommons.node.flow import import_from  # noqa: E402
from oncommons.node.home import Home, make_home  # noqa: E402
from oncommons.node.receive.idc import collections, receive_idc  # noqa: E402
from oncommons.policy.disclosure.budget import Budget  # noqa: E402
from oncommons.policy.disclosure.counts import Policy  # noqa: E402

PLENTY = Budget(10**9, 30, 10**9)


def attack_table(folder: Path, games: int) -> bool:
    """Every attack on every system; whether none gains more than is declared."""
    worlds: dict[Any, World] = {}

    def world(target: Any) -> World:
        if target not in worlds:
            place = folder / f"world{len(worlds)}"
            place.mkdir()
            worlds[target] = World(place, without_target() if target is None else with_target(**dict(target)))
        return worlds[target]

    without = world(None)
    systems: list[System] = [Ours(without, folder), Laplace(without), Threshold(without)]
    print(f"| attack | games a world | declared | {' | '.join(s.name for s in systems)} |")
    print("| --- " * (3 + len(systems)) + "|")
    above = []
    for attack in (attack for attack in ATTACKS if not attack.timed):
        number = games * attack.games
        found = [advantage(attack, s, without, world(attack.target), number) for s in systems]
        above += [attack.name] * found[0].is_above(attack.declared)
        print(f"| {attack.name} | {number} | {attack.declared:.2f} | {' | '.join(map(str, found))} |", flush=True)
    above += timing(folder, without, world(()), games)
    print(f"\nAbove what is declared: {', '.join(above) or 'none'}")
    return not above


def timing(folder: Path, without: World, with_person: World, games: int) -> list[str]:
    """What the moments of answers show: by a model of what they cost, and by the processor's time really measured.

    Returns:
        The attacks that gain more than is declared.
    """
    above = []
    for world in (without, with_person):
        world.index.remember_no_more()
    for how, cost, number in (
        ("modelled", Modelled(random.Random(0)), games),
        ("measured", measured, max(games // 10, 1)),
    ):
        for attack in (attack for attack in ATTACKS if attack.timed):
            systems = [
                TimedOurs(without, folder, cost, PLENTY),
                TimedPeer(Laplace(without), without, cost),
                TimedPeer(Threshold(without), without, cost),
            ]
            found = [advantage(attack, s, without, with_person, number) for s in systems]
            above += [f"{attack.name}, {how}"] * found[0].is_above(attack.declared)
            row = f"| {attack.name}, {how} | {number} | {attack.declared:.2f} | {' | '.join(map(str, found))} |"
            print(row, flush=True)
    return above


def reconstruction(folder: Path, rounds: int) -> None:
    """Everybody's secret from random sets; a peer is asked 2,000 times, ours until the budget is spent."""
    print(
        "| ranges of ages | questions in the budget | by words | by draws | ours | without a budget | Laplace | threshold |"
    )
    print("| --- " * 8 + "|")
    for ranges in (1, 3):
        found: dict[str, list[float]] = {}
        for seed in range(rounds):
            place = folder / f"secrets{ranges}.{seed}"
            place.mkdir()
            population, bits = secrets(seed)
            world = World(place, population)
            ours = Ours(world, place)
            for name, system in (
                ("ours", ours),
                ("without a budget", Ours(world, place, budget=PLENTY)),
                ("Laplace", Laplace(world)),
                ("threshold", Threshold(world)),
            ):
                system.fresh(seed)
                guesses = reconstruct(system, ranges, 2_000, random.Random(seed))
                found.setdefault(name, []).append(gained(guesses, bits))
                if system is ours:
                    found.setdefault("by draws", []).append(by_draws(ours, bits))
            world.close()
        names = ("by draws", "ours", "without a budget", "Laplace", "threshold")
        means = " | ".join(_mean(found[name]) for name in names)
        bound = by_words(Budget(), ranges)
        print(f"| {ranges} | {answers_within(Budget(), ranges)} | {bound:.2f} | {means} |", flush=True)


def _mean(values: list[float]) -> str:
    """The mean and where it lies in 95 of 100 cases."""
    off = 1.96 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{statistics.fmean(values):.2f} (±{off:.2f})"


def cost(home: Home, rounds: int) -> None:
    """The main question with and without, in turn, in the processor's time; the ledger fills meanwhile."""
    plain, noisy = (Desk(replace(home, policy=Policy.of(rule), budget=PLENTY)) for rule in ("threshold", "noise"))
    series = {"all": [{"field": "modality", "in": ["MR"]}, {"field": "body_part", "in": ["BREAST"]}]}
    took: dict[str, list[float]] = {"threshold": [], "noise": []}
    plain.cards(), noisy.cards()
    for n in range(rounds):
        where = [
            {"some": "series", "where": series},
            {"field": "sex", "in": ["F"]},
            ages(n % 80, n % 80 + 10 + n // 80),
        ]
        for name, desk in (("threshold", plain), ("noise", noisy)):
            begun = time.process_time()
            desk.answer(people(*where, by=["dataset"]), "cost")
            took[name].append(1000 * (time.process_time() - begun))
    ends = {name: (statistics.median(times), statistics.quantiles(times, n=20)[18]) for name, times in took.items()}
    for name, (middle, high) in ends.items():
        print(f"{name}: p50 {middle:.1f} ms, p95 {high:.1f} ms")
    ratios = [noise / threshold for noise, threshold in zip(ends["noise"], ends["threshold"], strict=True)]
    print(f"noise / threshold: p50 {ratios[0]:.2f}, p95 {ratios[1]:.2f}, {rounds} questions each, one after the other")


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=10, help="reconstructions")
    parser.add_argument("--questions", type=int, default=200, help="questions of which the time is measured")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = make_home(folder / "idc", Policy.of("noise"))
        import_from(lambda c: receive_idc(c, collections(c, None), []), home.tables)
        cost(home, asked.questions)
        print()
        reconstruction(folder, asked.rounds)
        print()
        sound = attack_table(folder, asked.games)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
