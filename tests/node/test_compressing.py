"""Lossless compression of what is kept: pydicom and dciodvfy find the same object, only smaller."""

import io
import shutil
import subprocess
import sys
import tracemalloc
from collections import Counter

import numpy as np
import pydicom
import pytest
from tests.data import data
from tests.imaging.files import KEYS, file, image, sample

from oncommons.imaging.deid.clean import Cleaned, deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.pieces import Span
from oncommons.imaging.syntax import EXPLICIT_LITTLE
from oncommons.node.compressing import compressed, load_codec
from oncommons.node.receive import spool
from oncommons.schema.errors import MissingPackage

JUDGE = shutil.which("dciodvfy")
JPEG_LS = "1.2.840.10008.1.2.4.80"


def both(raw, folder):
    """An object cleaned, and compressed."""
    cleaned = deidentify(raw, CANCER_RESEARCH, KEYS, looked=True)
    return cleaned, compressed(cleaned, folder)


def read(content):
    found = pydicom.dcmread(io.BytesIO(content))
    found.pixel_array_options(decoding_plugin="gdcm" if found.file_meta.TransferSyntaxUID == JPEG_LS else "")
    return found


def same(cleaned, packed):
    """Whether two objects differ in nothing but how their pixels are written."""
    before, after = read(cleaned.content), read(packed.content)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    assert before.pixel_array.dtype == after.pixel_array.dtype
    del before.PixelData, after.PixelData
    assert after == before
    assert packed.attributes == cleaned.attributes
    return True


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "SC_rgb_16bit_2frame.dcm", "OBXXXX1A_2frame.dcm"]
)
def test_an_object_is_the_same_only_smaller(tmp_path, name):
    cleaned, packed = both(sample(name), tmp_path)
    assert (packed.syntax, read(packed.content).file_meta.TransferSyntaxUID) == (JPEG_LS, JPEG_LS)
    assert len(packed.content) < len(cleaned.content)
    assert same(cleaned, packed)


@pytest.mark.parametrize(
    "name", ["rtdose_1frame.dcm", "MR_small_bigendian.dcm", "liver_1frame.dcm", "JPEG2000.dcm", "mlut_18.dcm"]
)
def test_what_cannot_be_compressed_stays_as_it_is(tmp_path, name):
    cleaned, packed = both(sample(name), tmp_path)
    assert packed is cleaned


def test_noise_stays_as_it_is(tmp_path):
    noise = np.random.default_rng(4711).bytes(64 * 64 * 2)
    shape = {0x00280010: 64, 0x00280011: 64, 0x00280002: 1, 0x00280100: 16, 0x00280101: 16, 0x00280103: 0}
    words = [(tag, "US", value) for tag, value in shape.items()]
    raw = file(image(*words, (0x00280004, "CS", "MONOCHROME2"), (0x7FE00010, "OW", noise)))
    cleaned, packed = both(raw, tmp_path)
    assert packed is cleaned


def test_every_kind_of_image_of_a_real_collection_is_the_same_only_smaller(tmp_path):
    kinds = Counter()
    for path in sorted(data("sts").rglob("*.dcm"))[::60]:
        cleaned, packed = both(path.read_bytes(), tmp_path)
        if packed is not cleaned:
            kinds[read(packed.content).Modality] += same(cleaned, packed)
    assert set(kinds) == {"CT", "MR", "PT"}


@pytest.mark.skipif(JUDGE is None, reason="dciodvfy is not installed (Debian package dicom3tools)")
@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "SC_rgb_2frame.dcm"])
def test_dciodvfy_finds_no_new_error(tmp_path, name):
    def errors(content):
        (path := tmp_path / "x.dcm").write_bytes(content)
        said = subprocess.run([JUDGE, str(path)], capture_output=True, check=False)
        lines = (said.stdout + said.stderr).decode("latin-1").splitlines()
        return Counter(line for line in lines if line.startswith("Error"))

    cleaned, packed = both(sample(name), tmp_path)
    assert errors(packed.content) - errors(cleaned.content) == Counter()


class Film:
    """The pixels of a long film, made where they are cut: each frame is a slope of its own."""

    SIDE, FRAMES = 512, 60

    def __len__(self):
        return self.SIDE**2 * 2 * self.FRAMES

    def __getitem__(self, where):
        size = self.SIDE**2 * 2
        number, rest = divmod(where.start, size)
        assert (rest, where.stop - where.start) == (0, size)
        return ((np.arange(self.SIDE**2, dtype="<u4") * (number + 7) // 64) % 4096).astype("<u2").tobytes()


def film():
    """A film of 30 MB as it is cleaned, its pixels nowhere in memory."""
    pixels, size = Film(), Film.SIDE
    words = {0x00280010: size, 0x00280011: size, 0x00280002: 1, 0x00280100: 16, 0x00280101: 12, 0x00280103: 0}
    more = [(0x00280004, "CS", "MONOCHROME2"), (0x00280008, "IS", str(Film.FRAMES)), (0x7FE00010, "OW", b"")]
    head = file(image(*[(tag, "US", value) for tag, value in words.items()], *more))
    head = head[:-4] + len(pixels).to_bytes(4, "little")
    return Cleaned([head, Span(pixels, 0, len(pixels))], "", "", "", "", EXPLICIT_LITTLE.decode(), {}, {})


def test_a_film_is_compressed_frame_by_frame_and_held_nowhere(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "MOST_IN_MEMORY", 1024**2)
    cleaned = film()
    load_codec()
    tracemalloc.start()
    packed = compressed(cleaned, tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert packed.syntax == JPEG_LS
    assert peak < 8 * 1024**2
    found = read(packed.content)
    table = pydicom.encaps.parse_basic_offsets(found.PixelData)
    assert (len(table), found.NumberOfFrames) == (Film.FRAMES, Film.FRAMES)
    pixels = Film()
    size = len(pixels) // Film.FRAMES
    for number in (0, 31, 59):
        frame = pydicom.pixels.pixel_array(found, index=number, decoding_plugin="gdcm")
        assert frame.tobytes() == pixels[number * size : (number + 1) * size]
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_missing_is_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "jpeg_ls", None)
    monkeypatch.delitem(sys.modules, "oncommons.imaging.jpegls", raising=False)
    with pytest.raises(MissingPackage, match=r"pip install 'oncommons\[compress\]'.*node compress --off"):
        load_codec()


def test_a_module_of_ours_that_is_missing_is_not_hidden(monkeypatch):
    monkeypatch.setitem(sys.modules, "oncommons.imaging.jpegls", None)
    with pytest.raises(ModuleNotFoundError):
        load_codec()
