"""What the form of an analysis shows: places for variables with what suits their fields, and settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oncommons.schema.dictionary import ENTITIES, FIELDS, Field
from oncommons.schema.run import MOST_LEVELS, TAKES
from oncommons.web.controls import Option
from oncommons.web.form import Form
from oncommons.web.holdings import CodeCount, label_of
from oncommons.web.run_form import KINDS, Place, codes_in, places

Known = Mapping[str, Sequence[CodeCount]]
"""Name of a coded field to the codes that occur in the federation."""
_TAKES = {"only": "the only one", "least": "the least", "most": "the most"}
_MOST_TICKED = 24
_LONGEST_LEVEL = 60
_LARGE = 1e6
"""A bound from which on it is none that people meet."""


@dataclass(frozen=True)
class PlaceView:
    """A place for a variable.

    Attributes:
        place: What was typed.
        fields: Entity to the fields that may stand there.
        kinds: What the variable may be, where there is a choice.
        shows: Parts that suit its field: ``take``, ``codes``, ``ends``, ``levels``, ``rows``.
        codes: Codes to tick.
        typed: Codes that were typed beside them.
        takes: Which of several numbers.
        hint: What the field means.
    """

    place: Place
    fields: tuple[tuple[str, tuple[Option, ...]], ...]
    kinds: tuple[Option, ...] = ()
    shows: frozenset[str] = frozenset()
    codes: tuple[Option, ...] = ()
    typed: str = ""
    takes: tuple[Option, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class RoleView:
    """A role with its places, and what may stand in them in words."""

    role: Mapping[str, Any]
    places: tuple[PlaceView, ...]
    takes: str


@dataclass(frozen=True)
class SettingView:
    """A setting: its choices, or, of a number, how little and how much it may be, and what was typed."""

    name: str
    says: str
    choices: tuple[Option, ...]
    typed: str
    span: str


def fitted(analysis: Mapping[str, Any], form: Form, known: Known) -> Form:
    """What was typed, and levels of coded fields for which none were: the codes that occur, else the whole short list."""
    values = dict(form.values)
    for place in (one for role in analysis["roles"] for one in places(form, role)):
        field = place.field
        if field is not None and field.type == "code" and place.kind == "code" and "levels" not in place.typed:
            lines = [_line(code, field, known) for code in _offered(field, known)]
            values |= {f"{place.at}.levels": ("\n".join(lines),)} if lines else {}
    return Form(values)


def role_views(analysis: Mapping[str, Any], form: Form, known: Known) -> tuple[RoleView, ...]:
    """The roles of an analysis as its form shows them.

    Args:
        analysis: As the hub tells it.
        form: What was typed.
        known: Codes that occur.
    """
    found = []
    for role in analysis["roles"]:
        takes = " or ".join(KINDS[kind] for kind in KINDS if kind in role["kinds"])
        found.append(RoleView(role, tuple(_place(one, known) for one in places(form, role)), takes))
    return tuple(found)


def setting_views(analysis: Mapping[str, Any], form: Form) -> tuple[SettingView, ...]:
    """The settings of an analysis as its form shows them."""
    found = []
    for one in analysis["settings"]:
        typed = form.one(f"s.{one['name']}", _told(one["default"]))
        choices: tuple[Option, ...] = ()
        span = ""
        if isinstance(one["default"], str):
            choices = tuple(Option(str(c), str(c), str(c) == typed) for c in one["choices"])
        elif one["choices"]:
            low, high = one["choices"]
            span = f"{_told(low)} to {_told(high)}" if high < _LARGE else f"from {_told(low)}"
        found.append(SettingView(one["name"], one["says"], choices, typed, span))
    return tuple(found)


def _place(place: Place, known: Known) -> PlaceView:
    field, kinds = place.field, _kinds(place)
    fields = tuple(
        (entity.name, tuple(Option(f"{f.entity}.{f.name}", label_of(f), f == field) for f in found))
        for entity in ENTITIES.values()
        if (found := [f for f in FIELDS if f.entity == entity.name and _may(f, place.kinds)])
    )
    if field is None:
        return PlaceView(place, fields, kinds)
    ticked = set(codes_in(place.typed.get("codes", ())))
    people = {one.code: one.people for one in known.get(field.name, ())}
    offered = _offered(field, known)[:_MOST_TICKED] if field.type == "code" else []
    return PlaceView(
        place,
        fields,
        kinds,
        _shows(field, place.kind),
        tuple(Option(code, _label(code, field, known), code in ticked, people.get(code)) for code in offered),
        " ".join(code for code in codes_in(place.typed.get("codes", ())) if code not in offered),
        tuple(Option(take, _TAKES[take], take == (place.one("take") or "only")) for take in TAKES),
        f"{field.meaning} {field.source}." + (f" Unit: {field.unit}." if field.unit else ""),
    )


def _kinds(place: Place) -> tuple[Option, ...]:
    if len(place.kinds) == 1:
        return ()
    chosen = place.one("kind")
    return tuple(Option(kind, KINDS[kind], kind == chosen) for kind in KINDS if kind in place.kinds)


def _may(field: Field, kinds: frozenset[str]) -> bool:
    return field.type != "code" or bool(kinds & {"yes", "code"})


def _shows(field: Field, kind: str) -> frozenset[str]:
    below = {"rows"} if field.entity != "person" else set()
    if kind == "number":
        return frozenset(below | ({"take"} if below else set()))
    if kind == "yes":
        return frozenset(below | {"codes" if field.type == "code" else "ends"})
    return frozenset(below | ({"levels"} if kind else set()))


def _offered(field: Field, known: Known) -> list[str]:
    """Codes of a field that occur, in the order of its list where it has one; else the list, where that is short."""
    occurring = [one.code for one in known.get(field.name, ())]
    if field.codes.pattern:
        return occurring[:MOST_LEVELS]
    listed = list(field.codes.codes)
    found = [code for code in listed if code in occurring] or listed
    return found if len(found) <= MOST_LEVELS else []


def _line(code: str, field: Field, known: Known) -> str:
    label = _label(code, field, known)
    name = label.replace(":", " ").strip()[:_LONGEST_LEVEL]
    return f"{name}: {code}" if name and name != code else code


def _label(code: str, field: Field, known: Known) -> str:
    listed = field.codes.codes.get(code, "")
    return listed or next((one.label for one in known.get(field.name, ()) if one.code == code), "")


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
