"""What is remembered of one image never changes what becomes of another; the judge is the way without remembering."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.data import data
from tests.imaging.files import KEYS, SYNTAXES, OnDisk, file, image

from oncommons.imaging.deid.clean import WANTED
from oncommons.imaging.deid.decisions import Order, memory_of
from oncommons.imaging.deid.elements import coding_of
from oncommons.imaging.deid.rewrite import rewrite
from oncommons.imaging.deid.rewritten import Rewritten
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.deid.stretches import Stretches, Unit, stretches_of
from oncommons.imaging.pieces import chunks_of
from oncommons.imaging.syntax import EXPLICIT_LITTLE, open_file

CODE = [(0x00080100, "SH", "121071"), (0x00080102, "SH", "DCM"), (0x00080104, "LO", "Finding")]
MORE = [
    (0x00080021, "DA", "20040119"),
    (0x00080080, "LO", "General Hospital"),
    (0x00080090, "PN", "Referrer^Rita"),
    (0x00080100, "SH", "PET01"),
    (0x00080102, "SH", "99LOCAL"),
    (0x00081030, "LO", "Chest of Zebediah"),
    (0x00081140, "SQ", [[(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.2"), (0x00081155, "UI", "1.2.3.9")]]),
    (0x00090010, "LO", "GEMS_PETD_01"),
    (0x0009103B, "DT", "20040119072730.00"),
    (0x00180050, "DS", "2.5 "),
    (0x00181020, "LO", "VB17A"),
    (0x00181050, "DS", "Zebediah"),
    (0x00190010, "LO", "SIEMENS MR HEADER"),
    (0x0019100C, "IS", "800 "),
    (0x00191011, "LO", "Quackenbush"),
    (0x00200010, "SH", "S-4711"),
    (0x00200011, "IS", "4 "),
    (0x00200052, "UI", "1.2.3.4.99"),
    (0x00280030, "DS", "0.9\\0.9 "),
    (0x00281050, "DS", "40"),
    (0x0040A040, "CS", "TEXT"),
    (0x0040A043, "SQ", [CODE]),
    (0x0040A160, "UT", "seen by Rita"),
    (0x60000010, "US", 4),
    (0x60003000, "OW", bytes(2)),
]
CHANGES = st.lists(st.tuples(st.sampled_from(MORE), st.sampled_from(["without", "with", "other"])), max_size=4)


@pytest.fixture(autouse=True)
def fresh():
    forget()


def forget():
    memory_of.cache_clear()
    stretches_of.cache_clear()


def became(raw, of=bytes):
    """Everything that a rewritten file is and tells."""
    opened = open_file(raw)
    held = opened.data if of is bytes else of(opened.data)
    done = rewrite(held, opened.start, opened.syntax, Order(CANCER_RESEARCH, KEYS, WANTED))
    written, left = (b"".join(map(bytes, chunks_of(pieces))) for pieces in (done.parts, done.left))
    return written, left, done.facts, done.told, done.tokens, done.made


def changed(elements, changes):
    """Elements, of which some are left out, put in or given another value."""
    kept = {one[0]: one for one in elements}
    for (tag, vr, value), what in changes:
        kept.pop(tag, None)
        if what != "without":
            other = value if what == "with" or not isinstance(value, str) else value.swapcase()[::-1]
            kept[tag] = (tag, vr, other)
    return list(kept.values())


@settings(max_examples=150)
@example(base=[MORE[13], MORE[9]], changes=[[], [(MORE[12], "with")]], syntax="explicit", open_ended=False)
@example(base=MORE, changes=[[], [(MORE[14], "without")]], syntax="implicit", open_ended=True)
@given(
    base=st.lists(st.sampled_from(MORE), unique_by=lambda one: one[0]),
    changes=st.lists(CHANGES, min_size=2, max_size=5),
    syntax=st.sampled_from(["explicit", "implicit", "big"]),
    open_ended=st.booleans(),
)
def test_what_is_remembered_changes_nothing(base, changes, syntax, open_ended):
    forget()
    images = [base, base, *(changed(base, change) for change in changes)]
    for elements in images:
        raw = file(image(*elements), SYNTAXES[syntax], open_ended=open_ended)
        assert became(raw) == became(raw, OnDisk)


@pytest.mark.parametrize("folder", ["STS_002", "STS_003"])
def test_nothing_of_real_series_is_changed(folder):
    for path in sorted((data("sts") / folder).rglob("*.dcm"))[::2]:
        raw = path.read_bytes()
        assert became(raw) == became(raw, OnDisk)


def remembered():
    """The stretches of the patient of :func:`image`."""
    memory = memory_of(coding_of(EXPLICIT_LITTLE), CANCER_RESEARCH, KEYS, WANTED, careful=False)
    return stretches_of(memory, b"MRN-778812")


def test_two_images_are_enough_to_learn_from_and_pixels_are_no_part_of_it():
    raw = file(image(*MORE))
    for _ in range(2):
        became(raw)
    found = remembered().found
    tags = {int.from_bytes(head[:2], "little") << 16 | int.from_bytes(head[2:4], "little") for head in found}
    assert tags
    assert all(one.last < 0x60000000 for same in found.values() for one in same)
    assert sum(len(one.raw) for same in found.values() for one in same) > len(raw) // 3


def test_what_is_told_by_others_is_in_no_stretch():
    raw = file(image(*MORE))
    for _ in range(2):
        became(raw)
    within = b"".join(one.raw for same in remembered().found.values() for one in same)
    assert b"PET01" not in within
    assert b"seen by Rita" not in within
    assert b"SIEMENS MR HEADER" in within
    assert b"GEMS_PETD_01" in within


def test_stretches_are_of_one_patient():
    became(file(image(*MORE)))
    became(file(image(*MORE)))
    other = file(image(*MORE, (0x00100020, "LO", "MRN-778813")))
    assert became(other) == became(other, OnDisk)
    assert became(other)[0] != became(file(image(*MORE)))[0]


def test_what_ends_beyond_the_bytes_that_are_compared_is_in_no_stretch():
    raw = image(*MORE, (0x00311001, "UN", bytes(70_000)), (0x00331001, "LO", "one"))
    for _ in range(3):
        assert became(file(raw)) == became(file(raw), OnDisk)
    assert max(one.last for same in remembered().found.values() for one in same) < 0x00310000


def learnt(series_of, number):
    """The images out of so many that are learnt from."""
    stretches, asked = Stretches(), []
    for image_number in range(number):
        stretches.seen(
            series_of(image_number),
            (b"head%d" % image_number, 4),
            lambda number: asked.append(int(number)) or iter([Unit((1, 2, 3, 4), b"1", alone=False)]),
            lambda raw: Rewritten([raw], [raw]),
        )
    return sorted(asked)


def test_they_are_learnt_again_rarely_where_nothing_is_new():
    assert learnt(lambda _: b"1.2", 400) == [0, 1, 65, 66, 194, 195]


def test_each_series_is_learnt_from_its_first_two_images():
    assert learnt(lambda number: b"1.2" if number < 40 else b"1.3", 45) == [0, 1, 40, 41]
    assert learnt(lambda number: b"1.%d" % (number % 2), 22) == [0, 1, 2, 3]


def test_series_that_come_in_turns_are_all_remembered():
    series = [
        image(*MORE, (0x0020000E, "UI", f"1.2.{n}"), (0x00080060, "CS", kind)) for n, kind in enumerate(("CT", "PT"))
    ]
    for elements in series * 3:
        raw = file(elements)
        assert became(raw) == became(raw, OnDisk)
    assert max(map(len, remembered().found.values())) == len(series)


def test_what_is_written_in_between_stands_between_two_stretches():
    plain = file(image(*MORE, (0x00130010, "LO", "GEMS_PARM_01"), (0x00131001, "DS", "1"), (0x00131002, "DS", "2")))
    for _ in range(2):
        became(plain)
    assert any(one.first == 0x00130010 for same in remembered().found.values() for one in same)
    assert became(plain) == became(plain, OnDisk)
