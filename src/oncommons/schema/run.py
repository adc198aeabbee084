"""A run: which analysis is made of whom, with which variables; strict JSON, as questions are.

::

    {"analysis": "cox",
     "cohort": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C50"]}},
     "variables": {
       "time":  {"value": "follow_up"},
       "died":  {"is": {"field": "vital_status", "in": ["DEAD"]}},
       "age":   {"value": "age_at_diagnosis", "of": "condition", "take": "least"},
       "stage": {"levels": {"early": {"some": "condition", "where": {"field": "stage", "in": ["I", "II"]}},
                            "late":  {"some": "condition", "where": {"field": "stage", "in": ["III", "IV"]}}}}},
     "settings": {"time": "time", "event": "died", "covariates": ["age", "stage"]}}

Rows are people.  Of the cohort are those for whom the criterion is certain.  A variable is missing where it is not known;
analyses leave out people of whom one is missing, and say how many.  ``"fewest_nodes": 4`` beside the settings ends the run
with a message where fewer nodes take part.

============================== =========================================================================================
variable                       is
============================== =========================================================================================
``is`` a criterion             yes where it is certain, no where its opposite is, else missing
``levels``, each a criterion   the first level whose criterion is certain; missing where none is; the first is what others
                               are compared with
``value`` of a field           the person's number; ``of`` an entity below, that of the rows for which ``where`` is
                               certain: the ``least``, the ``most``, or the ``only`` one, missing where they differ
============================== =========================================================================================

A number has the unit that the dictionary gives its field, or its marker, at every node; so the value of a measurement is
asked with its marker in ``where``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from oncommons.schema.dictionary import Field, is_below
from oncommons.schema.errors import MalformedQuestion, QuestionTooLarge, UnknownValue
from oncommons.schema.measured import unit_of
from oncommons.schema.parsing import parse_criterion, parse_field, parse_question, strict_json, strict_object
from oncommons.schema.question import Criterion, Question, Some, criterion_to_json, leaves
from oncommons.schema.sentence import sentence, words

Take = Literal["least", "most", "only"]
TAKES: Mapping[str, Take] = {"least": "least", "most": "most", "only": "only"}
MOST_VARIABLES = 60
MOST_LEVELS = 30
MOST_NODES = 10_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LEVEL = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
_ANALYSIS = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Is:
    """Yes or no: whether a criterion holds."""

    where: Criterion


@dataclass(frozen=True)
class Levels:
    """One of several levels, each with its criterion, in order."""

    levels: Mapping[str, Criterion]


@dataclass(frozen=True)
class Value:
    """A number: a field of the person, or taken from rows of an entity below.

    Attributes:
        field: The field.
        take: Which of several; ``only`` for a field of the person.
        where: Which rows; all where it is left out.
    """

    field: Field
    take: Take = "only"
    where: Criterion | None = None


Variable: TypeAlias = Is | Levels | Value


@dataclass(frozen=True)
class Run:
    """What is to be computed.

    Attributes:
        analysis: Name of the analysis.
        cohort: Whose rows; everybody where it is left out.
        variables: Name to what it is.
        settings: What the analysis is told: which variable plays which role, and what else it can be told.
        fewest_nodes: So many nodes must take part, or there is no result; 0 where it is left to the analysis.
    """

    analysis: str
    cohort: Criterion | None
    variables: Mapping[str, Variable]
    settings: Mapping[str, Any] = field(default_factory=dict)
    fewest_nodes: int = 0

    def to_json(self) -> dict[str, Any]:
        """The run as JSON; parsing it gives the same run again."""
        body: dict[str, Any] = {"analysis": self.analysis}
        if self.cohort is not None:
            body["cohort"] = criterion_to_json(self.cohort)
        body["variables"] = {name: _to_json(variable) for name, variable in self.variables.items()}
        fewest = {"fewest_nodes": self.fewest_nodes} if self.fewest_nodes else {}
        return body | {"settings": dict(self.settings)} | fewest

    def asked(self) -> frozenset[str]:
        """Entities and fields that are asked for, as a permit names them."""
        return frozenset({"person"}).union(_asked(self.cohort), *(_asked_by(one) for one in self.variables.values()))

    def fields_of(self, names: Iterable[str]) -> frozenset[str]:
        """Fields that some variables are made of; of one that only asks whether there are rows, the entity.

        Args:
            names: The variables.
        """
        return frozenset().union(*(_fields_of(self.variables[name]) for name in names))


def parse_run_text(text: str | bytes) -> Run:
    """Read a run from JSON text.

    Raises:
        QuestionError: as :func:`parse_run`.
    """
    return parse_run(strict_json(text))


def parse_run(body: object) -> Run:
    """Read a run from decoded JSON.

    Raises:
        QuestionError: an unknown or missing key, or a part that is not what it should be; the message says where.
    """
    parts = strict_object(
        body, "run", {"analysis", "cohort", "variables", "settings", "fewest_nodes"}, {"analysis", "variables"}
    )
    name = parts["analysis"]
    if not isinstance(name, str) or not _ANALYSIS.fullmatch(name):
        raise MalformedQuestion("An analysis is named in small letters.", at="analysis")
    cohort = parse_criterion(parts["cohort"], "cohort", "person") if "cohort" in parts else None
    variables = parts["variables"]
    if not isinstance(variables, dict) or not variables:
        raise MalformedQuestion("Variables are an object with at least one.", at="variables")
    if len(variables) > MOST_VARIABLES:
        raise QuestionTooLarge(f"At most {MOST_VARIABLES} variables are accepted.", at="variables")
    read = {named: _variable(named, one) for named, one in variables.items()}
    settings = parts.get("settings", {})
    if not isinstance(settings, dict):
        raise MalformedQuestion("Settings are an object.", at="settings")
    fewest = parts.get("fewest_nodes", 0)
    if not isinstance(fewest, int) or isinstance(fewest, bool) or not 0 <= fewest <= MOST_NODES:
        raise MalformedQuestion(f"The fewest nodes are a whole number up to {MOST_NODES:,}.", at="fewest_nodes")
    return Run(name, cohort, read, settings, fewest)


def _variable(name: str, body: object) -> Variable:
    at = f"variables.{name[:40]}"
    if not _NAME.fullmatch(name):
        raise MalformedQuestion(
            "A variable is named by a small letter and at most 39 small letters, digits or underscores.", at="variables"
        )
    kinds = [key for key in _READERS if isinstance(body, dict) and key in body]
    if len(kinds) != 1:
        raise MalformedQuestion(f"A variable has exactly one of {', '.join(_READERS)}.", at=at)
    return _READERS[kinds[0]](body, at)


def _is(body: object, at: str) -> Is:
    parts = strict_object(body, at, {"is"}, {"is"})
    return Is(parse_criterion(parts["is"], f"{at}.is", "person"))


def _levels(body: object, at: str) -> Levels:
    levels = strict_object(body, at, {"levels"}, {"levels"})["levels"]
    if not isinstance(levels, dict) or not 1 < len(levels) <= MOST_LEVELS:
        raise MalformedQuestion(f"Levels are an object with 2 to {MOST_LEVELS} criteria.", at=f"{at}.levels")
    for name in levels:
        if not _LEVEL.fullmatch(name):
            raise MalformedQuestion("A level is named by a line of up to 60 characters.", at=f"{at}.levels")
    return Levels({n: parse_criterion(c, f"{at}.levels.{n}", "person") for n, c in levels.items()})


def _value(body: object, at: str) -> Value:
    named = {"unit"} & body.keys() if isinstance(body, dict) else set()  # which has a message of its own
    parts = strict_object(body, at, {"value", "of", "take", "where"} | named, {"value"})
    entity = parts.get("of", "person")
    found = parse_field(parts["value"], f"{at}.value", entity if isinstance(entity, str) else "person")
    if found.type == "code":
        raise MalformedQuestion(f"{found.name} holds a code; use is or levels.", at=f"{at}.value")
    below = is_below(found.entity, "person")
    if found.entity != entity or ({"take", "where"} & parts.keys() and not below):
        raise MalformedQuestion(f"{found.name} is a field of {found.entity}.", at=f"{at}.of")
    take = parts.get("take", "only")
    if not isinstance(take, str) or take not in TAKES:
        raise UnknownValue(f"take is one of {', '.join(TAKES)}.", at=f"{at}.take")
    where = parse_criterion(parts["where"], f"{at}.where", found.entity) if "where" in parts else None
    unit = unit_of(found, where, at)
    if named:
        raise MalformedQuestion(
            f"{found.name} is {f'in {unit}' if unit else 'without a unit'} at every node; a variable names no unit.",
            at=f"{at}.unit",
        )
    return Value(found, TAKES[take], where)


_READERS: Mapping[str, Callable[[object, str], Variable]] = {"is": _is, "levels": _levels, "value": _value}


def criteria_of(variable: Variable) -> list[Criterion]:
    """The criteria that a variable is made of; none of a number that is taken from all rows."""
    match variable:
        case Is(where):
            return [where]
        case Levels(levels):
            return list(levels.values())
        case Value(_, _, where):
            return [] if where is None else [Some(variable.field.entity, where)]


def _asked(criterion: Criterion | None) -> set[str]:
    found = set()
    for leaf in leaves(Question("person", criterion)):
        one = leaf.criterion
        found.add(one.entity if isinstance(one, Some) else f"{one.field.entity}.{one.field.name}")
    return found


def _asked_by(variable: Variable) -> set[str]:
    found = {name for one in criteria_of(variable) for name in _asked(one)}
    return found | ({f"{variable.field.entity}.{variable.field.name}"} if isinstance(variable, Value) else set())


def _fields_of(variable: Variable) -> set[str]:
    asked = _asked_by(variable)
    return {name for name in asked if "." in name} or asked


def _to_json(variable: Variable) -> dict[str, Any]:
    match variable:
        case Is(where):
            return {"is": criterion_to_json(where)}
        case Levels(levels):
            return {"levels": {name: criterion_to_json(one) for name, one in levels.items()}}
        case Value(taken, take, where):
            if taken.entity == "person":
                return {"value": taken.name}
            body: dict[str, Any] = {"value": taken.name, "of": taken.entity, "take": take}
            return body | ({} if where is None else {"where": criterion_to_json(where)})


def run_in_words(run: Run) -> str:
    """A run as one sentence: which analysis, of whom, with which variables."""
    whom = f"people where {words(run.cohort)}" if run.cohort is not None else "everybody"
    told = "; ".join(f"{name}, {_in_words(one)}" for name, one in run.variables.items())
    fewest = f"; at least {run.fewest_nodes:,} nodes must take part" if run.fewest_nodes else ""
    return f"Make the analysis {run.analysis} of {whom}, with {told}{fewest}."


def asked_in_words(body: Mapping[str, Any]) -> str:
    """What was asked, as one sentence: a cohort question, a run, or a run within its round.

    Args:
        body: Its JSON.

    Raises:
        QuestionError: it is none of these.
    """
    inner = body.get("run", body)
    if isinstance(inner, dict) and "analysis" in inner:
        return run_in_words(parse_run(inner))
    return sentence(parse_question(dict(body)))


def _in_words(variable: Variable) -> str:
    match variable:
        case Is(where):
            return f"whether {words(where)}"
        case Levels(levels):
            return "one of " + ", ".join(f"{name} ({words(one)})" for name, one in levels.items())
        case Value(taken, take, where):
            which = "only one" if take == "only" else take
            of = "" if taken.entity == "person" else f" of the {taken.entity}, the {which}"
            return f"{taken.name.replace('_', ' ')}{of}{'' if where is None else f', where {words(where)}'}"
