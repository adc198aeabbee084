"""Series made by hand: attributes of good images, to be spoilt by a test."""

import os
from collections import defaultdict
from functools import lru_cache, partial

from tests.data import DATA

from oncommons.imaging.headers import read_header
from oncommons.imaging.tags import Tag

CT, MR, PET = (f"1.2.840.10008.5.1.4.1.1.{kind}" for kind in ("2", "4", "128"))
REAL = DATA / "sts"


def image(number=1, at=0.0, **more):
    """A good CT image; ``more`` are names of :class:`Tag` in small letters, ``None`` for one that is not there."""
    one = {
        Tag.SYNTAX: "1.2.840.10008.1.2.1",
        Tag.SOP_CLASS: CT,
        Tag.SOP: f"1.2.3.{number}",
        Tag.IMAGE_TYPE: "ORIGINAL\\PRIMARY\\AXIAL",
        Tag.STUDY: "1.2.4",
        Tag.SERIES: "1.2.5",
        Tag.PATIENT: "P1",
        Tag.MODALITY: "CT",
        Tag.ACQUISITION_TIME: "101500",
        Tag.INSTANCE_NUMBER: str(number),
        Tag.POSITION: f"-100\\-100\\{at:.4f}",
        Tag.ORIENTATION: "1\\0\\0\\0\\1\\0",
        Tag.FRAME_OF_REFERENCE: "1.2.6",
        Tag.SAMPLES: "1",
        Tag.PHOTOMETRIC: "MONOCHROME2",
        Tag.ROWS: "512",
        Tag.COLUMNS: "512",
        Tag.PIXEL_SPACING: "0.9\\0.9",
        Tag.SLICE_THICKNESS: "3",
        Tag.BITS_ALLOCATED: "16",
        Tag.BITS_STORED: "12",
        Tag.HIGH_BIT: "11",
        Tag.PIXEL_REPRESENTATION: "0",
        Tag.INTERCEPT: "-1024",
        Tag.SLOPE: "1",
        Tag.PIXELS: str(512 * 512 * 2),
    }
    one |= {Tag[name.upper()]: value for name, value in more.items()}
    return {str(tag): value for tag, value in one.items() if value is not None}


def series(count=40, apart=3.0, **more):
    """Slices in a row, evenly spaced."""
    return [image(i + 1, i * apart, **more) for i in range(count)]


def codes(findings):
    """Codes of findings, each once."""
    return {finding.code for finding in findings}


@lru_cache(maxsize=1)
def real():
    """The sarcoma series: identifier to attributes of their images."""
    found = defaultdict(list)
    for path in sorted(REAL.rglob("*.dcm")):
        handle = os.open(path, os.O_RDONLY)
        try:
            one = read_header(partial(os.pread, handle), path.stat().st_size)
        finally:
            os.close(handle)
        found[one[Tag.SERIES]].append(one)
    return dict(found)
