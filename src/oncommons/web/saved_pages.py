"""Pages of saved questions: all of them, one of them, and the form that saves one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.schema.parsing import parse_question_text
from oncommons.web.hub_pages import HubPages, shown_by
from oncommons.web.keeping import SESSION, check_form, kept
from oncommons.web.serving import Page, check_own_page
from oncommons.web.uploads import form_fields
from oncommons.web.watched import watched_view


class SavedPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (("/saved", self.every), ("/saved/{digest}", self.one))

    def save(self, request: Request, body: bytes) -> Response:
        """Save a question under a name."""
        check_own_page(request)
        sent = dict(form_fields(body))
        if session := kept(request, SESSION):
            check_form(request, session, sent)
        question = parse_question_text(sent.get("question", "")).to_json()
        reach = sent.get("reach", "").strip()
        number = None if not reach else int(reach) if reach.isascii() and reach.isdecimal() else -1
        found = shown_by(self.connection, request).save(sent.get("name", ""), question, number)
        return RedirectResponse(f"/saved/{found.id}", 303)

    def every(self, request: Request) -> Response:
        """Every saved question that one may see."""
        return self.show(request, "saved_all.html", saved=shown_by(self.connection, request).saved())

    def one(self, request: Request) -> Response:
        """One saved question: how to cite it, what it found, what is waited for."""
        found = shown_by(self.connection, request).saved_question(request.path_params["digest"])
        return self.show(request, "saved.html", view=watched_view(found))
