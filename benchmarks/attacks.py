"""What attackers gain, what is left to use, and what it costs: our disclosure control beside two peers' rules.

    python benchmarks/attacks.py --games 300

Every attack of ``tests/attacks`` is played so many times in a world with one person and in one without; the advantage
is the chance to say yes where they are there less the chance to say yes where they are not.  0 is guessing, 1 is
certainty.  Peers are the published rules, see ``tests/attacks/systems.py``; a question takes the same way everywhere.
Usefulness and time are measured on the whole IDC index (1,044,191 series).
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

from tests.attacks.attacks import ATTACKS, ONLY_TARGET, PET, ages, people, reconstruct  # noqa: E402
from tests.attacks.game import advantage, doubt  # noqa: E402
from tests.attacks.population import secrets, with_target, without_target  # noqa: E402
from tests.attacks.systems import Laplace, Ours, Threshold, World  # noqa: E402

from oncommons.node.desk import Desk  # noqa: E402
from oncommons.node.flow import import_from  # noqa: E402
from oncommons.node.home import Home, make_home  # noqa: E402
from oncommons.node.index.asking import Index  # noqa: E402
from oncommons.node.receive.idc import collections, receive_idc  # noqa: E402
from oncommons.policy.budget import Budget  # noqa: E402
from oncommons.policy.disclosure import Policy  # noqa: E402
from oncommons.policy.noise import Shape  # noqa: E402
from oncommons.schema.answer import OTHERS  # noqa: E402
from oncommons.schema.vocabulary import VOCABULARIES  # noqa: E402

PLENTY = Budget(10**9, 30, 10**9)


def attack_table(folder: Path, games: int) -> None:
    """Every attack on every system."""
    worlds: dict[Any, World] = {}

    def world(target: Any) -> World:
        if target not in worlds:
            place = folder / f"world{len(worlds)}"
            place.mkdir()
            worlds[target] = World(place, without_target() if target is None else with_target(**dict(target)))
        return worlds[target]

    without = world(None)
    systems = [Ours(without, folder), Laplace(without), Threshold(without)]
    print(f"| attack ({games} games a world; ±{doubt(games):.2f}) | declared | {' | '.join(s.name for s in systems)} |")
    print("| --- " * (2 + len(systems)) + "|")
    for attack in ATTACKS:
        found = [advantage(attack, s, without, world(attack.target), games) for s in systems]
        bound = Shape(10).advantage(attack.answers)
        print(f"| {attack.name} | {bound:.2f} | {' | '.join(f'{x:.2f}' for x in found)} |", flush=True)
    timing(folder, without, world(()), games)


def timing(folder: Path, without: World, with_person: World, games: int) -> None:
    """Tell from the time of an answer whether the person is there; the best cut of one half is tried on the other."""
    ours, times = Ours(without, folder, wait=time.sleep), ([], [])
    for world in (without, with_person):
        world.index.ask = Index.ask.__get__(world.index)  # the true answer is worked out every time
    for seed in range(4 * games):
        there = seed % 2
        ours.put((without, with_person)[there])
        ours.fresh(seed)
        ours.ask(people(PET))
        begun = time.perf_counter()
        ours.ask(people(PET, ONLY_TARGET))
        times[there].append(time.perf_counter() - begun)
    half = games
    cuts = sorted(times[0][:half] + times[1][:half])

    def gain(cut: float, part: slice) -> float:
        return statistics.fmean(t > cut for t in times[1][part]) - statistics.fmean(t > cut for t in times[0][part])

    cut = max(cuts, key=lambda c: abs(gain(c, slice(half))))
    sign = 1 if gain(cut, slice(half)) > 0 else -1
    print(f"| time of an answer | 0.00 | {sign * gain(cut, slice(half, None)):.2f} | not measured | not measured |")


def reconstruction(folder: Path, rounds: int) -> None:
    """Everybody's secret from random sets; a peer is asked 2,000 times, ours until the budget is spent."""
    for ranges in (1, 3):
        found: dict[str, list[float]] = {}
        for seed in range(rounds):
            place = folder / f"secrets{ranges}.{seed}"
            place.mkdir()
            population, bits = secrets(seed)
            world = World(place, population)
            unlimited = Ours(world, place, budget=PLENTY)
            for name, system in (
                ("ours", Ours(world, place)),
                ("ours without a budget", unlimited),
                ("Laplace", Laplace(world)),
                ("threshold", Threshold(world)),
            ):
                system.fresh(seed)
                guesses = reconstruct(system, ranges, 2_000, random.Random(seed))
                right = statistics.fmean(g == b for g, b in zip(guesses, bits, strict=True))
                found.setdefault(name, []).append(2 * right - 1)
            world.close()
        means = ", ".join(f"{name} {statistics.fmean(values):.2f}" for name, values in found.items())
        print(f"reconstruction from sets of {ranges} ranges of ages, 80 people: {means}", flush=True)


def usefulness(home: Home) -> None:
    """Patients by collection, modality and sex: how many can still be counted, and how well."""
    truth = Desk(replace(home, policy=Policy.of("open")))
    desks = {
        "noise": Desk(replace(home, policy=Policy.of("noise"), budget=PLENTY)),
        "noise, coarsen": Desk(replace(home, policy=Policy.of("noise"), budget=PLENTY)),
        "threshold, rounded": Desk(replace(home, policy=Policy.of("threshold"))),
    }
    peers = {"Laplace": Laplace(None), "Laplace, on the cells that noise tells": None, "plain threshold": None}
    kept: dict[str, float] = dict.fromkeys([*desks, *peers], 0.0)
    errors: dict[str, list[float]] = {name: [] for name in kept}
    everybody = cells = 0
    for modality in VOCABULARIES["modality"].codes:
        body = {
            "count": "person",
            "by": ["sex"],
            "where": {"some": "series", "where": {"field": "modality", "in": [modality]}},
        }
        true = {
            d.dataset: {g.key["sex"]: g.certain.at_least for g in d.groups if g.certain.at_least}
            for d in truth.answer(body).datasets
        }
        everybody += sum(sum(groups.values()) for groups in true.values())
        cells += sum(len(groups) for groups in true.values())
        for name, desk in desks.items():
            asked = body | ({"coarsen": True} if "coarsen" in name else {})
            for d in desk.answer(asked, name).datasets:
                for sex, number, told in _told(d, true[d.dataset]):
                    kept[name] += number
                    if sex != OTHERS:
                        errors[name].append(abs(told - number) / number)
                    if name == "noise":  # the same cells, since errors of small cells are large
                        same = "Laplace, on the cells that noise tells"
                        kept[same] += number
                        errors[same].append(abs(peers["Laplace"].obfuscated(number) - number) / number)
        for number in (n for groups in true.values() for n in groups.values()):
            kept["Laplace"] += number
            errors["Laplace"].append(abs(peers["Laplace"].obfuscated(number) - number) / number)
            if number >= 10:
                kept["plain threshold"] += number
                errors["plain threshold"].append(0.0)
    _print_usefulness(everybody, cells, kept, errors)


def _print_usefulness(everybody: int, cells: int, kept: dict[str, float], errors: dict[str, list[float]]) -> None:
    print(
        f"\n| {everybody:,} patients in {cells:,} cells (collection, modality, sex) | countable | cells told | median relative error |"
    )
    print("| --- | --- | --- | --- |")
    for name, patients in kept.items():
        median = statistics.median(errors[name])
        print(f"| {name} | {patients / everybody:.2%} | {len(errors[name]) / cells:.0%} | {median:.1%} |")


def _told(dataset: Any, true: dict[str | None, int]) -> list[tuple[str | None, int, float]]:
    """Sex, true number and middle of what was told, for every group that was told."""
    listed = {g.key["sex"]: g.certain for g in dataset.groups if g.certain.precision != "suppressed"}
    numbers = dict(true)
    if OTHERS in listed:
        numbers[OTHERS] = sum(n for sex, n in true.items() if sex not in listed)
    return [(s, numbers[s], (c.at_least + c.at_most) / 2) for s, c in listed.items() if numbers.get(s)]


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
    parser.add_argument("--rounds", type=int, default=5, help="reconstructions")
    parser.add_argument("--questions", type=int, default=200, help="questions of which the time is measured")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = make_home(folder / "idc", Policy.of("noise"))
        import_from(lambda c: receive_idc(c, collections(c, None), []), home.tables)
        cost(home, asked.questions)
        usefulness(home)
        print()
        reconstruction(folder, asked.rounds)
        print()
        attack_table(folder, asked.games)


if __name__ == "__main__":
    main()
