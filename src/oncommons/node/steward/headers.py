"""Headers before and after de-identification; nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from oncommons.imaging.comparing import Line, compared, read_partly
from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.keys import Keys
from oncommons.imaging.deid.rules import Profile
from oncommons.imaging.syntax import Opened, open_file
from oncommons.schema.errors import ImageError

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest file whose de-identification is shown."""


@dataclass(frozen=True)
class View:
    """A header to look at.

    Attributes:
        lines: Its attributes.
        fault: Why there is no second header, or why the first ends early.
        both: Whether there are two headers to compare.
    """

    lines: Sequence[Line]
    fault: ImageError | None
    both: bool


def kept_view(opened: Opened[bytes]) -> View:
    """The header of a kept object; its original is not there any more."""
    dataset, fault = read_partly(opened)
    return View(compared(None, dataset), fault, both=False)


def before_view(opened: Opened[bytes]) -> View:
    """The header of an object as it came."""
    dataset, fault = read_partly(opened)
    return View(compared(dataset, None), fault, both=False)


def try_out(raw: bytes, profile: Profile, keys: Keys) -> View:
    """The header of an object as it came, and as it would be kept.

    Where it cannot be kept, the fault says why; then there is no second header.

    Args:
        raw: The file.
        profile: The node's profile.
        keys: How the node makes pseudonyms.

    Raises:
        ImageError: nothing of it can be read.
    """
    before, broken = read_partly(open_file(raw))
    try:
        cleaned = deidentify(raw, profile, keys, looked=True)
    except ImageError as fault:
        return View(compared(before, None), fault, both=False)
    after, _ = read_partly(open_file(cleaned.content))
    return View(compared(before, after), broken, both=True)
