"""A data set rewritten: what pydicom reads afterwards, and nothing but our own errors for damaged ones."""

import io
import warnings
from struct import pack

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.imaging.files import CT, KEYS, SYNTAXES, UNDEFINED, OnDisk, Writer, file, image, read

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.decisions import Order
from oncommons.imaging.deid.keys import label
from oncommons.imaging.deid.rewrite import rewrite
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.deid.statement import CODES
from oncommons.imaging.syntax import EXPLICIT_LITTLE, IMPLICIT_LITTLE, open_file, write_file
from oncommons.schema.errors import DamagedImage, ImageError, ImageTooLarge

JPEG = b"1.2.840.10008.1.2.4.70"
NESTED = [
    (0x00081150, "UI", CT.decode()),
    (0x00081155, "UI", "1.2.3.4.5.6"),
    (0x00100010, "PN", "Quackenbush^Zebediah"),
    (0x00080104, "LO", "Quackenbush brain"),
]


def nested(depth):
    """A sequence that holds itself."""
    items = [NESTED, NESTED]
    for _ in range(depth - 1):
        items = [[*NESTED, (0x00081140, "SQ", items)]]
    return (0x00081140, "SQ", items)


def cleaned(content):
    return deidentify(content, CANCER_RESEARCH, KEYS).content


def rewritten(*more, syntax=EXPLICIT_LITTLE, open_ended=False, tail=b"", without=()):
    return read(cleaned(file(image(*more, without=without), syntax, open_ended=open_ended, tail=tail)))


@pytest.mark.parametrize("open_ended", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_sequences_are_rewritten_at_every_depth(syntax, open_ended):
    new = rewritten(nested(3), syntax=syntax, open_ended=open_ended)
    level = new
    for items in (1, 1, 2):
        assert len(level.ReferencedImageSequence) == items
        level = level.ReferencedImageSequence[-1]
        assert level.ReferencedSOPInstanceUID == new.SOPInstanceUID
        assert level.ReferencedSOPClassUID.encode() == CT
        assert level.PatientName == new.PatientID
        assert "Quackenbush" not in level.get("CodeMeaning", "")


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_what_stays_is_equal_and_what_goes_is_gone(syntax):
    old, new = read(file(image(), syntax)), rewritten(syntax=syntax)
    for name in ("ImageType", "StudyTime", "Modality", "Manufacturer", "PatientSex", "PatientAge", "Rows", "PixelData"):
        assert new[name].value == old[name].value
    assert new.PatientName == new.PatientID == KEYS.patient(b"MRN-778812").decode()
    assert new.PatientBirthDate == ""
    assert new.SeriesDescription == "CHEST 5MM"
    assert new.StudyDate < old.StudyDate
    assert new.SOPInstanceUID == KEYS.uid(b"1.2.3.4.5.6").decode()


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_the_top_level_ascends_and_tells_what_was_done(syntax):
    new = rewritten(nested(2), (0x00120062, "CS", "NO"), (0x00120063, "LO", "nothing"), syntax=syntax)
    tags = [element.tag for element in new]
    assert tags == sorted(set(tags))
    assert new.PatientIdentityRemoved == "YES"
    assert new.DeidentificationMethod == CANCER_RESEARCH.name
    told = [(item.CodeValue, item.CodeMeaning) for item in new.DeidentificationMethodCodeSequence]
    assert told == [CODES[name] for name in ("basic", *sorted(CANCER_RESEARCH.options))]
    assert {item.CodingSchemeDesignator for item in new.DeidentificationMethodCodeSequence} == {"DCM"}
    assert new.LongitudinalTemporalInformationModified == "MODIFIED"


def test_the_statement_stands_at_the_end_where_nothing_follows():
    with_little = image(without=(0x0020000D, 0x0020000E, 0x00280010, 0x00280011, 0x7FE00010))
    body = Writer().dataset(with_little)
    found = rewrite(body, 0, EXPLICIT_LITTLE, Order(CANCER_RESEARCH, KEYS, frozenset()))
    new = read(write_file(EXPLICIT_LITTLE, CT, b"1.2.3", found.parts))
    assert [e.tag for e in new][-4:] == [0x00120062, 0x00120063, 0x00120064, 0x00280303]


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00090010, "LO"),
        (0x00091001, "UN"),
        (0x00080007, "LO"),
        (0x00060010, "LO"),
        (0x50003000, "OW"),
        (0x60003000, "OW"),
        (0x60004000, "LT"),
        (0x00080000, "UL"),
        (0x00180050, "LO"),
        (0xFFFAFFFA, "SQ"),
    ],
)
@pytest.mark.parametrize("value", ["Zebediah", b"\1\0\2\0"])
def test_private_unknown_graphic_and_wrong_attributes_go(tag, vr, value):
    if vr == "SQ":
        value = [[(0x00100010, "PN", value)]]
    content = cleaned(file(image((tag, vr, value))))
    assert tag not in read(content)
    assert b"Zebediah" not in content


def test_a_sequence_in_place_of_the_name_goes():
    assert "PatientName" not in rewritten((0x00100010, "SQ", [NESTED]))


@pytest.mark.parametrize("open_ended", [False, True])
def test_sequences_of_unknown_kind_go_however_they_are_written(open_ended):
    implicit = Writer(IMPLICIT_LITTLE, open_ended=open_ended)
    inner = implicit.dataset([*NESTED, (0x00091001, "UN", b"Zebediah"), nested(2)])
    item = pack("<HHI", 0xFFFE, 0xE000, UNDEFINED) + inner + pack("<HHI", 0xFFFE, 0xE00D, 0)
    unknown = pack("<HH2sHI", 0x0029, 0x1010, b"UN", 0, UNDEFINED) + item + pack("<HHI", 0xFFFE, 0xE0DD, 0)
    body = Writer().dataset(image())
    at = body.index(pack("<HH", 0x7FE0, 0x0010))
    content = cleaned(write_file(EXPLICIT_LITTLE, CT, b"1.2.3.4.5.6", [body[:at], unknown, body[at:]]))
    assert read(content).PixelData == bytes(range(32))
    assert b"Zebediah" not in content


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize("tail", [bytes(64), pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 8) + b"Zebediah"])
def test_padding_at_the_end_goes(syntax, tail):
    if tail[:1] != b"\0" and syntax != EXPLICIT_LITTLE:
        tail = Writer(syntax).element(0xFFFCFFFC, "OB", b"Zebediah")
    assert cleaned(file(image(), syntax, tail=tail)) == cleaned(file(image(), syntax))


def test_zeros_and_a_broken_value_representation_inside_an_item_go():
    odd = [pack("<HH2sH", 0, 0, b"\xff\xfe", 0), pack("<HH2sH", 0, 0, b"\0\0", 0)]
    for element in odd:
        whole = file(image((0x00081140, "SQ", [[(0x00080100, "SH", "abcdefgh")]])))
        item = Writer().element(0x00080100, "SH", "abcdefgh")
        broken = whole.replace(item, element + Writer().element(0x00080100, "SH", ""))
        assert "CodeValue" in read(cleaned(broken)).ReferencedImageSequence[0]


@pytest.mark.parametrize("open_ended", [False, True], ids=["defined", "undefined"])
def test_thousands_of_items_stay_apart_each_with_its_private_attributes(open_ended):
    block = [(0x00190010, "LO", "SIEMENS MR HEADER"), (0x0019100C, "IS", "800")]
    items = [[*NESTED[:1], (0x00081155, "UI", f"1.2.3.{n}"), *(block if n % 2 else [])] for n in range(3000)]
    raw = file(image((0x00081140, "SQ", items)), open_ended=open_ended)
    found = read(cleaned(raw)).ReferencedImageSequence
    assert [item.ReferencedSOPInstanceUID for item in found] == [
        KEYS.uid(f"1.2.3.{n}".encode()).decode() for n in range(3000)
    ]
    assert [str(item[0x0019100C].value) if 0x00190010 in item else "" for item in found] == ["", "800"] * 1500
    assert cleaned(OnDisk(raw)) == cleaned(raw)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_what_is_long_and_stays_is_given_on_and_what_is_long_and_no_number_is_emptied(syntax):
    numbers, text = b"\0\1\2\3" * 500_000, b"Zebediah" * 250_000
    raw = file(image((0x00281201, "OW", numbers), (0x00281202, "OW", text)), syntax)
    for one in (raw, OnDisk(raw)):
        new = read(cleaned(one))
        assert (new.RedPaletteColorLookupTableData, new.GreenPaletteColorLookupTableData or b"") == (numbers, b"")


def test_a_long_value_that_would_have_to_be_cleaned_is_refused():
    with pytest.raises(ImageTooLarge):
        cleaned(file(image((0x00204000, "LT", "chest " * 200_000)), IMPLICIT_LITTLE))


def test_a_comment_inside_compressed_pixel_data_goes():
    def item(value, tag=0xE000):
        return pack("<HHI", 0xFFFE, tag, len(value)) + value

    comment = b"\xff\xd8\xff\xfe" + pack(">H", 12) + b"DOE^JANE 1" + b"\xff\xda"
    fragments = item(b"") + item(comment) + item(b"", 0xE0DD)
    pixels = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, UNDEFINED) + fragments
    body = Writer().dataset(image(without=(0x7FE00010,))) + pixels
    content = cleaned(write_file(JPEG, CT, b"1.2.3.4.5.6", [body]))
    assert b"DOE^JANE" not in content
    assert content.endswith(pixels.replace(b"DOE^JANE 1", bytes(10)))


def test_encapsulated_pixel_data_stay_byte_for_byte():
    def item(value, tag=0xE000):
        return pack("<HHI", 0xFFFE, tag, len(value)) + value

    fragments = item(b"") + item(b"\xff\xd8\xff\xda" + bytes(range(32))) + item(bytes(range(64))) + item(b"", 0xE0DD)
    pixels = pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, UNDEFINED) + fragments
    body = Writer().dataset(image(without=(0x7FE00010,))) + pixels
    content = cleaned(write_file(JPEG, CT, b"1.2.3.4.5.6", [body]))
    assert content.endswith(pixels)
    assert read(content).file_meta.TransferSyntaxUID.encode() == JPEG


def test_pixels_inside_a_sequence_go():
    new = rewritten((0x00880200, "SQ", [[(0x00280010, "US", 2), (0x7FE00010, "OW", bytes(8))]]))
    assert all("PixelData" not in item for item in new.get("IconImageSequence", []))


@pytest.mark.parametrize(("label", "kept"), [("Zebediah", "REMOVED"), ("GTV", "GTV"), ("", "")])
def test_a_label_that_may_not_be_empty_says_that_something_was_removed(label, kept):
    new = read(
        deidentify(
            file(image((0x00100010, "PN", "Head^Ann"), (0x30060002, "SH", label))), CANCER_RESEARCH, KEYS
        ).content
    )
    assert new.StructureSetLabel == kept


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        ("089Y", "089Y"),
        ("090Y", "090Y"),
        ("104Y", "090Y"),
        ("011M", "011M"),
        ("Zebe", ""),
        ("1234", ""),
        ("52Y", "052Y"),
        ("9" * 5000 + "Y", ""),
        ("5M", "005M"),
    ],
)
def test_ages_above_89_become_90_and_what_is_no_age_goes(age, kept):
    done = deidentify(file(image((0x00101010, "AS", age))), CANCER_RESEARCH, KEYS)
    assert read(done.content).PatientAge == kept
    assert done.facts["age"] == kept


def test_uids_of_the_standard_stay_and_what_only_looks_like_one_goes():
    new = rewritten((0x00081150, "UI", "1.2.840.10008.Zebediah\\" + CT.decode() + "\\1.2.3.4.5.6"))
    assert new.ReferencedSOPClassUID[1:] == [CT.decode(), new.SOPInstanceUID]
    assert "Zebediah" not in new.ReferencedSOPClassUID[0]


def test_a_list_of_uids_that_grows_too_long_is_refused():
    with pytest.raises(DamagedImage):
        rewritten((0x00081155, "UI", "\\".join(str(i) for i in range(9000))))


@pytest.mark.parametrize("moved_to", [0, 12])
def test_attributes_out_of_order_are_refused(moved_to):
    elements = image()
    writer = Writer()
    parts = [writer.element(*e) for e in elements]
    parts.insert(moved_to, parts.pop(9))
    with pytest.raises(ImageError):
        cleaned(write_file(EXPLICIT_LITTLE, CT, b"1.2.3.4.5.6", parts))


@pytest.mark.parametrize("open_ended", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_cut_short_at_every_byte_it_is_whole_or_refused(syntax, open_ended):
    whole = file(image(nested(2)), syntax, open_ended=open_ended)
    refused = 0
    for end in range(len(whole)):
        try:
            content = cleaned(whole[:end])
        except ImageError:
            refused += 1
            continue
        assert read(content).PatientIdentityRemoved == "YES"
    assert refused >= len(whole) - 6


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, IMPLICIT_LITTLE])
@pytest.mark.parametrize("tag", [0x00081140, 0x00101002, 0x00091010])
def test_sequences_five_thousand_deep_are_refused(syntax, tag):
    writer = Writer(syntax)
    deep = (writer.head(tag, "SQ", UNDEFINED) + writer.head(0xFFFEE000, "", UNDEFINED)) * 5000
    closed = (writer.head(0xFFFEE00D, "", 0) + writer.head(0xFFFEE0DD, "", 0)) * 5000
    body = writer.dataset([e for e in image() if e[0] < tag])
    for tail in (b"", closed):
        with pytest.raises(DamagedImage):
            cleaned(write_file(syntax, CT, b"1.2.3", [body, deep, tail]))


@pytest.mark.parametrize("length", [1000, 0x7FFFFFFF, 0xFFFFFFFE])
@pytest.mark.parametrize("tag", [0x00081140, 0x00091010, 0x7FE00010])
def test_a_length_beyond_the_end_is_refused(tag, length):
    body = Writer().dataset([e for e in image() if e[0] < tag])
    with pytest.raises(DamagedImage):
        cleaned(write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [body, Writer().head(tag, "OW", length), b"abcd"]))


def test_an_element_longer_than_its_item_is_refused():
    body = Writer().dataset(image((0x00081140, "SQ", [[(0x00080104, "LO", "brain")]])))
    broken = body.replace(pack("<HH2sH", 8, 0x0104, b"LO", 6), pack("<HH2sH", 8, 0x0104, b"LO", 60))
    with pytest.raises(DamagedImage):
        cleaned(write_file(EXPLICIT_LITTLE, CT, b"1.2.3", [broken]))


def outcome(raw):
    """The bytes that are kept, or why none are."""
    try:
        return cleaned(raw)
    except ImageError as fault:
        return type(fault)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(SYNTAXES)),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_random_damage_is_survived_or_refused(syntax, open_ended, flips):
    broken = bytearray(file(image(nested(2)), SYNTAXES[syntax], open_ended=open_ended))
    for at, value in flips:
        broken[at % len(broken)] = value
    assert outcome(OnDisk(bytes(broken))) == outcome(bytes(broken))
    try:
        content = cleaned(bytes(broken))
    except ImageError:
        return
    opened = open_file(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tags = list(pydicom.dcmread(io.BytesIO(content), force=True).keys())
    assert tags == sorted(tags)
    again = rewrite(opened.data, opened.start, opened.syntax, Order(CANCER_RESEARCH, KEYS, frozenset()))
    assert again.parts


def test_local_codes_become_pseudonyms_and_those_of_a_standard_stay():
    local = [(0x00080100, "SH", "CHEST01"), (0x00080102, "SH", "99LOCAL"), (0x00080104, "LO", "Chest of Zebediah")]
    known = [(0x00080100, "SH", "43255-9"), (0x00080102, "SH", "LN"), (0x00080104, "LO", "Chest")]
    lonely = [(0x00080100, "SH", "51185008")]
    found = rewritten((0x00081140, "SQ", [local, known, lonely])).ReferencedImageSequence
    assert (found[0].CodingSchemeDesignator, found[0].CodeMeaning) == ("99OTHER", "Chest of")
    assert found[0].CodeValue == label(b"CHEST01", KEYS).decode()
    assert (found[1].CodeValue, found[1].CodingSchemeDesignator, found[1].CodeMeaning) == ("43255-9", "LN", "Chest")
    assert found[2].CodeValue != "51185008"


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_words_in_the_place_of_numbers_are_emptied(syntax):
    words = [(0x00180050, "DS", "Zebediah"), (0x00189087, "FD", "Zebediah"), (0x00080031, "TM", "Zebediah")]
    content = cleaned(file(image(*words), syntax))
    assert b"Zebediah" not in open_file(content).data
    numbers = [(0x00180050, "DS", "1.5"), (0x00189087, "FD", bytes(8)), (0x00080031, "TM", "101112.5")]
    new = read(cleaned(file(image(*numbers), syntax)))
    assert (new.SliceThickness, new.DiffusionBValue, new.SeriesTime) == (1.5, 0.0, "101112.5")


@pytest.mark.parametrize("syntax", [EXPLICIT_LITTLE, SYNTAXES["big"]], ids=["explicit", "big"])
def test_an_attribute_of_unknown_kind_is_decided_as_what_the_dictionary_says_it_is(syntax):
    unknown = [
        (0x00081030, "UN", "CHEST Zebediah"),
        (0x00180050, "UN", "1.5 "),
        (0x00181020, "UN", "VB17A Zebediah"),
        (0x00189073, "UN", "Zebediah"),
        (0x0020000D, "UN", "1.2.3.4.5"),
        (0x00080020, "UN", "20040119"),
    ]
    new = read(cleaned(file(image(*unknown), syntax)))
    assert (new.StudyDescription, float(new.SliceThickness), new.SoftwareVersions) == ("CHEST", 1.5, "VB17A")
    assert new.StudyInstanceUID == KEYS.uid(b"1.2.3.4.5").decode()
    assert new.StudyDate == read(cleaned(file(image()))).StudyDate
    assert b"Zebediah" not in cleaned(file(image(*unknown), syntax))


@pytest.mark.parametrize("length", ["defined", "undefined"])
def test_a_known_sequence_of_unknown_kind_is_cleaned_like_others(length):
    implicit = Writer(IMPLICIT_LITTLE)
    inner = implicit.dataset([*NESTED, (0x00180050, "DS", "1.5 "), nested(2)])
    item = pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
    whole = pack("<HH2sHI", 0x0008, 0x1140, b"UN", 0, len(item) if length == "defined" else UNDEFINED) + item
    whole += b"" if length == "defined" else pack("<HHI", 0xFFFE, 0xE0DD, 0)
    body = Writer().dataset(image())
    at = body.index(pack("<HH", 0x0010, 0x0010))
    content = cleaned(write_file(EXPLICIT_LITTLE, CT, b"1.2.3.4.5.6", [body[:at], whole, body[at:]]))
    found = read(content).ReferencedImageSequence[0]
    assert b"Zebediah" not in content
    assert b"Quackenbush" not in content
    assert (found.SliceThickness, found.PatientName) == (1.5, read(content).PatientID)
    assert found.ReferencedSOPInstanceUID == read(content).SOPInstanceUID
    assert len(found.ReferencedImageSequence) == 1
