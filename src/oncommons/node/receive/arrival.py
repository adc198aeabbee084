"""What comes in, by whatever way: something with a name whose bytes can be read, also in another process."""

from __future__ import annotations

from typing import Protocol

from oncommons.imaging.pieces import Data


class Arrival(Protocol):
    """One object that came in; it can be pickled."""

    @property
    def name(self) -> str:
        """Where it came from, told to people of this node only."""

    def read(self) -> Data:
        """Its bytes; those of a large file are read when they are cut.

        Raises:
            ImageError: they cannot be read, or are not those of an image.
        """
