"""What is decided once is decided for all elements with the same header, and memory stays bounded."""

from contextlib import suppress

import pytest
from tests.imaging.files import KEYS, SYNTAXES, Writer, file, image, read

from oncommons.imaging.deid import decisions
from oncommons.imaging.deid.clean import WANTED, deidentify
from oncommons.imaging.deid.decisions import Memory, Step, make, memory_of
from oncommons.imaging.deid.elements import ITEM_END, UNDEFINED, coding_of
from oncommons.imaging.deid.keys import keys_of
from oncommons.imaging.deid.rules import CANCER_RESEARCH, Profile
from oncommons.imaging.deid.values import Whose
from oncommons.imaging.syntax import EXPLICIT_LITTLE
from oncommons.schema.errors import DamagedImage

EXPLICIT = coding_of(EXPLICIT_LITTLE)
MODALITY = 0x00080060
WHOSE = Whose(KEYS, b"MRN-778812", 10)


def memory(*, careful=False):
    return Memory(EXPLICIT, CANCER_RESEARCH, frozenset({MODALITY, 0x00280010}), careful=careful)


def learned(tag, vr, length, *, top=True, careful=False):
    step, _, size, wanted, found = memory(careful=careful).learn(Writer().head(tag, vr, length), 0, top=top)
    return found.step, step, size, wanted


@pytest.mark.parametrize(
    ("tag", "vr", "length", "top", "inner"),
    [
        (0x00181160, "SH", 8, Step.REPLACE, Step.REPLACE),
        (0x00280010, "US", 2, Step.TELL, Step.KEEP),
        (0x00280009, "AT", 4, Step.KEEP, Step.KEEP),
        (0x00180050, "DS", 2, Step.CHECK, Step.CHECK),
        (0x00189087, "FD", 8, Step.CHECK, Step.CHECK),
        (0x00080100, "SH", 8, Step.CHECK, Step.CHECK),
        (0x00100010, "PN", 8, Step.REPLACE, Step.REPLACE),
        (0x00091010, "LO", 8, Step.REPLACE, Step.REPLACE),
        (0x00091010, "OB", 5000, Step.OMIT, Step.OMIT),
        (0x00081140, "SQ", 5000, Step.ENTER, Step.ENTER),
        (0x00081140, "SQ", UNDEFINED, Step.ENTER, Step.ENTER),
        (0x00101002, "SQ", 5000, Step.LEAVE, Step.LEAVE),
        (0x7FE00010, "OW", 5000, Step.PIXELS, Step.OMIT),
        (0x00091010, "UN", UNDEFINED, Step.OPEN, Step.OPEN),
        (ITEM_END, "", 0, Step.REPLACE, Step.ITEM_END),
        (0xFFFCFFFC, "OB", 8, Step.STOP, Step.REPLACE),
        (0, "", 0, Step.STOP, Step.REPLACE),
    ],
)
def test_each_kind_of_element_has_its_step(tag, vr, length, top, inner):
    assert learned(tag, vr, length)[0] is top
    assert learned(tag, vr, length, top=False)[0] is inner


def test_a_short_sequence_of_the_top_level_is_remembered_whole():
    assert learned(0x00081140, "SQ", 500)[:2] == (Step.ENTER, Step.REPLACE)
    assert learned(0x00081140, "SQ", 500, top=False)[:2] == (Step.ENTER, Step.ENTER)


def test_the_size_is_that_of_header_and_value():
    assert [learned(*e)[2] for e in ((MODALITY, "CS", 2), (0x7FE00010, "OW", 50), (0x00081140, "SQ", UNDEFINED))] == [
        10,
        62,
        0,
    ]


def test_only_the_top_level_is_told():
    assert (learned(MODALITY, "CS", 2)[3], learned(MODALITY, "CS", 2, top=False)[3]) == (True, False)


def test_with_care_written_numbers_are_weighed_and_binary_ones_are_not():
    assert learned(0x00180050, "DS", 8, careful=True)[0] is Step.CHECK
    assert learned(0x00280011, "US", 2, careful=True)[0] is Step.KEEP


def test_memory_of_headers_values_and_people_is_bounded(monkeypatch):
    for name in ("_MOST_HEADERS", "_MOST_VALUES", "_MOST_PEOPLE"):
        monkeypatch.setattr(decisions, name, 4)
    keys = keys_of(bytes(32))
    for n in range(60):
        more = [(0x00100020, "LO", f"ID{n:04}"), (0x00181160, "SH", "x" * n), (0x0008103E, "LO", "chest " * n)]
        with suppress(DamagedImage):
            deidentify(file(image(*more)), CANCER_RESEARCH, keys)
    ours = memory_of(EXPLICIT, CANCER_RESEARCH, keys, WANTED, careful=False)
    assert 0 < len(ours.top) <= 4
    assert 0 < len(ours.people) <= 4
    assert all(0 < len(values) <= 4 for _, values in ours.people.values())


def test_what_is_remembered_of_one_patient_is_bounded_in_bytes(monkeypatch):
    monkeypatch.setattr(decisions, "_MOST_OF_VALUES", 100)
    values = decisions.Values()
    for n in range(9):
        values.remember(b"%030d" % n, decisions.NOTHING)
        assert sum(map(len, values)) <= 100
    values.remember(b"x" * 2000, decisions.NOTHING)
    assert list(map(int, values)) == [6, 7, 8]


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_what_was_met_before_changes_nothing(syntax):
    """Patients, profiles and nodes that come in turn are told apart."""
    others = [Profile("basic", frozenset()), CANCER_RESEARCH]
    raws = [file(image((0x00100020, "LO", who), (0x00080020, "DA", "20040119")), syntax) for who in ("AB-1", "CD-2")]

    def fresh(raw, profile, secret):
        return deidentify(raw, profile, keys_of(secret)).content

    asked = [(raw, profile, bytes([n]) * 32) for raw in raws for profile in others for n in (1, 2)]
    first = [fresh(*one) for one in asked]
    kept = {secret: keys_of(secret) for *_, secret in asked}
    again = [deidentify(raw, profile, kept[secret]).content for _ in range(2) for raw, profile, secret in asked]
    assert again == first * 2
    assert len(set(first)) == len(asked)


def test_a_value_that_grows_too_long_for_its_header_is_refused():
    _, _, _, _, found = memory().learn(Writer().head(0x00081155, "UI", 60_000), 0, top=True)
    with pytest.raises(DamagedImage):
        make(found, b"\\".join(b"1.%d" % i for i in range(9000)), WHOSE, EXPLICIT)


def test_a_text_that_stays_says_the_same_each_time_that_it_is_met():
    raw = file(image((0x0008103E, "LO", "CHEST"), (0x00080050, "SH", "CHEST"), (0x00180015, "CS", "CHEST")))
    keys = keys_of(bytes(range(1, 33)))
    assert len({deidentify(raw, CANCER_RESEARCH, keys).content for _ in range(3)}) == 1


def test_what_a_number_means_is_not_remembered_with_it():
    def measured(code):
        value = [
            [(0x0040A30A, "DS", "95"), (0x004008EA, "SQ", [[(0x00080100, "SH", "a"), (0x00080102, "SH", "UCUM")]])]
        ]
        concept = [[(0x00080100, "SH", code), (0x00080102, "SH", "DCM")]]
        return file(image((0x0040A043, "SQ", concept), (0x0040A300, "SQ", value)))

    age, other = measured("121033"), measured("121032")
    for one, kept in ((other, 95), (age, 90), (other, 95)):
        new = read(deidentify(one, CANCER_RESEARCH, KEYS).content)
        assert new.MeasuredValueSequence[0].NumericValue == kept
