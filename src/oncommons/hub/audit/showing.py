"""What an entry of the hub's log says, put together with the question and the answer that it is about."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, tuple_

from oncommons.hub.audit.index import Found, Index
from oncommons.hub.audit.rules import entry_in, text_in
from oncommons.schema.errors import OncommonsError
from oncommons.schema.run import asked_in_words
from oncommons.storage.canonical import digest_of_message
from oncommons.storage.chain import Entry
from oncommons.storage.database import Database
from oncommons.storage.worklist import WORK

_HIDDEN = frozenset({"checkpoint", "question", "job", "nodes", "node", "permit", "project", "answer", "contradicts"})
NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "time": "", "nodes": (), "project": "", "permit": "", "job": "", "hash": "", "more": MappingProxyType({}),
        "contradicts": 0, "question": None, "sentence": "", "answer": "", "kept": None, "rule": "", "released": (),
        "refusal": None,
    }
)  # fmt: skip
"""What is told of every entry; ``kept`` says of an answer whether the hub still has it."""
_NUMBERS = ("certain", "possible", "groups", "dataset")


@dataclass(frozen=True)
class Shower:
    """Shows entries that were found.

    Attributes:
        database: The hub's database.
        index: By which they were found.
    """

    database: Database
    index: Index

    def show(self, found: Sequence[Found], seen: Collection[str] | None) -> list[dict[str, Any]]:
        """Entries as JSON, in their order.

        An answer comes with its question, and, as long as the hub keeps it and it is still the one that was entered,
        with its rule and all that was released.

        Args:
            found: What was found.
            seen: The nodes of which somebody sees what they answered; ``None`` for all.
        """
        entries = [(one, entry_in(one.line)) for one in found]
        asked = self.index.asked({one.job for one in found if one.job})
        answers = self._answers([entry for _, entry in entries if entry is not None and entry.kind == "answered"])
        told = []
        for one, entry in entries:
            if entry is None:
                told.append({**NOTHING, "more": {}, "number": one.number, "kind": "unreadable"})
                continue
            question = entry if entry.kind == "asked" else asked.get(one.job)
            body = _told(one, entry, question)
            if entry.kind == "answered" and (seen is None or entry.body.get("node") in seen):
                body |= _released(entry, answers)
            told.append(body)
        return told

    def _answers(self, entries: Sequence[Entry]) -> dict[tuple[str, str], str]:
        pairs = {(text_in(entry.body, "job"), text_in(entry.body, "node")) for entry in entries}
        if not pairs:
            return {}
        query = select(WORK.c.job, WORK.c.recipient, WORK.c.result).where(
            tuple_(WORK.c.job, WORK.c.recipient).in_(sorted(pairs))
        )
        with self.database.read() as connection:
            return {(row.job, row.recipient): row.result for row in connection.execute(query)}


def _told(found: Found, entry: Entry, asked: Entry | None) -> dict[str, Any]:
    body = entry.body
    nodes = body.get("nodes") if isinstance(body.get("nodes"), list) else [body["node"]] if "node" in body else []
    told: dict[str, Any] = {**NOTHING, "number": entry.number, "time": entry.time, "kind": entry.kind, "nodes": nodes}
    told |= {"project": found.project, "permit": found.permit, "job": found.job, "hash": entry.digest}
    told["more"] = {name: value for name, value in body.items() if name not in _HIDDEN}
    told["contradicts"] = body.get("contradicts", 0)
    if asked is not None and isinstance(asked.body.get("question"), dict):
        told |= {"question": asked.body["question"], "sentence": _sentence(asked.body["question"])}
    return told


def _sentence(question: Mapping[str, Any]) -> str:
    try:
        return asked_in_words(question)
    except OncommonsError:  # of a dictionary that was before this one
        return ""


def _released(entry: Entry, answers: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Rule and numbers of an answer, if the hub still has the one that was entered."""
    told: dict[str, Any] = {"answer": entry.body.get("answer", "")}
    key = (text_in(entry.body, "job"), text_in(entry.body, "node"))
    try:
        body = json.loads(answers.get(key) or "null")
    except ValueError:
        body = None
    if not isinstance(body, dict) or digest_of_message(body) != entry.body.get("answer"):
        return told | {"kept": False}
    datasets = body.get("datasets") or []
    numbers = [{name: one[name] for name in _NUMBERS if name in one} for one in datasets if isinstance(one, dict)]
    fault = body.get("error") if isinstance(body.get("error"), dict) else {}
    refusal = {"refusal": {name: str(fault.get(name, "")) for name in ("code", "message")}} if fault else {}
    return told | {"kept": True, "rule": str(body.get("policy", "")), "released": numbers} | refusal
