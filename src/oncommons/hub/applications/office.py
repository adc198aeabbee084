"""The parts that writing an application takes, and what they tell together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from oncommons.hub.applications.authors import Authors
from oncommons.hub.applications.book import Book, Saved, Written
from oncommons.hub.applications.comments import Comments
from oncommons.hub.applications.documents import Documents
from oncommons.hub.applications.forms import Forms
from oncommons.hub.applications.rules import use_of
from oncommons.hub.catalogue.shelf import Shelf
from oncommons.hub.link.registry import Registry
from oncommons.hub.people.register import Register
from oncommons.policy.access.uses import Match, match
from oncommons.schema.answering import faults
from oncommons.schema.application import Application, Value, read_answers
from oncommons.schema.purposes import terms_in
from oncommons.schema.saved import utc
from oncommons.service.settings import HubSettings
from oncommons.storage.database import Database

_GONE = "No node publishes this dataset now."


@dataclass(frozen=True)
class Office:
    """Where applications are written.

    Attributes:
        book: Applications and answers.
        forms: The form.
        documents: What is attached.
        authors: Who writes together.
        comments: What they say to one another.
        shelf: Cards of datasets.
        registry: Nodes; datasets of those that were revoked are not there any more.
        register: People.
        is_open: Whether this hub takes applications: where it knows its people.
    """

    book: Book
    forms: Forms
    documents: Documents
    authors: Authors
    comments: Comments
    shelf: Shelf
    registry: Registry
    register: Register
    is_open: bool

    def told(self, written: Written, person: str, now: float) -> dict[str, Any]:
        """All that the authors of an application see of it."""
        application = written.application
        form = self.forms.at(application.form)
        comments = self.comments.of(application.id, person)
        waiting = self.authors.waiting(application.id, person, now)
        people = {*application.writers, *(c.by for c in comments), *(c.resolver for c in comments)}
        people |= {one.by for one in application.attachments} | {one.by for one in waiting}
        return {
            "application": application.to_json(),
            "form": form.to_json(),
            "newest": self.forms.newest().version,
            "revisions": {name: one.revision for name, one in written.stored.items()},
            "faults": [fault.to_json() for fault in faults(form, application)],
            "datasets": self.matches(application),
            "people": self.names(people),
            "comments": [vars(one) | {"at": utc(one.at), "resolved": utc(one.resolved)} for one in comments],
            "invitations": [vars(one) | {"expires": utc(one.expires)} for one in waiting],
            "you": person,
        }

    def lacking(self, application: Application) -> int:
        """How many paragraphs of an application are missing or wrong."""
        return len(faults(self.forms.at(application.form), application))

    def matches(self, application: Application) -> list[dict[str, Any]]:
        """Each dataset of the federation, whether it is applied for, and whether its terms of use fit."""
        use, chosen = use_of(application), {(one.node, one.dataset) for one in application.datasets}
        here = {node.name for node in self.registry.nodes() if node.revoked is None}
        cards = {(node, card.dataset): card for node, card in self.shelf.cards() if node in here}
        found = [
            {
                "node": node,
                "dataset": name,
                "title": card.title,
                "licence": card.licence,
                "chosen": (node, name) in chosen,
                **_match_json(match(terms_in(card.licence), use)),
            }
            for (node, name), card in cards.items()
        ]
        gone = [
            {
                "node": n,
                "dataset": d,
                "title": d,
                "licence": "",
                "chosen": True,
                "outcome": "not",
                "verdicts": _told(_GONE),
            }
            for n, d in sorted(chosen - cards.keys())
        ]
        return found + gone

    def names(self, people: Iterable[str]) -> dict[str, str]:
        """Identifiers of people and what they are called; those who were erased are not called anything."""
        wanted = sorted(set(people) - {""})
        return dict.fromkeys(wanted, "") | self.register.names(wanted)

    def copied(self, identifier: str, person: str, now: float) -> str:
        """A new application of somebody with the answers and documents of one that they write; its identifier.

        Raises:
            NotFound: there is no such application, or they do not write it.
            ApplicationError: they have begun too many.
        """
        source = self.book.one(identifier, person).application
        title = {"title": f"{source.title} (copy)"[:200]} if source.title else {}
        new = self.book.begin(person, source.form, {**source.answers, **title}, now)
        self.documents.copy(source, new, person, now)
        return new


def open_office(database: Database, settings: HubSettings) -> Office:
    """The office of a hub."""
    return Office(
        Book(database),
        Forms(database),
        Documents(database, settings.folder / "documents"),
        Authors(database),
        Comments(database),
        Shelf(database),
        Registry(database),
        Register(database),
        settings.people == "required",
    )


def saved_json(saved: Saved, names: Mapping[str, str]) -> dict[str, Any]:
    """What became of answers that were sent."""
    late = {
        name: {"value": _plain(one.value), "revision": one.revision, "by": names.get(one.by, ""), "at": utc(one.at)}
        for name, one in saved.late.items()
    }
    return {"revision": saved.revision, "revisions": dict(saved.revisions), "late": late, "at": utc(saved.at)}


def opening(body: Mapping[str, Any]) -> dict[str, Value]:
    """The answers that an application begins with; empty ones are left out."""
    return {name: value for name, value in read_answers(body.get("answers", {})).items() if value}


def people_in(saved: Saved) -> set[str]:
    """Who was faster."""
    return {one.by for one in saved.late.values()}


def _plain(value: Value) -> str | list[str]:
    return value if isinstance(value, str) else list(value)


def _match_json(found: Match) -> dict[str, Any]:
    verdicts = [
        {"term": v.term.code, "label": v.term.label, "detail": v.term.detail, "outcome": v.outcome, "why": v.why}
        for v in found.verdicts
    ]
    return {"outcome": found.outcome, "verdicts": verdicts}


def _told(why: str) -> list[dict[str, str]]:
    return [{"term": "", "label": "", "detail": "", "outcome": "not", "why": why}]
