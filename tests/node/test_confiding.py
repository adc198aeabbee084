"""A node with the rule private answers once, is paid once by each project, and never tells more than its budget."""

import sys
from dataclasses import replace
from shutil import rmtree

import pytest
from tests.node.tables import import_rows, people

from oncommons.node.confiding import Confidant, load_mechanism, spending_of
from oncommons.node.desk import Desk
from oncommons.node.home import make_home, open_home
from oncommons.policy.disclosure.budget import DAY
from oncommons.policy.disclosure.counts import WITHHELD, Policy
from oncommons.policy.disclosure.privacy import Privacy
from oncommons.schema.errors import BudgetSpent, MalformedQuestion, MissingPackage, QuestionError
from oncommons.schema.errors_of_analyses import BeyondPrivacy
from oncommons.schema.parsing import parse_question
from oncommons.storage.spending import Spending

pytest.importorskip("opendp", reason="the extra dp is not installed")

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}
BY_SEX = {"count": "person", "by": ["sex"]}
OTHERS = [{"count": "person", "where": {"field": "age", "between": [n, n + 9]}} for n in range(60)]


@pytest.fixture
def home(tmp_path, with_rows):
    made = make_home(tmp_path / "athens", Policy.of("private"))
    with_rows(made, *people(600, 400))
    return made


@pytest.fixture
def desk(home):
    made = Desk(home, wait=lambda _: None)
    yield made
    made.close()


def test_an_answer_is_near_the_truth_and_says_how_it_was_made(desk):
    answer = desk.answer(WOMEN)
    (told,) = answer.datasets
    assert told.certain.precision == told.possible.precision == "probable"
    assert abs(told.certain.value - 600) < 60
    assert "spent 0.5 of 10, all together 0.5 of 20" in answer.policy


def test_the_same_question_has_the_same_answer_after_a_restart_and_for_others(home, desk):
    first = desk.answer(BY_SEX, "p")
    again = Desk(open_home(home.folder), wait=lambda _: None)
    assert again.answer(BY_SEX, "p") == first
    assert again.answer(BY_SEX, "q").datasets == first.datasets
    assert spending_of(home.folder, home.privacy) == ({"p": 500_000, "q": 500_000}, 500_000)
    again.close()


def test_an_import_makes_a_new_answer_that_is_paid_for(home, desk, tmp_path):
    first = desk.answer(WOMEN).certain
    import_rows(home, tmp_path, *people(900, 400))
    second = desk.answer(WOMEN)
    assert second.certain.at_least > first.at_most
    assert "spent 1 of 10" in second.policy


def test_tables_that_were_made_anew_get_an_answer_of_their_own(home, desk, tmp_path):
    first = desk.answer(WOMEN).certain
    desk.close()
    rmtree(home.folder / "index")
    import_rows(home, tmp_path, *people(900, 400))
    anew = Desk(home, wait=lambda _: None)
    assert anew.answer(WOMEN).certain.at_least > first.at_most
    anew.close()


def test_tables_that_are_made_anew_below_a_serving_node_are_the_ones_that_it_answers_from(home, desk, tmp_path):
    first = desk.answer(WOMEN).certain
    elsewhere = make_home(tmp_path / "elsewhere", Policy.of("private"))
    import_rows(elsewhere, tmp_path, *people(900, 400))
    rmtree(home.folder / "index")
    (elsewhere.folder / "index").rename(home.folder / "index")
    assert desk.answer(WOMEN).certain.at_least > first.at_most


def test_a_refusal_takes_an_even_time_too(home):
    times, waited = iter([5.0, 5.0234]), []
    desk = Desk(home, clock=lambda: next(times), wait=waited.append)
    with pytest.raises(BeyondPrivacy):
        desk.answer({"count": "series", "by": ["modality"]})
    desk.close()
    assert 0.0234 + waited[0] in (pytest.approx(0.03), pytest.approx(0.04))


def test_a_project_that_has_spent_all_gets_only_what_it_got_before(desk):
    answers = [desk.answer(body, "p").datasets for body in OTHERS[:20]]
    with pytest.raises(BudgetSpent, match=r"takes epsilon 0\.5; of the 10 that a project"):
        desk.answer(WOMEN, "p")
    assert [desk.answer(body, "p").datasets for body in OTHERS[:20]] == answers
    assert desk.answer(WOMEN, "q").certain.precision == "probable"


def test_all_together_have_a_budget(home, desk):
    for n in range(2):
        for body in OTHERS[20 * n : 20 * n + 20]:
            desk.answer(body, f"p{n}")
    with pytest.raises(BudgetSpent, match="all projects together"):
        desk.answer(WOMEN, "r")
    assert spending_of(home.folder, home.privacy)[1] == 20_000_000


def test_when_the_period_is_over_there_is_a_new_budget(home, desk):
    desk._current()
    confidant = Confidant.open(home.folder, Privacy(0.5, 0.5, 0.5, days=2))
    confidant.clock = lambda: 0.0
    first, second = parse_question(OTHERS[0]), parse_question(OTHERS[1])
    confidant.answer(desk._index, "1", "p", first)
    confidant.clock = lambda: 1.5 * DAY
    with pytest.raises(BudgetSpent):
        confidant.answer(desk._index, "1", "p", second)
    confidant.clock = lambda: 2.5 * DAY
    assert confidant.answer(desk._index, "1", "p", second).status == "answered"
    confidant.close()


def test_nothing_of_the_data_decides_what_is_charged(tmp_path):
    """Two nodes, one of which has a person whom all questions are about, say the same of their budgets."""
    told = []
    for name, more in (("a", []), ("b", [{"person": "z", "sex": "O", "age": "045Y"}])):
        (tmp_path / name).mkdir()
        home = make_home(tmp_path / name / "n", Policy.of("private"))
        import_rows(home, tmp_path, *people(5, 5), *more)
        desk, said = Desk(home, wait=lambda _: None), []
        for body in [*OTHERS[38:48], BY_SEX, {"count": "series"}, *OTHERS[38:60]]:
            try:
                said.append(desk.answer(body).policy)
            except BudgetSpent as fault:
                said.append(fault.message)
        told.append(said)
        desk.close()
    assert told[0] == told[1]
    assert len(set(told[0])) == 21


def test_what_cannot_be_answered_costs_nothing(home, desk):
    for body, kind in (({"count": "series", "by": ["modality"]}, BeyondPrivacy), ({"count": "cars"}, QuestionError)):
        with pytest.raises(kind):
            desk.answer(body)
    with pytest.raises(MalformedQuestion):
        desk.answer([])
    assert spending_of(home.folder, home.privacy) == ({}, 0)


def test_datasets_share_the_epsilon_of_a_question_unless_nobody_is_in_two(home, tmp_path):
    import_rows(home, tmp_path, *({"collection": c, "person": c} for c in "ef"))
    made = []

    def make(epsilon, sensitivity):
        made.append((round(epsilon, 6), sensitivity))
        return load_mechanism()(epsilon, sensitivity)

    for n, datasets in enumerate((0, 1, 2)):
        desk = Desk(replace(home, privacy=Privacy(datasets=datasets)))
        desk.disclosure.confidant = Confidant(Spending(home.folder / "told.sqlite"), desk.home.privacy, make)
        desk.answer(OTHERS[n])
        desk.answer({"count": "study", "where": {"field": "age", "between": [n, n]}})
        desk.close()
    assert made == [(0.166666, 1), (0.166666, 16), (0.5, 1), (0.5, 16), (0.25, 1), (0.25, 16)]


def test_a_card_has_no_numbers(desk):
    (card,) = desk.cards()
    assert set(card.records.values()) == {WITHHELD}
    assert card.codes == {}
    assert card.policy.startswith("private:")


def test_without_opendp_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp", None)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    monkeypatch.delitem(sys.modules, "oncommons.policy.disclosure.geometric", raising=False)
    with pytest.raises(MissingPackage, match=r"oncommons\[dp\]"):
        load_mechanism()
