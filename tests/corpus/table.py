"""Every attribute of Table E.1-1 of PS3.15, at the top and one and three sequences deep, in each transfer syntax."""

from collections.abc import Iterator

from tests.corpus.files import SYNTAXES, Elements, Plan, image, over
from tests.corpus.tokens import Mint

from oncommons.imaging.deid.rules import annex_e
from oncommons.imaging.dictionary import vr_of

DEPTHS = (0, 1, 3)
NOT_PLANTED = {
    "TM": "times of day stay, so that decay and uptake can be computed; none is unique to a person",
    "AS": "four characters hold no token",
    "US": "two bytes hold no token",
    "size and weight": "research needs them",
}
"""What of the table holds no token, and why."""
_SIZE_AND_WEIGHT = {0x00101020, 0x00101030}
_OUTSIDE = range(0x00030000)
"""Commands and file meta information are not in a data set."""
_REFERENCED = 0x00081140
_CODE_VALUE, _CODE_MEANING = 0x00080100, 0x00080104


def table(mint: Mint, patient: str) -> Iterator[Plan]:
    """One file for each syntax and depth."""
    for number, (name, syntax) in enumerate(SYNTAXES.items()):
        for depth in DEPTHS:
            place = f"Table E.1-1, {name}, depth {depth}"
            elements = image(mint, syntax, patient, place)
            rows = planted(mint, place, patient if depth == 0 else "")
            more = nested(rows, depth) if depth else rows
            elements = over(mint, elements, more)
            yield Plan(f"table/{name}-{depth}.dcm", elements, syntax, open_ended=bool(number % 2))


def nested(rows: Elements, depth: int) -> Elements:
    """Attributes so many sequences deep, beside the UIDs that belong there."""
    found = rows
    for _ in range(depth):
        item = found | {0x00081150: ("UI", "1.2.840.10008.5.1.4.1.1.4")}
        found = {_REFERENCED: ("SQ", [[(tag, *row) for tag, row in item.items()]])}
    return found


def planted(mint: Mint, place: str, patient: str) -> Elements:
    """A token for every attribute of the table that can hold one; one patient has all the files."""
    rows: Elements = {0x00100020: ("LO", patient)} if patient else {}
    for tag in annex_e():
        vr = vr_of(tag) or "LO"
        if tag in rows or tag in _OUTSIDE or vr in NOT_PLANTED or tag in _SIZE_AND_WEIGHT:
            continue
        rows[tag] = (vr, value(mint, vr, f"{place}, ({tag >> 16:04X},{tag & 0xFFFF:04X})"))
    return rows


def value(mint: Mint, vr: str, place: str) -> object:
    """A token as a value of one kind."""
    if vr == "SQ":
        meaning, name = mint.word(f"{place}, code meaning"), mint.word(f"{place}, name")
        code = mint.number(f"{place}, code value")
        return [[(_CODE_VALUE, "SH", code), (_CODE_MEANING, "LO", meaning), (0x00100010, "PN", name)]]
    if vr in {"DS", "IS"}:
        return mint.number(place)
    if vr == "UI":
        return mint.uid(place)
    if vr in {"DA", "DT"}:
        return mint.date(place) + ("101112" if vr == "DT" else "")
    return mint.word(place)
