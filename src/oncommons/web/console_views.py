"""What the data manager's pages show, made from what the node tells: words, sizes, figures, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urlencode

from oncommons.web.columns import Columns, day_columns

Json: TypeAlias = dict[str, Any]

OUTCOMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "kept": ("✓", "kept", "de-identified and kept"),
        "quarantined": ("◷", "waits", "laid aside as it came, until a person decides"),
        "refused": ("✕", "refused", "not an image, or rejected; no copy is kept"),
    }
)
"""Sign of each outcome, its word, and what it means."""
DONE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "kept": ("=", "as it was"),
        "removed": ("−", "not there any more"),
        "emptied": ("∅", "there, without a value"),
        "replaced": ("⇄", "has a value of this node instead"),
        "moved": ("→", "a date, moved by this patient's days"),
        "cleaned": ("≈", "only what is known to be harmless is left"),
        "added": ("+", "was not there before"),
    }
)
"""Sign of what was done to an attribute, and what it means."""
LOOKS: Mapping[str, str] = MappingProxyType(
    {"usual": "as usual", "all": "darkest to brightest", "even": "every shade apart"}
)
"""Ways to look at a picture."""
THUMBNAIL = 256
_SIZES = ("bytes", "kB", "MB", "GB", "TB", "PB")
_THOUSAND = 1000
_SHOWN_PARTS = 3
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def size_text(number: float) -> str:
    """A number of bytes in words, such as 71.9 MB."""
    for unit in _SIZES[:-1]:
        if number < _THOUSAND:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:.1f} {unit}"  # noqa: PLR2004
        number /= _THOUSAND
    return f"{number:.1f} {_SIZES[-1]}"


def time_text(when: str) -> str:
    """A time of the ledger in words, such as 22 Nov 2026, 07:04."""
    try:
        found = datetime.fromisoformat(when)
    except ValueError:
        return "not told"
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}, {found:%H:%M}"


def link(path: str, **query: object) -> str:
    """An address with its query; empty values are left out."""
    given = [(name, str(value)) for name, value in query.items() if value not in {"", None}]
    return f"{path}?{urlencode(given)}" if given else path


def picture_link(digest: str, frame: int = 1, look: str = "usual", side: int = THUMBNAIL) -> str:
    """Where the picture of a frame is."""
    return link(
        f"/api/node/files/{digest}/picture",
        frame=frame,
        look="" if look == "usual" else look,
        side=side,
        **{"else": "words"},
    )


@dataclass(frozen=True)
class FileView:
    """A file in words.

    Attributes:
        told: What the node tells of it.
        name: The last part of where it came from; the beginning of its digest where that is not known.
        folder: The rest of where it came from.
        what: What it is: for kept files modality, body part and maker.
    """

    told: Json
    name: str
    folder: str
    what: str

    @property
    def digest(self) -> str:
        """Its digest."""
        return str(self.told["file"])

    @property
    def short(self) -> str:
        """The beginning of its digest."""
        return self.digest[:12]

    @property
    def href(self) -> str:
        """Its page."""
        return f"/files/{self.digest}"

    @property
    def place(self) -> str:
        """The end of where it came from: the last two folders and its name."""
        parts = f"{self.folder}/{self.name}".split("/")
        return "/".join(parts) if len(parts) <= _SHOWN_PARTS else "/".join(("…", *parts[-_SHOWN_PARTS:]))

    @property
    def frames(self) -> int:
        """How many frames it can show."""
        return int(self.told.get("picture", {}).get("frames", 0))


def file_view(told: Json) -> FileView:
    """A file in words."""
    origin = str(told.get("origin", ""))
    folder, _, name = origin.replace("\\", "/").rpartition("/")
    what = " · ".join(filter(None, (str(told.get(key, "")) for key in ("modality", "body_part", "manufacturer"))))
    return FileView(told, name or str(told["file"])[:12], folder, what)


@dataclass(frozen=True)
class Overview:
    """What the first page shows, from what the node and its imports tell."""

    tiles: Mapping[str, int]
    figure: Columns
    waiting: Sequence[Json]


def overview(node: Json, imports: Json) -> Overview:
    """The first page's figures.

    Args:
        node: What the node tells of itself.
        imports: What it tells of the last days.
    """
    tiles = {"bytes": 0, "kept": 0, "quarantined": 0, "refused": 0}
    for dataset in node["datasets"]:
        for outcome in OUTCOMES:
            tiles[outcome] += dataset[outcome]["files"]
        tiles["bytes"] += dataset["kept"]["bytes"]
    days: dict[str, dict[str, int]] = {}
    for day in imports["days"]:
        numbers = days.setdefault(day["day"], dict.fromkeys(OUTCOMES, 0))
        for outcome in OUTCOMES:
            numbers[outcome] += day[outcome]
    days.pop("", None)  # of a ledger from before times were entered
    today = datetime.now(UTC).date().isoformat()
    return Overview(
        tiles,
        day_columns("came", "What came in, by day", days, tuple(OUTCOMES), max([today, *days])),
        waiting_reasons(node),
    )


def waiting_reasons(node: Json) -> list[Json]:
    """Why files wait: first what needs only a look, then the most frequent reason."""
    found = [reason for reason in node["reasons"] if reason["outcome"] == "quarantined"]
    return sorted(found, key=lambda reason: (reason["way"] != "look", -reason["files"], reason["code"]))


def frame_links(view: FileView, frame: int, look: str, each: int = 24) -> list[tuple[int, str, str]]:
    """Small pictures of the frames round one: number, address of its page, address of its picture."""
    first = (frame - 1) // each * each + 1
    numbers = range(first, min(first + each, view.frames + 1))
    return [
        (n, link(view.href, frame=n, look=look), picture_link(view.digest, n, look, THUMBNAIL // 2)) for n in numbers
    ]
