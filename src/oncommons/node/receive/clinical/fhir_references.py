"""What references of FHIR mean, where each file of a folder may number its resources from the start.

A reference means the resource of its own file; where that file has none, the one that all other files agree on.
What a damaged file says counts where it contradicts another, but not alone, since nothing of that file is taken.
FHIR R4, 2.3.0.1 (literal references) and 2.36.3.2 (resolving references in bundles).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from oncommons.schema.errors_of_rows import DanglingReference

T = TypeVar("T")
_SEVERAL = object()


@dataclass
class References(Generic[T]):
    """References, and what each file says that they mean.

    Only what several files, or one file twice, say differently is held once for each file.

    Attributes:
        damaged: Files of which nothing is taken.
    """

    damaged: set[Path] = field(default_factory=set)
    _first: dict[str, tuple[Path, T]] = field(default_factory=dict)
    _others: dict[str, dict[Path, Any]] = field(default_factory=dict)

    def note(self, reference: str, path: Path, meaning: T) -> None:
        """Remember what a reference means in a file."""
        first = self._first.setdefault(reference, (path, meaning))
        if first == (path, meaning):
            return
        told = self._others.setdefault(reference, dict([first]))
        told[path] = meaning if told.get(path, meaning) == meaning else _SEVERAL

    def meant(self, reference: str, path: Path) -> T | None:
        """What a reference in a file means; ``None`` where nothing of that name is there, or only in damaged files.

        Raises:
            DanglingReference: it means several things.
        """
        told = self._others.get(reference)
        if told is None:
            told = dict([self._first[reference]]) if reference in self._first else {}
        if told.keys() <= self.damaged:
            return None
        meanings = [told[path]] if path in told else [*told.values()]
        if meanings[0] is _SEVERAL or any(meaning != meanings[0] for meaning in meanings[1:]):
            raise DanglingReference(f"The reference {reference[:80]!r} means several things in the source.")
        meaning: T = meanings[0]
        return meaning
