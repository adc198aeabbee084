"""A data manager sees what is not mapped, accepts mappings, and shares them."""

from functools import partial
from threading import Event, Thread

import pytest
from tests.node.clinicals import take_text
from tests.node.images import dicom, fill
from tests.node.steward.homes import MAKER, make_node, take_in
from tests.node.tables import every_column, import_rows, write_csv

from oncommons.node.flow import accepted_at, import_from, index_images
from oncommons.node.harmonising import accept, checked, decided, export, mapped, proposals, proposals_table
from oncommons.node.home import make_home
from oncommons.node.index.asking import Index
from oncommons.node.receive.accepted import Accepted, parse_mappings
from oncommons.node.receive.table import About, receive_file
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_rows import NoMappingAccepted
from oncommons.schema.parsing import parse_question
from oncommons.storage.decisions import Person
from oncommons.storage.generations import Generations

DECIDED = parse_mappings(b"field,raw,code\nbody_part,mamma li,BREAST\nbody_part,rare,CHEST\nsex,x,zebra\n")
ROWS = [{"person": f"p{i}", "body_part": "Mamma li"} for i in range(12)] + [{"person": "q", "body_part": "Rare"}]


def series_of(home, *codes, field="body_part"):
    index = Index(home.tables.open())
    asked = {"count": "series", "where": {"field": field, "in": list(codes)}}
    found = sum(cell.certain for tally in index.ask(parse_question(asked)) for cell in tally.cells)
    index.close()
    return found


@pytest.fixture
def filled(home, with_rows):
    with_rows(home, *ROWS)
    return home


def test_a_mapping_is_kept_applied_to_what_is_here_and_told_row_by_row(filled):
    assert series_of(filled, "BREAST") == 0
    taken = accept(filled, DECIDED)
    assert (taken.new, taken.changed, taken.same, taken.series) == (2, 0, 0, 13)
    assert [(row, "zebra" in why) for row, why in taken.faults] == [(4, True)]
    assert (series_of(filled, "BREAST"), series_of(filled, "CHEST")) == (12, 1)


def test_accepting_again_changes_nothing(filled):
    accept(filled, DECIDED)
    before = filled.tables.current()
    again = accept(filled, DECIDED)
    assert (again.new, again.changed, again.same, again.series) == (0, 0, 2, 0)
    assert filled.tables.current() == before


def test_who_decided_what_is_noted_once(filled):
    ada, ben = Person("Ada", "console"), Person("ben", "command line")
    accept(filled, DECIDED, ada)
    accept(filled, DECIDED, ben)
    accept(filled, parse_mappings(b"field,raw,code\nbody_part,Mamma Li,AXILLA\n"), ben)
    told = [(one["by"], one["way"], one["raw"], one["was"], one["code"]) for one in decided(filled)]
    assert told == [
        ("ben", "command line", "Mamma Li", "BREAST", "AXILLA"),
        ("Ada", "console", "rare", "", "CHEST"),
        ("Ada", "console", "mamma li", "", "BREAST"),
    ]
    assert len(decided(filled, 1)) == 1
    assert filled.decided_file.stat().st_mode & 0o777 == 0o600


def test_a_mapping_can_be_decided_otherwise_later(filled):
    accept(filled, DECIDED)
    taken = accept(filled, parse_mappings(b"field,raw,code\nbody_part,Mamma Li,AXILLA\n"))
    assert (taken.changed, taken.series, series_of(filled, "AXILLA"), len(accepted_at(filled))) == (1, 12, 12, 2)


def test_a_mapping_holds_for_the_next_import(home, tmp_path):
    accept(home, DECIDED)
    path = write_csv(tmp_path / "series.csv", ROWS)
    import_from(lambda base: receive_file(base, path, every_column()), home.tables, partial(accepted_at, home))
    assert series_of(home, "BREAST") == 12


def test_a_mapping_holds_for_images_that_are_indexed_again(tmp_path):
    own = make_node(tmp_path, {"1.dcm": dicom(1, Manufacturer=MAKER)})
    accept(own, parse_mappings(f"field,raw,code\nmanufacturer,{MAKER.upper()},GE\n".encode()))
    index_images(own, "lung", About(""))
    assert series_of(own, "GE", field="manufacturer") == 1


def test_a_file_without_a_good_row_is_an_error_and_changes_nothing(filled):
    with pytest.raises(NoMappingAccepted, match="Row 2"):
        accept(filled, parse_mappings(b"field,raw,code\nsex,x,zebra\n"))
    assert accepted_at(filled) == ()


def test_what_is_shared_leaves_out_what_few_people_have(filled):
    accept(filled, DECIDED)
    assert export(filled.with_policy(Policy.of("threshold", 10))) == (Accepted("body_part", "mamma li", "", "BREAST"),)
    assert len(export(filled.with_policy(Policy.of("threshold", 10)), everything=True)) == 2
    assert len(export(filled.with_policy(Policy.of("open", 10)))) == 2
    assert export(filled.with_policy(Policy.of("private"))) == ()
    assert len(export(filled.with_policy(Policy.of("private")), everything=True)) == 2


def test_proposals_can_be_decided_in_a_file_and_accepted(home, tmp_path):
    import_rows(home, tmp_path, {"body_part": "Prostatte"}, {"body_part": "zzz"})
    found = proposals(home)
    assert {(u.raw, u.code) for u in found} == {("Prostatte", "PROSTATE"), ("zzz", "")}
    text = proposals_table(found)
    assert parse_mappings(text.encode()).undecided == 2
    decided = text.replace("Prostatte,,,", "Prostatte,,PROSTATE,")
    assert accept(home, parse_mappings(decided.encode())).series == 1
    assert [u.raw for u in proposals(home)] == ["zzz"]


def test_the_check_tells_coverage_with_proposals(home, tmp_path):
    assert (mapped(home), proposals(home), checked(home)) == ((), (), ())
    import_rows(home, tmp_path, {"body_part": "Prostatte"})
    (found,) = checked(home)
    (part,) = (f for f in found.fields if f.field == "body_part")
    assert [(u.raw, u.code) for u in part.unmapped] == [("Prostatte", "PROSTATE")]


def test_under_noise_a_string_of_few_people_is_not_shared_however_many_rows_they_are(tmp_path):
    home = make_home(tmp_path / "quiet", Policy("noise"))
    rows = [{"collection": f"d{n}", "person": "one", "body_part": "Mr Smith left"} for n in range(12)]
    import_rows(home, tmp_path, *rows)
    accept(home, parse_mappings(b"field,raw,code\nbody_part,mr smith left,CHEST\n"))
    assert export(home) == ()


def test_a_mapping_does_not_overrule_what_a_clinical_source_says(home, tmp_path):
    import_rows(home, tmp_path, {"collection": "d", "person": "q", "sex": "weibl"})
    take_text(home, tmp_path, "id,sex\nq,M\n", '[[tables]]\ntable = "person"\nsex = "sex"\n')
    accept(home, parse_mappings(b"field,raw,code\nsex,weibl,F\n"))
    with home.tables.open() as base:
        assert base.execute("SELECT sex FROM person").fetchall() == [(None,)]


class Late(Generations):
    """Tables for which an import waits, while somebody else does something."""

    def __init__(self, folder, meanwhile):
        super().__init__(folder)
        self.meanwhile = meanwhile

    def fresh(self, *, little=False):
        self.meanwhile()
        return super().fresh(little=little)


def test_an_import_that_waited_knows_what_was_accepted_meanwhile(home, tmp_path):
    path = write_csv(tmp_path / "series.csv", ROWS)
    tables = Late(home.tables.folder, lambda: accept(home, DECIDED))
    import_from(lambda base: receive_file(base, path, every_column()), tables, partial(accepted_at, home))
    assert series_of(home, "BREAST") == 12


def test_what_is_accepted_during_an_import_reaches_what_it_brings(home, tmp_path):
    path = write_csv(tmp_path / "series.csv", ROWS)
    begun = Event()

    def decide():
        begun.set()
        accept(home, DECIDED)

    other = Thread(target=decide)

    def receive(base):
        other.start()
        assert begun.wait(20)
        other.join(0.3)  # without waiting for the import it is through by now
        return receive_file(base, path, every_column())

    import_from(receive, home.tables, partial(accepted_at, home))
    other.join(20)
    assert series_of(home, "BREAST") == 12


def test_images_that_were_kept_while_an_index_waited_are_in_it(tmp_path, monkeypatch):
    own = make_node(tmp_path, {"1.dcm": dicom(1)})
    fresh = Generations.fresh

    def late(tables, **how):
        monkeypatch.setattr(Generations, "fresh", fresh)
        take_in(own, fill(tmp_path / "more", {"2.dcm": dicom(2, series=2)}))
        return fresh(tables, **how)

    monkeypatch.setattr(Generations, "fresh", late)
    index_images(own, "lung", About(""))
    index = Index(own.tables.open())
    (tally,) = index.ask(parse_question({"count": "series"}))
    index.close()
    assert tally.cells[0].certain == 2
