"""An object says what was done to it."""

import pytest
from tests.imaging.files import SYNTAXES, Writer

from oncommons.imaging.deid.elements import coding_of
from oncommons.imaging.deid.rules import CANCER_RESEARCH, COLUMNS, Profile
from oncommons.imaging.deid.statement import CODES, statement, written


def test_every_option_of_the_table_has_its_code_of_cid_7050():
    assert set(CODES) == {"basic", *COLUMNS}
    assert sorted(code for code, _ in CODES.values()) == [str(113100), *(str(n) for n in range(113103, 113113))]


def test_the_attributes_come_in_order_and_with_even_lengths():
    told = statement(CANCER_RESEARCH)
    assert [tag for tag, _, _ in told] == [0x00120062, 0x00120063, 0x00120064, 0x00280303]
    flat = [value for _, _, value in told if isinstance(value, bytes)]
    inner = [text for _, _, value in told if isinstance(value, list) for item in value for _, _, text in item]
    assert all(len(value) % 2 == 0 for value in flat + inner)


@pytest.mark.parametrize(("options", "said"), [({"modified"}, b"MODIFIED"), (set(), b"REMOVED ")])
def test_it_tells_whether_dates_were_moved_or_removed(options, said):
    assert statement(Profile("p", frozenset(options)))[-1][2] == said


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_it_is_written_as_elements_of_each_syntax(syntax):
    elements = [(tag, vr.decode(), value) for tag, vr, value in statement(CANCER_RESEARCH)]
    as_lists = [
        (tag, vr, value if isinstance(value, bytes) else [[(t, v.decode(), x) for t, v, x in item] for item in value])
        for tag, vr, value in elements
    ]
    writer = Writer(syntax, open_ended=True)
    assert written(CANCER_RESEARCH, coding_of(syntax)) == tuple((e[0], writer.element(*e)) for e in as_lists)
