"""Pulling from an archive that is a dictionary."""

from collections import Counter

from oncommons.node.receive.dimse.listening import Heard
from oncommons.node.receive.pulling import Arrivals, Series, StudyReport, pull
from oncommons.schema.errors_of_protocols import PacsRefused, PacsUnreachable


class FakeArchive:
    """Sends what it has, but for what it was told to hold back; may fail at a study, and at objects that it has lost."""

    def __init__(self, arrivals, studies, *, held=(), lost=(), faults=None, counts=None):
        self.arrivals, self.studies, self.held, self.lost = arrivals, studies, [*held, *lost], lost
        self.faults, self.counts, self.fetched = faults or {}, counts or {}, []

    def series(self, study):
        if study in self.faults:
            raise self.faults[study]
        found = self.studies.get(study, {})
        return [Series(uid, frozenset(sops), self.counts.get(uid, len(sops))) for uid, sops in found.items()]

    def fetch(self, study, series="", instances=()):
        self.fetched.append((study, series, *instances))
        if series in self.faults:
            raise self.faults[series]
        for sop in instances:
            if sop in self.lost:
                raise PacsRefused(f"There is no {sop}.")
        for uid, sops in self.studies[study].items():
            for sop in sops:
                if series in {"", uid} and sop not in self.held and (not instances or sop in instances):
                    self.arrivals.hear(Heard("FAKE", sop, "quarantined" if sop.startswith("q") else "kept"))


STUDIES = {"1": {"1.1": ["a", "b"], "1.2": ["c"]}, "2": {"2.1": ["d", "q"]}}


def pulled(*studies, kept=(), **more):
    arrivals = Arrivals()
    archive = FakeArchive(arrivals, STUDIES, **more)
    return archive, list(pull(archive, studies, set(kept).__contains__, arrivals))


def test_a_study_that_is_not_here_is_fetched_as_a_whole():
    archive, reports = pulled("1", "2")
    assert archive.fetched == [("1", ""), ("2", "")]
    assert [(r.said, dict(r.came), r.lacking, r.is_complete) for r in reports] == [
        (3, {"kept": 3}, 0, True),
        (2, {"kept": 1, "quarantined": 1}, 0, True),
    ]


def test_what_is_here_is_not_fetched_again():
    archive, (report,) = pulled("1", kept="abc")
    assert archive.fetched == []
    assert (report.before, report.lacking, report.is_complete) == (3, 0, True)


def test_only_what_lacks_is_fetched_of_a_series_that_is_here_for_the_most_part():
    archive, (report,) = pulled("1", kept="ac")
    assert archive.fetched == [("1", "1.1", "b")]
    assert (report.before, dict(report.came), report.is_complete) == (2, {"kept": 1}, True)


def test_a_series_of_which_more_lacks_than_is_here_is_fetched_as_a_whole():
    archive = FakeArchive(arrivals := Arrivals(), {"1": {"1.1": list("abc"), "1.2": ["d"]}})
    (report,) = pull(archive, ["1"], {"a", "d"}.__contains__, arrivals)
    assert archive.fetched == [("1", "1.1")]
    assert (report.before, report.is_complete) == (2, True)


def test_a_series_that_is_not_listed_to_its_end_is_fetched_as_a_whole():
    archive, _ = pulled("1", kept="ac", counts={"1.1": 3})
    assert archive.fetched == [("1", "1.1")]


def test_what_the_archive_holds_back_is_told():
    _, (report,) = pulled("1", held="b")
    assert (report.said, report.lacking, report.is_complete) == (3, 1, False)


def test_an_archive_that_lists_less_than_it_counts_is_not_believed():
    _, (report,) = pulled("2", counts={"2.1": 5})
    assert (report.said, report.lacking, report.is_complete) == (5, 3, False)


def test_a_study_that_the_archive_does_not_know_is_not_complete():
    archive, (report,) = pulled("3")
    assert archive.fetched == []
    assert (report.said, report.is_complete) == (0, False)


def test_a_refusal_keeps_no_other_study_back():
    _, (first, second) = pulled("1", "2", faults={"1": PacsRefused("No.")})
    assert (first.code, first.message, first.is_complete) == ("E612", "No.", False)
    assert second.is_complete


def test_an_object_that_the_archive_has_lost_keeps_no_other_back():
    studies = {"1": {"1.1": list("abcdefgh"), "1.2": list("ijkl")}}
    archive = FakeArchive(arrivals := Arrivals(), studies, lost="e")
    (report,) = pull(archive, ["1"], set("abcdijk").__contains__, arrivals)
    assert archive.fetched == [("1", "1.1", *"efgh"), ("1", "1.1"), ("1", "1.2", "l")]
    assert (report.before, dict(report.came), report.lacking) == (7, {"kept": 4}, 1)


def test_a_series_that_is_refused_keeps_no_other_series_back():
    archive, (report,) = pulled("1", kept="a", faults={"1.1": PacsRefused("No.")})
    assert archive.fetched == [("1", "1.1", "b"), ("1", "1.1"), ("1", "1.2")]
    assert (report.code, report.message, dict(report.came), report.lacking) == ("E612", "No.", {"kept": 1}, 1)


def test_an_archive_that_is_gone_is_not_asked_again():
    archive, reports = pulled("1", "2", "2", faults={"1": PacsUnreachable("Gone.")})
    assert archive.fetched == []
    assert [r.code for r in reports] == ["E611"] * 3


def test_what_failed_here_lacks():
    report = StudyReport("1", said=3, came=Counter({"kept": 1, "failed": 2}))
    assert (report.lacking, report.is_complete) == (2, False)


def test_a_report_is_json():
    assert StudyReport("1", 3, 1, {"kept": 1}).to_json() == {
        "study": "1",
        "said": 3,
        "before": 1,
        "came": {"kept": 1},
        "lacking": 1,
        "complete": False,
    }
    assert StudyReport("1", code="E612", message="No.").to_json()["message"] == "No."


def test_what_comes_twice_counts_once():
    arrivals = Arrivals()
    for outcome in ("failed", "kept"):
        arrivals.hear(Heard("FAKE", "a", outcome))
    assert arrivals.of(["a", "b"]) == {"kept": 1}
