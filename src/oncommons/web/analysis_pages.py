"""Pages of analyses: which there are and where they are made, and the form that makes one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.decisions import Decisions
from oncommons.client.runs import Going, analyses_at, begin
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.web import controls, holdings
from oncommons.web.form import Form, read_form
from oncommons.web.hub_pages import NO_STORE, HubPages, shown_by
from oncommons.web.keeping import FORM, SESSION, check_form, form_token, keep, kept, kept_pass, new_form_secret
from oncommons.web.run_asking import RunDraft, cohort_of, refused, run_draft
from oncommons.web.run_controls import fitted, role_views, setting_views
from oncommons.web.run_form import command_line
from oncommons.web.run_views import made_where
from oncommons.web.serving import Page, Sent, status_of
from oncommons.web.uploads import form_fields


class AnalysisPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (("/analyses", self.every), ("/analyses/{name}", self.one))

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (("/analyses/{name}", self.typed),)

    def every(self, request: Request) -> Response:
        """Every analysis: what it computes, what it takes, and which nodes make it."""
        told = analyses_at(shown_by(self.connection, request))
        found = [(one, made_where(one, told)) for one in told["analyses"]]
        return self.show(request, "analyses.html", found=found)

    def one(self, request: Request) -> Response:
        """The form of an analysis, empty or as a run was that was made before."""
        told, analysis = self._analysis(request)
        draft = RunDraft(Form())
        if before := request.query_params.get("again", ""):
            seen = Going(shown_by(self.connection, request), "", before).look().body
            run = (seen.get("record") or seen).get("run", {})
            draft = run_draft(analysis, Form({"run": (json.dumps(run),)}), "check")
        return self._page(request, (told, analysis), draft)

    def typed(self, request: Request, body: bytes) -> Response:
        """The form as it was filled in: fitted to what was chosen, shown as a run, or made."""
        sent = form_fields(body)
        check_form(request, kept(request, SESSION) or kept(request, FORM), dict(sent))
        do = dict(sent).get("do", "show")
        form = read_form([(name, value) for name, value in sent if name not in {"form", "do"}])
        told, analysis = self._analysis(request)
        if do == "take":
            return self._page(request, (told, analysis), self._taken(request, form))
        if do != "make":
            form = fitted(analysis, form, self._known())
        draft = run_draft(analysis, form, do)
        if do != "make" or draft.run is None:
            return self._page(request, (told, analysis), draft)
        try:
            made = begin(shown_by(self.connection, request), draft.body, "").id
        except OncommonsError as fault:
            return self._page(request, (told, analysis), refused(analysis, draft, fault))
        return RedirectResponse(f"/runs/{quote(made, safe='')}", 303)

    def _taken(self, request: Request, form: Form) -> RunDraft:
        """The form with the cohort of a saved question."""
        try:
            saved = shown_by(self.connection, request).saved_question(form.one("saved") or "-")
            return RunDraft(cohort_of(saved.question, form), form.one("run"))
        except OncommonsError as fault:
            return RunDraft(form, form.one("run"), fault=fault, control="saved")

    def _page(self, request: Request, told: tuple[Mapping[str, Any], Mapping[str, Any]], draft: RunDraft) -> Response:
        every, analysis = told
        known, session = self._known(), kept(request, SESSION)
        permit = kept_pass(request).partition(".")[0]
        home = f"{urlsplit(str(request.url)).scheme}://{request.url.netloc}"
        secret = session or new_form_secret(request)
        page = self.show(
            request,
            "analysis.html",
            200 if draft.fault is None else status_of(draft.fault),
            form=form_token(secret),
            analysis=analysis,
            where=made_where(analysis, every),
            draft=draft,
            roles=role_views(analysis, draft.form, known),
            settings=setting_views(analysis, draft.form),
            blocks=controls.block_views(draft.form, known),
            saved=self._saved(request),
            permits=self._permits(request, analysis["name"]) if session else [],
            signed_in=bool(session),
            command=command_line(draft.body, permit, home) if draft.run is not None else "",
        )
        if not session:
            keep(request, page, FORM, secret)
        page.headers["cache-control"] = NO_STORE
        return page

    def _analysis(self, request: Request) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """All that the hub tells of analyses, and the one that the page is about.

        Raises:
            NotFound: there is none of its name.
        """
        told, name = analyses_at(shown_by(self.connection, request)), request.path_params["name"]
        found = [one for one in told["analyses"] if one["name"] == name]
        if not found:
            raise NotFound(f"This hub has no analysis {name[:60]!r}.")
        return told, found[0]

    def _known(self) -> dict[str, tuple[holdings.CodeCount, ...]]:
        """The codes that occur in the federation; without a hub the form is shown all the same."""
        try:
            held = self.connection.datasets()
        except OncommonsError:
            return {}
        return {f.name: holdings.codes_of(held, f.name) for f in FIELDS if f.type == "code"}

    def _saved(self, request: Request) -> list[tuple[str, str]]:
        """Saved questions to take a cohort from."""
        try:
            return [(one.id, one.name) for one in shown_by(self.connection, request).saved()]
        except OncommonsError:
            return []

    def _permits(self, request: Request, name: str) -> list[Mapping[str, Any]]:
        """Permits of who is signed in that name an analysis."""
        try:
            found = Decisions(shown_by(self.connection, request).transport).permits()
        except NotSignedIn:
            return []
        return [one for one in found if name in one["analyses"] and one["standing"] in {"holds", "not yet"}]
