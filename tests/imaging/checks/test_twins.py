"""The same images under other identifiers are found; others are not taken for them."""

import pytest
from tests.imaging.checks.made import REAL, image, real, series

from oncommons.imaging.checks.twins import Twins, fingerprint, twin_finding, twins
from oncommons.imaging.tags import Tag


def prints(**named):
    return {name: [found for one in images if (found := fingerprint(one))] for name, images in named.items()}


def renamed(images):
    """The same images as another export gives them: other identifiers, other dates, the same times of day."""
    return [
        one | {Tag.SERIES: "9", Tag.STUDY: "8", Tag.SOP: f"7.{i}", Tag.PATIENT: "P2", Tag.STUDY_DATE: "19990101"}
        for i, one in enumerate(images)
    ]


def test_a_copy_is_found_whatever_it_is_called():
    assert twins(prints(a=series(), b=renamed(series()), c=series(apart=2.0))) == [Twins("a", "b", 40, 40)]


def test_a_part_that_was_sent_again_is_found():
    assert twins(prints(a=series(), b=renamed(series())[:10])) == [Twins("a", "b", 10, 10)]


def test_a_few_images_in_common_make_no_twins():
    assert twins(prints(a=series(40), b=[*series(4), *(image(i, i + 500.5) for i in range(40))])) == []


@pytest.mark.parametrize(
    "more", [{"kernel": "B70f"}, {"acquisition_time": "101501"}, {"corrected": "DECY"}, {"rows": "256"}, {"slope": "2"}]
)
def test_another_reconstruction_or_scan_is_no_twin(more):
    assert twins(prints(a=series(), b=series(**more))) == []


def test_images_that_lie_nowhere_are_told_by_their_times():
    plain = {"position": None, "orientation": None, "acquisition_time": None}
    assert fingerprint(image(**plain)) is None
    assert fingerprint(image(rows=None)) is None
    one, other = (fingerprint(image(content_time=time, **plain)) for time in ("101010.5", "101011"))
    assert one != other is not None


def test_what_many_series_share_tells_nothing():
    assert twins(prints(**{f"s{i}": series(3) for i in range(20)})) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [({}, "twin-series"), ({"study": "8"}, "twin-study"), ({"patient": "P2", "study": "8"}, "twin-person")],
)
def test_twins_are_called_by_what_they_have_in_common(more, code):
    finding = twin_finding(Twins("a", "b", 3, 4), image(), image(**more))
    assert (finding.code, finding.numbers) == (code, {"shared": 3, "of": 4, "other": "b"})


@pytest.mark.skipif(not REAL.is_dir(), reason="the sarcoma files are not here (ONCOMMONS_DATA)")
def test_real_series_have_no_twins_but_their_copies():
    found = prints(**real())
    assert twins(found) == []
    name, images = next((name, images) for name, images in real().items() if len(images) > 20)
    assert [pair.shared for pair in twins(found | prints(copy=renamed(images)))] == [len(images)]
    assert twins(found | prints(copy=renamed(images)))[0].first in {name, "copy"}
