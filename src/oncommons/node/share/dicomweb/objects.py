"""Kept objects as files: opened without being read as a whole, and given as they are or in another transfer syntax."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from oncommons.imaging.dicomjson import Json, Link, to_json
from oncommons.imaging.elements import Dataset, read_elements
from oncommons.imaging.explicit import Decoded, explicit_pieces, to_explicit
from oncommons.imaging.frames import NATIVE
from oncommons.imaging.pieces import chunks_of
from oncommons.imaging.syntax import open_file
from oncommons.node.share.dicomweb.extra import load_extra
from oncommons.node.share.dicomweb.kept import KeptInstance
from oncommons.node.share.dicomweb.media import EXPLICIT, choose_syntax
from oncommons.node.share.dicomweb.parts import CHUNK
from oncommons.schema.errors import ImageError, MissingPackage, StorageFailed
from oncommons.storage.mapped import mapped

log = logging.getLogger("oncommons.dicomweb")


@dataclass(frozen=True)
class Object:
    """A kept object and its file."""

    row: KeptInstance

    @cached_property
    def dataset(self) -> Dataset:
        """Its data set, read from the file as far as somebody looks at it.

        Raises:
            NotFound: the file is not there.
            StorageFailed: it is no longer what was kept.
        """
        try:
            with self.row.open() as file:
                return read_elements(open_file(mapped(file)))
        except (OSError, ValueError, ImageError) as fault:
            raise _lost(self.row, fault) from fault

    def link(self, base: str) -> Link:
        """How its long values are addressed."""
        place = address(base, self.row)
        return lambda path: f"{place}/bulkdata/{path}"

    def metadata(self, base: str) -> Json:
        """Its data set in DICOM JSON."""
        return to_json(self.dataset, self.link(base))

    def pieces(self) -> Iterator[bytes]:
        """Its file as it is kept.

        Raises:
            NotFound: the file is not there.
        """
        try:
            with self.row.open() as file:
                while piece := file.read(CHUNK):
                    yield piece
        except OSError as fault:
            raise _lost(self.row, fault) from fault

    def size(self) -> int:
        """Bytes of its file.

        Raises:
            NotFound: the file is not there.
        """
        try:
            with self.row.open() as file:
                return file.seek(0, os.SEEK_END)
        except OSError as fault:
            raise _lost(self.row, fault) from fault

    def given(self, wanted: frozenset[str]) -> tuple[str, Iterable[bytes]]:
        """The transfer syntax in which it is given, and its bytes; as it is kept where it cannot be converted.

        Args:
            wanted: Transfer syntaxes that the client takes, as in :attr:`Choice.syntaxes`.
        """
        kept = self.row.syntax
        if choose_syntax(kept, wanted, convertible=True) == kept:
            return kept, self.pieces()
        try:
            pieces = explicit_pieces(self.dataset, self._decoded)
            return EXPLICIT, map(bytes, chunks_of(pieces))
        except (ImageError, MissingPackage) as fault:
            log.warning("%s is given as it is kept: %s", self.row.sop, fault)
            return kept, self.pieces()

    def explicit(self) -> bytes:
        """The object as a file in Explicit VR Little Endian.

        Raises:
            NoPicture: its pixels are compressed in a way that cannot be undone here.
            MissingPackage: its pixels are compressed, and the extra that undoes it is not installed.
        """
        return to_explicit(self.dataset, self._decoded)

    def _decoded(self) -> Decoded:
        found: Decoded = decoding().decode_all(self.dataset, self.row.syntax)
        return found

    @property
    def is_native(self) -> bool:
        """Whether its pixels are not compressed."""
        return self.row.syntax in NATIVE


def can_convert(syntax: str) -> bool:
    """Whether objects kept in a transfer syntax can be given in Explicit VR Little Endian."""
    if syntax in NATIVE:
        return True
    try:
        return bool(decoding().can_decode(syntax))
    except MissingPackage:
        return False


def decoding() -> ModuleType:
    """The module that undoes compression.

    Raises:
        MissingPackage: the extra is not installed.
    """
    return load_extra("oncommons.imaging.decoding")


def address(base: str, row: KeptInstance) -> str:
    """Where an object can be retrieved."""
    return f"{base}/studies/{row.study}/series/{row.series}/instances/{row.sop}"


def _lost(row: KeptInstance, fault: Exception) -> StorageFailed:
    return StorageFailed("A kept image is missing or damaged on disk.", detail=f"{row.sop}: {fault!r}")
