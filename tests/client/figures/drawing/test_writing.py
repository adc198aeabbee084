"""SVG and PDF as they are written."""

import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from tests.client.figures.records import by_grade

from oncommons.client.figures import figures_of
from oncommons.client.figures.drawing.writing import XLINK

PRESENTATION = {
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linejoin", "stroke-linecap", "opacity",
    "stroke-dasharray", "stroke-dashoffset", "font-size", "font-family", "font-weight", "font-style", "text-anchor",
    "clip-path", "transform", "d", "x", "y", "width", "height", "id", f"{{{XLINK}}}href", "viewBox", "version", "role",
    "aria-labelledby", "aria-describedby", "stroke-miterlimit",
}  # fmt: skip


@pytest.fixture(scope="module")
def figure():
    return figures_of(by_grade())[0]


def test_a_drawing_can_stand_in_a_page_that_allows_no_style_and_no_script(figure):
    root = ET.fromstring(figure.svg())
    kinds = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert kinds <= {"svg", "title", "desc", "defs", "g", "path", "use", "text", "clipPath", "rect"}
    assert {name for one in root.iter() for name in one.attrib} <= PRESENTATION
    said = figure.svg().decode().replace('xmlns="http://www.w3.org/2000/svg"', "").replace(f'xmlns:xlink="{XLINK}"', "")
    assert "http" not in said


def test_those_who_do_not_see_it_hear_title_and_caption(figure):
    root = ET.fromstring(figure.svg())
    by_id = {one.get("id"): one.text for one in root}
    assert root.get("role") == "img"
    assert by_id[root.get("aria-labelledby")] == figure.title
    assert by_id[root.get("aria-describedby")] == figure.caption


def test_identifiers_are_unique_even_of_two_drawings_in_one_page(figure):
    found = [one.get("id") for width in ("page", "column") for one in ET.fromstring(figure.svg(width)).iter()]
    known = [name for name in found if name]
    assert len(known) == len(set(known))
    assert all(name.startswith("survival-") for name in known)


def test_what_is_referred_to_is_there(figure):
    root = ET.fromstring(figure.svg())
    known = {one.get("id") for one in root.iter()}
    used = [one.get(f"{{{XLINK}}}href") for one in root.iter() if one.get(f"{{{XLINK}}}href")]
    used += re.findall(r"url\((#[^)]+)\)", figure.svg().decode())
    assert len(used) > 3
    assert {name.removeprefix("#") for name in used} <= known


def test_text_is_text(figure):
    texts = [one.text for one in ET.fromstring(figure.svg()).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Overall survival", "People at risk", "III", "444", "100%", "Log-rank test: p < 0.001"} <= set(texts)


def test_a_pdf_embeds_its_letters_and_tells_no_date(figure):
    pdf = figure.pdf()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    assert b"(Survival by grade)" in pdf


def test_the_settings_of_whoever_draws_change_nothing_and_are_left_alone(figure):
    plain = figure.svg()
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert figure.svg() == plain
        assert mpl.rcParams["font.size"] == 30


def test_several_can_draw_at_the_same_time(figure):
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: figure.svg("column"), range(8)))) == 1
