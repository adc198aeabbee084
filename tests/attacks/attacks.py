"""Attacks: what an attacker asks, and how they guess from the replies whether one person is there.

Each attack knows what the docstring says and nothing else.  All of them are listed in :mod:`tests.attacks.suite`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import comb
from statistics import fmean
from typing import Any

from tests.attacks.population import TARGET_AGE
from tests.attacks.systems import Body, Reply, System, World

from oncommons.policy.disclosure.noise import Shape
from oncommons.schema.errors import OncommonsError

ROUNDS = 20
"""How often an attack that adds up answers asks."""
ALIKE = 5
"""How often one that averages answers to the same question does; against ours all are alike, which is tested."""

EDGE = Shape(10).share + 0.01
"""What can be gained where people are told, or told apart: the share of those who are of the secret sample, and a little
more, since groups of 61 are told of in any case, which one of a thousand that are walked through shows."""

Criterion = dict[str, Any]


def ages(low: int, high: int) -> Criterion:
    """Of an age."""
    return {"field": "age", "between": [low, high]}


def sexes(*codes: str) -> Criterion:
    """Of a sex."""
    return {"field": "sex", "in": list(codes)}


PET: Criterion = {"some": "series", "where": {"field": "modality", "in": ["PT"]}}
ONLY_TARGET = ages(TARGET_AGE, TARGET_AGE)


def people(*criteria: Criterion, **more: Any) -> Body:
    """The question for people who fulfil all criteria."""
    return {"count": "person", "where": {"all": list(criteria)}} | more


def groups_of_others() -> list[Criterion]:
    """Groups without the person, each about forty or more people away from the others."""
    windows = [(low, high) for low in (20, 35, 50) for high in (79, 64, 49) if high > low]
    return [{"all": [ages(low, high), sexes(*codes)]} for low, high in windows for codes in ("F", "M", "FM")][:ROUNDS]


def small_groups(first: int) -> list[Criterion]:
    """Groups of about 29 people, about half of which are told, from an age on; any two are mostly of others."""
    windows = [ages(low, low + 5) for low in range(first, 75, 6)]
    return windows + [{"all": [ages(low, low + 11), sexes(code)]} for low in range(first, 69, 12) for code in "FM"]


def with_target(group: Criterion) -> Criterion:
    """The same group and the person."""
    return {"any": [group, ONLY_TARGET]}


@dataclass(frozen=True)
class Attacker:
    """Who attacks: the system, what everybody else is known to be, and a coin.

    Attributes:
        system: What is asked.
        known: The data without the person, for attackers who know everybody else.
        later: The data after an import, for attackers who wait.
        rng: The coin.
    """

    system: System
    known: World
    later: World
    rng: random.Random

    def ask(self, *criteria: Criterion, **more: Any) -> Reply:
        """Ask for people who fulfil all criteria."""
        return self.system.ask(people(*criteria, **more))

    def coin(self) -> bool:
        """A guess without any reason."""
        return self.rng.random() < 0.5

    def judge(self, differences: Iterable[float | None], middle: float = 0.5) -> bool:
        """Yes where differences are on average above the middle; nothing told, or a draw, is left to the coin."""
        found = [d for d in differences if d is not None]
        if not found or fmean(found) == middle:
            return self.coin()
        return fmean(found) > middle


def less(*numbers: float | None) -> float | None:
    """The first number less the others; none where one is missing."""
    first, *rest = numbers
    if first is None or any(n is None for n in rest):
        return None
    return first - sum(n for n in rest if n is not None)


def existence(a: Attacker) -> bool:
    """Ask for the one person; anything but nothing means that they are there."""
    return bool(a.ask(PET, ONLY_TARGET).number)


def restarts(a: Attacker) -> bool:
    """Know everybody else of a group; ask, wait for a restart, ask again, and average."""
    group = groups_of_others()[0]
    found = []
    for _ in range(ALIKE):
        found.append(less(a.ask(PET, with_target(group)).number, a.known.count(people(PET, group))))
        a.system.restart()
    return a.judge(found)


def rephrasing(a: Attacker) -> bool:
    """Know everybody else of a group; ask for it in ever other words, and average."""
    group = groups_of_others()[0]
    truth, found = a.known.count(people(PET, group)), []
    for n in range(ALIKE):
        words = {"any": [*with_target(group)["any"], *[ONLY_TARGET] * (n % 3)]}
        for _ in range(n // 3):
            words = {"all": [words]}
        found.append(less(a.ask(PET, words).number, truth))
    return a.judge(found)


def accounts(a: Attacker) -> bool:
    """Know everybody else of a group; ask from many projects, and average."""
    group = groups_of_others()[0]
    asked = people(PET, with_target(group))
    truth = a.known.count(people(PET, group))
    return a.judge(less(a.system.ask(asked, f"p{n}").number, truth) for n in range(ALIKE))


def nested(a: Attacker) -> bool:
    """Ask for groups without and with the person, and average the differences."""
    return a.judge(less(a.ask(PET, with_target(g)).number, a.ask(PET, g).number) for g in groups_of_others())


def at_the_threshold(a: Attacker) -> bool:
    """Ask for groups that may be just too small, without and with the person; whether they are told differs or not."""
    small = small_groups(20)
    return _differ(a, [(people(PET, group), people(PET, with_target(group))) for group in small])


def at_the_edge_of_merging(a: Attacker) -> bool:
    """Ask for a group, then for it and some more people, without and with the person; some are merged, some are not."""
    a.ask(PET, ages(20, 49))
    groups = [{"any": [ages(20, 49), group]} for group in small_groups(50)]
    return _differ(a, [(people(PET, group), people(PET, with_target(group))) for group in groups])


def rests_at_the_edge(a: Attacker) -> bool:
    """Ask for small groups, and for all but them, without and with the person."""
    a.ask(PET)
    small = small_groups(20)
    pairs = [(people(PET, {"not": group}), people(PET, {"not": with_target(group)})) for group in small]
    for group in small[::2]:
        a.ask(PET, group)
    return _differ(a, pairs)


def made_of_others(a: Attacker) -> bool:
    """Ask for many groups that make each other up, and then for each with the person; one may be told otherwise now."""
    edges = list(range(20, 81, 12))
    groups = [ages(low, high - 1) for low in edges for high in edges if low < high]
    a.rng.shuffle(groups)
    first = [a.ask(PET, group).number for group in groups]
    return [a.ask(PET, with_target(group)).number for group in groups] != first


def _differ(a: Attacker, pairs: list[tuple[Body, Body]]) -> bool:
    """Yes where the two questions of some pair were answered differently."""
    return any(a.system.ask(one).number != a.system.ask(two).number for one, two in pairs)


def walking_up(a: Attacker) -> bool:
    """Ask for ever larger groups; add the person to the last that is not told. This needs no knowledge of anybody.

    Some chains are walked, as the last group may not be the largest that is not told.
    """
    for first in (21, 39, 57):
        for codes in ("F", "M"):
            last = None
            for high in range(first, first + 40):
                group = {"all": [ages(first, high), sexes(*codes)]}
                if a.ask(PET, group).number is not None:
                    break
                last = group
            if last is not None and a.ask(PET, with_target(last)).number is not None:
                return True
    return False


def complementary(a: Attacker) -> bool:
    """Ask for groups, and for everybody who is neither in them nor the person; the rest of the dataset is the person."""
    everybody = {"count": "person"}

    def rest(group: Criterion) -> float | None:
        other = {"count": "person", "where": {"not": {"all": [PET, with_target(group)]}}}
        return less(a.system.ask(everybody).number, a.ask(PET, group).number, a.system.ask(other).number)

    return a.judge(rest(group) for group in groups_of_others())


def parts_of_a_whole(a: Attacker) -> bool:
    """Ask for all who had a PET, for groups of them, and for those who are neither in these nor the person."""

    def rest(group: Criterion) -> float | None:
        one, other = a.ask(PET, group), a.ask(PET, {"not": with_target(group)})
        return less(a.ask(PET).number, one.number, other.number)

    return a.judge(rest(group) for group in groups_of_others())


def overlapping(a: Attacker) -> bool:
    """Ask for two groups, and for both together with the person, many times over."""
    pairs = [
        (ages(low, middle), ages(middle + 1, high))
        for low in (20, 26, 32, 38)
        for middle in (48, 55)
        for high in (66, 79)
    ]

    def rest(one: Criterion, two: Criterion) -> float | None:
        both = a.ask(PET, with_target({"any": [one, two]}))
        return less(both.number, a.ask(PET, one).number, a.ask(PET, two).number)

    return a.judge(rest(one, two) for one, two in pairs)


def margins(a: Attacker) -> bool:
    """Ask for totals and for groups by sex; what is missing from the sum of the groups is the person, of a third sex."""

    def rest(group: Criterion) -> float | None:
        total = a.ask(PET, with_target(group)).number
        found = a.ask(PET, with_target(group), by=["sex"]).groups
        return less(total, found.get(("F",)), found.get(("M",)))

    both = [group for group in groups_of_others() if "M" in group["all"][1]["in"] and "F" in group["all"][1]["in"]]
    return a.judge(rest(group) for group in both)


def rare_combination(a: Attacker) -> bool:
    """Ask for groups by modality and part of the body; the person alone has one of the combinations."""
    asked = {"count": "series", "by": ["modality", "body_part"]}
    replies = [a.system.ask(asked), a.system.ask(asked | {"coarsen": True})]
    return any(number and key == ("PT", "HEART") for reply in replies for key, number in reply.groups.items())


def everybody_else_known(a: Attacker) -> bool:
    """Know everybody else; ask for many different groups with the person, and average."""
    found = [less(a.ask(PET, with_target(g)).number, a.known.count(people(PET, g))) for g in groups_of_others()]
    return a.judge(found)


def padding(a: Attacker) -> bool:
    """Know everybody else; add just so many people to a group that the person decides whether it is told apart."""
    base, apart, expected = ages(20, 35), [], []
    before = a.ask(PET, base).number
    for pad in small_groups(36):
        size = a.known.count(people(PET, pad))
        apart.append(float(a.ask(PET, with_target({"any": [base, pad]})).number != before))
        expected.append(fmean(_chance_of_being_told(people) for people in (size, size + 1)))
    return a.judge(apart, middle=fmean(expected))


def _chance_of_being_told(size: int) -> float:
    """The chance that among so many people there are enough of the sample."""
    share, k = Shape(10).share, Shape(10).k
    return 1 - sum(comb(size, n) * share**n * (1 - share) ** (size - n) for n in range(min(k, size + 1)))


def certain_and_possible(a: Attacker) -> bool:
    """The person's sex is not recorded: they are possible, not certain, among men and women of many groups."""
    found = []
    for group in groups_of_others():
        reply = a.ask(PET, with_target(ages(*group["all"][0]["between"])), sexes("F"))
        if reply.possible is None:  # a peer has one number only
            return a.coin()
        found.append(less(reply.possible, reply.number))
    usual = a.system.ask(people(PET, ages(20, 79), sexes("F")))
    return a.judge(found, middle=less(usual.possible, usual.number) or 0)


def after_import(a: Attacker) -> bool:
    """Ask for groups before and after an import that may have brought the person, and average the differences."""
    a.system.put(a.known)
    before = [a.ask(PET, with_target(group)).number for group in groups_of_others()]
    a.system.put(a.later)
    after = [a.ask(PET, with_target(group)).number for group in groups_of_others()]
    return a.judge(less(late, early) for late, early in zip(after, before, strict=True))


def error_messages(a: Attacker) -> bool:
    """Ask what cannot be answered, around the person, and compare each word with what is known without them."""
    wrong = [
        people(PET, ages(97, 96)),
        people(PET, {"field": "body_part", "in": ["HEARTS"]}),
        people(PET, {"field": "age", "between": ["97", 97]}),
        people(PET, ONLY_TARGET, by=["modality"]),
        *[people(PET, ages(97, 97 + n), {"not": {"any": [ages(n, n)] * 12}}) for n in range(12)],
    ]
    texts = []
    for body in wrong:
        try:
            texts.append(a.system.ask(body).text)
        except OncommonsError as fault:
            texts.append(f"{fault.code} {fault.message} {fault.detail}")
    a.system.put(a.known)
    a.system.fresh(a.rng.randrange(1_000_000))
    for body, text in zip(wrong, texts, strict=True):
        try:
            if a.system.ask(body).text != text and "E3" in text:
                return True
        except OncommonsError as fault:
            if f"{fault.code} {fault.message} {fault.detail}" != text:
                return True
    return a.coin()


@dataclass(frozen=True)
class Attack:
    """An attack and what it may gain against ours.

    Attributes:
        name: What it is called.
        guess: Runs it; says whether the person is there.
        answers: Answers with a noise of their own that count the person, if they are not of the secret sample.
        edge: Whether it looks for where people are told, or told apart.
        target: In what the person differs from the usual target.
        bound: The bound, where it follows from something else.
        timed: Whether it needs to know how long answers take.
        games: So many times more games than usual are played.
    """

    name: str
    guess: Callable[[Attacker], bool]
    answers: int = 0
    edge: bool = False
    target: tuple[tuple[str, str | None], ...] = ()
    bound: float | None = None
    timed: bool = False
    games: int = 1

    @property
    def declared(self) -> float:
        """What it may gain against ours: 0 is guessing, 1 is certainty."""
        if self.bound is not None:
            return self.bound
        return 1 - (1 - Shape(10).advantage(self.answers)) * (1 - EDGE * self.edge)
