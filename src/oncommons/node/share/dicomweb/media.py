"""What a client asks for and what it gets: Accept headers and transfer syntaxes (PS3.18 sections 8.7.3 to 8.7.8).

Clients write the same wish in many ways: ``*/*``, a type with or without quotes, ``multipart/related`` without saying
of what, ``transfer-syntax=*``.  All of them are understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from oncommons.imaging.frames import LOSSY
from oncommons.schema.errors_of_protocols import NotAcceptable

EXPLICIT = "1.2.840.10008.1.2.1"
"""What is given where nobody asks for another transfer syntax (section 8.7.3.4)."""
ANY = "*"
MULTIPART, DICOM, OCTETS = "multipart/related", "application/dicom", "application/octet-stream"
DICOM_JSON, JSON = "application/dicom+json", "application/json"
_RANGES = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PARTS = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+')
_MOST_RANGES = 64


@dataclass(frozen=True)
class Offer:
    """Something that can be given.

    Attributes:
        media: Media type of the message.
        of: Media type of its parts, for ``multipart/related``.
    """

    media: str
    of: str = ""

    def __str__(self) -> str:
        return f'{self.media}; type="{self.of}"' if self.of else self.media


@dataclass(frozen=True)
class Asked:
    """One of the wishes of an Accept header.

    Attributes:
        media: Media type, perhaps with ``*``.
        of: Media type of the parts, perhaps with ``*``; empty where it is not said.
        syntax: Transfer syntax, ``*`` for any; empty where it is not said.
        quality: How much it is wanted, from 0 to 1.
    """

    media: str
    of: str = ""
    syntax: str = ""
    quality: float = 1.0

    def takes(self, offer: Offer) -> bool:
        """Whether an offer fulfils it."""
        return _covers(self.media, offer.media) and (not offer.of or _covers(self.of or "*/*", offer.of))


@dataclass(frozen=True)
class Choice:
    """What is given.

    Attributes:
        offer: The chosen offer.
        syntaxes: Transfer syntaxes that the client takes in it; an empty one stands for the default.
    """

    offer: Offer
    syntaxes: frozenset[str]


INSTANCES = (Offer(MULTIPART, DICOM),)
INSTANCE = (*INSTANCES, Offer(DICOM))
METADATA = (Offer(DICOM_JSON), Offer(JSON))
BULKDATA = (Offer(MULTIPART, OCTETS), Offer(OCTETS))
RENDERED = (Offer("image/jpeg"), Offer("image/png"), Offer("image/gif"))
THUMBNAIL = (Offer("image/png"), Offer("image/jpeg"), Offer("image/gif"))


def frame_offers(kept_as: str, count: int) -> tuple[Offer, ...]:
    """What frames can be given as.

    Args:
        kept_as: Media type of the frames as they are kept; empty where they are native.
        count: How many frames; a single one need not be wrapped.
    """
    kinds = (OCTETS, kept_as) if kept_as else (OCTETS,)
    wrapped = tuple(Offer(MULTIPART, kind) for kind in kinds)
    return (*wrapped, *(Offer(kind) for kind in kinds)) if count == 1 else wrapped


def read_accept(header: str) -> list[Asked]:
    """The wishes of an Accept header, the most wanted first; an empty header takes everything.

    What is malformed is passed over, as RFC 9110 lets a server do.
    """
    asked = [_read_range(text) for text in _RANGES.findall(header)[:_MOST_RANGES]]
    found = [one for one in asked if one is not None and one.quality > 0]
    return sorted(found, key=lambda one: -one.quality) if header.strip() else [Asked("*/*")]


def choose(header: str, offers: Sequence[Offer]) -> Choice:
    """The offer that a client wants most.

    Args:
        header: Its Accept header, or what stands in its place.
        offers: What can be given, the usual first.

    Raises:
        NotAcceptable: it takes none of them.
    """
    asked = read_accept(header)
    for one in asked:
        for offer in offers:
            if one.takes(offer):
                return Choice(offer, frozenset(other.syntax for other in asked if other.takes(offer)))
    raise NotAcceptable(f"This can be had as {_listed(offers)}.", at="Accept")


def choose_syntax(kept: str, wanted: frozenset[str], *, convertible: bool) -> str:
    """The transfer syntax in which something is given.

    Args:
        kept: The one that it is kept in.
        wanted: Those that the client takes, as in :attr:`Choice.syntaxes`.
        convertible: Whether it can be made Explicit VR Little Endian here.

    Raises:
        NotAcceptable: the client takes neither the one that it is kept in nor one that can be made of it.
    """
    if ANY in wanted or kept in wanted:
        return kept
    if convertible and (EXPLICIT in wanted or ("" in wanted and kept not in LOSSY)):
        return EXPLICIT
    if "" in wanted:
        return kept
    can = sorted({kept, EXPLICIT} if convertible else {kept})
    raise NotAcceptable(f"This can be had with transfer-syntax={' or '.join(can)}.", at="Accept")


def _listed(offers: Iterable[Offer]) -> str:
    return " or ".join(map(str, offers))


def _read_range(text: str) -> Asked | None:
    media, *parts = (part.strip() for part in _PARTS.findall(text))
    parameters = {}
    for part in parts:
        name, _, value = part.partition("=")
        parameters[name.strip().lower()] = re.sub(r"\\(.)", r"\1", value.strip().strip('"')).strip()
    if not re.fullmatch(r"[^\s/]+/[^\s/]*", media):
        return None
    try:
        quality = min(max(float(parameters.get("q", 1)), 0.0), 1.0)
    except ValueError:
        quality = 1.0
    syntax = parameters.get("transfer-syntax", "")
    return Asked(media.lower(), parameters.get("type", "").lower(), syntax, quality)


def _covers(asked: str, given: str) -> bool:
    kind, _, rest = asked.partition("/")
    if kind == ANY:
        return True
    return asked == given or (rest in {ANY, ""} and given.startswith(f"{kind}/"))
