"""The stages in their order: an import becomes tables, and a desk answers from the newest."""

import threading

import pytest
from tests.node.tables import every_column, import_rows, make_raw, write_csv

from oncommons.node.flow import Desk, import_from
from oncommons.node.home import Membership
from oncommons.node.receive.table import receive_file, receive_raw
from oncommons.policy.disclosure import Policy
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, NothingImported, UnknownField, UnreadableSource

PEOPLE = {"count": "person"}


def certain(desk):
    return desk.answer(PEOPLE).certain


def test_an_import_is_answered_from(home, desk, tmp_path):
    received = import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    assert received.series == 2
    assert certain(desk) == exact(2)


def test_a_node_without_data_says_so(desk):
    assert (desk.cards(), desk.has_news()) == ((), False)
    with pytest.raises(NothingImported):
        desk.answer(PEOPLE)


def test_an_import_while_serving_is_noticed(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p"})
    assert desk.has_news()
    assert (certain(desk), desk.has_news()) == (exact(1), False)
    import_rows(home, tmp_path, {"person": "q"}, {"person": "r"}, {"collection": "e"})
    assert desk.has_news()
    assert [card.dataset for card in desk.cards()] == ["d", "e"]
    assert (certain(desk), desk.has_news()) == (exact(3), False)


@pytest.mark.parametrize("damage", ["gone", "broken", "homeless", "interrupted"])
def test_an_import_that_fails_leaves_the_tables_as_they_were(home, desk, tmp_path, damage):
    import_rows(home, tmp_path, {"person": "p"})
    before = {path.name: path.read_bytes() for path in (home.folder / "index").iterdir()}

    def source(base):
        make_raw(base, [{"person": "q"}, {"person": ""}] if damage == "homeless" else [{"person": "q"}])
        received = receive_raw(base, every_column())
        if damage == "interrupted":
            raise KeyboardInterrupt
        if damage == "broken":
            base.execute("DROP TABLE received")
            (tmp_path / "x.parquet").write_bytes(b"PAR1")
        if damage in {"gone", "broken"}:
            return receive_file(base, tmp_path / "x.parquet", every_column())
        return received

    with pytest.raises((UnreadableSource, KeyboardInterrupt)):
        import_from(source, home.tables)
    assert {path.name: path.read_bytes() for path in (home.folder / "index").iterdir()} == before
    assert certain(desk) == exact(1)


def test_the_first_import_may_fail_and_the_second_succeed(home, desk, tmp_path):
    with pytest.raises(UnreadableSource):
        import_from(lambda base: receive_file(base, tmp_path / "none.csv", every_column()), home.tables)
    assert home.tables.current() is None
    import_rows(home, tmp_path, {"person": "p"})
    assert certain(desk) == exact(1)


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


def test_datasets_of_two_files_stand_beside_each_other(home, desk, tmp_path):
    import_rows(home, tmp_path, {"collection": "a"})
    path = write_csv(tmp_path / "more.csv", [{"collection": "b"}, {"collection": "b", "person": "q"}])
    import_from(lambda base: receive_file(base, path, every_column("sex")), home.tables)
    told = {d.dataset: d.certain for d in desk.answer(PEOPLE).datasets}
    assert told == {"a": exact(1), "b": exact(2)}


def test_a_node_is_asked_for_itself_and_refuses_a_question_that_names_nodes(desk):
    with pytest.raises(MalformedQuestion) as fault:
        desk.answer(PEOPLE | {"nodes": ["athens"]})
    assert fault.value.at == "nodes"
