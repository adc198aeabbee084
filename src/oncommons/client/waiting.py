"""Waiting until a federation reaches a number: looking at a saved question again and again, which asks nobody."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from oncommons.schema.errors import HubUnreachable
from oncommons.schema.saved import SavedQuestion, Standing

EVERY_SECONDS = 60.0
"""How often it is looked; the hub itself looks no more often."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how.

    Attributes:
        seconds: So long at most; nothing for as long as it takes.
        every: Seconds between two looks.
        sleep: Waits so many seconds.
        clock: Tells the time, in seconds.
    """

    seconds: float | None = None
    every: float = EVERY_SECONDS
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


def standing(saved: SavedQuestion, reach: int) -> Standing:
    """What is known of a number that is waited for; ``not known`` where nobody waits for it."""
    return next((one.standing for one in saved.watches if one.reach == reach), "not known")


def wait(
    look: Callable[[], SavedQuestion], reach: int, patience: Patience, lost: Callable[[HubUnreachable], None]
) -> SavedQuestion:
    """Look until the number is reached or patience is at its end; the question as it was seen last.

    Args:
        look: Looks at the question.
        reach: The number.
        patience: How long to wait.
        lost: Told each time that the hub cannot be reached, which is waited out as well.

    Raises:
        HubUnreachable: it could not be reached, up to the end.
    """
    until = None if patience.seconds is None else patience.clock() + patience.seconds
    while True:
        fault = found = None
        try:
            found = look()
            if standing(found, reach) == "reached":
                return found
        except HubUnreachable as unreachable:
            fault = unreachable
            lost(unreachable)
        left = None if until is None else until - patience.clock()
        if left is not None and left <= 0:
            if found is None:
                raise fault or HubUnreachable("The hub cannot be reached.")
            return found
        patience.sleep(patience.every if left is None else min(patience.every, left))
