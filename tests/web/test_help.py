"""Every error has its page, made of the documentation's text and of nothing that a reader could plant."""

from __future__ import annotations

import pytest

from oncommons.schema.errors import NotFound
from oncommons.web.help import TITLES, address, error_page, to_html


@pytest.mark.parametrize("code", TITLES)
def test_every_error_has_a_page(code):
    page = error_page(code)
    assert f"<h1>{code}" in page
    assert "How to resolve" in page


@pytest.mark.parametrize("code", ["E999", "../E101", "e101", ""])
def test_other_codes_have_none(code):
    with pytest.raises(NotFound):
        error_page(code)


def test_html_in_the_text_stays_text():
    assert "<script>" not in to_html("a <script>alert(1)</script> b\n\n<img src=x onerror=alert(1)>")


def test_links_lead_to_pages_that_are_here():
    page = to_html("[a](E101.md) [b](../reference-dictionary.md#x) [c](../explanation-trust.md) [d](javascript:x)")
    assert '<a href="/help/errors/E101">a</a>' in page
    assert '<a href="/dictionary">b</a>' in page
    assert " c " in page
    assert "javascript" not in page.replace("(javascript:x)", "")
    assert address("https://example.org/") == "https://example.org/"
    assert address("../errors/E204.md#why") == "/help/errors/E204"


def test_a_code_block_carries_no_class():
    assert "class" not in to_html("```json\n{}\n```")
