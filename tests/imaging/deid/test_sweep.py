"""The second look finds what is the patient's wherever it stands."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.imaging.files import KEYS, SYNTAXES, OnDisk, file, image, read

from oncommons.imaging.deid import sweep
from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.imaging.deid.sweep import left_over, occurs, tokens_in
from oncommons.imaging.pieces import Span
from oncommons.schema.errors import StillIdentifies


def cleaned(*more, syntax=SYNTAXES["explicit"]):
    return read(deidentify(file(image(*more), syntax), CANCER_RESEARCH, KEYS).content)


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
@pytest.mark.parametrize("told", ["mrn-778812", "x Quackenbush", "ZEBEDIAH", "19510203", "1.2.3.4.5.6"])
def test_what_is_the_patient_s_goes_from_a_technical_attribute_and_all_else_stays(told, syntax):
    plain, new = cleaned((0x00181160, "SH", "WEDGE"), syntax=syntax), cleaned((0x00181160, "SH", told), syntax=syntax)
    assert plain.FilterType == "WEDGE"
    assert new.FilterType in {"", "x"}
    del plain.FilterType, new.FilterType
    assert plain == new


def test_of_several_codes_only_that_of_the_patient_goes():
    new = cleaned((0x00080008, "CS", "DERIVED\\PRIMARY\\ZEBEDIAH\\RCBF"), (0x00180022, "CS", "QUACKENBUSH"))
    assert new.ImageType == ["DERIVED", "PRIMARY", "", "RCBF"]
    assert new.ScanOptions == ""


def test_a_patient_named_like_a_kind_of_image_takes_nothing_from_image_type():
    new = cleaned((0x00080008, "CS", "DERIVED\\PRIMARY\\PERFUSION\\RCBF"), (0x00100010, "PN", "Perfusion^Ada"))
    assert new.ImageType == ["DERIVED", "PRIMARY", "PERFUSION", "RCBF"]


def test_it_is_found_inside_sequences():
    new = cleaned((0x00081140, "SQ", [[(0x00181160, "SH", "MRN-778812"), (0x00180050, "DS", "5")]]))
    assert new.ReferencedImageSequence[0].FilterType == ""
    assert new.ReferencedImageSequence[0].SliceThickness == 5


@pytest.mark.parametrize("form", [b"Quackenbush", b"QUACKENBUSH", b"quackenbush"])
def test_a_long_name_in_the_pixels_is_refused(form):
    with pytest.raises(StillIdentifies) as refused:
        cleaned((0x7FE00010, "OW", bytes(9) + form + bytes(12)))
    assert "quackenbush" in refused.value.detail
    assert "quackenbush" not in refused.value.message.lower()


def test_a_short_name_in_the_pixels_is_chance():
    new = cleaned((0x00100010, "PN", "Doe^Jo"), (0x7FE00010, "OW", b"DOE^" * 8))
    assert new.PixelData == b"DOE^" * 8


@pytest.mark.parametrize("name", ["Ali", "Dina", "Pat", "Remo", "Profile^Basic", "Yes"])
def test_a_name_that_our_own_words_hold_is_no_reason_to_refuse(name):
    assert cleaned((0x00100010, "PN", name)).PatientIdentityRemoved == "YES"


@pytest.mark.parametrize(
    "name", ["Smith^Mary", "Gina", "Ono^Rim", "Tan", "Sie^Men", "Axia", "Heli^Cal", "Dard", "Max^Ian"]
)
def test_a_name_that_lies_inside_a_harmless_word_takes_nothing_away(name):
    known = [
        (0x00080070, "LO", "SIEMENS"),
        (0x00180022, "CS", "HELICAL MODE"),
        (0x00181210, "SH", "STANDARD"),
        (0x00280004, "CS", "MONOCHROME2"),
    ]
    plain, new = cleaned(*known), cleaned(*known, (0x00100010, "PN", name))
    assert plain == new
    assert new.ImageType == ["ORIGINAL", "PRIMARY", "AXIAL"]


@pytest.mark.parametrize("told", ["Mary", "MARY", "scanMary", "mary1", "PRIMARYMARY", "x" * 300 + "mary"])
def test_the_same_name_in_any_other_word_is_found(told):
    assert cleaned((0x00100010, "PN", "Smith^Mary"), (0x00181160, "SH", told)).FilterType == ""


def test_of_two_words_the_harmless_one_stays():
    assert cleaned((0x00100010, "PN", "Smith^Mary"), (0x00181160, "SH", "Primary Mary")).FilterType == "Primary"


def test_no_word_is_so_long_that_looking_round_a_name_takes_long():
    assert occurs(b"mary", b"a" * 3_000_000 + b"mary" + b"a" * 3_000_000)
    assert not occurs(b"mary", b"primary " * 300_000)


@pytest.mark.parametrize("identifier", ["1234", "2025", "0000"])
def test_a_short_number_that_our_own_uids_hold_by_chance_is_no_reason_to_refuse(identifier):
    uids = "\\".join(f"1.2.9{i}" for i in range(300))
    new = cleaned((0x00100020, "LO", identifier), (0x00081155, "UI", uids))
    assert len(new.ReferencedSOPInstanceUID) == 300


def test_a_patient_named_like_an_organ_loses_the_description():
    new = cleaned((0x00100010, "PN", "Brain^Ada"), (0x0008103E, "LO", "brain axial"))
    assert new.SeriesDescription == ""


@pytest.mark.parametrize(
    ("seen", "tokens"),
    [
        ((0x00100010, "PN", b"Doe^Jane=X Y\0"), {b"doe", b"jane"}),
        ((0x00100010, "PN", b"Anonymous^Li"), set()),
        ((0x00080020, "DA", b"20040119"), {b"20040119"}),
        ((0x00080020, "DA", b"2004"), set()),
        ((0x00080018, "UI", b"1.2.3\\1.2.840.10008.1.2"), {b"1.2.3"}),
        ((0x00080018, "UI", b"\\1.2.3"), {b"1.2.3"}),
        ((0x00100020, "LO", b" AB12 "), {b"ab12"}),
        ((0x00100020, "LO", b"123"), set()),
        ((0x0008103E, "LO", b"CHEST"), set()),
    ],
)
def test_only_what_tells_who_it_is_is_looked_for(seen, tokens):
    assert tokens_in(*seen) == tokens


def test_what_was_written_instead_is_not_looked_for():
    pseudonym = KEYS.patient(b"MRN-778812").decode()
    pixels = pseudonym.encode().ljust(32)
    assert cleaned((0x00100010, "PN", pseudonym), (0x7FE00010, "OW", pixels)).PixelData == pixels


def test_left_over_looks_across_the_pieces_but_not_for_short_ones_in_pixels():
    tokens = frozenset({b"doe", b"quackenbush"})
    assert left_over([b"xD", b"OEx"], [], tokens) == {b"doe"}
    assert left_over([b"head"], [[b"doe Quackenbush"]], tokens) == {b"quackenbush"}
    assert left_over([b"head"], [[b"doe Quack", b"enbush"]], tokens) == {b"quackenbush"}
    assert left_over([b"head"], [[b"quack"], [b"enbush"]], tokens) == frozenset()
    assert left_over([b"head"], [], tokens) == frozenset()


def brute(left, pixels, tokens):
    """Every token looked for in every byte, one after the other."""
    small = b"".join(left).lower()
    found = {t for t in tokens if occurs(t, small)}
    long = [t for t in tokens if len(t) >= 8 and t not in found]
    wholes = list(map(b"".join, pixels))
    return found | {t for t in long for p in wholes for form in (t, t.upper(), t.title()) if form in p}


UIDS = st.from_regex(rb"1\.3\.6\.1\.4\.1\.14519\.[0-9.]{1,12}", fullmatch=True)
TOKENS = st.one_of(UIDS, st.from_regex(rb"[0-9]{4,9}|[a-z]{3,12}|[a-z0-9\xe0-\xff-]{4,20}|mary|econd", fullmatch=True))
WORDS = st.sampled_from([b"PRIMARY", b"primary ", b"SECONDARY", b"MARY2", b"Secondly"])


@st.composite
def hidden(draw):
    """Tokens, and bytes in pieces that hold some of them in some form."""
    tokens = draw(st.lists(TOKENS, min_size=1, max_size=8))
    forms = st.sampled_from(
        [f for t in tokens for f in (t, t.upper(), t.title(), t.swapcase(), t[:-1], b"-" + t, t + b".5")]
    )
    bytes_ = st.lists(st.one_of(forms, WORDS, st.binary(max_size=40), st.just(bytes(30))), max_size=8).map(b"".join)

    def pieces():
        whole = draw(bytes_)
        places = sorted({0, len(whole), *draw(st.lists(st.integers(0, len(whole)), max_size=4))})
        return [whole[start:end] for start, end in pairwise(places)]

    return pieces(), [pieces() for _ in range(draw(st.integers(0, 2)))], frozenset(tokens)


def on_disk(pieces):
    """The same pieces, every second one as a place in a large file."""
    return [Span(OnDisk(b"abc" + p + b"def"), 3, 3 + len(p)) if i % 2 else p for i, p in enumerate(pieces)]


@pytest.mark.parametrize("lay", [list, on_disk])
@given(found=hidden(), stretch=st.integers(16, 64), chunk=st.integers(16, 64))
def test_what_is_found_is_what_looking_for_each_token_in_every_byte_finds(lay, found, stretch, chunk):
    left, pixels, tokens = found
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep, "_STRETCH", stretch)  # so that tokens lie across their ends
        patch.setattr(sweep, "CHUNK", chunk)
        assert left_over(lay(left), [lay(p) for p in pixels], tokens) == brute(left, pixels, tokens)


@pytest.mark.parametrize(
    ("token", "where", "found"),
    [
        (b"1024", b"scan 1024 a", True),
        (b"1024", b"1024", True),
        (b"1024", b"-1024", False),
        (b"1024", b"1024.5", False),
        (b"1024", b"31024", False),
        (b"102400", b"x102400y", True),
        (b"doe1", b"xdoe1y", True),
    ],
)
def test_a_short_number_is_found_only_where_it_stands_alone(token, where, found):
    assert occurs(token, where) is found
