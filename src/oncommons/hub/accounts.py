"""The accounts of a hub, with all that its slices keep of people."""

from __future__ import annotations

from collections.abc import Callable

from oncommons.hub.applications import leaving
from oncommons.hub.applications.office import Office
from oncommons.hub.decisions import personal
from oncommons.hub.dispatch import personal as runs_by
from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.telling import tell
from oncommons.hub.opening import Hub
from oncommons.hub.people.desk import Desk, open_desk
from oncommons.hub.saved import personal as saved_by
from oncommons.hub.saved.waiters import Waiters


def open_accounts(hub: Hub, office: Office, clock: Callable[[], float]) -> Desk:
    """The accounts of a hub, with all that its parts keep of people.

    Args:
        hub: The opened hub.
        office: Where applications are written.
        clock: Seconds since the epoch.
    """
    written = leaving.keeper(office.book, office.documents)
    ours = (Inbox(hub.database).keeper(), Waiters(hub.database).keeper())
    theirs = (saved_by.keeper(hub.database), runs_by.keeper(hub.database))
    kept = (*ours, personal.keeper(hub.database), *theirs, written)
    return open_desk(hub.database, hub.key, clock, keepers=kept, tell=tell)
