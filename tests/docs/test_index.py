"""The index lists every page, the README runs something at once, and limits that pages name are those of the code."""

import re
import tomllib
from pathlib import Path

import pytest

from oncommons.schema import parsing

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LIMITS = ["MAX_BYTES", "MAX_DEPTH", "MAX_CRITERIA", "MAX_CODES", "MAX_GROUPINGS", "MAX_INTEGER"]
PURPOSES = ("tutorial-", "how-to-", "explanation-", "reference-")


def pages():
    return [page for page in [*DOCS.glob("*.md"), *(DOCS / "decisions").glob("*.md")] if page.name != "index.md"]


def test_the_index_lists_every_page():
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.name for page in pages() if f"{page.relative_to(DOCS).as_posix()})" not in index] == []


def test_pages_are_named_by_purpose():
    others = {page.name for page in DOCS.glob("*.md") if not page.name.startswith(PURPOSES)}
    assert others == {"index.md", "why.md", "benchmarks.md"}


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "decisions").iterdir())
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_readme_runs_something_by_line_20():
    head = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:20]
    assert "python -m pip install '.[demo]' && oncommons demo" in head


@pytest.mark.parametrize("limit", LIMITS)
def test_the_limits_of_a_question_are_those_of_the_code(limit):
    page = (DOCS / "how-to-write-a-question.md").read_text(encoding="utf-8")
    assert f"| {getattr(parsing, limit):,} |\n" in page


def test_the_stairs_in_the_hub_are_those_that_are_checked():
    """The page told of an order that was not the one of the contract."""
    told = next(line for line in (DOCS / "explanation-rooms.md").read_text("utf-8").splitlines() if "**Stairs" in line)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (layers,) = [one["layers"] for one in project["tool"]["importlinter"]["contracts"] if one["name"][:2] == "5."]
    slices = [one for one in reversed(layers) if "commands" not in one]
    assert re.findall(r"`(\w+)`", told) == slices
