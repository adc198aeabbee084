"""A node with the rule noise remembers what it told, for each project, across restarts and imports."""

from dataclasses import replace
from threading import Event, Thread

import pytest
from tests.node.tables import import_rows, people

from oncommons.node.desk import Desk
from oncommons.node.home import make_home
from oncommons.node.telling import Memory, noise_secret
from oncommons.policy.disclosure.budget import Budget
from oncommons.policy.disclosure.counts import Policy
from oncommons.policy.disclosure.crowd import Crowd
from oncommons.policy.disclosure.noise import Noise, Shape
from oncommons.policy.disclosure.telling import Place
from oncommons.schema.errors import BudgetSpent, StorageFailed, TooManyQuestions
from oncommons.schema.parsing import parse_question
from oncommons.storage.released import Released

SEX = {"field": "sex", "in": ["F"]}
WOMEN = {"count": "person", "where": SEX}
NEARLY = {"count": "person", "where": {"all": [SEX, {"not": {"field": "age", "between": [1, 1]}}]}}
"""The women but for one, of whom the age is known."""


@pytest.fixture
def home(tmp_path):
    made = make_home(tmp_path / "athens", Policy.of("noise"))
    import_rows(made, tmp_path, *people(80, 70))
    return made


@pytest.fixture
def ask(home):
    """Ask a node that has just been started."""

    def answer(body, project="p", node=home):
        desk = Desk(node, wait=lambda _: None)
        try:
            (dataset,) = desk.answer(body, project).datasets
        finally:
            desk.close()
        return dataset

    return answer


def test_a_restart_and_other_words_give_the_same_number(ask):
    first = ask(WOMEN)
    assert first.certain.at_least <= 80 <= first.certain.at_most
    assert first.certain.precision == "noisy"
    assert ask(WOMEN) == first
    for where in ({"not": {"not": SEX}}, {"all": [SEX, SEX]}, {"not": {"field": "sex", "in": ["M", "O"]}}):
        assert ask({"count": "person", "where": where}).certain == first.certain


def test_a_secret_lost_is_another_noise_but_what_was_told_stays(ask, home):
    first = ask(WOMEN)
    (home.folder / "disclosure.key").unlink()
    assert ask(WOMEN) == first


def test_projects_that_put_together_what_they_were_told_see_no_more_than_one(ask, home, tmp_path):
    rows = [row | {"age": "001Y" if number == 0 else "030Y"} for number, row in enumerate(people(80, 70))]
    import_rows(home, tmp_path, *rows)
    assert ask(WOMEN, "p").certain == ask(NEARLY, "q").certain


def test_one_person_more_after_an_import_is_not_seen(ask, home, tmp_path):
    first = ask(WOMEN)
    import_rows(home, tmp_path, *people(80, 70), {"person": "z", "sex": "F"})
    assert ask(WOMEN).certain == first.certain


def test_a_budget_ends_and_repeating_is_free(ask, home):
    poor = home.with_budget(Budget(tests=2, hourly=2))
    first = ask(WOMEN, node=poor)
    ask({"count": "person"}, node=poor)
    assert ask(WOMEN, node=poor) == first
    with pytest.raises(BudgetSpent, match="0 are left"):
        ask({"count": "person", "where": {"not": SEX}}, node=poor)
    assert ask({"count": "person", "where": {"not": SEX}}, "another", node=poor)


def test_a_budget_comes_back_with_time(home, tmp_path):
    now = [1_000_000.0]
    memory = Memory.open(home.folder, home.policy, Budget(tests=3, days=2, hourly=1), lambda: now[0])
    questions = [parse_question({"count": "person", "where": {"field": "age", "between": [n, 99]}}) for n in range(4)]

    def asked(question):
        with memory.answering("p", question):
            pass

    asked(questions[0])
    with pytest.raises(TooManyQuestions):
        asked(questions[1])
    now[0] += 3_601
    asked(questions[1])
    now[0] += 2 * 86_400
    asked(questions[2])
    memory.close()


def test_what_could_not_be_remembered_is_not_told(home):
    memory = Memory.open(home.folder, home.policy, Budget())
    with pytest.raises(KeyError), memory.answering("p", parse_question(WOMEN)):
        raise KeyError
    assert not memory.ledger.has_answered("p", b"")
    assert memory.ledger.spent("p", 0) == 0
    memory.close()


def test_the_secret_is_for_its_owner_only_and_must_be_whole(home):
    path = home.folder / "disclosure.key"
    assert path.stat().st_mode & 0o077 == 0
    assert noise_secret(path) == path.read_bytes()
    path.write_bytes(b"short")
    with pytest.raises(StorageFailed, match="damaged"):
        noise_secret(path)


def test_cards_tell_what_answers_tell(home):
    desk = Desk(home)
    (card,) = desk.cards()
    (told,) = desk.answer({"count": "person", "by": ["sex"]}).datasets
    desk.close()
    assert card.codes["sex"] == {g.key["sex"]: g.certain for g in told.groups}
    assert card.records["person"].at_least <= 150 <= card.records["person"].at_most


def test_a_lacking_number_is_told_like_any_other(ask):
    (lack,) = ask(WOMEN).lacking
    assert (lack.records.precision, lack.of.precision) == ("suppressed", "noisy")


def test_the_policy_can_be_changed_and_changed_back(ask, home):
    first = ask(WOMEN)
    assert str(Desk(replace(home, policy=Policy("threshold"))).answer(WOMEN).certain) == "80–89"
    assert ask(WOMEN) == first


def test_an_answer_takes_an_even_time(home):
    times, waited = iter([5.0, 5.0234] * 40), []
    desk = Desk(home, clock=lambda: next(times), wait=waited.append, key=bytes(32))
    for age in range(40):
        desk.answer(WOMEN | {"where": {"field": "age", "between": [age % 20, 99]}})
    desk.close()
    taken = [0.0234 + seconds for seconds in waited]
    assert {round(seconds, 9) for seconds in taken} == {0.03, 0.04}  # which of the two is decided by the words
    assert taken[:20] == taken[20:]


def test_two_servers_of_one_node_have_one_memory(home, tmp_path):
    rows = [row | {"age": "001Y" if number == 0 else "030Y"} for number, row in enumerate(people(80, 70))]
    import_rows(home, tmp_path, *rows)
    desks = [Desk(home, wait=lambda _: None), Desk(home, wait=lambda _: None)]
    desks[1].answer({"count": "person", "where": {"field": "sex", "in": ["O"]}}, "p")  # it has read the ledger by now
    told = [desk.answer(body, "p").datasets[0].certain for desk, body in zip(desks, (WOMEN, NEARLY), strict=True)]
    assert told[0] == told[1]
    for desk in desks:
        desk.close()


def test_two_questions_at_once_do_not_pass_a_budget_with_room_for_one(tmp_path):
    def opened():
        return Memory(Released(tmp_path / "told.sqlite"), Noise(b"n" * 32, Shape(10)), Budget(tests=1), lambda: 1e9)

    first, second, refused = opened(), opened(), []

    begun = Event()

    def ask_too():
        begun.set()
        try:
            with second.answering("p", parse_question(WOMEN)):
                pass
        except BudgetSpent as fault:
            refused.append(fault)

    other = Thread(target=ask_too)
    with first.answering("p", parse_question({"count": "person"})):
        other.start()
        assert begun.wait(20)
        other.join(0.3)  # without a lock it is through by now
    other.join(20)
    assert (len(refused), first.ledger.spent("p", 0)) == (1, 1)
    first.close()
    second.close()


def crowd(first, last):
    return Crowd.of_rows(range(first, last), [1] * (last - first))


PLACE = Place("d", "person", crowd(0, 200))
ASKED = [parse_question({"count": "person", "where": {"field": "age", "between": [n, None]}}) for n in range(4)]


@pytest.mark.parametrize("told", [(crowd(0, 60),), (crowd(60, 200),), (crowd(0, 30), crowd(30, 60))])
def test_a_card_of_later_does_not_tell_apart_what_a_project_was_told_alike(tmp_path, told):
    """A group, the rest without it, or its two halves were told; then a card tells the group and one person."""
    for n in range(30):
        folder = tmp_path / str(n)
        folder.mkdir()
        memory = Memory(Released(folder / "told.sqlite"), Noise(bytes([n]) * 32, Shape(10)), Budget())
        sample = memory.noise.sample("d", 200)
        one, two = [m for m in range(60, 200) if not sample >> m & 1][:2]
        more, most = (crowd(0, 60).joined(crowd(m, m + 1)) for m in (one, two))
        with memory.publishing() as teller:
            teller.tell(PLACE, PLACE.everybody)
        with memory.answering("p", ASKED[0]) as teller:
            for group in told:
                teller.tell(PLACE, group)
        with memory.answering("p", ASKED[1]) as teller:
            before = teller.tell(PLACE, more)
        with memory.publishing() as teller:
            card = teller.tell(PLACE, more)
        with memory.answering("p", ASKED[2]) as teller:
            assert teller.tell(PLACE, crowd(0, 60)) == teller.tell(PLACE, more) == before == card
        with memory.answering("q", ASKED[3]) as teller:
            assert teller.tell(PLACE, more) == teller.tell(PLACE, most) == card
        memory.close()
