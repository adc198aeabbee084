"""A desk answers from the newest tables, one question at a time."""

import threading

import pytest
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.home import Membership
from oncommons.policy.disclosure import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, NothingImported, UnknownField

PEOPLE = {"count": "person"}


def certain(desk):
    return desk.answer(PEOPLE).certain


def test_a_node_without_data_says_so(desk):
    assert desk.cards() == ()
    with pytest.raises(NothingImported):
        desk.answer(PEOPLE)


def test_an_import_while_serving_is_noticed(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p"})
    assert certain(desk) == exact(1)
    import_rows(home, tmp_path, {"person": "q"}, {"person": "r"}, {"collection": "e"})
    assert [card.dataset for card in desk.cards()] == ["d", "e"]
    assert certain(desk) == exact(3)


def test_an_answer_bears_the_name_and_policy_of_the_node(home, tmp_path):
    import_rows(home, tmp_path, *({"person": f"p{i}"} for i in range(12)))
    joined = home.with_policy(Policy("threshold", 10)).with_membership(Membership("athens", "u", "i", {}))
    desk = Desk(joined)
    answer = desk.answer(PEOPLE)
    assert (answer.node, answer.policy, str(answer.certain)) == ("athens", str(joined.policy), "10–19")
    assert str(desk.cards()[0].records["person"]) == "10–19"
    desk.close()


def test_a_question_is_checked_before_anything_is_read(desk):
    with pytest.raises(MalformedQuestion):
        desk.answer("count people")
    with pytest.raises(UnknownField):
        desk.answer({"count": "person", "where": {"field": "shoe_size", "in": ["44"]}})


def test_questions_of_many_threads_are_answered_one_by_one(home, desk, tmp_path):
    import_rows(home, tmp_path, *({"person": f"p{i}"} for i in range(5)))
    found = []

    def ask():
        found.extend(certain(desk) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [exact(5)] * 20
