"""Every error code has a help page, and every help page has a code."""

from collections import Counter
from pathlib import Path

import pytest

from oncommons.schema.errors import every_error

PAGES = Path(__file__).parents[2] / "docs" / "errors"
KINDS = list(every_error())
SECTIONS = ["## What happened", "## How to resolve"]


def sections_of(text):
    """Headings of the second level, each with the number of words below it."""
    parts = text.split("\n## ")[1:]
    return {f"## {part.partition(chr(10))[0]}": len(part.partition("\n")[2].split()) for part in parts}


def test_no_two_errors_share_a_code():
    assert [code for code, times in Counter(kind.code for kind in KINDS).items() if times > 1] == []


def test_every_page_has_a_code():
    assert {page.stem for page in PAGES.iterdir()} <= {kind.code for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
class TestPage:
    def test_it_is_there_and_bears_the_title(self, kind):
        text = (PAGES / f"{kind.code}.md").read_text(encoding="utf-8")
        assert text.splitlines()[0] == f"# {kind.code} {kind.title}"

    def test_it_says_what_happened_and_how_to_resolve_it(self, kind):
        found = sections_of((PAGES / f"{kind.code}.md").read_text(encoding="utf-8"))
        assert list(found) == SECTIONS
        assert min(found.values()) > 5

    def test_it_is_crisp(self, kind):
        text = (PAGES / f"{kind.code}.md").read_text(encoding="utf-8")
        assert 8 <= len(text.splitlines()) <= 25
