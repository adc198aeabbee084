"""Templates to HTML: one environment, escaping always on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from oncommons.schema.people import LONGEST_PASSWORD, SHORTEST_PASSWORD
from oncommons.web.watched import SIGNS

STATIC = Path(__file__).parent / "static"
NAVIGATION = (
    ("/", "Home"),
    ("/ask", "Find data"),
    ("/analyses", "Analyses"),
    ("/datasets", "Datasets"),
    ("/nodes", "Nodes"),
    ("/projects", "Projects"),
    ("/dictionary", "Dictionary"),
    ("/about", "About this hub"),
    ("/account", "Sign in"),
)
"""Pages for everybody, and the door."""
INBOX = ("/inbox", "Inbox")
APPLICATIONS = ("/applications", "Applications")
OWN = (APPLICATIONS, ("/decisions", "Decisions"), INBOX, ("/account", "Account"))
"""Pages of who is signed in, in the place of the door; applications only where a hub lets its people alone ask."""
PROMISE = (
    "Data stay at home. These pages call no other host, and set cookies for signing in and for a permit’s pass only."
)
PRESENCE = {
    "online": ("●", "asked for work within the last minute, or is asking now"),
    "away": ("◐", "has not called for more than a minute"),
    "never": ("○", "has never called"),
    "revoked": ("✕", "its key is no longer accepted"),
}
"""Sign of each presence, and what it means."""
STATUS = {
    "answered": ("✓", "answered in time and is in the numbers"),
    "late": ("◷", "answered after the deadline; its numbers are shown but not counted"),
    "silent": ("○", "said nothing; that is not the same as having no matches"),
    "refused": ("✕", "said no, with a reason"),
    "waiting": ("◔", "waits for the consent of its data manager; ask again later"),
    "unasked": ("–", "was not asked, since the question names other nodes"),
}
"""Sign of each status, and what it means."""
PERMITTED = {
    "holds": ("●", "may ask now", "granted"),
    "not yet": ("○", "begins later", ""),
    "ended": ("–", "has ended", ""),
    "revoked": ("✕", "was taken back", "refused"),
}
"""Sign of how a permit stands, what it means, and how it looks."""


class Renderer:
    """Draws pages.

    Args:
        version: Version of oncommons; also tells browsers when the style sheet has changed.
        navigation: Addresses and names of the pages.
        promise: What the foot of every page says.
    """

    def __init__(
        self, version: str, navigation: Sequence[tuple[str, str]] = NAVIGATION, promise: str = PROMISE
    ) -> None:
        self.environment = Environment(
            loader=PackageLoader("oncommons.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            version=version,
            navigation=navigation,
            promise=promise,
            presences=PRESENCE,
            statuses=STATUS,
            standings=SIGNS,
            password_lengths=(SHORTEST_PASSWORD, LONGEST_PASSWORD),
            permitted=PERMITTED,
        )

    def text(self, template: str, **values: Any) -> str:
        """A template as HTML text."""
        return self.environment.get_template(template).render(**values)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A template as a response."""
        return HTMLResponse(self.text(template, **values), status)
