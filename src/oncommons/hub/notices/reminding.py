"""People are reminded of what waits for them, shortly before its time runs out.

A reminder is no second notice: the one that waits is told once more.  So it goes to exactly those who must still act,
is gone when they have acted, and stands in the inbox once.  That it was done is noted in the row, in the transaction in
which it is done: a restart forgets none, and of several hubs with one database one does it.
"""

from __future__ import annotations

from sqlalchemy import select, update

from oncommons.hub.notices.inbox import WAITS
from oncommons.hub.notices.rules import DAY, reminder_at
from oncommons.hub.notices.tables import NOTICE
from oncommons.storage.database import Database


def remind(database: Database, days: float, now: float) -> int:
    """Tell people once more what waits for them and is due soon; how many notices that were.

    Args:
        database: The hub's database.
        days: So long before its end, but not in the first half of its time; 0 for never.
        now: Seconds since the epoch.
    """
    if days <= 0:
        return 0
    soon = WAITS, NOTICE.c.reminded.is_(None), NOTICE.c.until > now, NOTICE.c.until <= now + days * DAY
    with database.read() as connection:
        rows = connection.execute(select(NOTICE.c.id, NOTICE.c.made, NOTICE.c.until).where(*soon)).all()
    due = sorted(row.id for row in rows if reminder_at(row.made, row.until, days) <= now)
    if not due:
        return 0
    anew = {"reminded": now, "read": None, "mail": None}
    with database.write() as connection:
        still = [update(NOTICE).where(NOTICE.c.id == one, *soon).values(anew) for one in due]
        return sum(int(connection.execute(one).rowcount) for one in still)
