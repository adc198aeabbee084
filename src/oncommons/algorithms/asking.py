"""What a run asks of an analysis, checked at hub and node alike: which variable plays which role, and what else is set."""

from __future__ import annotations

from typing import Any

from oncommons.algorithms.pair import Analysis, Role, Setting
from oncommons.schema.errors import MalformedQuestion, UnknownValue
from oncommons.schema.run import Is, Levels, Run

KINDS = {"Is": "yes", "Levels": "code", "Value": "number"}
"""Kind of a variable, as roles name it."""


def chosen(analysis: Analysis, run: Run) -> dict[str, Any]:
    """The settings that both halves of an analysis are given: roles, everything that can be set, and levels.

    Args:
        analysis: The analysis.
        run: What is asked of it.

    Raises:
        MalformedQuestion: a role lacks its variable, or a setting is of another kind.
        UnknownValue: there is no such setting or variable, or it cannot be that.
    """
    known = {one.name for one in analysis.roles} | {one.name for one in analysis.settings}
    if unknown := sorted(run.settings.keys() - known):
        told = f"{analysis.name} has no setting {unknown[0][:40]!r}; it has {', '.join(sorted(known))}."
        raise UnknownValue(told, at=f"settings.{unknown[0][:40]}")
    found: dict[str, Any] = {role.name: _played(role, run) for role in analysis.roles}
    found |= {one.name: _set(one, run.settings.get(one.name, one.default)) for one in analysis.settings}
    yes = {name: ("no", "yes") for name, one in run.variables.items() if isinstance(one, Is)}
    levels = {name: tuple(one.levels) for name, one in run.variables.items() if isinstance(one, Levels)}
    return found | {"levels": levels, "yes": yes}


def _played(role: Role, run: Run) -> Any:
    at, named = f"settings.{role.name}", run.settings.get(role.name)
    if named is None:
        if role.needed:
            raise MalformedQuestion(f"{role.name} names no variable. {role.says}", at=at)
        return [] if role.many else None
    names = named if role.many else [named]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or (role.needed and not names):
        raise MalformedQuestion(f"{role.name} is {'a list of names' if role.many else 'the name'} of variables.", at=at)
    for name in names:
        if name not in run.variables:
            raise UnknownValue(f"There is no variable {name[:40]!r}.", at=at)
        kind = KINDS[type(run.variables[name]).__name__]
        if kind not in role.kinds:
            raise UnknownValue(
                f"{name} is of the kind {kind}; {role.name} takes {' or '.join(sorted(role.kinds))}.", at=at
            )
    if len(set(names)) < len(names):
        raise MalformedQuestion("A variable is named twice.", at=at)
    return named


def _set(setting: Setting, value: Any) -> Any:
    at = f"settings.{setting.name}"
    if isinstance(setting.default, str):
        if value not in setting.choices:
            raise UnknownValue(f"{setting.name} is one of {', '.join(setting.choices)}.", at=at)
        return value
    low, high = setting.choices
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UnknownValue(f"{setting.name} is a number from {low:g} to {high:g}.", at=at)
    return float(value)
