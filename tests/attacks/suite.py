"""All attacks on one person, each with what it may gain."""

from __future__ import annotations

from tests.attacks import attacks as by
from tests.attacks.attacks import ROUNDS, Attack
from tests.attacks.timing import declared, watching

MORE = 7
"""So many times more games are played where the bound is near to what is gained."""

ATTACKS = (
    Attack("existence of one person", by.existence, 0),
    Attack("averaging over restarts", by.restarts, 1, games=MORE),
    Attack("averaging over other words", by.rephrasing, 1, games=MORE),
    Attack("averaging over projects", by.accounts, 1, games=MORE),
    Attack("differencing, nested", by.nested, 0),
    Attack("differencing, groups at the threshold", by.at_the_threshold),
    Attack("differencing, at the edge of merging", by.at_the_edge_of_merging),
    Attack("differencing, all but groups at the threshold", by.rests_at_the_edge),
    Attack("differencing, complementary", by.complementary, 0),
    Attack("differencing, parts of a whole", by.parts_of_a_whole, 1),
    Attack("differencing, overlapping", by.overlapping, 16),
    Attack("margin subtraction", by.margins, ROUNDS, (("sex", "O"),)),
    Attack("membership by rare combination", by.rare_combination, 0, (("body_part", "HEART"),)),
    Attack("certain against possible", by.certain_and_possible, 0, (("sex", None),)),
    Attack("before and after an import", by.after_import, 0),
    Attack("error messages", by.error_messages, 0),
    Attack("padding up to the threshold", by.padding, ROUNDS),
    Attack("everybody else is known", by.everybody_else_known, ROUNDS),
    Attack("walking up to the threshold, everybody else is known", by.walking_up, bound=1.0),
    Attack("time, one question repeated", watching(1, range(9, 10)), bound=declared(1), timed=True),
    Attack("time, five questions repeated", watching(5, range(6, 11)), bound=declared(5), timed=True),
)
