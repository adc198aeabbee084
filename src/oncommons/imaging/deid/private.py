"""Private attributes that are safe: decided by private creator, group, element and value representation.

PS3.15 section E.3.10 (Retain Safe Private Option) lets attributes stay that are known to be safe.  The list is a table,
private.csv; what is not on it goes, and of what is on it only numbers, known words and moved dates stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from oncommons.imaging.deid.rules import Action, Profile

_DATES = frozenset({"DA", "DT"})
_TEXTS = frozenset({"CS", "SH", "LO"})
_BLOCKS = range(0x0010, 0x0100)
_ANY = frozenset({"", "UN"})
"""The file does not say what kind of value it is."""


@lru_cache(maxsize=1)
def safe_private() -> Mapping[tuple[int, int, bytes], str]:
    """Group, element within its block and private creator to value representation."""
    text = resources.files("oncommons.imaging.deid").joinpath("private.csv").read_text("ascii")
    rows = [line.split(",") for line in text.splitlines() if not line.startswith("#")][1:]
    return {(int(group, 16), int(element, 16), creator.encode()): vr for group, element, creator, vr, *_ in rows}


@lru_cache(maxsize=1)
def _places() -> frozenset[tuple[int, int]]:
    return frozenset((group, element) for group, element, _ in safe_private())


@lru_cache(maxsize=1)
def safe_creators() -> frozenset[tuple[int, bytes]]:
    """Groups and private creators that have safe attributes."""
    return frozenset((group, creator) for group, _, creator in safe_private())


def may_be_safe(tag: int, profile: Profile) -> bool:
    """Whether an attribute can be a safe private one, or the creator of a block that has some.

    Args:
        tag: Group and element as one number.
        profile: The profile.
    """
    if "private" not in profile.options or not tag >> 16 & 1:
        return False
    if is_creator(tag):
        return any(group == tag >> 16 for group, _ in safe_creators())
    return (tag >> 16, tag & 0xFF) in _places()


def is_creator(tag: int) -> bool:
    """Whether an attribute reserves a block of private attributes (PS3.5 section 7.8.1)."""
    return tag >> 16 & 1 == 1 and tag & 0xFFFF in _BLOCKS


def safe_vr(tag: int, creator: bytes, vr: str) -> str:
    """The value representation of a private attribute if it is safe; empty if it goes.

    Args:
        tag: Group and element as one number, where it stands in the file.
        creator: Private creator of its block, without padding.
        vr: Value representation in the file; empty where the file does not give it.
    """
    known = safe_private().get((tag >> 16, tag & 0xFF, creator), "")
    return known if vr in _ANY | {known} else ""


def private_action(vr: str) -> Action:
    """What becomes of a safe private attribute, by its value representation."""
    if vr in _DATES:
        return Action.DATE
    return Action.TERM if vr in _TEXTS else Action.KEEP
