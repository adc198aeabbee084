"""What earlier attributes of an item say about later ones."""

import pytest
from tests.imaging.files import SYNTAXES, Writer

from oncommons.imaging.deid.content import CONCEPT_NAME, NUMBER, TEXT
from oncommons.imaging.deid.context import NO_CODE, Block, Scope, code_in
from oncommons.imaging.deid.elements import coding_of
from oncommons.schema.errors import DamagedImage

CODE = [(0x00080100, "SH", "121106"), (0x00080102, "SH", "DCM"), (0x00080104, "LO", "Comment")]
BINARY = {name: syntax for name, syntax in SYNTAXES.items() if name != "deflated"}


def found(items, syntax, *, open_ended=False, cut=None):
    data = Writer(syntax, open_ended=open_ended).sequence(CONCEPT_NAME, items)[:cut]
    coding = coding_of(syntax)
    return code_in(data, coding.element(data, 0), coding)


@pytest.mark.parametrize("open_ended", [False, True], ids=["defined", "undefined"])
@pytest.mark.parametrize("syntax", BINARY.values(), ids=BINARY)
def test_the_code_of_the_first_item_is_read(syntax, open_ended):
    assert found([CODE], syntax, open_ended=open_ended) == (b"121106", b"DCM")
    assert found([CODE[:1], CODE], syntax, open_ended=open_ended)[0] == b"121106"


@pytest.mark.parametrize("open_ended", [False, True], ids=["defined", "undefined"])
def test_without_an_item_there_is_no_code(open_ended):
    assert found([], BINARY["explicit"], open_ended=open_ended) == NO_CODE
    assert found([CODE[2:]], BINARY["explicit"], open_ended=open_ended) == NO_CODE


def test_a_code_that_is_cut_short_is_damage():
    with pytest.raises(DamagedImage):
        found([CODE], BINARY["explicit"], open_ended=True, cut=30)


def test_the_meaning_of_a_number_is_told_one_item_further_out():
    outer = Scope(codes={CONCEPT_NAME: (b"1", b"DCM")})
    inner = Scope(outer, codes={CONCEPT_NAME: (b"2", b"DCM")})
    assert inner.concept(NUMBER) == (b"1", b"DCM")
    assert inner.concept(TEXT) == (b"2", b"DCM")
    assert outer.concept(NUMBER) == NO_CODE


def test_a_creator_is_written_once_and_where_it_stood():
    parts, left = [b"before", b"", b"after"], []
    block = Block(b"MAKER", b"creator", parts, left, 1)
    block.claim()
    block.claim()
    assert (parts, left) == ([b"before", b"creator", b"after"], [b"creator"])
    assert Scope(blocks={(0x0019, 0x11): block}).block(0x0019110C) is block
    assert Scope().block(0x0019110C) is None


def test_a_creator_whose_place_is_given_up_is_not_written_any_more():
    open_one, written = (Block(b"MAKER", b"creator", [b""], [], place) for place in (0, -1))
    outer = Scope(blocks={(0x0019, 0x10): open_one, (0x0019, 0x11): written})
    Scope(outer).forget()
    assert (outer.block(0x0019100C), outer.block(0x0019110C)) == (None, written)
