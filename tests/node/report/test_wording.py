"""The report in plain words."""

from dataclasses import replace

import pytest
from tests.node.report.test_quality import AT, GAP, NOTE, checked
from tests.node.tables import index_of

from oncommons.node.report.anonymity import anonymity
from oncommons.node.report.links import LinkCount
from oncommons.node.report.quality import COVERAGE, write_report
from oncommons.node.report.wording import report_text, size_text


def test_a_report_says_what_is_wrong_and_what_to_do():
    series = [checked("a", findings=[GAP, NOTE]), checked("b", modality="MR", age="040Y")]
    text = report_text(write_report("lung", AT, series, 4))
    assert text.splitlines()[0] == "Dataset lung: 1 people, 1 studies, 2 series (1 CT, 1 MR)"
    assert "1 of 2 series have neither fault nor doubt" in text
    assert "4 files wait in quarantine. Next: oncommons node quarantine list" in text
    assert text.index("✗ Slices are missing: 1 series") < text.index("· Image numbers are missing: 1 series")
    assert "    a: 2 slices would fit." in text
    assert "Next: Ask the archive for the series again" in text
    assert "age                              1 of        2   50 %" in text
    assert "not indexed" in text


def test_what_has_changed_since_the_last_check_is_told():
    report = write_report("lung", AT, [checked("a")], 0)
    before = {"at": "2026-01-02T00:00:00+00:00", "figures": {"without_findings": 0, "series": 1}}
    assert "on 2026-01-02 it was 0 of 1" in report_text(replace(report, before=before))
    same = {"at": "2026-01-02", "figures": {"without_findings": 1, "series": 1}}
    assert "it was" not in report_text(replace(report, before=same))
    assert "it was" not in report_text(replace(report, before={"figures": "broken"}))


def test_links_and_people_are_told():
    index = index_of({"person": "p", "sex": "F"})
    hiding = anonymity(index.connection, "d", 5)
    index.close()
    report = replace(
        write_report("d", AT, [checked("a")], 0), links=(LinkCount("dose", 2, 2, 0, 0, 0, 1),), anonymity=hiding
    )
    text = report_text(report)
    assert "Links: dose: 2 objects describe 1 series here; all resolve." in text
    assert "Before you publish" in text
    assert "1 of 1 people are alone" in text


def test_a_dataset_that_states_everything_is_told_so():
    every = {tag.name.lower(): "1" for tag, _ in COVERAGE.values() if tag.name != "SEX"}
    assert "stated in every series" in report_text(write_report("d", AT, [checked("a", **every)], 0))


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (71_895_574, "71.9 MB"), (10**16, "10,000.0 TB")],
)
def test_sizes_have_units(size, text):
    assert size_text(size) == text
