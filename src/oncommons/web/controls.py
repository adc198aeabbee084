"""What the form for a question shows: its controls, generated from the dictionary and from what the federation holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncommons.schema.answer import Count
from oncommons.schema.clinical import CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS, Field, is_below
from oncommons.schema.federation import NodeStatus
from oncommons.web.form import BLOCKS, Block, Form
from oncommons.web.holdings import CodeCount, label_of

FEW = 4
"""A field of so few codes shows them all at once."""
_LONGEST_EXAMPLE = 24


@dataclass(frozen=True)
class Option:
    """A value to choose; ``people`` where the federation tells how many have it."""

    value: str
    label: str
    chosen: bool
    people: Count | None = None


@dataclass(frozen=True)
class Control:
    """One criterion of the form.

    Attributes:
        name: Its name in the address; a range adds ``.from`` and ``.to``.
        label: For people.
        kind: ``few`` and ``many`` codes, ``text`` for codes of a pattern, ``range`` for whole numbers, ``nodes``.
        hint: What a value means.
        options: Codes that occur in the federation, or all of a short list.
        others: The other codes of the vocabulary.
        low: What was typed as lower end, or as text.
        high: What was typed as upper end.
    """

    name: str
    label: str
    kind: str
    hint: str
    options: tuple[Option, ...] = ()
    others: tuple[Option, ...] = ()
    low: str = ""
    high: str = ""

    @property
    def chosen(self) -> str:
        """The chosen codes, for people."""
        return ", ".join(o.value for o in (*self.options, *self.others) if o.chosen) or "any"

    @property
    def is_used(self) -> bool:
        """Whether something is asked of it."""
        return bool(self.low or self.high) or self.chosen != "any"


@dataclass(frozen=True)
class BlockView:
    """A block of the form.

    Attributes:
        name: Its name in the address.
        legend: For people.
        sayings: What it may say: ``has all of these`` or the opposite.
        controls: Its criteria.
        folded: Whether it is folded until something is asked in it.
    """

    name: str
    legend: str
    sayings: tuple[Option, ...]
    controls: tuple[Control, ...]
    folded: bool = False

    @property
    def is_used(self) -> bool:
        """Whether something is asked in it."""
        return any(one.is_used for one in self.controls) or any(one.chosen and one.value for one in self.sayings)


def block_views(form: Form, known: Mapping[str, Sequence[CodeCount]]) -> tuple[BlockView, ...]:
    """The blocks of the form as it was filled in; ``known`` has the codes that occur, by field."""
    return tuple(_block(block, form, known) for block in BLOCKS)


def counts(form: Form) -> tuple[Option, ...]:
    """The entities to count."""
    return tuple(Option(e.name, e.plural, e.name == form.count) for e in ENTITIES.values())


def nodes(form: Form, there: Sequence[NodeStatus]) -> Control:
    """The nodes that may be asked; a name that was chosen is shown whether there is such a node or not."""
    chosen = form.all("nodes")
    labels = {one.name: _presence(one) for one in there if one.presence != "revoked" or one.name in chosen}
    labels |= {name: "no such node" for name in chosen if name not in labels}
    options = tuple(Option(name, label, name in chosen) for name, label in labels.items())
    return Control("nodes", "Nodes to ask", "nodes", "", options)


def _presence(node: NodeStatus) -> str:
    here = "never called" if node.presence == "never" else node.presence
    return f"{here}, {node.datasets} dataset{'' if node.datasets == 1 else 's'}"


def groupings(form: Form, which: int) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    """The coded fields that can be grouped by, under the entities for which each is valid."""
    chosen = form.all("by")[which] if len(form.all("by")) > which else ""
    groups: dict[str, tuple[Option, ...]] = {}
    for field in FIELDS:
        if field.type == "code":
            option = Option(field.name, label_of(field), field.name == chosen)
            groups[_countable(field)] = (*groups.get(_countable(field), ()), option)
    return tuple(groups.items())


def _countable(field: Field) -> str:
    names = [e.plural for e in ENTITIES.values() if e.name == field.entity or is_below(e.name, field.entity)]
    return f"when counting {', '.join(names)}"


def _block(block: Block, form: Form, known: Mapping[str, Sequence[CodeCount]]) -> BlockView:
    return BlockView(
        name=block.name,
        legend=(
            "Another "
            if block.another
            else "The "
            if not block.can_deny
            else "An "
            if block.entity[0] in "aeiou"
            else "A "
        )
        + block.entity,
        sayings=_sayings(block, form),
        controls=tuple(_control(block, field, form, known.get(field.name, ())) for field in block.fields),
        folded=block.another or block.entity in CLINICAL,  # most federations hold few of them
    )


def _sayings(block: Block, form: Form) -> tuple[Option, ...]:
    if not block.can_deny:
        return ()
    denied = form.one(f"{block.name}.is") == "no"
    yes, no = f"some {block.entity} has", f"no {block.entity} has"
    if block.is_direct(form.count):
        yes, no = f"the {block.entity} has", f"the {block.entity} has not"
    also = "and " if block.another else ""
    tail = "all of these" if len(block.fields) > 1 else "this"
    return (Option("", f"{also}{yes} {tail}", not denied), Option("no", f"{also}{no} {tail}", denied))


def _control(block: Block, field: Field, form: Form, known: Sequence[CodeCount]) -> Control:
    name = f"{block.name}.{field.name}"
    hint = f"{field.meaning} {field.source}."
    label = label_of(field)
    label = label[:1].upper() + label[1:] if label[1:2].islower() else label
    if field.type != "code":
        unit = {"a": " (years)", "d": " (days)"}.get(field.unit, "")
        low, high = form.one(f"{name}.from"), form.one(f"{name}.to")
        return Control(name, label + unit, "range", hint, low=low, high=high)
    if field.codes.pattern:
        short = [one.code for one in known if len(one.code) <= _LONGEST_EXAMPLE]
        such = ", ".join(dict.fromkeys([field.codes.example, *short[:FEW]]))
        return Control(name, label, "text", f"{hint} Such as {such}.", low=" ".join(form.all(name)))
    chosen = form.all(name)
    people = {c.code: c.people for c in known}
    labels = field.codes.codes
    options = [Option(c, labels.get(c, ""), c in chosen, people.get(c)) for c in _order(labels, people, chosen)]
    few = len(labels) <= FEW
    first = [o for o in options if few or o.people is not None or o.chosen]
    others = [o for o in options if o not in first]
    return Control(name, label, "few" if few else "many", hint, tuple(first), tuple(others))


def _order(labels: Mapping[str, str], people: Mapping[str, Count], chosen: Sequence[str]) -> list[str]:
    if len(labels) <= FEW:
        return [*labels, *(c for c in chosen if c not in labels)]
    return list(dict.fromkeys([*people, *labels, *chosen]))
