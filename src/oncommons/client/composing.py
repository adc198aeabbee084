"""A run put together from words of a command line, where there is no file with it.

::

    compose("cox", "q.json", ["time=follow_up", "died=vital_status:DEAD", "age=condition.age_at_diagnosis"],
            ["time=time", "event=died", "covariates=age,"])
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from oncommons.schema.errors import MalformedQuestion
from oncommons.schema.parsing import parse_question, strict_json
from oncommons.schema.question import criterion_to_json
from oncommons.schema.run import parse_run

PERSON = "person"


def compose(analysis: str, cohort: str, variables: Sequence[str], params: Sequence[str]) -> dict[str, Any]:
    """A run as JSON.

    Args:
        analysis: Its name.
        cohort: File with a criterion, or with a question that counts people, whose criterion is taken; empty for everybody.
        variables: ``name=field``, ``name=entity.field``, ``name=entity.field:CODE,CODE`` (yes or no), or ``name=`` and
            JSON as in the file of a run.
        params: ``name=value``: text, a list where it has commas, or JSON; a name that stands twice is a list, too.

    Raises:
        QuestionError: it is no run; the message says where.
    """
    body: dict[str, Any] = {"analysis": analysis}
    if cohort:
        body["cohort"] = _cohort(cohort)
    body["variables"] = {name: _variable(value) for name, value in map(_parted, variables)}
    settings: dict[str, Any] = {}
    for name, text in map(_parted, params):
        value = _value(text)
        settings[name] = [*_listed(settings[name]), *_listed(value)] if name in settings else value
    return parse_run(body | {"settings": settings}).to_json()


def _cohort(file: str) -> Any:
    try:
        body = strict_json(Path(file).read_bytes())
    except OSError as fault:
        raise MalformedQuestion(f"The cohort {file} cannot be read: {fault.strerror}.", detail=str(fault)) from fault
    if not isinstance(body, dict) or "count" not in body:
        return body
    question = parse_question(body)
    if question.count != PERSON or question.where is None:
        raise MalformedQuestion(f"The cohort {file} is to be a question that counts people by a criterion.")
    return criterion_to_json(question.where)


def _parted(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise MalformedQuestion(f"{word[:60]!r} has no value: name=value.")
    return name.strip(), value.strip()


def _variable(text: str) -> Any:
    if text.startswith("{"):
        return strict_json(text)
    place, colon, codes = text.partition(":")
    entity, field = place.rsplit(".", 1) if "." in place else (PERSON, place)
    if not colon:
        return {"value": field} if entity == PERSON else {"value": field, "of": entity}
    criterion = {"field": field, "in": codes.split(",")}
    return {"is": criterion if entity == PERSON else {"some": entity, "where": criterion}}


def _value(text: str) -> Any:
    if "," in text and not text.startswith(("{", "[")):
        return [one.strip() for one in text.split(",") if one.strip()]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
