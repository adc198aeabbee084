"""What the page of an analysis knows before anything is made: the run that was typed, in every form that it shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from oncommons.schema.errors import MalformedQuestion, OncommonsError
from oncommons.schema.parsing import parse_question
from oncommons.schema.question import Some
from oncommons.schema.run import Run, parse_run, run_in_words
from oncommons.web.asking import pretty
from oncommons.web.form import Built, Form, fill
from oncommons.web.run_form import build_run, run_text

_OF_JSON = frozenset({"check", "make"})
"""Buttons under which the JSON is read, and not the controls."""
_KEPT = frozenset({"run", "fewest"})
"""Controls that stay when a cohort is taken from a saved question."""


@dataclass(frozen=True)
class RunDraft:
    """A run being written.

    Attributes:
        form: What the form shows.
        text: The run as JSON, as it was typed where it is wrong.
        run: The run, or ``None`` where there is none yet, or it is wrong.
        fault: What is wrong, or ``None``.
        control: Name of the control that is wrong, or empty.
    """

    form: Form
    text: str = ""
    run: Run | None = None
    fault: OncommonsError | None = None
    control: str = ""

    @property
    def words(self) -> str:
        """The run in words."""
        return "" if self.run is None else run_in_words(self.run)

    @property
    def body(self) -> dict[str, Any]:
        """The run as JSON; empty where there is none."""
        return {} if self.run is None else self.run.to_json()


def run_draft(analysis: Mapping[str, Any], form: Form, do: str) -> RunDraft:
    """Read what was typed; what is wrong is told in the draft.

    Args:
        analysis: As the hub tells it.
        form: What was typed.
        do: The button: ``check`` and ``make`` read the JSON, ``show`` the controls; others tell of no fault.
    """
    kept = form.one("run")
    try:
        if do in _OF_JSON:
            run = _of(analysis, run_text(kept))
            return RunDraft(form, pretty(run.to_json()), run)
        built = build_run(analysis, form)
    except OncommonsError as fault:
        if do in _OF_JSON:
            return RunDraft(form, kept, fault=fault, control="run")
        return RunDraft(form, kept, fault=fault, control=fault.at) if do == "show" else RunDraft(form, kept)
    try:
        run = parse_run(built.question)
    except OncommonsError as fault:
        return RunDraft(form, pretty(built.question), fault=fault, control=built.control(fault.at) or "run")
    return RunDraft(form, pretty(run.to_json()), run)


def refused(analysis: Mapping[str, Any], draft: RunDraft, fault: OncommonsError) -> RunDraft:
    """The draft of a run that the hub refused, with the control that the fault is at, where the controls say the same."""
    try:
        built = build_run(analysis, draft.form)
        same = parse_run(built.question).to_json() == draft.body
    except OncommonsError:
        built, same = Built({}, {}), False
    return replace(draft, fault=fault, control=(built.control(fault.at) if same else "") or ("run" if fault.at else ""))


def cohort_of(question: Mapping[str, Any], form: Form) -> Form:
    """The form with the cohort of a saved question in its controls, or as JSON where these cannot say it.

    Args:
        question: What is counted there are rows; the cohort are the people who have such a one.
        form: What was typed.
    """
    asked = parse_question(dict(question))
    where = asked.where
    if asked.count != "person":
        where = Some(asked.count, where)
    people = replace(asked, count="person", where=where, by=(), nodes=(), by_dataset=False)
    blank = {n: v for n, v in form.values.items() if n.startswith(("v.", "s.")) or n in _KEPT}
    filled = fill(people)
    if filled is not None:
        return Form(blank | {n: v for n, v in filled.values.items() if n != "count"})
    body = people.to_json().get("where")
    return Form(blank | ({} if body is None else {"cohort": (json.dumps(body, ensure_ascii=False, indent=1),)}))


def _of(analysis: Mapping[str, Any], body: Any) -> Run:
    """A run of this analysis.

    Raises:
        QuestionError: it is none.
    """
    run = parse_run(body)
    if run.analysis != analysis["name"]:
        raise MalformedQuestion(f"This page is for the analysis {analysis['name']}.", at="analysis")
    return run
