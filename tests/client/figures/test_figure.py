"""Figures as files: safe to stand in a page, the same each time, and a clear word where matplotlib is missing."""

import re
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from tests.client.figures.records import by_grade, record

from oncommons.client.figures import figures_of
from oncommons.schema.errors_of_analyses import FiguresNeedPackage

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def figure():
    return figures_of(by_grade())[0]


def test_what_is_drawn_is_the_same_each_time(figure):
    assert figure.svg() == figure.svg()
    assert figure.pdf() == figure.pdf()
    assert figure._repr_svg_().encode() == figure.svg()


def test_the_words_of_a_figure_need_nothing_that_draws(figure, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert figures_of(by_grade())[0].caption == figure.caption
    with pytest.raises(FiguresNeedPackage, match=r"pip install 'oncommons\[figures\]'"):
        figure.svg()


def test_a_column_is_narrower_than_a_page(figure):
    widths = [float(re.search(rb'width="([\d.]+)pt"', figure.svg(width))[1]) for width in ("page", "column")]
    assert widths == pytest.approx([174 / 25.4 * 72, 85 / 25.4 * 72], abs=0.01)


def test_names_that_would_break_out_of_a_page_are_text(figure):
    evil = replace(figure, title="</title><script>alert(1)</script>", caption='" onload="x & <b> ]]>')
    root = ET.fromstring(evil.svg())
    assert root.find(f"{SVG}title").text == evil.title
    assert root.find(f"{SVG}desc").text == evil.caption
    assert not list(root.iter(f"{SVG}script"))


def test_groups_of_any_name_are_drawn_as_they_are():
    head = ["group", "time", "at_risk", "events", "survival", "low", "high"]
    for name in ("<script>x</script>", "$\\frac$ $x^2$", "小細胞", "", "a" * 300):
        (figure,) = figures_of(record(tables={"curve": [head, [name, 3.0, 4, 1, 0.75, 0.1, 0.9]]}))
        texts = [one.text for one in ET.fromstring(figure.svg()).iter(f"{SVG}text")]
        assert figure.table[1][0] in texts
    assert figure.pdf("column").startswith(b"%PDF")
