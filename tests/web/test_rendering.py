"""Templates escape what they are given, and show a count in one way only."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from jinja2 import UndefinedError

from oncommons.schema.answer import Count, Status, exact
from oncommons.web.rendering import STATIC, STATUS, Renderer

RENDERER = Renderer("0.1.0")


def count(value: Count) -> str:
    template = RENDERER.environment.from_string('{% import "parts.html" as parts %}{{ parts.count(c) }}')
    return template.render(c=value)


def test_an_exact_count_is_plain():
    assert count(exact(1922)) == '<span class="count exact">1,922</span>'


def test_other_counts_say_what_they_are_in_words():
    assert count(Count(920, 929, "rounded")) == (
        '<span class="count rounded">920–929<span class="unseen"> (rounded)</span></span>'
    )
    assert "&lt;10" in count(Count(0, 9, "suppressed"))
    assert "(suppressed: between 0 and 9)" in count(Count(0, 9, "suppressed"))
    assert "no bound is told" in count(Count(0, None, "suppressed"))
    assert "(noisy)" in count(Count(3, 9, "noisy"))


def test_what_is_given_is_escaped():
    text = RENDERER.environment.from_string("{{ x }}").render(x="<script>")
    assert text == "&lt;script&gt;"


def test_a_value_that_is_missing_is_an_error_and_not_an_empty_place():
    with pytest.raises(UndefinedError):
        RENDERER.environment.from_string("{{ nothing }}").render()


def test_a_page_has_its_status():
    hub = {"name": "h", "version": "1", "wire": 1, "issuer": "x", "time": 0}
    page = RENDERER.page("errors.html", 418, hub=hub, path="/", titles={"E1": "t"})
    assert page.status_code == 418
    assert b"E1" in page.body


def test_how_long_a_password_is_stands_in_no_template():
    templates = [one.read_text() for one in (STATIC.parent / "templates").glob("*.html")]
    hidden = [field for text in templates for field in re.findall(r'<input[^>]*type="password"[^>]*>', text)]
    fields = [field for field in hidden if 'name="pass"' not in field]  # which is that of a permit
    assert len(fields) > 3
    assert not [field for field in fields if re.search(r'length="\d', field)]


def test_every_status_of_a_node_has_a_sign_of_its_own():
    assert STATUS.keys() == set(get_args(Status))
    assert len({sign for sign, _ in STATUS.values()}) == len(STATUS)
