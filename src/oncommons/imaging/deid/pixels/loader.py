"""Loads what needs numpy and the recogniser's networks, when the first image must be looked at and not before."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import sys
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

from oncommons.imaging.deid.pixels.found import MOST_BYTES, Found, Looked, Picture, Recogniser
from oncommons.imaging.pieces import Joined, Piece
from oncommons.schema.errors_of_pixels import TooMuchToLook

_ROOM = "oncommons.imaging.deid.pixels."
_APART = _ROOM + "apart"
_NEEDED = ("numpy", "onnxruntime", "rapidocr_onnxruntime")
"""Packages of the extra ``ocr``; of the last only its networks are used, no code of it runs."""


@lru_cache(maxsize=1)
def can_recognise() -> bool:
    """Whether the packages of the extra ``ocr`` are installed; loads none of them."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


def recogniser_here() -> Recogniser | None:
    """The recogniser of this process; None where the extra ``ocr`` is not installed.

    Its networks are loaded, in a process of their own, when it is first used, since most imports never need it.
    """
    return _recognise if can_recognise() else None


def _recognise(picture: Picture) -> list[Found]:
    found: list[Found] = importlib.import_module(_APART).recognise(picture)
    return found


def rest() -> None:
    """End the processes with the networks and decoders, after an import; they start again when they are needed."""
    if _APART in sys.modules:
        gc.collect()
        sys.modules[_APART].close()


def clean_pixels(pieces: Sequence[Piece], recogniser: Recogniser, tokens: Collection[bytes]) -> Looked:
    """A DICOM file whose pixels were looked at and whose text is black.

    Args:
        pieces: A file whose attributes were cleaned.
        recogniser: Finds text.
        tokens: Values of this patient, in small letters.

    Raises:
        MayShowText: text is left.
        UnreadablePixels: its pixels cannot be decoded.
        TooMuchToLook: it has more pixels than are looked through.
        DamagedImage: its pixel data cannot be read to their end.
    """
    whole = Joined(pieces)
    if len(whole) > MOST_BYTES:
        raise TooMuchToLook(f"It is larger than {MOST_BYTES // 1024**2:,} MiB.")
    cleaning: Any = importlib.import_module(_ROOM + "cleaning")
    looked: Looked = cleaning.clean_file(whole, recogniser, tokens)
    return looked
