"""What a clinical mapping itself says: codes, words and units that no rule reads are told before a row is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from oncommons.node.receive.clinical.mapping import BLOCKS, Block, Cell, ClinicalMapping, Key, did_you_mean
from oncommons.node.receive.clinical.reading import (
    OWN_MARKER,
    is_missing,
    is_own_marker,
    read_code,
    read_date,
    read_marker_name,
    read_number,
    shown,
)
from oncommons.schema.errors import BadMapping
from oncommons.schema.errors_of_rows import ClinicalRowError, UnknownClinicalCode
from oncommons.schema.scores import SCORES, read_score
from oncommons.schema.units import convert
from oncommons.schema.vocabulary import VOCABULARIES

SYSTEMS = ("ATC", "ICD10", "ICDO3", "LOINC", "OPS", "RXNORM", "SCT")
"""Systems of codes that a mapping may name."""
_TOLD = 5
_TIMES = ("a", "mo", "wk", "d")
_DAY = datetime(2024, 3, 1, 8, 30, tzinfo=UTC)


def check_constants(mapping: ClinicalMapping) -> None:
    """Check the codes, words, units and forms of dates that a mapping holds.

    Args:
        mapping: The mapping.

    Raises:
        BadMapping: some cannot be read; the first few are told, each with what it looks like.
    """
    wrong = [
        (f"tables[{number}].{key}", what)
        for number, block in enumerate(mapping.blocks)
        for key, cell in block.cells.items()
        for what in _wrong(block, key, cell)
    ]
    if wrong:
        rest = f" And {len(wrong) - _TOLD:,} more." if len(wrong) > _TOLD else ""
        raise BadMapping(" ".join(f"{at}: {what}" for at, what in wrong[:_TOLD]) + rest, at=wrong[0][0])


def _wrong(block: Block, key: str, cell: Cell) -> Iterator[str]:
    rule = BLOCKS[block.name][key]
    if cell.system and cell.system not in SYSTEMS:
        yield f"{shown(cell.system)} is no system of codes; there are {', '.join(SYSTEMS)}.{did_you_mean(cell.system, SYSTEMS)}"
        return
    unit = cell.unit or ("a" if rule.kind == "age" else "")
    if (rule.kind == "age" or key == "time") and convert(Decimal(1), unit, "d") is None:
        yield f"{shown(unit)} is no unit of time; there are {', '.join(_TIMES)}."
    if cell.format and not _is_form(cell.format):
        yield f"{shown(cell.format)} is not how a date is written; 01.03.2024 is %d.%m.%Y."
        return
    for text in [cell.constant] if cell.value else [*cell.map.values()]:
        try:
            if not is_missing(text):
                _CHECKS.get(rule.kind, _nothing)(rule, block, cell, text)
        except ClinicalRowError as fault:
            yield f"{fault.message}{_near(rule, text)}{_HINTS.get(rule.vocabulary, '')}"


def _is_form(form: str) -> bool:
    try:
        return bool(datetime.strptime(_DAY.strftime(form), form).replace(tzinfo=UTC))
    except ValueError:
        return False


def own_markers(mapping: ClinicalMapping) -> Iterator[tuple[str, UnknownClinicalCode]]:
    """Markers that a mapping names and no list knows, each with its place and what becomes of it.

    Args:
        mapping: The mapping, whose constants were checked.
    """
    for number, block in enumerate(mapping.blocks):
        cell = block.cells.get("marker", Cell())
        text = cell.constant
        if text and is_own_marker(text, cell.system):
            message = (
                f"{shown(text)} is a marker that no list knows. Its rows are kept as they are, and others find them only "
                f"as {OWN_MARKER}. If LOINC has it, write its code, such as LOINC:1988-5 for CRP, and its values can be asked for."
            )
            yield f"tables[{number}].marker", UnknownClinicalCode(message)


def _code(rule: Key, _block: Block, cell: Cell, text: str) -> None:
    own = rule.vocabulary == "marker" and not cell.column and is_own_marker(text, cell.system)
    if not own or _near(rule, text):
        read_code(rule.vocabulary, text, cell.system)


def _result(_rule: Key, block: Block, _cell: Cell, text: str) -> None:
    """Scores are those of the marker; where rows say which, any marker may be meant."""
    marker = block.cells.get("marker", Cell())
    name, system = marker.constant, marker.system
    markers = [read_marker_name(name, system)] if name else SCORES
    if not any(read_score(one, text) for one in markers):
        read_code("result", text)


def _date(_rule: Key, _block: Block, cell: Cell, text: str) -> None:
    read_date(text, cell.format)


def _number(_rule: Key, _block: Block, cell: Cell, text: str) -> None:
    read_number(text, cell.decimal)


def _nothing(_rule: Key, _block: Block, _cell: Cell, _text: str) -> None:
    pass


_HINTS: Mapping[str, str] = {
    "marker": " What no list names is LOINC:NUMBER, such as LOINC:1988-5 for CRP, or OTHER.",
}
"""Vocabulary to what else may be written where a value is not known."""
_CHECKS: Mapping[str, Callable[[Key, Block, Cell, str], None]] = {
    "code": _code,
    "modifier": _code,
    "result": _result,
    "date": _date,
    "end": _date,
    "number": _number,
    "age": _number,
}


def _near(rule: Key, text: str) -> str:
    """The code that a text looks like, by its letters or those of its label."""
    words = VOCABULARIES.get(rule.vocabulary)
    codes = [code for code in words.codes if words.holds(code)] if words else []
    labels = {words.codes[code].partition(" (")[0].lower(): code for code in codes} if words else {}
    return did_you_mean(text, codes) or did_you_mean(text.lower(), labels, labels)
