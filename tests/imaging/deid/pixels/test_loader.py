"""What needs numpy and the networks is loaded when the first image must be looked at, and not before."""

import importlib
import subprocess
import sys
import tracemalloc
from struct import pack

import numpy as np
import pytest
from tests.imaging.deid.pixels.pictures import FILM, anatomy, capture, nothing, saved, seen

from oncommons.imaging.deid.pixels import loader
from oncommons.imaging.deid.pixels.found import Box, Found
from oncommons.imaging.deid.pixels.loader import can_recognise, clean_pixels, recogniser_here
from oncommons.imaging.pieces import Span, chunks_of
from oncommons.schema.errors_of_pixels import TooMuchToLook

LIGHT = """
import sys
from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.pixels.loader import recogniser_here
recogniser_here()
print(sorted({"numpy", "onnxruntime", "rapidocr_onnxruntime", "cv2", "pydicom"} & set(sys.modules)))
"""


def test_an_import_without_suspects_loads_none_of_it():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_code_of_the_package_with_the_networks_is_never_run(recogniser):
    assert recogniser is not None
    script = (
        f"{LIGHT}\nimport numpy\nrecogniser_here()(numpy.zeros((64, 64), numpy.uint8))\nprint('cv2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[1] == "False"


def test_without_the_extra_there_is_no_recogniser(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(loader.importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else find(name))
    can_recognise.cache_clear()
    assert not can_recognise()
    assert recogniser_here() is None
    can_recognise.cache_clear()


def test_a_file_in_pieces_is_looked_through():
    content = saved(capture(anatomy()))
    done = clean_pixels([content[:200], content[200:]], nothing, frozenset())
    assert seen(done.content).PixelData == seen(content).PixelData
    assert done.boxes == ()


GREYS = bytes(range(200)) * 6000


class Greys:
    """Grey numbers from 0 to 199 again and again, made when they are cut."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, where):
        start, stop, _ = where.indices(self.length)
        return GREYS[start % 200 : start % 200 + stop - start]


def test_a_film_of_more_than_128_mib_is_looked_through_and_made_black_in_little_memory():
    frames, rows, columns = 1100, 250, 500
    film = capture(np.zeros((1, rows, columns), np.uint8), FILM)
    film.NumberOfFrames = frames
    head = saved(film)[: -rows * columns - 4]
    length = frames * rows * columns
    pieces = [head + pack("<I", length), Span(Greys(length), 0, length)]
    left = [[Found(Box(3, 3, 60, 20), "Smith", 0.99)]]
    tracemalloc.start()
    done = clean_pixels(pieces, lambda _: left.pop() if left else [], frozenset())
    sizes = [len(chunk) for chunk in chunks_of(done.pieces)]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert done.boxes != ()
    assert 128 * 1024**2 < length < sum(sizes) < length + 2000
    assert most < 20 * 1024**2


def test_a_file_larger_than_is_looked_through_is_told(monkeypatch):
    monkeypatch.setattr(loader, "MOST_BYTES", 99)
    with pytest.raises(TooMuchToLook):
        clean_pixels([bytes(50), bytes(50)], nothing, frozenset())


USED = """
import numpy, sys
from oncommons.imaging.deid.pixels.loader import recogniser_here, rest
picture = numpy.zeros((480, 480), numpy.uint8)
rest()
before = recogniser_here()(picture)
rest()
from oncommons.imaging.deid.pixels.apart import READER
print(READER.runs(), recogniser_here()(picture) == before, READER.runs(), "onnxruntime" in sys.modules)
"""


def test_networks_are_in_a_process_that_ends_after_an_import_and_starts_again_when_needed(recogniser):
    assert recogniser is not None
    done = subprocess.run([sys.executable, "-c", USED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True", "True", "False"]
