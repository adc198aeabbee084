"""Rule tables as SQL: which row of a table applies to what the headers of a series say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from oncommons.node.receive.class_rules import (
    CONTRAST_RULES,
    KINDS,
    LATERALITY_RULES,
    SERIES_CLASS_RULES,
    TIMINGS,
    Rule,
)
from oncommons.node.receive.words import SERIES_WORDS, STUDY_WORDS, pattern

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
FEW = 3
"""A series of so many images or fewer may be a localizer that nobody named."""


def normal(column: str) -> str:
    """SQL for a description as :mod:`oncommons.node.receive.words` looks at it."""
    return f"trim(lower(strip_accents(replace({column}, '_', ' '))))"


def flags(text: str, names: Sequence[str], prefix: str) -> str:
    """SQL columns ``<prefix><notion>``: whether a text says it.

    Args:
        text: SQL for the text.
        names: The notions.
        prefix: Of the columns.
    """
    return ", ".join(f"regexp_matches({text}, '{_quoted(pattern(name))}') AS {prefix}{name}" for name in names)


def series_flags(text: str) -> str:
    """SQL columns of what a description of a series says."""
    return flags(text, SERIES_WORDS, "d_")


def study_flags(text: str) -> str:
    """SQL columns of what a description of a study says."""
    return flags(text, STUDY_WORDS, "s_")


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


def number_of(field: str) -> str:
    """SQL for the number of the first rule that applies; NULL where none does.

    The columns that it uses are those of :mod:`oncommons.node.receive.readings`.
    """
    whens = " ".join(f"WHEN {_condition(rule)} THEN {number}" for number, rule in BY_NUMBER[field].items())
    return f"CASE {whens} END"


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


def _quoted(text: str) -> str:
    return text.replace("'", "''")
