"""Lossless compression of what is kept, at a node whose people ask for it."""

from __future__ import annotations

import importlib
import os
import weakref
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import ModuleType

from oncommons.imaging.deid.clean import Cleaned
from oncommons.imaging.encapsulating import Native, encapsulated, fragment, native_of
from oncommons.imaging.pieces import Span
from oncommons.schema.errors import MissingPackage
from oncommons.storage.files import plain_file_errors

_HELD = 8 * 1024 * 1024
"""Bytes of compressed frames that are held in memory; more of them are written into a file that has no name."""
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
    with plain_file_errors():
        packed = _Packed(folder)
        if not _pack(native, codec, packed):
            return cleaned
        pieces = encapsulated(native, codec.JPEG_LS, packed.lengths, [Span(packed, 0, len(packed))])
    return replace(cleaned, pieces=pieces, syntax=codec.JPEG_LS.decode("ascii")) if pieces else cleaned


def _pack(native: Native, codec: ModuleType, packed: _Packed) -> bool:
    """Compress frame after frame; false where one cannot be."""
    for frame in native.frames():
        one = codec.encode(frame, native.layout)
        if not one:
            return False
        packed.add(fragment(one))
    return True


@dataclass(eq=False)
class _Packed:
    """Compressed frames, one after the other, in memory or in a file without a name."""

    folder: Path
    lengths: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_HELD, dir=str(self.folder))  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def __len__(self) -> int:
        return sum(self.lengths)

    def __getitem__(self, where: slice, /) -> bytes:
        start, stop, step = where.indices(len(self))
        self._file.seek(start)
        return self._file.read(max(stop - start, 0))[::step]

    def add(self, one: bytes) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(one)
        self.lengths.append(len(one))
