"""Pixel data against the header."""

import pytest
from tests.imaging.checks.made import image

from oncommons.imaging.checks.pixels import pixel_data


def code(**more):
    finding = pixel_data(image(**more))
    return finding and finding.code


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        ("524288", None),
        ("524286", "pixels-short"),
        ("0", "pixels-missing"),
        ("524290", "pixels-long"),
        (None, "pixels-missing"),
    ],
)
def test_native_pixel_data_have_the_length_that_the_header_says(pixels, expected):
    assert code(pixels=pixels) == expected


@pytest.mark.parametrize(
    ("more", "size"),
    [
        ({"rows": "3", "columns": "5", "samples": "3", "frames": "7", "bits_allocated": "8"}, 316),
        ({"rows": "10", "columns": "10", "bits_allocated": "1", "frames": "3"}, 38),
        ({"rows": "4", "columns": "4", "samples": "3", "photometric": "YBR_FULL_422", "bits_allocated": "8"}, 32),
    ],
)
def test_frames_samples_and_odd_lengths_are_counted(more, size):
    sizes = {size - 2: "pixels-short", size: None, size + 2: "pixels-long"}
    assert {n: code(pixels=str(n), **more) for n in sizes} == sizes


def test_of_compressed_pixel_data_only_nothing_is_wrong():
    jpeg = "1.2.840.10008.1.2.4.50"
    assert (code(syntax=jpeg, pixels=""), code(syntax=jpeg, pixels="0")) == (None, "pixels-missing")
    assert code(pixels="") == "pixels-undescribed"


def test_pixel_data_without_bits_cannot_be_read():
    assert code(bits_allocated=None) == code(rows="") == "pixels-undescribed"


@pytest.mark.parametrize("kind", ["481.2", "4.2", "66"])
def test_doses_spectra_and_raw_data_may_lack_pixel_data(kind):
    assert code(sop_class=f"1.2.840.10008.5.1.4.1.1.{kind}", pixels=None) is None


def test_segmentations_may_not_lack_them():
    assert code(sop_class="1.2.840.10008.5.1.4.1.1.66.4", pixels=None) == "pixels-missing"
