"""All attacks on one person, each with what it may gain."""

from __future__ import annotations

from tests.attacks import attacks as by
from tests.attacks.attacks import ROUNDS, Attack
from tests.attacks.timing import declared, watching

MORE = 7
"""So many times more games are played where the bound is near to what is gained."""

ATTACKS = (
    Attack("existence of one person", by.existence),
    Attack("averaging over restarts", by.restarts, 1, games=MORE),
    Attack("averaging over other words", by.rephrasing, 1, games=MORE),
    Attack("averaging over projects", by.accounts, 1, games=MORE),
    Attack("differencing, nested", by.nested, edge=True),
    Attack("differencing, groups at the threshold", by.at_the_threshold, edge=True),
    Attack("differencing, at the edge of merging", by.at_the_edge_of_merging, edge=True),
    Attack("differencing, all but groups at the threshold", by.rests_at_the_edge, ROUNDS, edge=True),
    Attack("differencing, complementary", by.complementary, 1, edge=True),
    Attack("differencing, parts of a whole", by.parts_of_a_whole, 1, edge=True),
    Attack("differencing, overlapping", by.overlapping, 16, edge=True),
    Attack("margin subtraction", by.margins, ROUNDS, edge=True, target=(("sex", "O"),)),
    Attack("membership by rare combination", by.rare_combination, target=(("body_part", "HEART"),)),
    Attack("certain against possible", by.certain_and_possible, edge=True, target=(("sex", None),)),
    Attack("before and after an import", by.after_import, edge=True),
    Attack("error messages", by.error_messages),
    Attack("differencing, numbers made of others", by.made_of_others, edge=True),
    Attack("padding up to the threshold", by.padding, len(by.small_groups(36)), edge=True),
    Attack("walking up to the threshold", by.walking_up, edge=True),
    Attack("everybody else is known", by.everybody_else_known, ROUNDS, edge=True),
    Attack("time, one question repeated", watching(1, range(9, 10)), bound=declared(1), timed=True),
    Attack("time, one question of many criteria", watching(1, range(9, 10), deep=20), bound=declared(1), timed=True),
    Attack("time, five questions repeated", watching(5, range(6, 11)), bound=declared(5), timed=True),
)
