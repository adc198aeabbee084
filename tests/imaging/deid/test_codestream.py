"""Comments inside compressed pixel data go; the picture stays."""

import io
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.imaging.files import OnDisk

from oncommons.imaging.deid.codestream import blanked
from oncommons.imaging.pieces import Span, chunks_of

SECRET = b"DOE^JANE 19610203"


def picture():
    image = Image.new("RGB", (32, 16))
    image.putdata([(x * 8 % 256, y * 16, (x * y) % 256) for y in range(16) for x in range(32)])
    return image


def encoded(form, **options):
    out = io.BytesIO()
    picture().save(out, form, **options)
    return out.getvalue()


def pixels(data):
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def segment(marker, body):
    return pack(">HH", marker, len(body) + 2) + body


def done(items):
    """Items in a file, blanked; in memory and read where they are cut."""
    found = {
        b"".join(chunks_of(blanked(Span(f(b"before" + items + b"after"), 6, 6 + len(items))))) for f in (bytes, OnDisk)
    }
    (one,) = found
    return one


def fragments(*values):
    return b"".join(pack("<HHI", 0xFFFE, 0xE000, len(v)) + v for v in values) + pack("<HHI", 0xFFFE, 0xE0DD, 0)


def without_comments(frame):
    """A frame that lies in one fragment, blanked."""
    return done(fragments(b"", frame))[16:-8]


@pytest.mark.parametrize(
    "added",
    [
        segment(0xFFFE, SECRET),
        segment(0xFFE1, b"Exif\0\0" + SECRET),
        segment(0xFFED, b"Photoshop 3.0\0" + SECRET),
        segment(0xFFE0, b"JFIF\0" + bytes(9) + SECRET),
        b"\xff" + segment(0xFFFE, SECRET),
    ],
)
def test_a_comment_in_a_jpeg_goes_and_the_picture_stays(added):
    plain = encoded("JPEG", quality=90)
    spoilt = plain[:2] + added + plain[2:]
    clean = without_comments(spoilt)
    assert SECRET in spoilt
    assert SECRET not in clean
    assert len(clean) == len(spoilt)
    assert pixels(clean) == pixels(plain)


def test_a_comment_in_a_jpeg_2000_goes_and_the_picture_stays():
    plain = encoded("JPEG2000", no_jp2=True)
    at = plain.index(b"\xff\x52")
    spoilt = plain[:at] + segment(0xFF64, b"\0\1" + SECRET) + plain[at:]
    clean = without_comments(spoilt)
    assert SECRET not in clean
    assert (len(clean), pixels(clean)) == (len(spoilt), pixels(plain))


def test_a_picture_without_comments_is_not_changed():
    plain = encoded("JPEG", quality=90)
    assert without_comments(plain) == plain


@pytest.mark.parametrize("other", [b"", b"\0\0", b"\xff\xd8", b"RLE data that is long enough"])
def test_other_fragments_are_left_alone(other):
    assert without_comments(other) == other


@given(st.binary(max_size=200))
def test_any_bytes_come_back_in_the_same_length(body):
    assert len(without_comments(b"\xff\xd8" + body)) == len(body) + 2


@pytest.mark.parametrize("form", ["JPEG", "JPEG2000"])
def test_what_follows_the_end_of_a_picture_goes(form):
    plain = encoded(form, **({"no_jp2": True} if form == "JPEG2000" else {}))
    clean = without_comments(plain + SECRET)
    assert clean == without_comments(plain) + bytes(len(SECRET))


def test_a_comment_after_the_scan_goes():
    plain = encoded("JPEG", quality=90, progressive=True)
    spoilt = plain[:-2] + segment(0xFFFE, SECRET) + plain[-2:]
    clean = without_comments(spoilt)
    assert SECRET not in clean
    assert pixels(clean) == pixels(plain)


def test_a_comment_in_a_tile_part_goes():
    plain = encoded("JPEG2000", no_jp2=True)
    at = plain.index(b"\xff\x90")
    added = segment(0xFF64, b"\0\1" + SECRET)
    size = int.from_bytes(plain[at + 6 : at + 10], "big")
    longer = plain[at : at + 6] + pack(">I", size + len(added)) + plain[at + 10 : at + 12]
    clean = without_comments(plain[:at] + longer + added + plain[at + 12 :])
    assert SECRET not in clean
    assert pixels(clean) == pixels(plain)


@pytest.mark.parametrize("cut", [5, 40, 400])
def test_a_picture_in_several_fragments_is_cleaned_as_one(cut):
    plain = encoded("JPEG", quality=90)
    spoilt = plain[:2] + segment(0xFFFE, SECRET) + plain[2:] + SECRET
    items = fragments(b"", spoilt[:cut], spoilt[cut:], plain)
    clean = without_comments(spoilt)
    assert done(items) == fragments(b"", clean[:cut], clean[cut:], plain)


def test_other_fragments_are_each_their_own():
    items = fragments(b"", b"RLE data", b"RLE data", b"")
    assert done(items) == items


@pytest.mark.parametrize("table", [b"", pack("<II", 0, 16), pack("<I", 0)])
def test_an_offset_table_stays(table):
    items = fragments(table, b"RLE data", b"RLE data")
    assert done(items) == items


@pytest.mark.parametrize(
    "table", [SECRET[:16], pack("<II", 0, 9999), pack("<II", 8, 16), pack("<III", 0, 16, 16), b"x"]
)
def test_an_offset_table_that_holds_something_else_goes(table):
    assert done(fragments(table, b"RLE data", b"RLE data")) == fragments(b"", b"RLE data", b"RLE data")
