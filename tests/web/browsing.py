"""How the tests look at pages in a real browser, and what they ask of each."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ONLY = {"resultTypes": ["violations"]}
"""What passes is counted and not described, which takes as long as to look."""
RULES = ONLY | {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SMALL_AND_DARK = ONLY | {
    "runOnly": {
        "type": "rule",
        "values": ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
    }
}
WIDTH = "document.documentElement.scrollWidth"
LIGHT_AND_WIDE = {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}}
NEEDS_CHROMIUM = pytest.mark.skipif(not CHROMIUM.exists(), reason="chromium is not installed at /usr/bin/chromium")


@contextmanager
def started(*arguments):
    """Chromium."""
    sync_api = importlib.import_module("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(arguments))
        yield browser
        browser.close()


@contextmanager
def looking(chromium, url: str, **options):
    """A page that notes every request that leaves for another host, and every complaint in the console."""
    context = chromium.new_context(**options)
    context.set_default_timeout(20_000)
    page = context.new_page()
    heard: list[str] = []
    page.on("request", lambda r: heard.append(r.url) if urlsplit(r.url).netloc != urlsplit(url).netloc else None)
    page.on("console", lambda m: heard.append(m.text) if m.type in {"error", "warning"} else None)
    page.on("pageerror", lambda e: heard.append(str(e)))
    yield page, heard
    context.close()


def begin(page, heard: list[str]) -> None:
    """A page that was looked at is light and wide again, for the next address, and what it said is forgotten."""
    page.emulate_media(color_scheme=LIGHT_AND_WIDE["color_scheme"])
    page.set_viewport_size(LIGHT_AND_WIDE["viewport"])
    heard.clear()


def examine(page, unfold: str, narrow: int) -> None:
    """A page, light and wide, and then dark and narrow, fits and is accessible.

    The second look does not bring axe again, which is half a megabyte; it is still in the page.

    Args:
        page: The page.
        unfold: A script that opens what is folded.
        narrow: Width of a small screen, in pixels.
    """
    axe = importlib.import_module("axe_playwright_python.sync_playwright").Axe
    assert page.evaluate(WIDTH) <= LIGHT_AND_WIDE["viewport"]["width"]
    page.evaluate(unfold)
    found = axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": narrow, "height": 800})
    assert page.evaluate(WIDTH) <= narrow
    found = axe(axe_script="0").run(page, options=SMALL_AND_DARK)
    assert found.violations_count == 0, found.generate_report()
