"""Rule tables as SQL: which row of a table applies to what the headers of a series say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from oncommons.node.receive.class_rules import (
    CONTRAST_RULES,
    KINDS,
    LATERALITY_RULES,
    SERIES_CLASS_RULES,
    TIMINGS,
    Rule,
)
from oncommons.node.receive.words import pattern
from oncommons.storage.generations import quoted

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {"series_class": SERIES_CLASS_RULES, "contrast": CONTRAST_RULES, "laterality": LATERALITY_RULES}
)
"""Field to its rules."""
BY_NUMBER: Mapping[str, Mapping[int, Rule]] = MappingProxyType(
    {field: MappingProxyType(dict(enumerate(rules, 1))) for field, rules in RULES.items()}
)
"""Field to number, from 1, to rule."""
STATES: Mapping[str, str] = MappingProxyType(
    {
        "many": "many",
        "agent": "agent != '' AND NOT no_agent",
        "no_agent": "agent != '' AND no_agent",
        "left": "side = 'L'",
        "right": "side = 'R'",
        "both": "side = 'B'",
        "unpaired": "side = 'U'",
    }
)
"""State of a series and how it shows."""
NO_AGENT = r"(no|none|n|0|nil|without|ohne|nein|non|sans|na|n/a|no contrast|none used|nocontrast|brak|nie)"
"""What is written for the agent where none was given, in small letters."""
_ANY = "any"
"""Stands for every modality."""
FEW = 3
"""A series of so many images or fewer may be a localizer that nobody named."""


def normal(column: str) -> str:
    """SQL for a description as :mod:`oncommons.node.receive.words` looks at it."""
    return f"trim(lower(strip_accents(replace({column}, '_', ' '))))"


def that_apply(field: str, modalities: Collection[str]) -> dict[int, Rule]:
    """Number to rule of a field, those left out that are for other modalities only.

    Args:
        field: The field.
        modalities: The modalities that there are.
    """
    return {
        n: rule for n, rule in BY_NUMBER[field].items() if not rule.modality or {*rule.modality.split()} & {*modalities}
    }


def series_flags(rules: Iterable[Rule], text: str, modality: str) -> str:
    """SQL columns ``d_<notion>``: whether a description of a series says what the rules look for.

    A notion that only rules for some modalities look for is looked for in theirs alone.

    Args:
        rules: The rules.
        text: SQL for the description.
        modality: SQL for the modality of the series.
    """
    found: dict[str, set[str]] = {}
    for rule in rules:
        for notion in f"{rule.says} {rule.never}".split():
            found.setdefault(notion, set()).update(rule.modality.split() or [_ANY])
    return "".join(
        f", {_says(text, notion) if _ANY in of else _only(modality, of, _says(text, notion))} AS d_{notion}"
        for notion, of in found.items()
    )


def study_flags(rules: Iterable[Rule], text: str) -> str:
    """SQL columns ``s_<notion>``: whether a description of a study says what the rules look for.

    Args:
        rules: The rules.
        text: SQL for the description.
    """
    notions = dict.fromkeys(notion for rule in rules for notion in f"{rule.study} {rule.study_never}".split())
    return "".join(f", {_says(text, notion)} AS s_{notion}" for notion in notions)


def _says(text: str, notion: str) -> str:
    return f"regexp_matches({text}, {quoted(pattern(notion))})"


def _only(modality: str, wanted: Collection[str], test: str) -> str:
    return f"CASE WHEN {modality} IN ({_list(' '.join(sorted(wanted)))}) THEN {test} ELSE FALSE END"


def timing(tr: str, te: str, ti: str, sequence: str) -> str:
    """SQL for what the times of a sequence say; empty where they say nothing.

    Args:
        tr: SQL of the repetition time as text, ms.
        te: The same of the echo time.
        ti: The same of the inversion time.
        sequence: SQL of Scanning Sequence.
    """
    whens = []
    for name, condition in TIMINGS:
        text = condition
        for short, column in (("tr", tr), ("te", te), ("ti", ti)):
            text = text.replace(f"{short} ", f"TRY_CAST({column} AS DOUBLE) ")
        whens.append(f"WHEN {text.replace('sequence', f'upper({sequence})')} THEN '{name}'")
    return f"CASE {' '.join(whens)} ELSE '' END"


def number_of(rules: Mapping[int, Rule]) -> str:
    """SQL for the number of the first rule that applies; 0 where none does.

    The columns that it uses are those of :mod:`oncommons.node.receive.readings`.

    Args:
        rules: Number to rule, in order.
    """
    whens = " ".join(f"WHEN {_condition(rule)} THEN {number}" for number, rule in rules.items())
    return f"CASE {whens} ELSE 0 END" if whens else "0"


def _condition(rule: Rule) -> str:
    parts = [f"modality IN ({_list(rule.modality)})"] if rule.modality else []
    parts += [f"d_{name}" for name in rule.says.split()]
    parts += [f"NOT d_{name}" for name in rule.never.split()]
    parts += [f"s_{name}" for name in rule.study.split()]
    parts += [f"NOT s_{name}" for name in rule.study_never.split()]
    if rule.image_type:
        values = rule.image_type.replace(" ", "|")
        parts.append(rf"regexp_matches(image_type, '(^|\\)({values})(\\|$)')")
    if rule.kinds:
        parts.append(f"sop_class IN ({_list(' '.join(KINDS[kind] for kind in rule.kinds.split()))})")
    if rule.timing:
        parts.append(f"timing = '{rule.timing}'")
    if rule.state:
        parts.append(f"({STATES[rule.state]})")
    return " AND ".join(parts) or "TRUE"


def _list(words: str) -> str:
    return ", ".join(f"'{word}'" for word in words.split())
