"""All rules over one series; real series get what they deserve and no more."""

import json
import random

import pytest
from tests.imaging.checks.made import REAL, codes, image, real, series

from oncommons.imaging.checks.findings import RULES
from oncommons.imaging.checks.series import EVERY_TAG, check_series
from oncommons.imaging.tags import Tag

needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the sarcoma files are not here (ONCOMMONS_DATA)")


def test_a_good_series_has_no_findings():
    assert check_series(series()) == check_series([]) == ()


def test_the_same_finding_on_many_images_is_told_once():
    images = series(10, slope=None) + series(0)
    images[3] = image(4, 9.0, slope=None, pixels="12")
    found = {finding.code: finding for finding in check_series(images)}
    assert found["required-missing"].words == "Rescale Slope. (all 10 images)"
    assert found["pixels-short"].words == "Its pixel data are 12 bytes long and should be 524,288. (1 of 10 images)"
    assert found["pixels-short"].numbers["images"] == 1


def test_rules_are_silent_about_what_was_not_looked_for():
    images = series(10, pixels=None, slope=None)
    assert codes(check_series(images)) == {"pixels-missing", "required-missing"}
    assert check_series(images, EVERY_TAG - {Tag.PIXELS, Tag.SLOPE}) == ()


def test_findings_are_json_and_their_rules_are_known():
    found = check_series([*series(), image(99, 21.0, modality="MR", weight="-", orientation="1\\0\\0\\1\\0\\0")])
    assert json.loads(json.dumps([[one.code, one.words, dict(one.numbers)] for one in found]))
    assert codes(found) <= RULES.keys()


@needs_real
def test_real_series_are_not_accused():
    """The only findings are true: those who prepared the collection put earlier MR scans into the PET/CT studies."""
    found = {series: check_series(images) for series, images in real().items()}
    assert len(found) == 72
    assert set().union(*map(codes, found.values())) == {"dates-contradicted"}
    accused = {real()[series][0][Tag.MODALITY] for series, findings in found.items() if findings}
    assert accused == {"MR"}


@needs_real
@pytest.mark.parametrize("seed", range(3))
def test_slices_taken_out_of_real_series_are_counted(seed):
    chance = random.Random(seed)
    for images in real().values():
        if len(images) < 20:
            continue
        row = sorted(images, key=lambda one: float(one[Tag.POSITION].split("\\")[2]))
        out = set(chance.sample(range(1, len(row) - 1), 3))
        found = {f.code: f for f in check_series([one for i, one in enumerate(row) if i not in out])}
        assert found["missing-slices"].numbers["missing"] == 3


@needs_real
def test_an_image_put_twice_into_a_real_series_is_found():
    for images in real().values():
        if len(images) > 20:
            assert "double-positions" in codes(check_series([*images, {**images[5], Tag.SOP: "1.2.3"}]))
