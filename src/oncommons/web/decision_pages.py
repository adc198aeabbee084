"""Pages for those who apply and decide: what waits, one application, permits, what an organisation's data are used for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from oncommons.client.decisions import Decisions
from oncommons.schema.errors import BadRequest, OncommonsError
from oncommons.schema.errors_of_people import NotSignedIn
from oncommons.web import decision_views as views
from oncommons.web.application_views import OUTCOMES, kind_words, size_words
from oncommons.web.hub_pages import HubPages, Pairs, saving, shown_by
from oncommons.web.serving import Page, Sent
from oncommons.web.timeline import timeline

_TYPED = 6_000
"""Characters of what was typed that are shown again beside an error."""


class DecisionPages(HubPages):
    """One method a page."""

    def table(self) -> tuple[tuple[str, Page], ...]:
        """Paths of what is looked at."""
        return (
            ("/decisions", self.for_signed_in(self.mine)),
            ("/decisions/{id}", self.for_signed_in(self.one)),
            ("/decisions/{id}/documents/{document}", self.for_signed_in(self.document)),
            ("/permits", self.for_signed_in(self.permits)),
            ("/uses", self.for_signed_in(self.uses)),
        )

    def sent_table(self) -> tuple[tuple[str, Sent], ...]:
        """Paths of what is sent."""
        return (("/decisions/{id}", self.for_form(self.stepped)), ("/permits", self.for_form(self.passed)))

    def mine(self, request: Request) -> Response:
        """What waits for you, by when, the most urgent first."""
        found = self._decisions(request).mine()
        for one in found["waiting"]:
            one["due"] = views.due(one["until"], found["now"])
        return self.inside(request, "decisions.html", found=found, **_WORDS)

    def one(self, request: Request) -> Response:
        """One application: what you can do, how each holder stands, what happened, and what was handed in."""
        return self._one(request)

    def document(self, request: Request) -> Response:
        """A document of an application, to be kept and not shown."""
        return saving(self._decisions(request).document(request.path_params["id"], request.path_params["document"]))

    def stepped(self, request: Request, pairs: Pairs) -> Response:
        """Take a step."""
        sent, chosen = dict(pairs), [value for name, value in pairs if name == "datasets"]
        where = request.path_params["id"]
        try:
            self._decisions(request).step(where, sent.get("holder", ""), *_step(sent, chosen))
        except NotSignedIn:
            raise
        except OncommonsError as fault:
            if sent.get("do") == "submit":  # before it was handed in once, there is no page of its decision
                raise
            return self._one(request, fault, {name: value[:_TYPED] for name, value in sent.items()})
        return RedirectResponse(f"/decisions/{quote(where, safe='')}", 303)

    def permits(self, request: Request) -> Response:
        """Your permits, and how to use them."""
        return self._permits(request)

    def passed(self, request: Request, pairs: Pairs) -> Response:
        """Make a pass, which is shown this once."""
        sent = dict(pairs)
        try:
            made = self._decisions(request).new_pass(sent.get("permit", ""))
        except NotSignedIn:
            raise
        except OncommonsError as fault:
            return self._permits(request, fault=fault)
        return self._permits(request, made=made, whose=sent.get("permit", ""))

    def uses(self, request: Request) -> Response:
        """Which projects use your organisation's data."""
        found = self._decisions(request).uses()
        return self.inside(request, "uses.html", found=found)

    def _one(
        self, request: Request, fault: OncommonsError | None = None, typed: Mapping[str, str] | None = None
    ) -> Response:
        found = self._decisions(request).one(request.path_params["id"])
        names = {case["holder"]: case["organisation"] for case in found["cases"]}
        shown = {
            "found": found,
            "names": names,
            "steps": views.steps(found),
            "stands": views.stands(found),
            "duties": [(duty, views.due(duty["until"], found["now"])) for duty in found["duties"]],
            "dues": {case["holder"]: views.due(case["until"], found["now"]) for case in found["cases"]},
            "told": [(event, views.said(event, names), views.today(event["at"])) for event in found["history"]],
            "line": timeline(found),
            "answers": views.answers(found),
            "terms": {f"{d['node']}/{d['dataset']}": d for d in found.get("datasets", ())},
        }
        words = {"outcomes": OUTCOMES, "size": size_words, "kind": kind_words}
        return self.inside(request, "decision.html", fault, typed=typed or {}, **shown, **words, **_WORDS)

    def _permits(self, request: Request, fault: OncommonsError | None = None, **told: Any) -> Response:
        found = self._decisions(request).permits()
        shown = {"made": "", "whose": "", **told}
        home = f"{urlsplit(str(request.url)).scheme}://{request.url.netloc}"
        return self.inside(request, "permits.html", fault, permits=found, home=home, **shown)

    def _decisions(self, request: Request) -> Decisions:
        return Decisions(shown_by(self.connection, request).transport)


_WORDS: Mapping[str, Any] = {"states": views.STATES, "labels": views.LABELS}


def _step(sent: Mapping[str, str], chosen: list[str]) -> tuple[str, dict[str, Any]]:
    """What a form wants done: the step, and what it says.

    Raises:
        BadRequest: the form does not say what to do.
    """
    move, seen = sent.get("do", ""), sent.get("seen", "")
    if move not in {*views.LABELS, "submit"}:
        raise BadRequest("The form does not say what to do.")
    if move == "submit":
        return move, {}
    body: dict[str, Any] = {"seen": int(seen)} if seen.isascii() and seen.isdecimal() and len(seen) < 9 else {}  # noqa: PLR2004
    if sent.get("text", "").strip():
        body["text"] = sent["text"]
    if move == "vote":
        body["yes"] = sent.get("yes") == "yes"
    elif move == "propose":
        lines = [line.strip() for line in sent.get("conditions", "").splitlines()]
        if sent.get("yes") == "yes" and not chosen:
            raise BadRequest("Mark a dataset to grant, or refuse.", at="datasets")
        granted = chosen if sent.get("yes") == "yes" else []
        body |= {"datasets": granted, "conditions": [line for line in lines if line and granted]}
    elif move == "appoint":
        body |= {"person": sent.get("person", ""), "role": sent.get("role", "")}
    return move, body
