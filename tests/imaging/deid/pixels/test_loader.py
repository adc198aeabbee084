"""What needs numpy and the networks is loaded when the first image must be looked at, and not before."""

import importlib
import subprocess
import sys

import pytest
from tests.imaging.deid.pixels.pictures import anatomy, capture, nothing, saved, seen

from oncommons.imaging.deid.pixels import loader
from oncommons.imaging.deid.pixels.loader import can_recognise, clean_pixels, recogniser_here
from oncommons.schema.errors import TooMuchToLook

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


def test_a_file_larger_than_is_looked_through_is_told(monkeypatch):
    monkeypatch.setattr(loader, "MOST_BYTES", 99)
    with pytest.raises(TooMuchToLook):
        clean_pixels([bytes(50), bytes(50)], nothing, frozenset())
