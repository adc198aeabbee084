"""A desk answers from the newest tables, one question at a time."""

import json
import threading
from contextlib import closing

import pytest
from tests.node.tables import import_rows

from oncommons.node.desk import Desk
from oncommons.node.home import Membership
from oncommons.node.optouts import opt_out, pseudonyms_of
from oncommons.node.recording import open_log
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, NothingImported, UnknownField
from oncommons.schema.errors_of_rows import OptOutsLost
from oncommons.storage.decisions import Person

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


def entered(home):
    with closing(open_log(home)) as log:
        return [(e["kind"], e["body"]) for e in map(json.loads, log.lines())][1:]


def while_entering(desk, act):
    """Have something happen, once, just when an answer is to be entered in the audit log."""
    enter, left = desk.recorder.released, [act]

    def released(*words):
        if left:
            left.pop()()
        enter(*words)

    desk.recorder.released = released


def test_who_opts_out_while_the_answer_is_entered_is_not_counted_in_what_leaves(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    while_entering(desk, lambda: opt_out(home, pseudonyms_of(home, ["p"]), Person("mira", "command line")))
    assert certain(desk) == exact(1)
    told = [(kind, [d["certain"]["value"] for d in body.get("released", [])]) for kind, body in entered(home)]
    assert [one for one in told if one[0] != "imported"] == [("optout", []), ("released", [2]), ("released", [1])]


def test_nothing_leaves_where_the_list_is_lost_while_the_answer_is_entered(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    opt_out(home, pseudonyms_of(home, ["p"]), Person("mira", "command line"))
    while_entering(desk, home.optouts_file.unlink)
    with pytest.raises(OptOutsLost):
        desk.answer(PEOPLE)
    kind, body = entered(home)[-1]
    assert (kind, body["code"]) == ("refused", "E366")


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
