"""What the data manager is told, as pure functions: reasons in plain words, rules of the standard, days and their pace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from oncommons.imaging.comparing import Line
from oncommons.imaging.deid.pixels.face import SAYS_YES
from oncommons.imaging.deid.rules import Action, Profile, action_of, annex_e, code_of
from oncommons.imaging.deid.statement import CODES
from oncommons.imaging.dictionary import vr_of
from oncommons.schema.errors import every_error
from oncommons.storage.ledger import Entry
from oncommons.storage.ledger_pages import Pace, Tally

TITLES: Mapping[str, str] = MappingProxyType({kind.code: kind.title for kind in every_error()})


@dataclass(frozen=True)
class Advice:
    """What a data manager can do about a file of quarantine.

    Attributes:
        way: ``look`` where a person must have looked at the pixels before it is released, else ``again``.
        plain: Why it waits, in plain words.
        remedy: What to do.
    """

    way: Literal["look", "again"]
    plain: str
    remedy: str


ADVICE: Mapping[str, Advice] = MappingProxyType(
    {
        "E602": Advice(
            "again",
            "The file is cut short or broken, or it does not say whose it is.",
            "Export or copy it again from where it came from and import that; then reject this copy.",
        ),
        "E603": Advice(
            "again",
            "The file, or what it unpacks to, is larger than the node reads.",
            "Check that it is what it should be; if your archive can, export it as several smaller objects.",
        ),
        "E604": Advice(
            "look",
            "Pictures of this kind often show the name or number of the patient.",
            "Look at every frame. If none tells who the patient is, release it; if one does, reject it."
            " Where text recognition is missing, install oncommons[ocr] and import again: the node then looks by itself.",
        ),
        "E605": Advice(
            "again",
            "Nothing here can clean this kind of object yet.",
            "Leave it; try again after an update of oncommons. Images of the same study are kept meanwhile.",
        ),
        "E606": Advice(
            "again",
            "A name, number or date of the patient was still in it after cleaning.",
            "Find it at the source, most often in a technical text or in the pixels; remove it there and import that.",
        ),
        "E607": Advice(
            "again",
            "Another image with the same identifier but other content is kept already.",
            "Find both at the source. If this one is right, give it its own identifier there; else reject it.",
        ),
        "E620": Advice(
            "again",
            "It holds a whole document or the recording of a voice, and nobody can clean those.",
            "Leave it, or reject it if it will never be needed. If you need its numbers, enter them in a table.",
        ),
        "E625": Advice(
            "look",
            "Its pixels may show who the patient is, and the node cannot decode them to look for text.",
            "Install oncommons[viewer] and import again; or export it uncompressed; or look at every frame elsewhere.",
        ),
        "E626": Advice(
            "look",
            "Its pixels may show who the patient is, and it has more of them than the node looks through.",
            "Export it in smaller parts and import those; or look at every frame, and release it if none tells.",
        ),
        "E627": Advice(
            "look",
            "A face could be recognised in it or rebuilt from it, and this node's profile keeps no faces.",
            "Remove the face at the source and import that; or release it if no face is in it.",
        ),
        "E640": Advice(
            "again",
            "A file in an archive needs a password; there is no copy of it here.",
            "Unpack the archive yourself, import the folder, and reject this entry.",
        ),
        "E641": Advice(
            "again",
            "An archive could not be read to its end; what could be read was taken in.",
            "Copy the archive again from where it came from, import it, and reject this entry.",
        ),
        "E642": Advice(
            "again",
            "An archive grows to far more than its own size; the rest of it was not read.",
            "Delete it if you do not know who sent it; else unpack it yourself, import the folder, and reject this entry.",
        ),
        "E643": Advice(
            "again",
            "An archive lies in an archive in an archive; it was not looked into.",
            "Unpack the outer one yourself, import the folder, and reject this entry.",
        ),
    },
)
_OTHERWISE = Advice(
    "again",
    "The node could not keep it.",
    "Read what its code means; put it right at the source and import again, or reject this copy.",
)
_ACTIONS: Mapping[str, str] = MappingProxyType(
    {"X": "remove", "Z": "empty", "D": "replace", "U": "new UID", "K": "keep", "C": "clean"}
)
_UNNAMED: Mapping[Action, str] = MappingProxyType(
    {
        Action.UID: "not in Table E.1-1; every UID is replaced, but those of the standard",
        Action.DATE: "not in Table E.1-1; every date is moved",
        Action.PIXELS: "not in Table E.1-1; kept as they are",
        Action.KEEP: "not in Table E.1-1",
        Action.TERM: "not in Table E.1-1; known words are kept",
        Action.MEANING: "not in Table E.1-1; known words are kept",
        Action.LABEL: "not in Table E.1-1; known words are kept, else a pseudonym stands in its place",
        Action.CODE: "not in Table E.1-1; codes of standard coding schemes are kept",
        Action.SCHEME: "not in Table E.1-1; names of standard coding schemes are kept",
        Action.SEQUENCE: "not in Table E.1-1; its attributes are judged one by one",
    }
)
_PRIVATE: Mapping[str, str] = MappingProxyType(
    {"kept": "E.3.10: private, and known to be safe", "removed": "E.3.10: private, and not known to be safe"}
)
_STATEMENT = "E.1.1: says what was done"
_SECOND_LOOK = "; the second look found something of the patient here"
_GRAPHICS = range(0x5000, 0x6100)


def advice_on(code: str) -> Advice:
    """What can be done about a file that waits for a reason."""
    return ADVICE.get(code, _OTHERWISE)


def rule_of(line: Line, profile: Profile) -> str:
    """The rule of DICOM PS3.15 annex E that decides an attribute, in short.

    Args:
        line: The attribute, and what was done to it.
        profile: The profile that was followed.
    """
    if line.done == "added":
        return _STATEMENT
    code, row = code_of(line.tag, profile), annex_e().get(line.tag)
    action = action_of(line.tag, line.vr, profile)
    if line.tag in dict(profile.own):
        said = f"this node's own profile: {code} ({_ACTIONS.get(code, code)})"
    elif code and row is not None:
        options = [CODES[name][1] for name in sorted(profile.options) if row.get(name) == code]
        said = f"Table E.1-1: {row['basic']}"
        if options:
            said += f"; {options[0].removesuffix(' Option')}: {code}"
        said += f" ({_ACTIONS.get(code, code)})"
    else:
        said = _unnamed(line, action)
    if action in {Action.PATIENT, Action.DEVICE}:
        said += "; a pseudonym stands in its place"
    found = action is Action.KEEP and line.done in {"removed", "emptied", "replaced"}
    return said + _SECOND_LOOK * found


def _unnamed(line: Line, action: Action) -> str:
    tag = line.tag
    if tag >> 16 & 1:
        return _PRIVATE.get(line.done, "E.3.10: private; kept if it is known to be safe")
    if tag >> 16 in _GRAPHICS:
        return "Table E.1-1: X (remove); curves and overlays"
    if not vr_of(tag):
        return "not in the data dictionary (PS3.6)"
    if action is Action.REMOVE:
        return "not in Table E.1-1, and not what the data dictionary says"
    return _UNNAMED.get(action, "not in Table E.1-1")


def line_json(line: Line, profile: Profile | None) -> dict[str, Any]:
    """A line of a header as JSON.

    Args:
        line: The line.
        profile: The profile whose rules are told; none for what is kept already, whose attributes were made by it.
    """
    group, number = f"{line.tag >> 16:04X}", f"{line.tag & 0xFFFF:04X}"
    return {
        "path": line.path,
        "tag": f"({group},{number})",
        "keyword": line.keyword,
        "vr": line.vr,
        "before": line.before,
        "after": line.after,
        "done": line.done,
        "rule": rule_of(line, profile) if profile else "",
        "depth": line.depth,
    }


def chosen(lines: Sequence[Line], done: str, find: str) -> list[Line]:
    """Lines to which something was done, and in which a text is found; empty for any."""
    small = find.strip().lower()
    return [
        line
        for line in lines
        if done in {"", line.done} and (not small or any(small in text.lower() for text in _words(line)))
    ]


def _words(line: Line) -> tuple[str, ...]:
    return (
        line.keyword,
        f"{line.tag:08x}",
        f"{line.tag >> 16:04x},{line.tag & 0xFFFF:04x}",
        line.before or "",
        line.after or "",
    )


def entry_json(entry: Entry) -> dict[str, Any]:
    """What the ledger says of a file, as JSON."""
    body: dict[str, Any] = {
        "file": entry.digest,
        "outcome": entry.outcome,
        "dataset": entry.dataset,
        "bytes": entry.size,
        "entered": entry.entered,
    }
    if entry.outcome == "kept":
        names = ("patient", "study", "series", "sop", "modality", "manufacturer", "sex", "age", "body_part", "syntax")
        return body | {name: getattr(entry, name) for name in names} | {"face": SAYS_YES in entry.attributes}
    body |= {"code": entry.code, "title": TITLES.get(entry.code, ""), "reason": entry.reason}
    if entry.outcome == "quarantined":
        told = advice_on(entry.code)
        body |= {"way": told.way, "plain": told.plain, "remedy": told.remedy}
    return body


@dataclass(frozen=True)
class Day:
    """What came in for a dataset on a day.

    Attributes:
        day: ISO 8601.
        dataset: The dataset.
        kept: Files that are kept, like the next two as the ledger has them now.
        quarantined: Files that wait.
        refused: Files that are not images, or that were rejected.
        bytes: Of the files that are kept or wait.
        files_per_second: How many were taken in, in the seconds in which some were.
        bytes_per_second: How many bytes that were.
    """

    day: str
    dataset: str
    kept: int = 0
    quarantined: int = 0
    refused: int = 0
    bytes: int = 0
    files_per_second: float = 0
    bytes_per_second: float = 0


def days_of(tallies: Iterable[Tally], paces: Iterable[Pace]) -> list[Day]:
    """Days and datasets in which files came in, the newest day first."""
    days: dict[tuple[str, str], Day] = {}
    for t in tallies:
        day = days.setdefault((t.day, t.dataset), Day(t.day, t.dataset))
        more = {t.outcome: getattr(day, t.outcome) + t.files, "bytes": day.bytes + t.bytes}
        days[t.day, t.dataset] = replace(day, **more)
    for p in paces:
        if (p.day, p.dataset) in days and p.seconds:
            days[p.day, p.dataset] = replace(
                days[p.day, p.dataset],
                files_per_second=p.files / p.seconds,
                bytes_per_second=p.bytes / p.seconds,
            )
    return sorted(sorted(days.values(), key=lambda day: day.dataset), key=lambda day: day.day, reverse=True)


def sums(kinds: Iterable[Tally]) -> dict[str, dict[str, dict[str, int]]]:
    """Files and bytes by dataset and outcome."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for kind in kinds:
        outcomes = found.setdefault(kind.dataset, {})
        before = outcomes.get(kind.outcome, {"files": 0, "bytes": 0})
        outcomes[kind.outcome] = {"files": before["files"] + kind.files, "bytes": before["bytes"] + kind.bytes}
    return found
