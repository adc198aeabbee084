"""People opt out and come back: at once, in every process, with a proof that does not name them."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from tests.node.checked import keep, slices
from tests.node.tables import import_rows

import oncommons
from oncommons.node.checking import check
from oncommons.node.desk import Desk
from oncommons.node.harmonising import mapped
from oncommons.node.home import make_home
from oncommons.node.optouts import Gone, come_back, opt_out, opted_out, pseudonyms_of, state_of
from oncommons.node.recording import open_log
from oncommons.node.steward.summary import node_summary
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import StorageFull
from oncommons.schema.errors_of_rows import NotANumber, OptOutsLost
from oncommons.storage.decisions import Person
from oncommons.storage.journal import records
from oncommons.storage.listed import Listed

BY = Person("mira", "command line")
PEOPLE = {"count": "person"}


@pytest.fixture
def filled(home, with_rows):
    with_rows(home, *({"person": f"p{n}"} for n in range(5)))
    return home


def leave(home, *numbers):
    return opt_out(home, pseudonyms_of(home, numbers), BY)


def certain(desk):
    return desk.answer(PEOPLE).certain.at_least


def test_the_next_answer_of_a_desk_that_is_open_counts_them_no_more(filled, desk):
    assert certain(desk) == 5
    assert leave(filled, "p1", "p3", "elsewhere").to_json() == {"changed": 3, "same": 0, "here": 2, "listed": 3}
    assert certain(desk) == 3
    assert [str(card.records["person"]) for card in desk.cards()] == ["3"]
    come_back(filled, pseudonyms_of(filled, ["p3"]), BY)
    assert certain(desk) == 4


def test_doing_it_again_changes_nothing_and_proves_nothing(filled):
    leave(filled, "p1")
    state, proof, since = state_of(filled), records(filled.optouts_log), opted_out(filled)
    assert leave(filled, "p1").to_json() == {"changed": 0, "same": 1, "here": 1, "listed": 1}
    assert come_back(filled, pseudonyms_of(filled, ["p2"]), BY).to_json() == {
        "changed": 0,
        "same": 1,
        "here": 1,
        "listed": 1,
    }
    assert (state_of(filled), records(filled.optouts_log), opted_out(filled)) == (state, proof, since)


class Leaving:
    """Somebody opts out just after an answer, or cards, were worked out."""

    even = False

    def __init__(self, disclosure, then):
        self.disclosure, self.then = disclosure, then

    def see(self, connection):
        return self.disclosure.see(connection)

    def _done(self, found):
        then, self.then = self.then, lambda: None
        then()
        return found

    def answer(self, *asked):
        return self._done(self.disclosure.answer(*asked))

    def cards(self, index):
        return self._done(self.disclosure.cards(index))

    def close(self):
        self.disclosure.close()


def test_an_answer_that_is_being_made_is_made_again(filled):
    desk = Desk(filled)
    desk.disclosure = Leaving(desk.disclosure, lambda: leave(filled, "p1"))
    assert certain(desk) == 4
    desk.disclosure.then = lambda: leave(filled, "p2")
    assert [str(card.records["person"]) for card in desk.cards()] == ["3"]
    desk.close()


def test_an_import_that_began_before_does_not_bring_them_back(home, desk, tmp_path):
    import_rows(home, tmp_path, {"person": "p0"})
    with home.tables.fresh() as base:
        for (name,) in base.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND schema_name = 'main'"
        ).fetchall():
            base.execute(f"CREATE TABLE {name} AS FROM old.{name}")
        leave(home, "p0")
        assert certain(desk) == 0
    assert certain(desk) == 0


def test_the_proof_says_who_and_when_and_names_nobody(filled):
    leave(filled, "p1")
    come_back(filled, pseudonyms_of(filled, ["p1"]), Person("eva", "console"))
    one, two = records(filled.optouts_log)
    (pseudonym,) = pseudonyms_of(filled, ["p1"])
    assert [(r["what"], r["by"], r["way"]) for r in (one, two)] == [
        ("opted out", "mira", "command line"),
        ("came back", "eva", "console"),
    ]
    assert one["person"] == two["person"]
    assert len(one["person"]) == 32
    written = filled.optouts_log.read_text() + filled.optouts_file.read_text()
    assert "p1" not in written
    assert pseudonym not in filled.optouts_log.read_text()
    with closing(open_log(filled)) as log:
        lines = [line for line in log.lines() if '"optout"' in line]
    assert [json.loads(line)["body"]["people"] for line in lines] == [[one["person"]]] * 2
    assert not [line for line in lines if pseudonym in line or '"p1"' in line]


def test_each_person_has_a_digest_and_another_one_at_another_node(tmp_path):
    found = set()
    for name in "ab":
        home = make_home(tmp_path / name, Policy("open"))
        opt_out(home, {"PAAAAAAAAAAAAAAAA", "PBBBBBBBBBBBBBBBB"}, BY)
        found |= {record["person"] for record in records(home.optouts_log)}
    assert len(found) == 4


def test_nothing_that_is_shown_to_others_reads_the_tables_past_the_list():
    """A new reader has a reason or none.

    Reports of an import to its owner, removing a source and applying mappings do.  Images under a permit look up names
    of datasets and which series are as they were; the images of who opted out are left out of the ledger's.
    """
    package = Path(oncommons.__file__).parent
    found = {str(path.relative_to(package)): path.read_text().count("tables.open()") for path in package.rglob("*.py")}
    assert {name: number for name, number in found.items() if number} == {
        "node/clinical.py": 2,
        "node/harmonising.py": 1,
        "node/optouts.py": 1,
        "node/outside.py": 2,
    }


def test_whoever_is_stopped_between_proof_and_list_does_it_again(filled, desk, monkeypatch):
    def full(self, names):
        raise StorageFull("full")

    put = Listed.put
    monkeypatch.setattr(Listed, "put", lambda self, names: full(self, names) if names else put(self, names))
    with pytest.raises(StorageFull):
        leave(filled, "p1")
    assert certain(desk) == 5
    monkeypatch.undo()
    assert leave(filled, "p1").changed == 1
    assert certain(desk) == 4
    assert [record["what"] for record in records(filled.optouts_log)] == ["opted out"] * 2


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:-3])])
def test_without_its_list_a_node_answers_nothing(harm, filled, desk):
    leave(filled, "p1")
    whole = filled.optouts_file.read_bytes()
    harm(filled.optouts_file)
    for ask in (lambda: certain(desk), desk.cards, lambda: leave(filled, "p2"), lambda: mapped(filled)):
        with pytest.raises(OptOutsLost):
            ask()
    filled.optouts_file.write_bytes(whole)
    assert certain(desk) == 4


@pytest.mark.parametrize("wrong", ["x" * 65, "a\\b", "a\x07b", "PAAAAAAAAAAAAAAAA"])
def test_a_wrong_number_is_told_by_its_place_and_nothing_is_changed(wrong, filled):
    with pytest.raises(NotANumber, match="number 2, pseudonym 1") as fault:
        pseudonyms_of(filled, ["p1", wrong], ["p1"])
    assert wrong not in fault.value.message
    assert not filled.optouts_file.exists()


def test_numbers_are_stripped_and_empty_lines_passed_over(home):
    assert pseudonyms_of(home, [" 47 ", "", "  ", "47"]) == pseudonyms_of(home, ["47"], [])
    assert len(pseudonyms_of(home, ["47"], [*pseudonyms_of(home, ["47"])])) == 1


def test_ten_thousand_at_once(home):
    done = leave(home, *map(str, range(10_000)))
    assert (done.changed, len(opted_out(home)), len(records(home.optouts_log))) == (10_000,) * 3


def test_a_list_is_read_anew_only_when_it_has_changed(filled):
    gone = Gone(filled)
    assert gone() is gone()
    leave(filled, "p1")
    first = gone()
    assert list(first) == list(pseudonyms_of(filled, ["p1"]))
    assert gone() is first


def test_what_the_nodes_people_see_in_numbers_follows_too(filled):
    leave(filled, "p1")
    (dataset,) = node_summary(filled)["datasets"]
    assert (dataset["person"], dataset["series"]) == (4, 4)
    assert [one.people for one in mapped(filled)] == [4]


def test_checks_leave_out_their_series(home, tmp_path):
    keep(home, tmp_path, slices(3, patient="ZQX-1") | slices(3, study=2, patient="ZQX-2"))
    leave(home, "ZQX-2")
    (report,) = check(home)
    assert (report.figures["people"], report.figures["series"]) == (1, 1)
    leave(home, "ZQX-1")
    (report,) = check(home)
    assert report.figures["instances"] == 0
