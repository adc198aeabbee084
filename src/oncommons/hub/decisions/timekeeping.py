"""What time brings about is carried out: at a quiet interval by a hub that serves, or by a command.

However long nobody looked, each application goes through all that ran out meanwhile, in the order in which it did, at
the time at which it did; those that were due first come first.  Doing it again changes nothing.  Several hubs with one
database may do it at the same time: a step that one has taken, another finds taken.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool

from oncommons.hub.decisions.clocks import REMINDER_DAYS
from oncommons.hub.decisions.docket import Docket
from oncommons.hub.decisions.file import roles_at
from oncommons.hub.decisions.granting import Granting
from oncommons.hub.decisions.rules import Roles
from oncommons.hub.notices.reminding import remind
from oncommons.service.serving import repeating

LOOK_SECONDS = 60.0
"""How often a hub that serves looks."""

log = logging.getLogger("oncommons.clocks")


@dataclass
class Timekeeper:
    """Carries out what time brings about.

    Attributes:
        docket: The decisions.
        granting: Makes permits of them.
        reminder: So many days before the end of a clock people are reminded; 0 for never.
        every: Seconds between two looks.
    """

    docket: Docket
    granting: Granting
    reminder: Callable[[], float] = lambda: REMINDER_DAYS
    every: float = LOOK_SECONDS
    _known: Roles | None = None

    def round(self) -> list[str]:
        """Carry out all that is due, follow roles that have changed, and bring permits together with decisions.

        Returns:
            The applications in which something happened, in the order in which it was due.

        Raises:
            MachineError: the database or the book of permits cannot be used; what was done stays done.
        """
        due = self.docket.due(self.docket.clock())
        with self.docket.database.read() as connection:
            roles = roles_at(connection)
        others = self.docket.open() if roles != self._known else []
        changed = [one for one in dict.fromkeys((*due, *others)) if self.docket.pass_time(one)]
        self._known = roles
        for one in self.granting.pending():
            self.granting.agree(one)
        return changed

    def remind(self) -> int:
        """Remind people of what waits for them and is due soon; how many notices that were.

        It follows :meth:`round`, so that nobody is reminded who need not act any more.

        Raises:
            BadClocks: the file of clocks cannot be read.
            StorageFailed: the database cannot be used.
        """
        return remind(self.docket.database, self.reminder(), self.docket.clock())

    def look(self) -> None:
        """One look of a hub that serves; raises as :meth:`round` and :meth:`remind` do."""
        self.round()
        self.remind()


def keeping_time(keeper: Timekeeper) -> AbstractAsyncContextManager[None]:
    """Have clocks carried out in the background while the block lasts."""
    return repeating(
        partial(run_in_threadpool, keeper.look), keeper.every, log, "what time brings about could not be carried out"
    )
