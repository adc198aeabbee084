"""Tokens: made once each, remembered with their place, and found again in bytes."""

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

LETTERS = b"abcdefghijklmnoprstuvwxy"
"""Without q and z, so that a word begins at its first two letters and nowhere else."""
ROOT = "1.2.999.4711"
FIRST_DAY = date(1902, 1, 2)
DAYS_BETWEEN = 61
"""Days from one planted date to the next: a shift that is not a multiple of them never makes one from another."""
WORD = re.compile(rb"zq[a-y]{7}")
NUMBER = re.compile(rb"(?=(97\d{8}))")
UID = re.compile(rb"1\.2\.999\.4711\.\d+\.31")
DATE = re.compile(rb"(?=(19\d{6}))")
DEFLATED = b"1.2.840.10008.1.2.1.99"


@dataclass
class Mint:
    """Makes tokens of several kinds; each is unique.

    Attributes:
        places: Token, as it lies in a file and in small letters where it is text, to its place in words.
    """

    places: dict[bytes, str] = field(default_factory=dict)
    dates: int = 0
    _next: int = 0

    def word(self, place: str) -> str:
        """Nine letters, such as an uncommon name, in capitals: it fits every kind of text."""
        number, letters = self._number() + 12_345, bytearray()
        for _ in range(7):
            number, at = divmod(number, len(LETTERS))
            letters.append(LETTERS[at])
        return self._keep(f"ZQ{letters.decode().upper()}", place)

    def number(self, place: str) -> str:
        """Ten digits, such as a record number."""
        return self._keep(f"97{self._number() * 7919 % 100_000_000:08d}", place)

    def uid(self, place: str) -> str:
        """A UID under a root that nobody else has."""
        return self._keep(f"{ROOT}.{self._number() + 1}.31", place)

    def date(self, place: str) -> str:
        """A day of the 20th century; after 580 of them they come again, in other files."""
        day = FIRST_DAY + timedelta(self.dates % 580 * DAYS_BETWEEN)
        self.dates += 1
        return self._keep(day.strftime("%Y%m%d"), place, again=True)

    def raw(self, value: bytes, place: str) -> bytes:
        """A token that is given, such as a name in another alphabet; it is looked for as it is."""
        assert value not in self.places
        self.places[value] = place
        return value

    def _number(self) -> int:
        return len(self.places) + self._next

    def forget(self, value: object) -> None:
        """Take back the tokens of a value that is not written after all."""
        for token in found_in(str(value).encode(), self.places):
            self.places.pop(token)
            self._next += 1

    def _keep(self, token: str, place: str, *, again: bool = False) -> str:
        key = token.lower().encode()
        if key in self.places:
            assert again, token
            place = f"{self.places[key]}; {place}"
        self.places[key] = place
        return token

    def save(self, path: Path) -> None:
        """Write the tokens and their places."""
        path.write_text(json.dumps({token.hex(): place for token, place in self.places.items()}, indent=0))


def load(path: Path) -> dict[bytes, str]:
    """The tokens and their places, read again."""
    return {bytes.fromhex(token): place for token, place in json.loads(path.read_text()).items()}


def found_in(content: bytes, tokens: dict[bytes, str]) -> set[bytes]:
    """Those of the tokens that are in some bytes, in capitals, small letters or both; deflated data are inflated."""
    found: set[bytes] = set()
    raw = [token for token in tokens if not token.isascii() or b"\x1b" in token]
    for one in (content, *inflated(content)):
        small = one.lower()
        for pattern in (WORD, NUMBER, UID, DATE):
            found.update(match[match.lastindex or 0] for match in pattern.finditer(small))
        found.update(token for token in raw if token in one)
    return found & tokens.keys()


def inflated(content: bytes) -> Iterator[bytes]:
    """What a deflated DICOM file holds, and everything in it that is packed with zlib, as PDF and PNG do."""
    if DEFLATED in content[:1024]:
        length = int.from_bytes(content[140:144], "little")
        yield zlib.decompressobj(-zlib.MAX_WBITS).decompress(content[144 + length :])
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            yield zlib.decompressobj().decompress(content[match.start() :], 1_000_000)
        except zlib.error:
            continue


def left_in(folder: Path, tokens: dict[bytes, str], without: tuple[str, ...] = ()) -> dict[bytes, str]:
    """Tokens found below a folder, in bytes and in names of files, each with the first file that has it.

    Args:
        folder: Where to look.
        tokens: As :func:`load` gives them.
        without: Names of files and folders right below that are not looked into.
    """
    left: dict[bytes, str] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] in without:
            continue
        content = path.read_bytes() if path.is_file() else b""
        for token in found_in(content, tokens) | found_in(str(inside).encode(), tokens):
            left.setdefault(token, str(inside))
    return left
