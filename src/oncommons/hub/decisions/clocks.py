"""The clocks of a hub: those of the table, or its own, from a file in its directory.

::

    HUB/clocks.json
    {"review": 45, "vote": 21, "reminder": 5}

An application keeps the clocks under which it was handed in; a new file is for those that come after.  ``reminder``,
days before the end at which people are reminded, holds for all at once; 0 for never.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from oncommons.hub.decisions.writing import clocks_of
from oncommons.policy.access.duties import CLOCKS, Clock
from oncommons.schema.errors_of_decisions import BadClocks

FILE = "clocks.json"
LONGEST_DAYS = 3_650
REMINDER, REMINDER_DAYS = "reminder", 7.0
"""Key of the days before the end of a clock at which people are reminded, and how many these are without a file."""


def read_own(folder: Path) -> Mapping[str, Clock]:
    """The clocks of a hub.

    Args:
        folder: Its directory.

    Raises:
        BadClocks: there is a file, and it cannot be read as days of states.
    """
    days = {state: number for state, number in _read(folder).items() if state != REMINDER}
    return clocks_of(days) if days else CLOCKS


def read_reminder(folder: Path) -> float:
    """Days before the end of a clock at which people are reminded; 0 for never.

    Args:
        folder: The hub's directory.

    Raises:
        BadClocks: there is a file, and it cannot be read as days of states.
    """
    return _read(folder).get(REMINDER, REMINDER_DAYS)


def _read(folder: Path) -> dict[str, float]:
    try:
        body = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise BadClocks(f"{FILE} cannot be read.", detail=repr(fault)) from None
    if not isinstance(body, dict):
        raise BadClocks(f"{FILE} is an object of states and days.")
    for state, days in body.items():
        if state not in CLOCKS and state != REMINDER:
            raise BadClocks(f"There is no state {state[:30]!r}; there are {', '.join(CLOCKS)}.", at=state)
        is_number = isinstance(days, int | float) and not isinstance(days, bool)
        if not is_number or not 0 <= days <= LONGEST_DAYS or (days == 0 and state != REMINDER):
            raise BadClocks(f"{state} has a number of days above 0 and up to {LONGEST_DAYS:,}.", at=state)
    return {state: float(days) for state, days in body.items()}
