"""Pages for writing applications: one's own, one application, its sections, its documents, and how it reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from oncommons.client.applications import Applications
from oncommons.schema.application import Value
from oncommons.schema.errors import BadRequest, NotFound, OncommonsError
from oncommons.schema.errors_of_people import ForeignForm, NotSignedIn
from oncommons.web.application_views import (
    OUTCOMES,
    STATES,
    ApplicationView,
    application_view,
    in_words,
    kind_words,
    size_words,
)
from oncommons.web.application_writing import Sent, read_sent, saved
from oncommons.web.hub_pages import NO_STORE, HubPages, saving, shown_by
from oncommons.web.keeping import SESSION, check_form, is_foreign, kept
from oncommons.web.serving import Page, status_of
from oncommons.web.serving import Sent as SentPage

MOST_BYTES = 21_000_000
"""Bytes of a form with a document."""


class ApplicationPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/applications", self.for_signed_in(self.mine)),
            ("/applications/join/{secret}", self.for_signed_in(self.invited)),
            ("/applications/{id}", self.for_signed_in(self.one)),
            ("/applications/{id}/print", self.for_signed_in(self.printed)),
            ("/applications/{id}/json", self.for_signed_in(self.as_json)),
            ("/applications/{id}/earlier/{paragraph}", self.for_signed_in(self.earlier)),
            ("/applications/{id}/documents/{document}", self.for_signed_in(self.document)),
            ("/applications/{id}/write/{section}", self.for_signed_in(self.write)),
        )

    def sent_table(self) -> tuple[tuple[str, SentPage], ...]:
        """Paths of what is sent."""
        return (
            ("/applications", self._checked(self.begun)),
            ("/applications/join/{secret}", self._checked(self.joined)),
            ("/applications/{id}", self._checked(self.changed)),
            ("/applications/{id}/write/{section}", self._checked(self.written)),
        )

    def mine(self, request: Request) -> Response:
        """The applications that somebody writes, and invitations to others."""
        return self._page(request, "applications.html", found=self._hub(request).mine(), states=STATES)

    def begun(self, request: Request, sent: Sent) -> Response:
        """Begin an application, or become an author of one."""
        hub = self._hub(request)
        if sent.one("do") == "join":
            return RedirectResponse(f"/applications/{hub.join(sent.one('invitation'))}", 303)
        answers: dict[str, Value] = {}
        if question := sent.one("question"):
            answers = {"question": question, "datasets": tuple(sent.all("dataset"))}
        return RedirectResponse(f"/applications/{hub.begin(answers)}", 303)

    def invited(self, request: Request) -> Response:
        """What a link is for; looking does not use it up."""
        return self._page(request, "application_join.html")

    def joined(self, request: Request, _: Sent) -> Response:
        """Become an author by a link."""
        return RedirectResponse(f"/applications/{self._hub(request).join(request.path_params['secret'])}", 303)

    def one(self, request: Request) -> Response:
        """One application: what its sections lack, which terms fit, who writes it."""
        return self._one(request)

    def changed(self, request: Request, sent: Sent) -> Response:
        """Copy, delete, invite, take the newest form, and the like."""
        identifier, do = request.path_params["id"], sent.one("do")
        if do not in _DOINGS:
            raise BadRequest("The form does not say what to do.")
        try:
            where = _DOINGS[do](self._hub(request), identifier, sent)
        except (NotSignedIn, NotFound):
            raise
        except OncommonsError as fault:
            return self._one(request, fault=fault)
        if do == "invite":
            return self._one(request, link=where, whom=sent.one("email"))
        return RedirectResponse(where or f"/applications/{quote(identifier)}", 303)

    def write(self, request: Request) -> Response:
        """One section, to write."""
        return self._section(request)

    def written(self, request: Request, sent: Sent) -> Response:
        """Save a section, and do what else was asked for; nothing that was typed is lost by it."""
        identifier, name = request.path_params["id"], request.path_params["section"]
        told, fault = saved(self._hub(request), identifier, sent), None
        if _is_script(request):
            return JSONResponse(told.to_json(), headers={"cache-control": NO_STORE})
        try:
            told.do_rest(self._hub(request), identifier, sent)
        except NotSignedIn:
            raise
        except OncommonsError as problem:
            fault = problem
        if told.conflicts or fault:
            return self._section(request, fault=fault, conflicts=told.conflicts)
        after = f"?saved=1#{quote(told.place)}" if told.place else "?saved=1"
        going = sent.one("go")
        where = f"/applications/{quote(identifier)}" + (f"/write/{quote(going or name)}" if going != "-" else "")
        return RedirectResponse(where + (after if not going else ""), 303)

    def printed(self, request: Request) -> Response:
        """All of it on one page, to read and to print."""
        return self._page(request, "application_print.html", view=self._view(request))

    def as_json(self, request: Request) -> Response:
        """All of it for programs."""
        found = self._hub(request).one(request.path_params["id"])
        shown = {key: found[key] for key in ("application", "form", "people", "faults", "datasets", "comments")}
        headers = {"content-disposition": 'attachment; filename="application.json"', "cache-control": NO_STORE}
        return Response(json.dumps(shown, indent=2, ensure_ascii=False), media_type="application/json", headers=headers)

    def earlier(self, request: Request) -> Response:
        """Earlier texts of a paragraph."""
        view, name = self._view(request), request.path_params["paragraph"]
        found = self._hub(request).earlier(view.application.id, name)
        asked = view.form.paragraph(name)
        home = next((s for s in view.sections if asked in s.section.paragraphs), None)
        texts = [one | {"text": in_words(one["value"])} for one in found]
        return self._page(
            request, "application_earlier.html", view=view, name=name, asked=asked, home=home, found=texts
        )

    def document(self, request: Request) -> Response:
        """A document, to be kept and not shown."""
        return saving(self._hub(request).document(request.path_params["id"], request.path_params["document"]))

    def _hub(self, request: Request) -> Applications:
        return Applications(shown_by(self.connection, request).transport)

    def _view(self, request: Request, section: str = "", **more: Any) -> ApplicationView:
        return application_view(self._hub(request).one(request.path_params["id"]), section, **more)

    def _one(self, request: Request, fault: OncommonsError | None = None, **told: Any) -> Response:
        shown = {"link": "", "whom": "", **told}
        return self._page(request, "application.html", fault, view=self._view(request), **shown)

    def _section(
        self, request: Request, fault: OncommonsError | None = None, conflicts: Mapping[str, Any] | None = None
    ) -> Response:
        name = request.path_params["section"]
        view = self._view(request, name, conflicts=conflicts)
        if not view.application.is_open:
            return RedirectResponse(f"{view.href}/print", 303)
        names = [one.section.id for one in view.sections]
        if name not in names:
            raise NotFound("The form has no such section.")
        place = names.index(name)
        shown = {"section": view.sections[place], "after": (*names[place + 1 :], "-")[0]}
        status = 409 if conflicts and fault is None else None
        saved_now = request.query_params.get("saved") == "1" and not conflicts and fault is None
        return self._page(request, "application_write.html", fault, status=status, view=view, saved=saved_now, **shown)

    def _page(self, request: Request, template: str, fault: OncommonsError | None = None, **shown: Any) -> Response:
        words = {"outcomes": OUTCOMES, "size": size_words, "kind": kind_words}
        return self.inside(request, template, fault, **words, **shown)

    def _unsaved(self, request: Request, sent: Sent, fault: OncommonsError | None = None) -> Response:
        """What was typed and could not be saved, such as when the session ended, so that it is not lost."""
        ended = fault is None or isinstance(fault, ForeignForm)
        told = None if ended else fault
        status = 401 if ended else None
        return self._page(request, "application_unsaved.html", told, status=status, texts=sent.texts)

    def sign_in_first(self, request: Request) -> Response:
        """Scripts are told so; they keep what was typed."""
        if _is_script(request):
            return JSONResponse(NotSignedIn("Sign in, and save again.").to_json(), 401)
        return super().sign_in_first(request)

    def _checked(self, page: Callable[[Request, Sent], Response]) -> SentPage:
        """A page that is sent a form of ours."""

        @wraps(page)
        def shown(request: Request, body: bytes) -> Response:
            sent = read_sent(request.headers.get("content-type", ""), body)
            try:
                if session := kept(request, SESSION):
                    check_form(request, session, {"form": sent.one("form")})
                    return page(request, sent)
            except NotSignedIn:
                pass
            except OncommonsError as fault:
                if _is_script(request):
                    return JSONResponse(fault.to_json(), status_of(fault))
                if is_foreign(request) or not sent.texts:
                    raise
                return self._unsaved(request, sent, fault)
            has_texts = not is_foreign(request) and sent.texts and not _is_script(request)
            return self._unsaved(request, sent) if has_texts else self.sign_in_first(request)

        return shown


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _copied(hub: Applications, identifier: str, _: Sent) -> str:
    return f"/applications/{hub.copy(identifier)}"


def _deleted(hub: Applications, identifier: str, _: Sent) -> str:
    hub.delete(identifier)
    return "/applications"


def _form_taken(hub: Applications, identifier: str, _: Sent) -> str:
    hub.take_form(identifier)
    return ""


def _invited(hub: Applications, identifier: str, sent: Sent) -> str:
    return hub.invite(identifier, sent.one("email").strip())


def _withdrawn(hub: Applications, identifier: str, sent: Sent) -> str:
    hub.withdraw(identifier, sent.one("id"))
    return ""


def _left(hub: Applications, identifier: str, sent: Sent) -> str:
    hub.leave(identifier, sent.one("author"))
    return "/applications" if sent.one("self") else ""


def _detached(hub: Applications, identifier: str, sent: Sent) -> str:
    hub.detach(identifier, sent.one("id"))
    return ""


_DOINGS: Mapping[str, Callable[[Applications, str, Sent], str]] = {
    "copy": _copied,
    "delete": _deleted,
    "form": _form_taken,
    "invite": _invited,
    "withdraw": _withdrawn,
    "leave": _left,
    "detach": _detached,
}
"""What can be done on the page of an application, and where one goes from there."""
