"""Help pages of the errors: the documentation's own text, found in the wheel or in the checkout, made to HTML."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from oncommons.schema.errors import NotFound, every_error

TITLES: Mapping[str, str] = MappingProxyType({kind.code: kind.title for kind in every_error()})
"""Code of each error to its title, in the order of the tree."""
_CHECKOUT = Path(__file__).resolve().parents[3] / "docs" / "errors"
_PAGES: Mapping[str, str] = MappingProxyType(
    {"reference-dictionary.md": "/dictionary", "reference-errors.md": "/help/errors"}
)
_CODE = re.compile(r"(?:.*/)?(E\d{3})\.md")


def error_page(code: str) -> Markup:
    """The page of an error, safe to put into a page of ours.

    Raises:
        NotFound: there is no such error.
    """
    if code not in TITLES:
        raise NotFound(f"There is no error with the code {code[:20]!r}.")
    return to_html(_read(code))


def to_html(text: str) -> Markup:
    """Markdown as HTML; HTML in it stays text, and links to pages that are not here become plain text."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.children:
            token.children = _links(token.children)
        if token.type == "fence":
            token.info = ""
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704  HTML in the source is disabled


def address(link: str) -> str:
    """Where a link of the documentation leads on the pages; empty where it leads nowhere here."""
    if link.startswith("https://"):
        return link
    path = link.partition("#")[0]
    if found := _CODE.fullmatch(path):
        return f"/help/errors/{found[1]}"
    return _PAGES.get(path.rpartition("/")[2], "")


def _links(tokens: list[Token]) -> list[Token]:
    kept, open_ = [], []
    for token in tokens:
        if token.type == "link_open":
            href = address(str(token.attrs.get("href", "")))
            open_.append(bool(href))
            token.attrs["href"] = href
            if not href:
                continue
        if token.type == "link_close" and not open_.pop():
            continue
        kept.append(token)
    return kept


def _read(code: str) -> str:
    packed = importlib.resources.files("oncommons.web") / "errors" / f"{code}.md"
    if packed.is_file():
        return packed.read_text(encoding="utf-8")
    unpacked = _CHECKOUT / f"{code}.md"
    if unpacked.is_file():
        return unpacked.read_text(encoding="utf-8")
    return f"# {code} {TITLES[code]}\n\nThe text of this page is not installed here."
