"""Decisions in words: what pages say of states, steps and times, as functions of what the hub tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from oncommons.schema.application import Value, parse_application
from oncommons.schema.application_form import Paragraph, parse_form
from oncommons.web.application_views import words_of

STATES: Mapping[str, tuple[str, str]] = {
    "check": ("◌", "is checked for completeness"),
    "incomplete": ("↩", "was given back to be completed"),
    "review": ("◷", "is looked at"),
    "unmanned": ("!", "has nobody who decides"),
    "asked": ("?", "waits for an answer of the applicant"),
    "vote": ("◷", "is voted on"),
    "stuck": ("!", "has too few who may vote"),
    "conditions": ("◌", "is granted under conditions, which the applicant has to accept"),
    "granted": ("✓", "is granted"),
    "refused": ("✕", "is refused"),
    "closed": ("✕", "was closed without a decision"),
    "withdrawn": ("–", "was taken back"),
    "expired": ("–", "has expired"),
    "ended": ("–", "has ended"),
}
"""State to its sign and what is said of it."""
DID: Mapping[str, str] = {
    "submit": "handed it in",
    "pass": "let the holders look at it",
    "return": "gave it back",
    "withdraw": "took it back",
    "comment": "said",
    "report": "told what came of it",
    "end": "ended it",
    "appoint": "named",
    "ask": "asked",
    "answer": "answered",
    "propose": "proposed a decision",
    "vote": "voted",
    "conflict": "declared a conflict of interest",
    "accept": "accepted the conditions",
    "decline": "declined the conditions",
    "close": "closed the case",
    "decide": "acted",
    "time": "time had passed",
}
"""Step to what somebody did."""
LABELS: Mapping[str, str] = {
    "pass": "Let the holders look at it",
    "return": "Give it back",
    "withdraw": "Take the application back",
    "comment": "Say something",
    "report": "Tell what came of it",
    "end": "End it before its time",
    "appoint": "Name somebody who decides",
    "ask": "Ask the applicant",
    "answer": "Answer",
    "propose": "Propose a decision",
    "vote": "Vote",
    "conflict": "Declare a conflict of interest",
    "accept": "Accept the conditions",
    "decline": "Decline the conditions",
    "close": "Close the case",
}
"""Step to the words on its button."""
_FIRST = ("pass", "return", "propose", "vote", "answer", "accept", "decline", "appoint", "ask", "report")
"""Steps that are what somebody is waited for; all others are told after them."""
_SOON_DAYS = 7
_DAY = 86_400


@dataclass(frozen=True)
class Due:
    """By when something must be done: the day, how far away it is in words, and whether that is soon or over."""

    day: str
    words: str
    soon: bool
    over: bool


@dataclass(frozen=True)
class Step:
    """A step that somebody can take: in whose case, which, its words, and whether they are waited for."""

    holder: str
    move: str
    label: str
    waited: bool


def due(until: str, now: str) -> Due | None:
    """By when something must be done; nothing where no time is told.

    Args:
        until: ISO 8601, or empty.
        now: The same, for now.
    """
    if not until:
        return None
    left = (datetime.fromisoformat(until) - datetime.fromisoformat(now)).total_seconds()
    days = int(abs(left) // _DAY)
    many = f"{days:,} day{'' if days == 1 else 's'}"
    words = (f"in {many}" if days else "today") if left > 0 else f"{many} ago" if days else "has just passed"
    return Due(until[:10], words, left < _SOON_DAYS * _DAY, left <= 0)


def steps(found: Mapping[str, Any]) -> list[Step]:
    """What somebody can do, what they are waited for first."""
    asked = {(d["holder"], move) for d in found["duties"] if d["mine"] for move in d["moves"]}
    told = [
        Step(m["holder"], m["move"], LABELS[m["move"]], (m["holder"], m["move"]) in asked)
        for m in found["moves"]
        if m["move"] in LABELS
    ]
    order = {move: i for i, move in enumerate(_FIRST)}
    return sorted(told, key=lambda s: (not s.waited, s.holder, order.get(s.move, len(order))))


def said(event: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What happened, in one sentence without its end.

    Args:
        event: As the hub tells it.
        names: Holder to its organisation.
    """
    what = DID.get(event["did"], "acted")
    if event["did"] == "vote" and "yes" in event:
        what = f"voted {'for' if event['yes'] else 'against'} it"
    if event["did"] == "propose" and "datasets" in event:
        count = len(event["datasets"])
        bound = " under conditions" if event["conditions"] else ""
        what = f"proposed to grant {count} dataset{'' if count == 1 else 's'}{bound}" if count else "proposed to refuse"
    if event["did"] == "time":
        what = "time passed"
    place = f" at {names.get(event['holder'], event['holder'])}" if event["holder"] else ""
    moved = (
        f", so it {STATES[event['after']][1]}" if event["after"] != event["before"] and event["after"] in STATES else ""
    )
    return f"{event['who']} {what}{place}{moved}".strip()


def stands(found: Mapping[str, Any]) -> str:
    """How an application stands, in one sentence."""
    if found["state"] != "review":
        return f"It {STATES[found['state']][1]}."
    told = [f"{case['organisation']}: {STATES[case['state']][1]}" for case in found["cases"]]
    return f"{'; '.join(told)}."


def answers(found: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What was handed in, by the sections of its form: labels of paragraphs, with the answers in words.

    Below a question in words stands the question.

    Args:
        found: As the hub tells it, with ``form`` and ``record``.
    """
    if not found.get("form"):
        return []
    given = parse_application(found["record"]).answers
    told = []
    for section in parse_form(found["form"]).sections:
        rows = [(one.label, _answer(one, given[one.id])) for one in section.paragraphs if given.get(one.id)]
        if rows:
            told.append((section.title, rows))
    return told


def _answer(asked: Paragraph, value: Value) -> str:
    words = words_of(asked, value)
    return f"{words}\n{value}" if asked.kind == "question" and words != value else words


def today(moment: str) -> str:
    """A moment as pages show it: day and minute, in UTC."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else ""
