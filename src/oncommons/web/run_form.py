"""The form that makes an analysis, as the run that it asks for: its cohort, a variable for each role, settings.

The cohort has the controls of the form for questions.  Every role of the analysis has places for variables, with names
such as ``v.covariates.0.field``; settings are ``s.level``.  What was typed goes into the run as it is, so that the one
parser judges it and the fault is shown at its control.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.schema.dictionary import FIELDS, Field
from oncommons.schema.errors import MalformedQuestion, QuestionError
from oncommons.schema.parsing import strict_json
from oncommons.web.form import Built, Form, build, control_names

MOST_OF_A_ROLE = 24
SPARE = 3
"""Places that a role of several variables has at first, and free ones beside those that are filled never fewer than one."""
KINDS = {"number": "the number itself", "code": "one of several levels", "yes": "yes or no"}
"""Kinds of variables, as a form calls them."""
_PARTS = ("name", "field", "kind", "take", "codes", "from", "to", "levels", "rows")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NUMBER = r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,12})?"
_SPAN = re.compile(rf"({_NUMBER})?\s*to\s*({_NUMBER})?")
_DIGITS = 12
"""So many digits a number can have that is typed; of far more Python reads none."""
_BY_NAME = {f"{one.entity}.{one.name}": one for one in FIELDS}
_CRITERIA = frozenset(control_names()) - {"count", "by", "nodes", "deadline", "do", "question", "find"}


@dataclass(frozen=True)
class Place:
    """A place for a variable, as it was filled in.

    Attributes:
        at: Beginning of the names of its controls.
        kinds: What may stand there.
        typed: Part of it to what was typed.
    """

    at: str
    kinds: frozenset[str]
    typed: Mapping[str, tuple[str, ...]]

    def one(self, part: str) -> str:
        """What was typed in a part."""
        return " ".join(self.typed.get(part, ()))

    @property
    def field(self) -> Field | None:
        """The field that was chosen."""
        return _BY_NAME.get(self.one("field"))

    @property
    def kind(self) -> str:
        """Its kind: the chosen one, or what suits the field; empty where nothing that may stand here does."""
        field = self.field
        if field is None or self.one("kind"):
            return self.one("kind") if field is not None and self.one("kind") in self.kinds else ""
        suits = ("code", "yes") if field.type == "code" else ("number", "yes", "code")
        return next((kind for kind in suits if kind in self.kinds), "")


def places(form: Form, role: Mapping[str, Any]) -> tuple[Place, ...]:
    """The places of a role: one, or as many as are filled and some free ones.

    Args:
        form: What was typed.
        role: As the hub tells it.
    """
    prefix = f"v.{role['name']}."
    used = [int(n.split(".")[2]) for n in form.values if n.startswith(prefix) and n.split(".")[2].isdecimal()]
    number = max(SPARE, max(used, default=-1) + 2) if role["many"] else 1
    return tuple(_place(form, f"{prefix}{i}", role) for i in range(min(number, MOST_OF_A_ROLE)))


def _place(form: Form, at: str, role: Mapping[str, Any]) -> Place:
    typed = {part: form.all(f"{at}.{part}") for part in _PARTS}
    return Place(at, frozenset(role["kinds"]), {part: found for part, found in typed.items() if found})


def build_run(analysis: Mapping[str, Any], form: Form) -> Built:
    """The run that a form asks for, and the control that each place in it came from.

    Args:
        analysis: As the hub tells it.
        form: What was typed.

    Raises:
        QuestionError: a part is not what it should be; ``at`` is its control.
    """
    run: dict[str, Any] = {"analysis": analysis["name"]}
    where, found = _cohort(form)
    run |= {"cohort": where} if where is not None else {}
    settings: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for role in analysis["roles"]:
        named = []
        for place in places(form, role):
            if place.typed.keys() - {"kind", "take"}:
                name = _named(place, variables)
                variables[name] = _variable(place)
                found[f"variables.{name}"] = f"{place.at}.{_told_in(place)}"
                named.append(name)
        found[f"settings.{role['name']}"] = f"v.{role['name']}.0.field"
        if not named and role["needed"]:
            raise MalformedQuestion(f"Choose a variable. {role['says']}", at=f"v.{role['name']}.0.field")
        if named:
            settings[role["name"]] = named if role["many"] else named[0]
    for setting in analysis["settings"]:
        found[f"settings.{setting['name']}"] = f"s.{setting['name']}"
        if (value := _setting(setting, form.one(f"s.{setting['name']}"))) != setting["default"]:
            settings[setting["name"]] = value
    found["fewest_nodes"] = "fewest"
    fewest = form.one("fewest")
    is_number = fewest.isdecimal() and len(fewest) <= _DIGITS
    run |= {"fewest_nodes": int(fewest) if is_number else fewest} if fewest else {}
    return Built(run | {"variables": variables, "settings": settings}, found)


def _cohort(form: Form) -> tuple[Any, dict[str, str]]:
    """The criterion of the cohort, from its JSON where there is some, else from the controls."""
    if text := form.one("cohort"):
        try:
            return strict_json(text), {"cohort": "cohort"}
        except QuestionError as fault:
            raise MalformedQuestion(fault.message, at="cohort") from None
    built = build(Form({name: values for name, values in form.values.items() if name in _CRITERIA}))
    inside = {f"cohort{at[5:]}": control for at, control in built.places.items() if at.startswith("where")}
    return built.question.get("where"), inside


def _named(place: Place, taken: Mapping[str, Any]) -> str:
    field, typed = place.field, place.one("name")
    if field is None:
        raise MalformedQuestion("Choose a field for this variable.", at=f"{place.at}.field")
    if typed and not _NAME.fullmatch(typed):
        message = "A variable is named by a small letter and at most 39 small letters, digits or underscores."
        raise MalformedQuestion(message, at=f"{place.at}.name")
    if typed in taken:
        raise MalformedQuestion(f"Another variable is named {typed}.", at=f"{place.at}.name")
    name = typed or field.name[:36]
    return next(one for one in (name, *(f"{name}_{i}" for i in range(2, 100))) if one not in taken)


def _variable(place: Place) -> dict[str, Any]:
    field, kind = place.field, place.kind
    if field is None or not kind or (kind == "number" and field.type == "code"):
        wanted = " or ".join(KINDS[one] for one in sorted(place.kinds))
        raise MalformedQuestion(f"This field cannot stand here: wanted is {wanted}.", at=f"{place.at}.kind")
    if kind == "number":
        body: dict[str, Any] = {"value": field.name}
        if field.entity == "person":
            return body
        rows = _rows(place)
        body |= {"of": field.entity, "take": place.one("take") or "only"}
        return body | ({"where": _both(rows)} if rows else {})
    if kind == "yes":
        return {"is": _some(place, field, _test(field, place))}
    lines = [line.strip() for text in place.typed.get("levels", ()) for line in text.splitlines() if line.strip()]
    levels = [_level(field, line, f"{place.at}.levels") for line in lines]
    if len({name for name, _ in levels}) < max(len(levels), 2):
        raise MalformedQuestion("Write at least two levels, each with a name of its own.", at=f"{place.at}.levels")
    return {"levels": {name: _some(place, field, test) for name, test in levels}}


def _test(field: Field, place: Place) -> dict[str, Any]:
    """What has to be true of a field for yes."""
    if field.type == "code":
        if not (codes := codes_in(place.typed.get("codes", ()))):
            raise MalformedQuestion("Choose the codes that count as yes.", at=f"{place.at}.codes")
        return {"field": field.name, "in": codes}
    if not (place.one("from") or place.one("to")):
        raise MalformedQuestion("Say from or up to which number it counts as yes.", at=f"{place.at}.from")
    ends = [number(place.one(end)) if place.one(end) else None for end in ("from", "to")]
    return {"field": field.name, "between": ends}


def _level(field: Field, line: str, at: str) -> tuple[str, dict[str, Any]]:
    """A level, of a line such as ``early: I IA IB``, ``young: to 49``, or a code alone."""
    mark = ": " if field.type == "code" else ":"
    name, colon, told = (part.strip() for part in line.partition(mark))
    return name, _tested(field, told if colon else name, at)


def _tested(field: Field, told: str, at: str) -> dict[str, Any]:
    """What codes, or the numbers of a span such as ``18 to 49``, say of a field."""
    if field.type == "code":
        return {"field": field.name, "in": codes_in([told])}
    span = _SPAN.fullmatch(told)
    if span is None or not (span[1] or span[2]):
        raise MalformedQuestion(f"{told[:40]!r} says no numbers; write such as 18 to 49, to 17, or 50 to.", at=at)
    return {"field": field.name, "between": [number(end) if end else None for end in span.groups()]}


def _rows(place: Place) -> list[dict[str, Any]]:
    """Which rows of an entity below the person are meant, of texts such as ``marker: KARNOFSKY``."""
    field, at, found = place.field, f"{place.at}.rows", []
    for text in filter(None, (one.strip() for one in place.one("rows").split(";"))):
        name, _, told = (part.strip() for part in text.partition(":"))
        named = _BY_NAME.get(f"{field.entity}.{name}") if field is not None else None
        if named is None:
            raise MalformedQuestion(f"{name[:40]!r} is no field of these rows; write such as marker: PSA.", at=at)
        found.append(_tested(named, told, at))
    return found


def _both(tests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return tests[0] if len(tests) == 1 else {"all": list(tests)}


def _some(place: Place, field: Field, test: dict[str, Any]) -> dict[str, Any]:
    if field.entity == "person":
        return test
    return {"some": field.entity, "where": _both([*_rows(place), test])}


def codes_in(texts: Sequence[str]) -> list[str]:
    """Codes in what was ticked and typed, each once."""
    return list(dict.fromkeys(code for text in texts for code in re.split(r"[\s,;]+", text) if code))


def number(text: str) -> int | float | str:
    """A number as it was typed; the text where it is none, for the parser to judge."""
    if re.fullmatch(r"[+-]?[0-9]{1,12}", text):
        return int(text)
    return float(text) if re.fullmatch(_NUMBER, text) else text


def _setting(setting: Mapping[str, Any], text: str) -> Any:
    if not text or isinstance(setting["default"], str):
        return text or setting["default"]
    return number(text)


def _told_in(place: Place) -> str:
    """The part in which a variable of some kind says what it is."""
    field = place.field
    if place.kind == "code":
        return "levels"
    if place.kind == "yes" and field is not None:
        return "codes" if field.type == "code" else "from"
    return "field"


def run_text(text: str) -> Any:
    """A run as JSON that somebody typed.

    Raises:
        MalformedQuestion: it is no JSON.
    """
    try:
        return strict_json(text)
    except QuestionError as fault:
        raise MalformedQuestion(fault.message, at="run") from None


def command_line(run: Mapping[str, Any], permit: str, hub: str) -> str:
    """What makes the same run at the command line.

    Args:
        run: Its JSON.
        permit: Identifier of the permit; empty where none is known.
        hub: Address of the hub.
    """
    name = run.get("analysis", "run")
    body = json.dumps(run, ensure_ascii=False)
    quoted = "'" + body.replace("'", "'\"'\"'") + "'"
    passing = f"{permit or 'PERMIT'}.SECRET"
    return f"printf %s {quoted} |\n  oncommons run - --permit {passing} --hub {hub} --save ./{name}"
