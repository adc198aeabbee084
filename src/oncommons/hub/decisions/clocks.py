"""The clocks of a hub: those of the table, or its own, from a file in its directory.

::

    HUB/clocks.json
    {"review": 45, "vote": 21}

An application keeps the clocks under which it was handed in; a new file is for those that come after.
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


def read_own(folder: Path) -> Mapping[str, Clock]:
    """The clocks of a hub.

    Args:
        folder: Its directory.

    Raises:
        BadClocks: there is a file, and it cannot be read as days of states.
    """
    try:
        body = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return CLOCKS
    except (OSError, ValueError, RecursionError) as fault:
        raise BadClocks(f"{FILE} cannot be read.", detail=repr(fault)) from None
    if not isinstance(body, dict):
        raise BadClocks(f"{FILE} is an object of states and days.")
    for state, days in body.items():
        if state not in CLOCKS:
            raise BadClocks(f"There is no state {state[:30]!r}; there are {', '.join(CLOCKS)}.", at=state)
        if isinstance(days, bool) or not isinstance(days, int | float) or not 0 < days <= LONGEST_DAYS:
            raise BadClocks(f"{state} has a number of days above 0 and up to {LONGEST_DAYS:,}.", at=state)
    return clocks_of({state: float(days) for state, days in body.items()})
