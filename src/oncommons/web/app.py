"""The pages as one ASGI application: a client of the hub like any other, drawn on the server.

Pages are synchronous and run in threads, since they call the hub through the synchronous client.
They have threads of their own: the hub in the same process serves their calls in threads too, and pages that
held all of those would wait for one another for ever.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from oncommons.client.connection import Connection
from oncommons.schema.answer import Answer
from oncommons.schema.dictionary import FIELDS
from oncommons.schema.errors import NotFound, OncommonsError
from oncommons.schema.federation import NodeStatus
from oncommons.schema.parsing import MAX_BYTES
from oncommons.schema.sentence import codes_in
from oncommons.web import controls, holdings
from oncommons.web.analysis_pages import AnalysisPages
from oncommons.web.answers import AnswerView, answer_view, codes_of
from oncommons.web.application_pages import MOST_BYTES as MOST_WRITTEN
from oncommons.web.application_pages import ApplicationPages
from oncommons.web.asking import Draft, draft
from oncommons.web.criteria import criteria_view, price_view
from oncommons.web.decision_pages import DecisionPages
from oncommons.web.error_pages import ErrorPages
from oncommons.web.form import EXAMPLES, Form, read_form
from oncommons.web.hub_pages import NO_STORE, shown_by
from oncommons.web.inbox_pages import InboxPages, inbox_count
from oncommons.web.keeping import SESSION, form_token, is_led_here, kept, kept_pass
from oncommons.web.link_pages import LinkPages
from oncommons.web.naming import FoundCode, found_codes, is_words, names_of, reader_language, ruled_codes
from oncommons.web.pass_pages import PassPages
from oncommons.web.people_pages import MOST_BYTES, PeoplePages
from oncommons.web.provider_pages import ProviderPages
from oncommons.web.record_pages import RecordPages
from oncommons.web.rendering import INBOX, NAVIGATION, OWN, STATIC, Renderer
from oncommons.web.run_pages import RunPages
from oncommons.web.saved_pages import SavedPages
from oncommons.web.serving import (
    Behind,
    Page,
    faults_in_thread,
    in_thread,
    sent_in_thread,
    spooled_in_thread,
    status_of,
)

READERS = 24
"""Pages that are made at the same time."""
WRITERS = 6
"""Forms with documents that are in memory at the same time; more wait on disk."""
ASKERS = 48
"""Questions from pages that wait for nodes at the same time; more wait for their turn."""
LEAVERS = 12
"""People who go to a provider or come back at the same time: pages that wait for it keep no others waiting."""
MOST_MADE = 4 * MAX_BYTES
"""Bytes of the longest form of an analysis, which has its run as JSON, its cohort as JSON, and controls."""
_MACHINE_PATHS = ("/api/", "/.well-known/")
_NAMELESS: dict[str, Any] = {"name": "oncommons", "version": "", "wire": "", "issuer": "", "time": 0}
"""What a page says of a hub that cannot be asked."""


def make_pages(connection: Connection, version: str) -> Starlette:
    """The pages of a hub.

    Args:
        connection: To the hub; inside its own process, or over the wire.
        version: Version of oncommons.
    """
    pages = _Pages(connection, Renderer(version))
    people, inbox = PeoplePages(connection, pages.page), InboxPages(connection, pages.page)
    applications, decisions = ApplicationPages(connection, pages.page), DecisionPages(connection, pages.page)
    saved, under = SavedPages(connection, pages.page), PassPages(connection, pages.page)
    errors = ErrorPages(pages.page, "hub", _NAMELESS, _MACHINE_PATHS)
    elsewhere = ProviderPages(connection, people.refused)
    small = (under, people, LinkPages(connection, pages.page), inbox, decisions)
    slow = (AnalysisPages(connection, pages.page), RunPages(connection, pages.page))
    read, ask, write, leave = (CapacityLimiter(most) for most in (READERS, ASKERS, WRITERS, LEAVERS))
    table: tuple[tuple[str, Page], ...] = (
        *pages.table(),
        *saved.table(),
        *(row for one in small for row in one.table()),
        *applications.table(),
        *RecordPages(connection, pages.page).table(),
        *errors.table(),
    )
    sent = [row for one in small for row in one.sent_table()]
    waiting = [row for one in slow for row in one.table()]
    routes: list[BaseRoute] = [Route(path, in_thread(page, read)) for path, page in table]
    routes += [
        Route("/saved", sent_in_thread(saved.save, ask, MAX_BYTES), methods=["POST"]),
        *(Route(path, sent_in_thread(page, read, MOST_BYTES), methods=["POST"]) for path, page in sent),
        *(
            Route(path, spooled_in_thread(page, write, MOST_WRITTEN), methods=["POST"])
            for path, page in applications.sent_table()
        ),
        *(Route(path, in_thread(page, ask)) for path, page in waiting),
        *(
            Route(path, sent_in_thread(page, ask, MOST_MADE), methods=["POST"])
            for one in slow
            for path, page in one.sent_table()
        ),
        *(Route(path, in_thread(page, leave)) for path, page in elsewhere.table()),
        Route("/ask", in_thread(pages.ask, ask)),
        Route("/answers/{id}/criteria", in_thread(pages.criteria, ask)),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, exception_handlers=faults_in_thread(errors.fault, read))


def mount_pages(application: Starlette, connection: Connection, version: str) -> None:
    """Put the pages over a hub's application.

    Args:
        application: The hub's application.
        connection: To that hub.
        version: Version of oncommons.
    """
    application.router.routes.append(Behind(_MACHINE_PATHS, make_pages(connection, version)))


class _Pages:
    """One method a page."""

    def __init__(self, connection: Connection, renderer: Renderer) -> None:
        self.connection = connection
        self.renderer = renderer

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at, but for the form, which waits for nodes."""
        return (
            ("/", self.home),
            ("/answers/{id}", self.answer),
            ("/nodes", self.nodes),
            ("/datasets", self.datasets),
            ("/datasets/{node}/{dataset:path}", self.dataset),
            ("/dictionary", self.dictionary),
            ("/about", self.about),
            ("/audit", self.audit),
        )

    def home(self, request: Request) -> Response:
        """What this federation holds now."""
        hub, held = self.connection.about(), self.connection.datasets()
        return self.page(
            request,
            "home.html",
            hub=hub,
            records=holdings.records_of(held),
            datasets=len(held),
            nodes=holdings.node_views(self.connection.nodes(), held, float(hub["time"])),
            charts=[holdings.code_chart(held, name) for name in ("modality", "body_part")],
            examples=[(e.title, "/ask?" + urlencode(e.form.pairs()), e.question) for e in EXAMPLES],
        )

    def ask(self, request: Request) -> Response:
        """The form, and the answer where the federation was asked; a link of another site only fills the form in."""
        form = read_form(request.query_params.multi_items())
        asked = draft(form)
        if form.one("do") == "ask" and not is_led_here(request):
            asked = self._ask(request, asked)
        held, nodes, asked = self._held(asked)
        asked = self._named(request, asked)
        known = {f.name: holdings.codes_of(held, f.name) for f in FIELDS if f.type == "code"}
        return self.page(
            request,
            "ask.html",
            status=200 if asked.fault is None else status_of(asked.fault),
            draft=asked,
            counts=controls.counts(asked.form),
            blocks=controls.block_views(asked.form, known),
            nodes=controls.nodes(asked.form, nodes),
            groupings=[controls.groupings(asked.form, i) for i in range(2)],
            view=None if asked.answer is None else self._answer_view(request, asked.answer),
            found=self._found(form, asked),
            examples=[(e.title, "/ask?" + urlencode(e.form.pairs())) for e in EXAMPLES],
        )

    def answer(self, request: Request) -> Response:
        """The answer to a question asked before."""
        found = shown_by(self.connection, request).look(request.path_params["id"], reader_language(request))
        text = self._named(request, draft(read_form([("question", json.dumps(dict(found.question)))])))
        view = self._answer_view(request, found)
        return self.page(
            request, "answer.html", view=view, draft=text, price=price_view(found, self.connection.datasets())
        )

    def criteria(self, request: Request) -> Response:
        """What each criterion of a question asked before costs; before that, what it costs to ask for it."""
        asker = shown_by(self.connection, request)
        found = asker.look(request.path_params["id"])
        if request.query_params.get("do") != "weigh" or is_led_here(request):
            return self.page(
                request, "criteria_price.html", price=price_view(found, self.connection.datasets()), answer=found
            )
        named = request.query_params.getlist("nodes")
        weighed = asker.feasibility({**found.question, **({"nodes": named} if named else {})})
        return self.page(request, "criteria.html", view=criteria_view(weighed), answer=found)

    def nodes(self, request: Request) -> Response:
        """Every node, and whether it is here."""
        hub, held = self.connection.about(), self.connection.datasets()
        views = holdings.node_views(self.connection.nodes(), held, float(hub["time"]))
        return self.page(request, "nodes.html", hub=hub, nodes=views)

    def datasets(self, request: Request) -> Response:
        """Every dataset, or those in which the words are found, the best first."""
        words = request.query_params.get("q", "").strip()[:200]
        held, instead = self.connection.datasets(), ""
        found = holdings.by_size(held)
        if words:
            fit = self.connection.find_datasets(words)
            found, instead = holdings.found_views(fit), fit.instead
        records = holdings.records_of([(v.node, v.card) for v in found])
        told: dict[str, Any] = {"q": words, "found": found, "every": len(held), "records": records, "instead": instead}
        return self.page(request, "datasets.html", **told)

    def dataset(self, request: Request) -> Response:
        """One dataset's card."""
        node, dataset = request.path_params["node"], request.path_params["dataset"]
        own = [(n, c) for n, c in self.connection.datasets() if n == node and c.dataset == dataset]
        if not own:
            raise NotFound(f"No node {node[:60]!r} publishes a dataset {dataset[:60]!r}.")
        names = names_of(self.connection, ruled_codes([own[0][1]]), reader_language(request))
        charts = {name: holdings.code_chart(own, name, names) for name in own[0][1].codes}
        return self.page(request, "dataset.html", view=holdings.card_view(*own[0], names), charts=charts)

    def dictionary(self, request: Request) -> Response:
        """What a question may name."""
        found = self.connection.dictionary(reader_language(request))
        return self.page(request, "dictionary.html", dictionary=found, values=holdings.values_in(found))

    def about(self, request: Request) -> Response:
        """What this hub is, and how to read its numbers."""
        return self.page(request, "about.html", hub=self.connection.about())

    def audit(self, request: Request) -> Response:
        """How far the audit logs go, and how anybody can prove that they are what they were."""
        return self.page(request, "audit.html", audit=self.connection.audit())

    def _named(self, request: Request, asked: Draft) -> Draft:
        """The draft with the labels of its codes."""
        codes = [] if asked.question is None else list(codes_in(asked.question.where))
        return replace(asked, names=names_of(self.connection, codes, reader_language(request)))

    def _answer_view(self, request: Request, answer: Answer) -> AnswerView:
        return answer_view(answer, names_of(self.connection, codes_of(answer), reader_language(request)))

    def _found(self, form: Form, asked: Draft) -> tuple[FoundCode, ...]:
        """Codes that fit the words that somebody looked for, or typed where a code belongs."""
        wrong = asked.control if asked.fault is not None and is_words(form, asked.control) else ""
        words = " ".join(form.all(wrong)) if wrong else form.one("find")
        if not words:
            return ()
        try:
            return found_codes(form, self.connection.find_terms(words), wrong)
        except OncommonsError:
            return ()

    def _ask(self, request: Request, asked: Draft) -> Draft:
        if asked.question is None:
            return asked
        asker, language = shown_by(self.connection, request), reader_language(request)
        try:
            return replace(asked, answer=asker.ask(asked.question.to_json(), asked.seconds, language))
        except OncommonsError as fault:
            return replace(asked, fault=fault, control="nodes" if fault.at.startswith("nodes") else "")

    def _held(self, asked: Draft) -> tuple[holdings.Held, Sequence[NodeStatus], Draft]:
        """The cards that tell the form which codes occur, and the nodes.

        Without a hub the form is still shown, and what was typed.
        """
        try:
            return self.connection.datasets(), self.connection.nodes(), asked
        except OncommonsError as fault:
            return (), (), asked if asked.fault is not None else replace(asked, fault=fault)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page from its template."""
        if "hub" not in values:
            values["hub"] = self._hub()
        if "form" not in values:
            session = kept(request, SESSION)
            values["form"] = form_token(session) if session else ""
        values["under"] = kept_pass(request).partition(".")[0]
        if kept(request, SESSION):
            own = OWN if values["hub"].get("people") == "required" else OWN[1:]
            values |= {
                "navigation": (*NAVIGATION[:-1], *own),
                "badges": {INBOX[0]: inbox_count(self.connection, request)},
            }
        page = self.renderer.page(template, status, path=request.url.path, **values)
        if values["under"]:
            page.headers["cache-control"] = NO_STORE
        return page

    def _hub(self) -> dict[str, Any]:
        try:
            return self.connection.about()
        except OncommonsError:
            return _NAMELESS
