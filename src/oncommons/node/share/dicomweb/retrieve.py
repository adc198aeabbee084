"""WADO-RS: objects, their metadata, frames and long values (PS3.18 section 10.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from oncommons.imaging.dicomjson import find_value
from oncommons.imaging.frames import MEDIA_TYPES, PIXEL_TAGS, frame, layout_of, native, pixel_element
from oncommons.imaging.pieces import Span
from oncommons.node.share.dicomweb.media import (
    ANY,
    BULKDATA,
    DICOM,
    EXPLICIT,
    INSTANCE,
    INSTANCES,
    METADATA,
    MULTIPART,
    OCTETS,
    Choice,
    Offer,
    choose,
    choose_syntax,
    frame_offers,
)
from oncommons.node.share.dicomweb.objects import Object, address, can_convert, decoding
from oncommons.node.share.dicomweb.parts import Message, Part, gathered
from oncommons.schema.errors import ImageError, MissingPackage, NotFound


@dataclass(frozen=True)
class Reply:
    """What is sent back.

    Attributes:
        media: Its media type.
        pieces: Its bytes.
        length: How many they are; ``None`` where that is not known before.
    """

    media: str
    pieces: Iterable[bytes]
    length: int | None = None


def give_objects(objects: Sequence[Object], accept: str, *, single: bool) -> Reply:
    """Whole objects, as they are kept or in Explicit VR Little Endian.

    Args:
        objects: Which.
        accept: The Accept header.
        single: Whether one object was asked for, which need not be wrapped.

    Raises:
        NotAcceptable: the client takes nothing that can be given.
    """
    choice = choose(accept, INSTANCE if single else INSTANCES)
    for syntax in {one.row.syntax for one in objects}:
        choose_syntax(syntax, choice.syntaxes, convertible=can_convert(syntax))
    if choice.offer.media == DICOM:
        syntax, pieces = objects[0].given(choice.syntaxes)
        length = objects[0].size() if syntax == objects[0].row.syntax else None
        return Reply(f"{DICOM}; transfer-syntax={syntax}", pieces, length)
    message = Message(DICOM, (_whole(one, choice) for one in objects))
    return Reply(message.media, gathered(message.pieces()))


def give_metadata(objects: Iterable[Object], accept: str, base: str) -> Reply:
    """All attributes of objects in DICOM JSON, with links in the place of pixels and other long values.

    Raises:
        NotAcceptable: the client does not take JSON.
    """
    return Reply(choose(accept, METADATA).offer.media, gathered(_listed(objects, base)))


def give_frames(one: Object, numbers: Sequence[int], accept: str, base: str) -> Reply:
    """Frames of an object: native, or as compressed as they are kept.

    Args:
        one: The object.
        numbers: Which frames, from 1 on.
        accept: The Accept header.
        base: Address of the service.

    Raises:
        NotFound: it has no such frame.
        NoPicture: it has no pixels.
        NotAcceptable: the client takes nothing that can be given.
    """
    pixel_element(one.dataset)
    count = layout_of(one.dataset).frames
    missing = [number for number in numbers if not 1 <= number <= count]
    if missing:
        raise NotFound(f"The object has {count} frames; there is no frame {missing[0]}.")
    kept_as = "" if one.is_native else MEDIA_TYPES.get(one.row.syntax, "application/x-unknown")
    offers = frame_offers(kept_as, len(numbers))
    choice = choose(accept, offers)
    kind = choice.offer.of or choice.offer.media
    place = f"{address(base, one.row)}/frames"
    if one.is_native or (kind == OCTETS and not choice.syntaxes & {ANY, one.row.syntax}):
        try:
            parts = _native_frames(one, numbers, choice, place)
        except (ImageError, MissingPackage):
            choice = choose(accept, [offer for offer in offers if kept_as in {offer.of, offer.media}])
            parts = _kept_frames(one, numbers, kept_as, place)
    else:
        parts = _kept_frames(one, numbers, kept_as, place)
    return _wrapped(choice.offer, parts)


def give_value(one: Object, path: str, accept: str, base: str) -> Reply:
    """A long value of an object; of pixel data, all frames.

    Args:
        one: The object.
        path: Where the value lies, as in the object's metadata.
        accept: The Accept header.
        base: Address of the service.

    Raises:
        NotFound: there is no such value.
        NotAcceptable: the client takes nothing that can be given.
    """
    found = find_value(one.dataset, path)
    if found is None or found[1].items is not None:
        raise NotFound("The object has no such value.")
    dataset, element = found
    if element.tag in PIXEL_TAGS and element.fragments is not None:
        return give_frames(one, range(1, layout_of(dataset).frames + 1), accept, base)
    place = f"{address(base, one.row)}/bulkdata/{path}"
    if element.tag in PIXEL_TAGS and not dataset.big:
        span = Span(dataset.data, element.start, element.end)
        part, length = Part(OCTETS, map(bytes, span.chunks()), EXPLICIT, place), len(span)
    else:
        value = native(dataset, element) if element.tag in PIXEL_TAGS else dataset.little(element)
        part, length = Part(OCTETS, [value], EXPLICIT, place), len(value)
    return _wrapped(choose(accept, BULKDATA).offer, [part], length)


def _whole(one: Object, choice: Choice) -> Part:
    syntax, pieces = one.given(choice.syntaxes)
    return Part(DICOM, pieces, syntax)


def _listed(objects: Iterable[Object], base: str) -> Iterator[bytes]:
    before = b"["
    for one in objects:
        yield before + orjson.dumps(one.metadata(base))
        before = b","
    yield b"]" if before == b"," else b"[]"


def _native_frames(one: Object, numbers: Sequence[int], choice: Choice, place: str) -> list[Part]:
    """Frames that are not compressed, or no longer."""
    if not choice.syntaxes & {"", ANY, EXPLICIT}:
        choose_syntax(one.row.syntax, choice.syntaxes, convertible=True)
    return _parts(numbers, partial(_native, one), (OCTETS, EXPLICIT), place)


def _kept_frames(one: Object, numbers: Sequence[int], kept_as: str, place: str) -> list[Part]:
    """Frames as compressed as they are kept."""
    return _parts(numbers, partial(frame, one.dataset), (kept_as, one.row.syntax), place)


def _parts(numbers: Sequence[int], get: Callable[[int], bytes], kind: tuple[str, str], place: str) -> list[Part]:
    """Frames as parts; the first is got at once, so that a failure can be told, the others when they are sent."""
    first = get(numbers[0])
    contents: list[Iterable[bytes]] = [[first], *(map(get, [number]) for number in numbers[1:])]
    return [Part(kind[0], content, kind[1], f"{place}/{n}") for n, content in zip(numbers, contents, strict=True)]


def _native(one: Object, number: int) -> bytes:
    if one.is_native:
        return frame(one.dataset, number)
    pixels: bytes = decoding().decode_frame(one.dataset, one.row.syntax, number)[0]
    return pixels


def _wrapped(offer: Offer, parts: Sequence[Part], length: int | None = None) -> Reply:
    if offer.media == MULTIPART:
        message = Message(offer.of, parts)
        return Reply(message.media, gathered(message.pieces()))
    (part,) = parts
    return Reply(f"{part.media}; transfer-syntax={part.syntax}", part.content, length)
