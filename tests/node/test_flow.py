"""The stages in their order: an import becomes tables, and a desk answers from them."""

import pytest
from tests.node.tables import every_column, import_rows, make_raw, write_csv

from oncommons.node.flow import import_from
from oncommons.node.receive.table import receive_file, receive_raw
from oncommons.schema.answer import exact
from oncommons.schema.errors import MalformedQuestion, UnreadableSource

PEOPLE = {"count": "person"}


def certain(desk):
    return desk.answer(PEOPLE).certain


def test_an_import_is_answered_from(home, desk, tmp_path):
    received = import_rows(home, tmp_path, {"person": "p"}, {"person": "q"})
    assert received.series == 2
    assert certain(desk) == exact(2)


@pytest.mark.parametrize("damage", ["gone", "broken", "homeless", "interrupted"])
def test_an_import_that_fails_leaves_the_tables_as_they_were(home, desk, tmp_path, damage):
    import_rows(home, tmp_path, {"person": "p"})
    before = {path.name: path.read_bytes() for path in (home.folder / "index").iterdir()}

    def source(base):
        make_raw(base, [{"person": "" if damage == "homeless" else "q"}])
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
