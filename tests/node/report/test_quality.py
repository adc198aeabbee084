"""The data-quality report: its figures are counted by hand, and what is published of it passes the policy."""

import json

import pytest

from oncommons.imaging.checks.findings import RULES, Finding
from oncommons.imaging.tags import Tag
from oncommons.node.report.quality import COVERAGE, CheckedSeries, check_coverage, quality_card, write_report
from oncommons.policy.disclosure.counts import Policy

AT = "2026-11-22T10:00:00+00:00"
GAP = Finding("missing-slices", "2 slices would fit.", {"missing": 2})
NOTE = Finding("numbers-missing", "Of the numbers 1 to 9, 2 are missing.")


def checked(uid, patient="P1", study="T1", modality="CT", findings=(), **more):
    first = {Tag.SERIES: uid, Tag.PATIENT: patient, Tag.STUDY: study, Tag.MODALITY: modality, Tag.SEX: "F"}
    first |= {Tag[name.upper()]: value for name, value in more.items()}
    return CheckedSeries(first, 10, 1000, findings, *check_coverage(first))


def test_figures_are_counts():
    series = [
        checked("a"),
        checked("b", study="T2"),
        checked("c", "P2", "T3", "MR", [GAP]),
        checked("d", findings=[NOTE]),
    ]
    report = write_report("lung", AT, series, 3)
    assert report.figures == {
        "people": 2,
        "studies": 3,
        "series": 4,
        "instances": 40,
        "bytes": 4000,
        "quarantined": 3,
        "without_findings": 3,
    }
    assert report.modalities == {"CT": 3, "MR": 1}


def test_findings_are_counted_by_series_the_gravest_first():
    report = write_report("lung", AT, [checked("a", findings=[NOTE, GAP, GAP]), checked("b", findings=[NOTE])], 0)
    assert [(found.code, found.series) for found in report.findings] == [("missing-slices", 1), ("numbers-missing", 2)]
    assert report.findings[0].examples == (("a", f"{GAP.words} {GAP.words}"),)
    told = report.to_json()["findings"][0]
    assert (told["level"], told["remedy"]) == ("fault", RULES["missing-slices"].remedy)


def test_only_a_few_examples_are_given():
    report = write_report("lung", AT, [checked(f"s{i}", findings=[NOTE]) for i in range(20)], 0)
    assert (report.findings[0].series, len(report.findings[0].examples)) == (20, 5)


def test_coverage_counts_those_that_should_state_it():
    series = [
        checked("a", age="040Y", slice_thickness="3"),
        checked("b", modality="MR"),
        checked("c", modality="RTSTRUCT"),
    ]
    report = write_report("lung", AT, series, 0)
    assert report.coverage["sex"] == (3, 3)
    assert report.coverage["age"] == (1, 3)
    assert report.coverage["slice thickness"] == (1, 2)
    assert "units" not in report.coverage
    assert set(report.coverage) < set(COVERAGE)


def test_series_of_a_person_are_compared_with_one_another():
    report = write_report("lung", AT, [checked("a"), checked("b", sex="M"), checked("c", "P2", sex="M")], 0)
    assert [(found.code, found.series) for found in report.findings] == [("person-contradicted", 2)]


def test_the_report_is_json_and_its_record_is_short():
    report = write_report("lung", AT, [checked("a", findings=[GAP])], 0)
    assert json.loads(json.dumps(report.to_json()))["figures"]["series"] == 1
    record = json.loads(json.dumps(report.record()))
    assert (record["dataset"], record["findings"], record["unique"]) == ("lung", {"missing-slices": 1}, None)


def test_an_empty_dataset_has_a_report():
    assert write_report("lung", AT, [], 1).figures["series"] == 0


def card(series, with_gap, policy, people=1_000):
    rows = [checked(f"s{i}", f"P{i % people}", findings=[GAP] if i < with_gap else []) for i in range(series)]
    return quality_card(write_report("lung", AT, rows, 2), policy)


def test_an_open_node_publishes_exact_numbers():
    told = card(7, 2, Policy("open"))
    assert told["figures"]["series"]["at_least"] == told["figures"]["series"]["at_most"] == 7
    assert told["findings"][0]["series"]["at_least"] == 2
    assert "quarantined" not in told["figures"]


def test_a_careful_node_tells_no_small_number_and_no_small_rest():
    """Whoever knows the card cannot tell that fewer than k series, but some, have a finding or have none."""
    k = 10
    for series in (9, 19, 20, 25, 30, 47):
        for with_gap in range(1, series + 1):
            told = card(series, with_gap, Policy("threshold", k))
            assert len(told["findings"]) == (with_gap >= k)
            if with_gap < k:
                continue
            whole, part = told["figures"]["series"], told["findings"][0]["series"]
            if part["precision"] == "suppressed":
                continue
            assert part["at_least"] >= k
            rest = (whole["at_least"] - part["at_most"], whole["at_most"] - part["at_least"])
            assert rest[0] <= 0 or rest[0] > k, (series, with_gap)


def test_a_card_under_noise_tells_no_number_since_all_series_may_be_of_one_person():
    told = card(40, 20, Policy("noise"))
    assert {one["at_most"] for one in told["figures"].values()} == {None}
    assert (told["findings"], told["coverage"]) == ([], {})


def test_series_of_too_few_people_are_not_told():
    told = card(90, 45, Policy("threshold"), people=9)
    assert {name: one["precision"] for name, one in told["figures"].items()} == dict.fromkeys(
        told["figures"], "suppressed"
    )
    assert (told["findings"], told["coverage"]) == ([], {})


def test_a_finding_in_all_series_but_those_of_one_person_does_not_tell_how_many_these_have():
    rows = [checked(f"s{i}", f"P{i}", findings=[GAP]) for i in range(30)]
    told = [
        quality_card(
            write_report("lung", AT, [*rows, *(checked(f"t{i}", "Q") for i in range(n))], 0), Policy("threshold")
        )
        for n in (0, 30)
    ]
    assert [one["findings"][0]["series"]["at_most"] for one in told] == [39, None]
    assert told[1]["figures"]["without_findings"]["at_most"] is None


def test_what_too_few_series_have_is_not_listed():
    assert card(40, 9, Policy("threshold"))["findings"] == card(40, 0, Policy("threshold"))["findings"] == []


def test_a_card_names_no_series():
    assert "s0" not in json.dumps(card(40, 20, Policy("open")))


@pytest.mark.parametrize("name", COVERAGE)
def test_what_users_look_for_is_a_known_attribute(name):
    tag, modalities = COVERAGE[name]
    assert tag in Tag
    assert all(kind.isupper() for kind in modalities)
