"""Lossless compression of what is kept, at a node whose people ask for it."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from oncommons.imaging.deid.clean import Cleaned
from oncommons.imaging.encapsulating import encapsulated, fragment, native_of
from oncommons.imaging.pieces import Span
from oncommons.node.receive.spool import Spool
from oncommons.schema.errors import MissingPackage

_PACKAGES = frozenset({"jpeg_ls", "_CharLS", "numpy"})


def load_codec() -> ModuleType:
    """The module of the codec.

    Raises:
        MissingPackage: the extra ``[compress]`` is not installed.
    """
    try:
        return importlib.import_module("oncommons.imaging.jpegls")
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise MissingPackage(
            "This node keeps images compressed, which needs one more package: pip install 'oncommons[compress]', "
            "or switch it off: oncommons node compress --off."
        ) from fault


def compressed(cleaned: Cleaned, folder: Path) -> Cleaned:
    """The same object with its pixels compressed without loss; as it is where they cannot be, or need no less room.

    Every frame is decoded again and compared with what went in.

    Args:
        cleaned: The object.
        folder: Where a file without a name may lie meanwhile.

    Raises:
        MissingPackage: the extra is not installed.
        MachineError: the disk is full or broken.
    """
    codec = load_codec()
    native = native_of(cleaned.pieces, cleaned.syntax.encode("ascii"))
    if native is None or not codec.can_encode(native.layout, native.high_bit):
        return cleaned
    packed, lengths = Spool(folder), []
    for frame in native.frames():
        one = codec.encode(frame, native.layout)
        if not one:
            return cleaned
        item = fragment(one)
        packed.write(item)
        lengths.append(len(item))
    data = packed.data()
    pieces = encapsulated(native, codec.JPEG_LS, lengths, [Span(data, 0, len(data))])
    return replace(cleaned, pieces=pieces, syntax=codec.JPEG_LS.decode("ascii")) if pieces else cleaned
