"""Places outside Table E.1-1: around the data set, in private blocks, under other names, in odd attributes."""

from collections.abc import Iterator
from struct import pack

from tests.corpus.files import Elements, Plan, image, over
from tests.corpus.table import value
from tests.corpus.tokens import Mint
from tests.imaging.files import UNDEFINED, Writer

from oncommons.imaging.deid.rules import annex_e
from oncommons.imaging.dictionary import value_representations
from oncommons.imaging.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE

ODD = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "UI", "DA", "DT", "UN"}
"""Kinds of attributes whose value is text or a date or a UID."""
_DATA_SET = range(0x00080000, 0xFFFA0000)
_KEPT_APART = {0x00080005, 0x00080008, 0x00080060, 0x00080016, 0x00280004}
"""Character set, image type, modality, class and photometric interpretation: with a token there, it is not an image any more."""
CHARACTER_SETS = {
    "latin": ("ISO_IR 100", "latin-1", "Bülçügoß", "Ñandúíñ"),
    "unicode": ("ISO_IR 192", "utf-8", "Žžitňákov", "Ωμέγαςψ"),
    "japanese": ("\\ISO 2022 IR 87", "iso2022_jp", "山田太郎", "名古屋市"),
    "cyrillic": ("ISO_IR 144", "iso8859_5", "Люксембург", "Щукинский"),
}
"""Name, Specific Character Set, codec of Python, a name and a place."""


def image_with(mint: Mint, patient: str, place: str, more: Elements, **file: object) -> Plan:
    """A small image with more elements, which replace those with the same tag."""
    elements = over(mint, image(mint, EXPLICIT_LITTLE, patient, place), more)
    return Plan(f"places/{mint.word(f'{place}, file name')} {place}.dcm", elements, **file)


def around(mint: Mint, patient: str) -> Iterator[Plan]:
    """Preamble, file meta information, group lengths, padding and bytes after the end."""
    place = "file meta information"
    meta: Elements = {
        0x00020016: ("AE", mint.word("Source Application Entity Title")),
        0x00020017: ("AE", mint.word("Sending Application Entity Title")),
        0x00020018: ("AE", mint.word("Receiving Application Entity Title")),
        0x00020026: ("UR", mint.word("Source Presentation Address")),
        0x00020100: ("UI", mint.uid("Private Information Creator UID")),
        0x00020102: ("OB", mint.word("Private Information")),
    }
    yield image_with(mint, patient, place, {}, meta=meta)
    preamble = mint.word("preamble").encode().ljust(128, b"\0")
    yield image_with(mint, patient, "preamble", {}, preamble=preamble)
    padding = Writer().element(0xFFFCFFFC, "OB", mint.word("Data Set Trailing Padding"))
    yield image_with(mint, patient, "padding", {}, tail=padding)
    tail = mint.word("bytes after the data set").encode()
    yield image_with(mint, patient, "tail", {}, tail=tail, outcome="quarantined")
    lengths: Elements = {
        group << 16: ("UL", mint.word(f"length of group {group:04X}")) for group in (0x0008, 0x0010, 0x0028)
    }
    yield image_with(mint, patient, "group lengths", lengths)


def private(mint: Mint, patient: str) -> Iterator[Plan]:
    """Private blocks of known and unknown makers, at the top and in sequences, in several kinds."""

    def block(group: int, creator: str, place: str) -> Elements:
        inner = [(0x00100010, "PN", mint.word(f"{place}, name in a private sequence"))]
        return {
            group << 16 | 0x0010: ("LO", creator),
            group << 16 | 0x1001: ("LO", mint.word(f"{place}, LO")),
            group << 16 | 0x1002: ("UN", mint.word(f"{place}, UN")),
            group << 16 | 0x1003: ("SQ", [inner]),
            group << 16 | 0x100C: ("IS", mint.number(f"{place}, IS")),
            group << 16 | 0x1010: ("OB", b"SV10\4\3\2\1" + mint.word(f"{place}, OB").encode() + bytes(64)),
            group << 16 | 0x1027: ("FD", mint.word(f"{place}, FD").ljust(48)),
            group << 16 | 0x1030: ("DA", mint.date(f"{place}, DA")),
            group << 16 | 0x1031: ("UI", mint.uid(f"{place}, UI")),
        }

    blocks: Elements = {}
    known = {0x0019: "SIEMENS MR HEADER", 0x0029: "SIEMENS CSA HEADER", 0x0043: "GEMS_PARM_01"}
    known |= {
        0x2001: "Philips Imaging DD 001",
        0x2005: "Philips MR Imaging DD 001",
        0x7053: "Philips PET Private Group",
    }
    for group, creator in known.items():
        blocks |= block(group, creator, f"private block of {creator}")
    blocks |= block(0x0009, mint.word("private creator"), "private block of nobody")
    blocks |= {0x00131001: ("LO", mint.word("private attribute without a creator"))}
    yield image_with(mint, patient, "private blocks", blocks)
    inner = [(tag, *row) for tag, row in block(0x0019, "SIEMENS MR HEADER", "private block in a sequence").items()]
    yield image_with(mint, patient, "private blocks in a sequence", {0x00081140: ("SQ", [inner])})


def disguised(mint: Mint, patient: str) -> Iterator[Plan]:
    """Known attributes as of unknown kind, unknown attributes, and text where numbers belong."""
    name = mint.word("name in a sequence of unknown kind")
    inner = Writer(IMPLICIT_LITTLE).dataset(
        [(0x00100010, "PN", name), (0x00081140, "SQ", [[(0x00100010, "PN", name)]])]
    )
    whole = pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
    head = pack("<HH2sHI", 0x0008, 0x1140, b"UN", 0, UNDEFINED)
    unknown: Elements = {
        0x00081140: ("bytes", head + whole + pack("<HHI", 0xFFFE, 0xE0DD, 0)),
        0x00082112: ("UN", whole),
        0x00081030: ("UN", mint.word("Study Description as UN")),
        0x00080090: ("UN", mint.word("Referring Physician as UN")),
        0x0020000D: ("UN", mint.uid("Study Instance UID as UN")),
        0x00400244: ("UN", mint.date("a date as UN")),
        0x00189073: ("UN", mint.word("a number as UN")),
    }
    yield image_with(mint, patient, "unknown kind", unknown)
    strange: Elements = {
        0x00088888: ("LO", mint.word("unknown attribute")),
        0x00180007: ("OB", mint.word("unknown attribute, OB")),
        0x44440010: ("LO", mint.word("unknown group")),
        0x00108888: ("SQ", [[(0x00100010, "PN", mint.word("name in an unknown sequence"))]]),
    }
    yield image_with(mint, patient, "unknown attributes", strange)
    wrong: Elements = {
        0x00109431: ("LO", mint.word("a number as LO")),
        0x00180050: ("DS", mint.word("words as DS")),
        0x00200013: ("IS", mint.word("words as IS")),
        0x00080031: ("TM", mint.word("words as TM")),
        0x00101010: ("AS", mint.word("words as AS")),
        0x00189087: ("FD", mint.word("words as FD").ljust(16)),
        0x00189219: ("SS", mint.word("words as SS").ljust(10)),
        0x00281050: ("LT", mint.word("a window as LT")),
        0x00280A02: ("PN", mint.word("a code as PN")),
    }
    yield image_with(mint, patient, "wrong kind", wrong)
    implicit = {tag: row for tag, row in wrong.items() if row[0] not in {"LO", "LT", "PN"}}
    implicit = {tag: (vr, mint.word(f"words as {vr}, implicit").ljust(16)) for tag, (vr, _) in implicit.items()}
    yield image_with(mint, patient, "wrong kind, implicit", implicit, syntax=IMPLICIT_LITTLE)


def odd(mint: Mint, patient: str) -> Iterator[Plan]:
    """Every other attribute of the dictionary that holds text, a date or a UID, at the top and in a sequence."""
    for depth in (0, 1):
        rows: Elements = {}
        for tag, several in value_representations().items():
            vr = several.split(" ")[0]
            if vr in ODD and tag in _DATA_SET and tag not in annex_e() and tag not in _KEPT_APART:
                rows[tag] = (vr, value(mint, vr, f"odd place ({tag >> 16:04X},{tag & 0xFFFF:04X}), depth {depth}"))
        if not depth:
            rows[0x00080008] = ("CS", "ORIGINAL\\PRIMARY\\AXIAL\\" + mint.word("Image Type, value 4"))
        more = {0x00081140: ("SQ", [[(tag, *row) for tag, row in rows.items()]])} if depth else rows
        yield image_with(mint, patient, f"odd places {depth}", more)


def characters(mint: Mint, patient: str) -> Iterator[Plan]:
    """Names in four character sets, in names, descriptions, comments and private attributes."""
    for place, (charset, codec, name, town) in CHARACTER_SETS.items():
        person = mint.raw(name.encode(codec), f"name in {charset}")
        where = mint.raw(town.encode(codec), f"place in {charset}")
        more: Elements = {
            0x00080005: ("CS", charset),
            0x00080080: ("LO", where),
            0x00080090: ("PN", person),
            0x00081030: ("LO", b"CHEST " + person),
            0x0008103E: ("LO", where + b" " + person),
            0x00100010: ("PN", b"X^" + person if "2022" not in charset else b"YAMADA^TARO=" + person),
            0x00181030: ("LO", person + b" routine"),
            0x00204000: ("LT", b"seen by " + person + b" at " + where),
            0x00180010: ("LO", where),
            0x00081140: ("SQ", [[(0x00080104, "LO", person), (0x00204000, "LT", where)]]),
        }
        yield image_with(mint, patient, f"character set {place}", more)


def misused(mint: Mint, patient: str) -> Iterator[Plan]:
    """This patient's own values where no table expects them, as makers put them."""
    number, family, given = mint.number("own Patient ID"), mint.word("own family name"), mint.word("own given name")
    born, accession = mint.date("own birth date"), mint.number("own Accession Number")
    more: Elements = {
        0x00080050: ("SH", accession),
        0x00100010: ("PN", f"{family}^{given}"),
        0x00100020: ("LO", number),
        0x00100030: ("DA", born),
        0x00181160: ("SH", number),
        0x00180015: ("CS", family),
        0x00180022: ("CS", f"FS\\{given}"),
        0x00181020: ("LO", f"VB17A {born}"),
        0x00081090: ("LO", f"Biograph of {family.title()}"),
        0x00200011: ("IS", number),
        0x00201041: ("DS", f"1.5\\{accession}"),
        0x00081030: ("LO", f"CHEST {family.lower()} {born}"),
        0x00089215: ("SQ", [[(0x00080100, "SH", accession), (0x00080104, "LO", f"{given}'s")]]),
    }
    yield image_with(mint, patient, "own values", more)
