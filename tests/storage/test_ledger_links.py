"""Links of a ledger: entered once, found from both ends, and completed when what was named comes."""

from contextlib import closing

import pytest

from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_links import LedgerLinks
from oncommons.storage.linked import Linked


@pytest.fixture
def ledger(tmp_path):
    with closing(LedgerLinks(tmp_path / "ledger.sqlite")) as opened:
        yield opened


def keep(ledger, *names, dataset="lung", modality="CT"):
    """Enter kept files, named ``series.number``."""
    ledger.write(
        [
            Entry(f"{n}", "kept", dataset, patient="P", study="T", series=n.split(".")[0], sop=n, modality=modality)
            for n in names
        ]
    )


def rows(found):
    return [(row.sop, row.target, row.objects, row.sole) for row in found]


def test_objects_that_refer_to_others_are_found_until_they_are_linked(ledger):
    keep(ledger, "C.1", "C.2")
    keep(ledger, "R.1", "R.2", modality="RTSTRUCT")
    keep(ledger, "R.3", modality="RTSTRUCT", dataset="other")
    keep(ledger, "D.1", modality="RTDOSE")
    assert [e.sop for e in ledger.unlinked("lung", ["RTSTRUCT", "RTDOSE"])] == ["D.1", "R.1", "R.2"]
    ledger.link([Linked("R.1", "R", "contours")])
    assert [e.sop for e in ledger.unlinked("lung", ["RTSTRUCT"])] == ["R.2"]
    assert ledger.unlinked("lung", ["SEG"]) == []
    assert ledger.unlinked("nothing", ["RTSTRUCT"]) == []


def test_the_places_of_many_objects_are_looked_up_at_once(ledger, monkeypatch):
    monkeypatch.setattr("oncommons.storage.ledger._AT_ONCE", 2)
    keep(ledger, "1.1", "1.2", "2.1")
    known = {entry.sop: entry.series for entry in ledger.objects()}
    assert len(known) == 3
    assert ledger.places([*known, "9"]) == known


def test_a_link_is_found_from_both_ends(ledger):
    ledger.link(
        [
            Linked("R.1", "R", "contours", {"C": frozenset({"C.1", "C.2"})}),
            Linked("D.1", "D", "dose", {"R": frozenset({"R.1"}), "C": frozenset()}),
        ]
    )
    assert rows(ledger.links()) == [("D.1", "C", 0, ""), ("D.1", "R", 1, "R.1"), ("R.1", "C", 2, "")]
    assert rows(ledger.links_from("D.1")) == [("D.1", "C", 0, ""), ("D.1", "R", 1, "R.1")]
    assert [(row.sop, row.kind) for row in ledger.links_to("C")] == [("R.1", "contours"), ("D.1", "dose")]
    assert ledger.links_from("X") == ledger.links_to("X") == []


def test_what_is_not_here_is_told_without_a_target_and_linked_when_it_comes(ledger):
    ledger.link([Linked("R.1", "R", "contours", lost=frozenset({"C.1", "C.2", "Z.9"}))])
    ledger.link([Linked("S.1", "S", "report", lost=frozenset({"C"})), Linked("S.2", "S", "report")])
    assert rows(ledger.links()) == [("R.1", "", 3, ""), ("S.1", "", 1, ""), ("S.2", "", 0, "")]
    keep(ledger, "C.1")
    ledger.complete()
    assert rows(ledger.links()) == [("R.1", "", 2, ""), ("R.1", "C", 1, "C.1"), ("S.1", "C", 0, ""), ("S.2", "", 0, "")]
    keep(ledger, "C.2", dataset="another")
    ledger.complete()
    assert rows(ledger.links_from("R.1")) == [("R.1", "", 1, ""), ("R.1", "C", 2, "")]


def test_a_series_that_was_named_alone_is_told_with_the_object_that_comes(ledger):
    ledger.link([Linked("D.1", "D", "dose", {"R": frozenset()}, frozenset({"R.1"}))])
    keep(ledger, "R.1")
    ledger.complete()
    assert rows(ledger.links()) == [("D.1", "R", 1, "R.1")]


def test_quarantined_files_are_no_targets(ledger):
    ledger.link([Linked("R.1", "R", "contours", lost=frozenset({"C.1"}))])
    ledger.write([Entry("x", "quarantined", "lung", sop="C.1", series="C")])
    ledger.complete()
    assert rows(ledger.links()) == [("R.1", "", 1, "")]
