"""Where resources of FHIR come from: a file, or those of a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from oncommons.node.receive.clinical.fhir_stream import holds_resources
from oncommons.node.receive.lines import digest_of
from oncommons.node.receive.table import About
from oncommons.schema.errors import UnreadableSource
from oncommons.schema.errors_of_rows import NotFhir

_ENDINGS = (".ndjson", ".json")


@dataclass(frozen=True)
class FhirSource:
    """Where resources come from.

    Attributes:
        path: A file, or a folder of ``.ndjson`` and ``.json`` files.
        dataset: Which dataset they belong to.
        identifier: ``Identifier.system`` of the hospital's patient number; empty takes the medical record number.
        about: The dataset in words.
    """

    path: Path
    dataset: str
    identifier: str = ""
    about: About = field(default_factory=lambda: About(""))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files, those of a folder in order of name."""
        if not self.path.is_dir():
            return (self.path,)
        return tuple(path for path in sorted(self.path.iterdir()) if not self._why_not(path))

    @cached_property
    def skipped(self) -> tuple[str, ...]:
        """What else is in the folder, each with the reason why it is not read."""
        if not self.path.is_dir():
            return ()
        return tuple(f"{path.name}, {why}" for path in sorted(self.path.iterdir()) if (why := self._why_not(path)))

    def _why_not(self, path: Path) -> str:
        if path.is_dir():
            return "a folder"
        if path.suffix.lower() not in _ENDINGS:
            return "which ends neither in .ndjson nor in .json"
        try:
            return "" if holds_resources(path) else "which holds no resource of FHIR"
        except NotFhir:  # it could have been one of resources
            return ""

    @cached_property
    def digests(self) -> Mapping[Path, str]:
        """SHA-256 of each file; empty of one that cannot be read, which is told as damaged."""
        found = {}
        for path in self.files:
            try:
                found[path] = digest_of(path)
            except UnreadableSource:
                found[path] = ""
        return found

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all files together; that of a single one is its own."""
        if len(self.digests) == 1:
            return next(iter(self.digests.values()))
        return hashlib.sha256("".join(self.digests.values()).encode()).hexdigest()
