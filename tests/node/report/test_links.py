"""Objects that describe others are linked to what is here, and what is not here is told."""

import pytest

from oncommons.imaging.references import References
from oncommons.node.report.links import Link, count_links, kind_of, link_finding, links_of, words_of

HERE = {"1.1": "S1", "1.2": "S1", "2.1": "S2"}


def link(instances=(), series=()):
    found = References(frozenset(instances), frozenset(series), frozenset(), frozenset())
    return links_of("9.1", "S9", "contours", found, HERE.get, lambda name: name in HERE.values())


def rows(links):
    return [(one.target, one.instances) for one in links]


@pytest.mark.parametrize(
    ("instances", "series", "expected"),
    [
        ({"1.1", "1.2"}, {"S1"}, [("S1", 2)]),
        ({"1.1", "2.1"}, (), [("S1", 1), ("S2", 1)]),
        ({"1.1", "7.7", "7.8"}, {"S1"}, [("", 2), ("S1", 1)]),
        ({"7.7"}, {"S2"}, [("", 1), ("S2", 0)]),
        ((), {"S2"}, [("S2", 0)]),
        ((), {"S7"}, [("", 0)]),
        ({"7.7"}, {"S7"}, [("", 1)]),
        ({"9.1"}, {"S9"}, []),
        ((), (), []),
    ],
)
def test_each_series_that_is_described_is_a_row(instances, series, expected):
    assert rows(link(instances, series)) == expected


def test_what_is_not_here_is_told():
    assert link_finding(link({"1.1"})) is None
    assert link_finding(link({"1.1", "7.7"})).words == "Not here: 1 of 2 objects that it describes."
    assert link_finding(link((), {"S7"})).words == "Not here: the series that it describes."
    assert "The series that it names is here" in link_finding(link({"7.7"}, {"S1"})).words


def test_objects_are_counted_by_how_they_are_linked():
    objects = [link({"1.1"}), link({"1.1", "7.7"}), link({"7.7"}), link()]
    (count,) = count_links(("contours", links) for links in objects)
    assert (count.objects, count.whole, count.partial, count.nowhere, count.unlinked, count.targets) == (
        4,
        1,
        1,
        1,
        1,
        1,
    )
    assert words_of(count) == (
        "contours: 4 objects describe 1 series here; 1 describe also what is not here, "
        "1 describe only what is not here, 1 name nothing"
    )
    (whole,) = count_links([("dose", link({"2.1"}))])
    assert words_of(whole) == "dose: 1 objects describe 1 series here; all resolve"
    assert whole.to_json()["whole"] == 1


def test_kinds_come_in_order():
    assert [count.kind for count in count_links([("plan", ()), ("dose", ())])] == ["dose", "plan"]
    assert (kind_of("RTSTRUCT"), kind_of("CT")) == ("contours", "")


def test_a_link_without_a_target_is_not_resolved():
    assert not Link("9", "S9", "dose", "", 3).resolved
