"""The recogniser: two networks of PaddleOCR (PP-OCRv4, Apache-2.0), as the package rapidocr-onnxruntime brings them.

The first tells where text is (Liao et al., Real-time Scene Text Detection with Differentiable Binarization, AAAI 2020),
the second reads a line of it.  Only onnxruntime runs them, in one thread, so that processes can be counted; the
package's own code, which needs OpenCV and a display library, is never loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from oncommons.imaging.deid.pixels.components import boxes_of
from oncommons.imaging.deid.pixels.found import Box, Found, Picture, Recogniser
from oncommons.imaging.deid.pixels.views import scaled
from oncommons.schema.errors import MissingPackage

Network = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
_PACKAGE = "rapidocr_onnxruntime"
_DETECT, _READ = "models/ch_PP-OCRv4_det_infer.onnx", "models/ch_PP-OCRv4_rec_infer.onnx"
_MULTIPLE = 32
"""Both sides of a picture for the first network are multiples of this."""
_INK, _TEXT, _FAINT = 0.3, 0.6, 0.5
"""Probability that a place is ink, and mean over the ink of a box that makes it text, or what may be some."""
_GROWTH = 1.6
"""The network marks the middle of lines; a box grows by this much of its area over its circumference."""
_THINNEST = 3
_LINE_HEIGHT, _NARROWEST, _BATCH, _MOST_COLUMNS = 48, 320, 3, 960
"""Pixels of lines for the second network; how many lines it reads at once, and how many columns these have together."""
_AS_ASKED, _ROOM = 1, 1024 * 1024
_STANDING = 1.5
_CERTAIN = ((0.9, 2), (0.5, 3))
"""How surely how many letters must be read, at least, to be text: one of these."""
_ALONE = (0.5, 2)
"""How surely how many letters must be read to be text where there is no other."""
_LONG = 4.0
"""What is so much longer than high, and so surely a line, is text even if it cannot be read, such as Greek."""
_LARGEST_LINE = 8
"""A line that cannot be read is no higher than this part of the picture."""


def open_recogniser() -> Recogniser:
    """The recogniser with its networks.

    Raises:
        MissingPackage: the extra ``ocr`` is not installed.
    """
    detect, read = _sessions()
    letters = read.get_modelmeta().custom_metadata_map["character"].splitlines()
    return make_recogniser(_network(detect), _network(read), ["", *letters, " "])


def _sessions() -> tuple[Any, Any]:
    """The two networks."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise MissingPackage("Text recognition is not installed: pip install 'oncommons[ocr]'.")
    folder = Path(found.submodule_search_locations[0])
    runtime: Any = importlib.import_module("onnxruntime")
    _share_memory(runtime)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_mem_pattern = False  # it would hold the memory of each size of picture that has come
    options.add_session_config_entry("session.use_env_allocators", "1")

    def session(name: str) -> Any:
        return runtime.InferenceSession(str(folder / name), options, providers=["CPUExecutionProvider"])

    return session(_DETECT), session(_READ)


@lru_cache(maxsize=1)
def _share_memory(runtime: Any) -> None:
    """Let all networks of this process work in one room, which grows by no more than what is asked for."""
    about = runtime.OrtMemoryInfo("Cpu", runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, runtime.OrtMemType.DEFAULT)
    room = {
        "max_mem": 0,
        "arena_extend_strategy": _AS_ASKED,
        "initial_chunk_size_bytes": _ROOM,
        "max_dead_bytes_per_chunk": _ROOM,
    }
    runtime.create_and_register_allocator(about, runtime.OrtArenaCfg(room))


def _network(session: Any) -> Network:
    name = session.get_inputs()[0].name

    def run(given: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        made: npt.NDArray[np.float32] = session.run(None, {name: given})[0]
        return made

    return run


def make_recogniser(detect: Network, read: Network, letters: Sequence[str]) -> Recogniser:
    """A recogniser from its networks.

    Args:
        detect: Pictures of shape (n, 3, rows, columns), -1 to 1, to probabilities of shape (n, 1, rows, columns).
        read: Lines of shape (n, 3, 48, columns) to probabilities of shape (n, steps, letters).
        letters: What the second network tells apart; the first one is nothing.
    """

    def recognise(picture: Picture) -> list[Found]:
        colours = picture if picture.ndim > 2 else np.repeat(picture[..., None], 3, axis=-1)  # noqa: PLR2004
        places = list(_places(colours[..., ::-1], detect))
        readings = _readings([crop for box, _ in places for crop in _lines(colours[..., ::-1], box)], read, letters)
        found = []
        for box, sure in places:
            text, certain = max((next(readings) for _ in range(2 if _stands(box) else 1)), key=lambda one: one[1])
            if sure >= _TEXT and _is_read(text, certain, _CERTAIN):
                found.append(Found(box, text, certain))
            elif box.line <= picture.shape[0] / _LARGEST_LINE:
                faint = not _is_line(box, sure)
                alone = faint and sure >= _TEXT and _is_read(text, certain, [_ALONE])
                found.append(Found(box, text if alone else "", sure, faint=faint))
        return found

    return recognise


def _is_read(text: str, certain: float, needed: Sequence[tuple[float, int]]) -> bool:
    """Whether so many letters were read so surely as one of these asks for."""
    letters_read = sum(map(str.isalnum, text))
    return any(certain >= least and letters_read >= fewest for least, fewest in needed)


def _places(colours: Picture, detect: Network) -> Iterator[tuple[Box, float]]:
    """Boxes in which there is text, and how sure that is."""
    rows, columns = colours.shape[:2]
    around = ((0, -rows % _MULTIPLE), (0, -columns % _MULTIPLE), (0, 0))
    given = np.pad(colours, around, mode="edge").astype(np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
    ink = detect(np.ascontiguousarray(given))[0, 0, :rows, :columns]
    for box in boxes_of(ink > _INK):
        inside = ink[box.top : box.bottom, box.left : box.right]
        sure = float(inside[inside > _INK].mean())  # not of the whole box, in which a line that is askew fills little
        if box.line < _THINNEST or sure < _FAINT:
            continue
        more = math.ceil(box.width * box.height * _GROWTH / (2 * (box.width + box.height)))
        yield Box(box.left - more, box.top - more, box.right + more, box.bottom + more).within(columns, rows), sure


def _stands(box: Box) -> bool:
    return box.height >= _STANDING * box.width


def _is_line(box: Box, sure: float) -> bool:
    """Whether a box is so long and sure that it is text although it cannot be read."""
    return max(box.width, box.height) >= _LONG * box.line and sure >= _TEXT


def _lines(colours: Picture, box: Box) -> Iterator[Picture]:
    """What is in a box, lying; a line that stands may be read from below or from above."""
    crop = colours[box.top : box.bottom, box.left : box.right]
    for turns in (-1, 1) if _stands(box) else (0,):
        line = np.rot90(crop, turns)
        yield scaled(line, _LINE_HEIGHT / line.shape[0])


def _readings(lines: Sequence[Picture], read: Network, letters: Sequence[str]) -> Iterator[tuple[str, float]]:
    """What each line reads and how sure that is, lines of like length together."""
    order = sorted(range(len(lines)), key=lambda i: lines[i].shape[1])
    found: dict[int, tuple[str, float]] = {}
    for batch in _batches(order, [line.shape[1] for line in lines]):
        width = max(_NARROWEST, *(lines[i].shape[1] for i in batch))
        given = np.zeros((len(batch), 3, _LINE_HEIGHT, width), np.float32)
        for row, i in enumerate(batch):
            given[row, :, :, : lines[i].shape[1]] = lines[i].transpose(2, 0, 1) / 127.5 - 1
        for i, steps in zip(batch, read(given), strict=True):
            found[i] = _reading(steps, letters)
    return iter([found[i] for i in range(len(lines))])


def _batches(order: Sequence[int], widths: Sequence[int]) -> Iterator[list[int]]:
    """Lines in groups that are read at once; long ones in smaller groups, since each takes memory."""
    batch: list[int] = []
    for i in order:  # the longest comes last
        if batch and (len(batch) == _BATCH or (len(batch) + 1) * max(_NARROWEST, widths[i]) > _MOST_COLUMNS):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _reading(steps: npt.NDArray[np.float32], letters: Sequence[str]) -> tuple[str, float]:
    """The most likely letters, those that repeat from step to step told once (Graves et al., ICML 2006)."""
    best = steps.argmax(axis=1)
    chosen, sure = [], []
    at = 0
    for letter, run in groupby(best.tolist()):
        if letter:
            chosen.append(letters[letter])
            sure.append(float(steps[at, letter]))
        at += len(list(run))
    return "".join(chosen), sum(sure) / len(sure) if sure else 0.0
