"""Attacks that set the noisy numbers of questions off against the exact ones of analyses, at a node with the rule noise."""

from contextlib import closing, suppress

import numpy as np
import pytest
from tests.attacks.hospital import AGE, PEOPLE, TARGET, TIME, Node
from tests.node.followed import RUN, lung, take_people

from oncommons.node.admitting import resume
from oncommons.node.desk import Desk, Terms
from oncommons.node.home import make_home
from oncommons.node.recording import Asker
from oncommons.node.telling import Questions
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.output import REFUSALS, TRACES
from oncommons.policy.disclosure.telling import Place, Teller
from oncommons.schema.errors import BudgetSpent
from oncommons.schema.errors_of_analyses import OutputWithheld, TooManyWithheld
from oncommons.schema.run import parse_run
from oncommons.service.analyses import analysis_named
from oncommons.storage.analysed import Analysed
from oncommons.storage.decisions import Person

EVERYBODY = Place("d", "person", Crowd.of([(1 << PEOPLE) - 1]))
CHANCE = np.random.default_rng(11)
HALVES = [set(np.flatnonzero(CHANCE.integers(0, 2, PEOPLE)).tolist()) - {TARGET} for _ in range(40)]
"""Groups that differ by far more than few, of people whom the attacker knows, without the target."""


def plane(people):
    return sum(1 << one for one in people)


@pytest.fixture
def hospital(tmp_path):
    """A node, and what questions were told there."""
    teller = Teller(Noise(b"n" * 32, Shape(10)))
    with closing(Analysed(tmp_path / "analysed.sqlite")) as ledger:
        yield Node(ledger, Questions(teller, {"d": EVERYBODY})), teller


def describe(node, people):
    of = ["d" if one in people else "" for one in range(PEOPLE)]
    return node.told("correlation", {"age": AGE, "time": TIME}, {"variables": ["age", "time"]}, of=of)


def test_of_averaging_over_many_pairs_no_more_than_some_draws_are_left(hospital):
    """Everybody in a half is known by an analysis; a question before asks for them, and for the target if they fulfil a criterion."""
    node, teller = hospital
    shelf = teller.shelf(EVERYBODY)
    for half in HALVES:
        teller.tell(EVERYBODY, Crowd.of([plane(half | {TARGET})]))
        drawn = sum(kept.crowd.who >> TARGET & 1 for kept in shelf.own) - 1  # everybody was told first
        if drawn > TRACES:
            break
        describe(node, half)
    with pytest.raises(OutputWithheld, match="The rule traces"):
        describe(node, half)


def test_of_averaging_over_those_who_are_in_no_analysis_no_more_draws_are_left(hospital):
    """Where everybody is analysed, all but a half are known as well as the half, and a question is asked for these first."""
    node, teller = hospital
    shelf, everybody = teller.shelf(EVERYBODY), set(range(PEOPLE))
    describe(node, everybody)
    for half in HALVES:
        teller.tell(EVERYBODY, Crowd.of([plane(everybody - half - {TARGET})]))
        drawn = sum(not kept.crowd.who >> TARGET & 1 for kept in shelf.own)
        if drawn > TRACES:
            break
        describe(node, half)
    assert drawn == TRACES + 1
    with pytest.raises(OutputWithheld, match="The rule traces"):
        describe(node, half)


def test_a_question_that_comes_after_the_analysis_has_no_draw_for_the_target(hospital):
    node, teller = hospital
    for half in HALVES:
        describe(node, half)
        without, there = (teller.tell(EVERYBODY, Crowd.of([plane(half | more)])) for more in (set(), {TARGET}))
        assert without == there


def test_asking_and_analysing_the_same_people_is_never_refused(hospital):
    node, teller = hospital
    for half in HALVES:
        teller.tell(EVERYBODY, Crowd.of([plane(half)]))
        assert describe(node, half)


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "athens", Policy.of("noise")).with_analyses(frozenset({"survival"}))
    take_people(made, tmp_path, lung())
    return made


def curves(desk, cohort=None, project="lung"):
    body = {"analysis": "survival", **RUN, "settings": {"time": "time", "event": "died"}}
    run = parse_run(body | ({"cohort": cohort} if cohort else {}))
    told = {"version": analysis_named("survival").version, "state": None}
    terms = Terms("P-7", frozenset({"lung"}), project=project)
    return desk.compute(run, told, Asker(project, "j", "", "P-7"), terms)


def women(code):
    return {"count": "person", "where": {"field": "sex", "in": [code]}}


def test_an_analysis_takes_from_the_budget_of_questions_and_the_same_again_is_free(home):
    with closing(Desk(home.with_budget(Budget(tests=6, hourly=6)), wait=lambda _: None)) as desk:
        assert curves(desk) == curves(desk)  # one, and four variables
        desk.answer(women("F"), "lung")
        with pytest.raises(BudgetSpent, match="0 are left"):
            desk.answer(women("M"), "lung")
        with pytest.raises(BudgetSpent, match="costs 5"):
            curves(desk, women("F")["where"])
        assert curves(desk)
        assert curves(desk, women("F")["where"], "another")


def test_the_people_of_an_analysis_are_those_of_questions_after_a_restart_too(home):
    """Crowds of both are of the same tables: of the women of an analysis a question tells a number that is remembered."""
    with closing(Desk(home, wait=lambda _: None)) as desk:
        curves(desk, women("F")["where"])
    with closing(Desk(home, wait=lambda _: None)) as desk:
        desk.answer(women("F"), "q")
        memory = desk.disclosure.memory
        shelf = memory._teller.shelf(Place("lung", "person"))
        with closing(Analysed(home.analysed_file)) as ledger:
            crowd = max(ledger.crowds("lung"), key=int.bit_count)
        assert crowd.bit_count() == (lung()["sex"] == 2).sum()
        assert [kept.crowd.who for kept in shelf.crowds].count(crowd) == 1


def test_of_yes_or_no_that_refusals_tell_so_many_are_told_and_no_more(home):
    """Each asks whether somebody was followed for so many days; that there is nobody is refused as well."""
    desk = Desk(home.with_policy(Policy("threshold", 10)))
    with closing(desk):
        for day in range(REFUSALS):
            with pytest.raises(OutputWithheld, match="The rule people"):
                curves(desk, {"field": "follow_up", "between": [day, day]})
        with pytest.raises(TooManyWithheld, match="100 analyses of this project were refused"):
            curves(desk)
        assert curves(desk, project="another")["people"] == len(lung())
        with closing(Analysed(home.analysed_file)) as ledger:
            assert ledger.withheld(0.0) == {"lung": REFUSALS}
        resume(home, "lung", Person("mira", "console"))
        assert curves(desk)["people"] == len(lung())


def test_what_is_refused_again_counts_once_and_open_data_count_nothing(home):
    for policy, counted in (("threshold", {"lung": 1}), ("open", {})):
        node = make_home(home.folder.parent / policy, Policy(policy, 10)).with_analyses(home.analyses)
        take_people(node, home.folder.parent, lung().iloc[:9])
        with closing(Desk(node)) as desk:
            for _ in range(2):
                with suppress(OutputWithheld):
                    curves(desk)
        with closing(Analysed(node.analysed_file)) as ledger:
            assert ledger.withheld(0.0) == counted


def test_what_stays_at_the_node_costs_nothing_and_is_not_remembered(home):
    with closing(Desk(home, wait=lambda _: None)) as desk:
        desk.answer({"count": "person"}, "q")
        memory = desk.disclosure.memory
        before = memory.ledger.last()
        with pytest.raises(OutputWithheld):
            curves(desk, {"some": "condition", "where": {"field": "age_at_diagnosis", "between": [0, 41]}})
        assert (memory.ledger.last(), memory.ledger.spent("lung", 0)) == (before, 0)
