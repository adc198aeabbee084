"""Raw strings of DICOM headers to values of the dictionary, as SQL expressions built from tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from oncommons.node.receive.rules import BODY_PART_SPELLINGS, MANUFACTURER_PREFIXES
from oncommons.schema.codelist import Vocabulary
from oncommons.schema.vocabulary import BODY_PART, MANUFACTURER, MODALITY, SEX

DAYS_PER_YEAR = 365.25
LONGEST_MODEL = 64
EARLIEST = date(1880, 1, 1)
"""Where dates are moved to hide them, as in public collections, studies lie long before there were such images."""
_SPECIAL = re.compile(r"[^A-Z0-9 _]")


def _known(column: str, vocabulary: Vocabulary) -> str:
    clean = f"upper(trim({column}))"
    return f"CASE WHEN list_contains({_list(vocabulary.codes)}, {clean}) THEN {clean} END"


def _list(words: Iterable[str]) -> str:
    """SQL for a list of words, as one literal: DuckDB takes longer to plan a hundred of them than to read a column."""
    return f"string_split('{'|'.join(words)}', '|')"


def _found(text: str, table: Mapping[str, str]) -> str:
    """SQL for what a table says of a text, else NULL."""
    return f"{_list(table.values())}[list_position({_list(table)}, {text})]"


def sex(column: str) -> str:
    """Patient's Sex; anything but F, M and O is missing."""
    return _known(column, SEX)


def modality(column: str) -> str:
    """Modality; what is not a defined term is missing."""
    return _known(column, MODALITY)


def body_part(column: str) -> str:
    """Body Part Examined; spellings of the rule table first, then the defined terms."""
    return f"coalesce({_found(f'upper(trim({column}))', BODY_PART_SPELLINGS)}, {_known(column, BODY_PART)})"


def manufacturer(column: str) -> str:
    """Manufacturer; a code as it stands, else the code whose prefix the name starts with."""
    clean = f"upper(trim({column}, ' \"'))"
    begins = "|".join(_SPECIAL.sub(r"\\\g<0>", prefix) for prefix, _ in MANUFACTURER_PREFIXES)
    prefix = f"regexp_extract({clean}, '^({begins})')"
    return f"coalesce({_known(clean, MANUFACTURER)}, {_found(prefix, dict(MANUFACTURER_PREFIXES))})"


def model(column: str) -> str:
    """Manufacturer's Model Name as its code is written, see the vocabulary."""
    clean = f"trim(regexp_replace(upper(strip_accents({column})), '[^A-Z0-9+.]+', '_', 'g'), '_')"
    return f"nullif(trim(left({clean}, {LONGEST_MODEL}), '_'), '')"


def age(column: str) -> str:
    """Patient's Age, an AS value (DICOM PS3.5 6.2), in completed years; anything else is missing."""
    clean = f"upper(trim({column}))"
    number = f"CAST(left({clean}, 3) AS INTEGER)"
    return (
        f"CASE WHEN regexp_full_match({clean}, '[0-9]{{3}}[DWMY]') THEN CASE right({clean}, 1) "
        f"WHEN 'Y' THEN {number} WHEN 'M' THEN {number} // 12 "
        f"WHEN 'W' THEN CAST(floor({number} * 7 / {DAYS_PER_YEAR}) AS INTEGER) "
        f"ELSE CAST(floor({number} / {DAYS_PER_YEAR}) AS INTEGER) END END"
    )


def year(column: str) -> str:
    """Year of a date written 20260131 or 2026-01-31, with or without a time; anything else is missing.

    So is a day that there was not, or not yet (somewhere on earth it is tomorrow), or before :data:`EARLIEST`.
    """
    clean = f"trim({column})"
    form = "[0-9]{4}-?[0-9]{2}-?[0-9]{2}([ T].*)?"
    day = f"CAST(try_strptime(left(replace(left({clean}, 10), '-', ''), 8), '%Y%m%d') AS DATE)"
    latest = datetime.now(UTC).date() + timedelta(days=1)
    return (
        f"CASE WHEN regexp_full_match({clean}, '{form}') AND {day} BETWEEN DATE '{EARLIEST}' AND DATE '{latest}' "
        f"THEN CAST(left({clean}, 4) AS INTEGER) END"
    )


def whole_number(column: str) -> str:
    """A whole number that fits 32 bits, also written 12.0; anything else is missing."""
    clean = f"trim({column})"
    return f"CASE WHEN regexp_full_match({clean}, '[0-9]+([.]0*)?') THEN TRY_CAST(split_part({clean}, '.', 1) AS INTEGER) END"


EXPRESSIONS = MappingProxyType(
    {
        "sex": sex,
        "age": age,
        "study_year": year,
        "modality": modality,
        "body_part": body_part,
        "manufacturer": manufacturer,
        "model": model,
        "instances": whole_number,
    },
)
"""Column of a received series to the function that writes its SQL expression over a VARCHAR column."""
