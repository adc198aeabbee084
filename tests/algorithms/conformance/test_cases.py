"""What is asked of an analysis when it is tried."""

from itertools import combinations

from oncommons.algorithms.conformance.cases import cases
from oncommons.algorithms.conformance.reference import leukaemia, trial
from oncommons.algorithms.cox import COX
from oncommons.algorithms.glm import GLM
from oncommons.algorithms.pair import Role
from oncommons.algorithms.survival import SURVIVAL

KIND = {"visits": "number", "age": "number", "event": "yes"}


def test_each_two_choices_stand_together_at_least_once():
    asked = [one.settings for one in cases(GLM, trial(), 99)]
    seen = {frozenset(pair) for one in asked for pair in combinations([(k, str(v)) for k, v in one.items()], 2)}
    for family in ("gaussian", "binomial", "poisson"):
        for outcome in ("age", "visits", "female"):
            assert frozenset([("family", family), ("outcome", outcome)]) in seen
        for offset in ("exposure", "None"):
            assert frozenset([("family", family), ("offset", offset)]) in seen
    assert len(asked) < 3 * 3 * 2 * 2 * 2 * 2


def test_no_column_plays_two_roles_and_each_plays_what_it_can():
    for one in cases(GLM, trial()):
        told = one.settings
        names = [told["outcome"], *told["covariates"], *filter(None, (told["offset"], told["weights"]))]
        assert len(set(names)) == len(names)
        assert told["weights"] in {None, "weight"}
    assert {one.settings["time"] for one in cases(COX, trial())} == {"time"}
    assert {one.settings["by"] for one in cases(SURVIVAL, trial())} == {None, "female", "stage"}


def test_numbers_that_can_be_set_are_tried_with_another_value():
    assert {one.settings["until"] for one in cases(SURVIVAL, trial())} == {0.0, 1.0}


def test_a_table_without_the_columns_is_asked_nothing():
    picture = (Role("picture", frozenset({"picture"}), "One."),)
    assert cases(type(GLM)(**{**vars(GLM), "roles": picture}), trial()) == ()
    assert {one.settings["covariates"][0] for one in cases(COX, leukaemia())} <= {"treated", "arm"}


def test_a_case_says_what_it_is():
    assert cases(SURVIVAL, leukaemia())[0].words.startswith("leukaemia (time time, event event, by treated, level 0.95")
    assert len(cases(GLM, trial(), 3)) == 3
