"""Objects that are more than an image: reports, waveforms, documents, contours, plans, annotations."""

import zlib
from collections.abc import Iterator

from tests.corpus.files import Elements, Plan, image
from tests.corpus.tokens import Mint

from oncommons.imaging.syntax import EXPLICIT_LITTLE

STORAGE = "1.2.840.10008.5.1.4.1.1."
Item = list[tuple[int, str, object]]


def code(value: str, scheme: str, meaning: str) -> Item:
    """An item of a code sequence."""
    return [(0x00080100, "SH", value), (0x00080102, "SH", scheme), (0x00080104, "LO", meaning)]


def content(kind: str, concept: Item, *rest: tuple[int, str, object]) -> Item:
    """A content item of a structured report (PS3.3 section C.17.3)."""
    start: Item = [(0x0040A010, "CS", "CONTAINS"), (0x0040A040, "CS", kind)]
    return [*start, (0x0040A043, "SQ", [concept]), *rest]


def without_pixels(mint: Mint, patient: str, place: str, modality: str, sop_class: str) -> Elements:
    """The start of an object that is not an image."""
    whole = image(mint, EXPLICIT_LITTLE, patient, place)
    kept = {tag: row for tag, row in whole.items() if tag >> 16 < 0x28}
    return kept | {0x00080016: ("UI", STORAGE + sop_class), 0x00080060: ("CS", modality)}


def report(mint: Mint, patient: str) -> Iterator[Plan]:
    """Structured reports: every kind of content item, with the concepts that Table E.3.4-1 names and without."""
    referenced = [[(0x00081150, "UI", STORAGE + "4"), (0x00081155, "UI", mint.uid("image in a report"))]]
    ours = code(mint.number("code value in a report"), "99LOCAL", mint.word("code meaning in a report"))
    day = mint.date("date and time in a report") + "101112"
    verifier = [
        (0x0040A027, "LO", mint.word("verifying organisation")),
        (0x0040A030, "DT", mint.date("verification") + "120000"),
        (0x0040A075, "PN", mint.word("verifying observer")),
    ]
    coordinates = (0x0040A130, "CS", "SEGMENT"), (0x0040A13A, "DT", mint.date("temporal coordinates"))
    texts = {"121071": "Finding", "121106": "Comment", "121022": "Accession Number", "111001": "Algorithm Name"}
    texts |= {"112039": "Tracking Identifier", "113873": "Organization Name", "121030": "Subject ID", "1": "Local"}
    tree = [
        content("TEXT", code(value, "DCM", name), (0x0040A160, "UT", f"Lesion of {mint.word(f'{name} in a report')}"))
        for value, name in texts.items()
    ]
    tree += [
        content("PNAME", code("121008", "DCM", "Person Observer Name"), (0x0040A123, "PN", mint.word("observer"))),
        content("PNAME", code("121029", "DCM", "Subject Name"), (0x0040A123, "PN", mint.word("subject"))),
        content("DATETIME", code("111060", "DCM", "Study Date"), (0x0040A120, "DT", day)),
        content("DATE", code("121031", "DCM", "Subject Birth Date"), (0x0040A121, "DA", mint.date("subject's birth"))),
        content("TIME", code("111061", "DCM", "Study Time"), (0x0040A122, "TM", mint.word("words as a time"))),
        content("UIDREF", code("112040", "DCM", "Tracking UID"), (0x0040A124, "UI", mint.uid("tracking UID"))),
        content("CODE", code("121071", "DCM", "Finding"), (0x0040A168, "SQ", [ours])),
        content("NUM", ours, (0x0040A300, "SQ", [[(0x0040A30A, "DS", "12.5"), (0x004008EA, "SQ", [ours])]])),
        content("IMAGE", code("113795", "DCM", "Acquired Image"), (0x00081199, "SQ", referenced)),
        content("TCOORD", code("121112", "DCM", "Source of Measurement"), *coordinates),
        content("CONTAINER", ours, (0x0040A730, "SQ", tree[:1])),
    ]
    more: Elements = {
        0x0040A040: ("CS", "CONTAINER"),
        0x0040A043: ("SQ", [ours]),
        0x0040A073: ("SQ", [verifier]),
        0x0040A730: ("SQ", tree),
        0x0040A491: ("CS", "COMPLETE"),
        0x0040A493: ("CS", "VERIFIED"),
    }
    elements = without_pixels(mint, patient, "report", "SR", "88.33") | more
    yield Plan("objects/report.dcm", elements)


def documents(mint: Mint, patient: str) -> Iterator[Plan]:
    """An encapsulated PDF, packed and plain, and a CDA: nobody can clean them, so they wait."""
    packed = zlib.compress(f"({mint.word('text of a PDF')}) Tj".encode())
    pdf = b"%PDF-1.4\n/Author (" + mint.word("author of a PDF").encode() + b")\nstream\n" + packed + b"\nendstream"
    xml = f"<name>{mint.word('name in a CDA')}</name>".encode()
    for name, sop_class, document, media in (
        ("pdf", "104.1", pdf, "application/pdf"),
        ("cda", "104.2", xml, "text/XML"),
    ):
        elements = without_pixels(mint, patient, name, "DOC", sop_class)
        elements |= {0x00420010: ("ST", mint.word(f"{name}, title")), 0x00420011: ("OB", document)}
        yield Plan(f"objects/{name}.dcm", elements | {0x00420012: ("LO", media)}, outcome="quarantined")


def waveforms(mint: Mint, patient: str) -> Iterator[Plan]:
    """A twelve-lead ECG (one lead of it) with a name in every text."""
    channel = [
        (0x003A0203, "SH", mint.word("channel label")),
        (0x003A0208, "SQ", [code("5.6.3-9-1", "SCPECG", mint.word("channel source"))]),
        (0x003A020C, "LO", mint.word("channel derivation")),
    ]
    samples = [
        (0x003A0004, "CS", "ORIGINAL"),
        (0x003A0005, "US", 1),
        (0x003A0020, "SH", mint.word("multiplex group label")),
        (0x003A0200, "SQ", [channel]),
        (0x54001004, "US", 16),
        (0x54001006, "CS", "SS"),
        (0x54001010, "OW", bytes(range(200))),
    ]
    note = [(0x00700006, "ST", mint.word("annotation of an ECG"))]
    measured = [
        (0x0040A043, "SQ", [code("8867-4", "LN", mint.word("name of a measurement"))]),
        (0x0040A30A, "DS", "72"),
    ]
    elements = without_pixels(mint, patient, "ECG", "ECG", "9.1.1")
    elements |= {0x0040B020: ("SQ", [note, measured]), 0x54000100: ("SQ", [samples])}
    yield Plan("objects/ecg.dcm", elements)


def radiotherapy(mint: Mint, patient: str) -> Iterator[Plan]:
    """Contours and a plan."""
    region = [(0x30060022, "IS", "1"), (0x30060026, "LO", mint.word("ROI name")), (0x30060028, "ST", mint.word("ROI"))]
    seen = [(0x30060084, "IS", "1"), (0x30060085, "SH", mint.word("ROI label")), (0x300600A6, "PN", mint.word("who"))]
    contour = [(0x30060042, "CS", "POINT"), (0x30060046, "IS", "1"), (0x30060050, "DS", "1.5\\2\\3")]
    elements = without_pixels(mint, patient, "contours", "RTSTRUCT", "481.3") | {
        0x30060002: ("SH", mint.word("structure set label")),
        0x30060004: ("LO", mint.word("structure set name")),
        0x30060020: ("SQ", [region]),
        0x30060039: ("SQ", [[(0x30060040, "SQ", [contour])]]),
        0x30060080: ("SQ", [seen]),
    }
    yield Plan("objects/contours.dcm", elements)
    beam = [(0x300A00B2, "SH", mint.word("machine")), (0x300A00C2, "LO", mint.word("beam name"))]
    elements = without_pixels(mint, patient, "plan", "RTPLAN", "481.5") | {
        0x300A0002: ("SH", mint.word("plan label")),
        0x300A0003: ("LO", mint.word("plan name")),
        0x300A00B0: ("SQ", [beam]),
        0x300E0008: ("PN", mint.word("reviewer")),
    }
    yield Plan("objects/plan.dcm", elements)


def annotations(mint: Mint, patient: str) -> Iterator[Plan]:
    """A presentation state with text, a segmentation, and an image with functional groups."""
    text = [(0x00700006, "ST", mint.word("text on an image")), (0x00700014, "FL", bytes(8))]
    drawn = [(0x00700002, "CS", "LAYER"), (0x00700008, "SQ", [text])]
    elements = without_pixels(mint, patient, "presentation", "PR", "11.1") | {
        0x00700001: ("SQ", [drawn]),
        0x00700080: ("CS", mint.word("content label")),
        0x00700081: ("LO", mint.word("content description")),
        0x00700084: ("PN", mint.word("content creator")),
    }
    yield Plan("objects/presentation.dcm", elements)
    local = code(mint.number("segment code"), "99LOCAL", mint.word("segment meaning"))
    segmented = [
        (0x00620003, "SQ", [local]),
        (0x00620005, "LO", mint.word("segment label")),
        (0x00620006, "ST", mint.word("segment description")),
        (0x00620020, "UT", mint.word("tracking ID")),
    ]
    frame = [
        (
            0x00209111,
            "SQ",
            [[(0x00189074, "DT", mint.date("frame acquired")), (0x00209453, "LO", mint.word("frame label"))]],
        ),
        (0x00204000, "LT", mint.word("frame comment")),
    ]
    elements = image(mint, EXPLICIT_LITTLE, patient, "segmentation") | {
        0x00080016: ("UI", STORAGE + "66.4"),
        0x00080060: ("CS", "SEG"),
        0x00620002: ("SQ", [segmented]),
        0x52009229: ("SQ", [frame]),
        0x52009230: ("SQ", [frame]),
    }
    yield Plan("objects/segmentation.dcm", elements)
