"""When somebody is written to, and when an e-mail is tried again: functions of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncommons.schema.notices import AT_ONCE, DAILY

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
DIGEST_HOUR = 6
"""The e-mail of the day leaves after this hour, UTC."""
PAUSE_SECONDS = 5 * MINUTE
"""Between two e-mails to a person; what happens meanwhile comes together."""
OLDEST_SECONDS = 3 * DAY
"""What is older is not written of any more: a mail server that is named later does not bring back weeks."""
MOST_TRIES = 16
_LONGEST_WAIT = 12 * HOUR


@dataclass(frozen=True)
class Waiting:
    """A notice of which its person was not written to yet; ``made`` in seconds since the epoch."""

    id: str
    kind: str
    made: float


@dataclass(frozen=True)
class Letter:
    """An e-mail to be made: of which notices, and whether it is that of the day."""

    notices: tuple[str, ...]
    daily: bool


def letters(
    waiting: Sequence[Waiting], wishes: Mapping[str, str], last: float, last_daily: float, now: float
) -> list[Letter]:
    """The e-mails to be made for one person now.

    Args:
        waiting: Notices that were not read, are not settled, and of which nobody wrote.
        wishes: How the person wants to be told, by kind.
        last: When the last e-mail to them was made, in seconds since the epoch; 0 for never.
        last_daily: When the last one of a day was made.
        now: Seconds since the epoch.
    """
    at_once = tuple(one.id for one in waiting if wishes[one.kind] == AT_ONCE)
    daily = [one for one in waiting if wishes[one.kind] == DAILY]
    found = []
    if at_once and now - last >= PAUSE_SECONDS:
        found.append(Letter(at_once, daily=False))
    hour = _digest_before(now)
    if last_daily < hour and any(one.made < hour for one in daily):
        found.append(Letter(tuple(one.id for one in daily), daily=True))
    return found


def reminder_at(made: float, until: float, days: float) -> float:
    """When somebody is told once more what waits for them: some days before its end, but not before half of its time.

    Args:
        made: When they were told, in seconds since the epoch.
        until: When its time runs out.
        days: Days before that.
    """
    return until - min(days * DAY, (until - made) / 2)


def next_try(tries: int, now: float) -> float | None:
    """When an e-mail is tried again after so many tries; ``None`` where it is given up, after about four days.

    The waits double from a minute to half a day (RFC 5321 section 4.5.4.1: four to five days before giving up).
    """
    return None if tries >= MOST_TRIES else now + min(MINUTE * 2.0 ** (tries - 1), _LONGEST_WAIT)


def _digest_before(now: float) -> float:
    """When the hour of the e-mail of the day was last."""
    return (now - DIGEST_HOUR * HOUR) // DAY * DAY + DIGEST_HOUR * HOUR
