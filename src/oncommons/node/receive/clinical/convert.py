"""One row of a clinical table becomes rows of OMOP tables, as its mapping says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from oncommons.node.receive.clinical.mapping import BLOCKS, Block, Cell, ClinicalMapping, Key
from oncommons.node.receive.clinical.reading import (
    in_its_unit,
    is_missing,
    read_code,
    read_date,
    read_marker_name,
    read_number,
    read_result,
    read_span,
)
from oncommons.node.receive.clinical.resuming import Unit
from oncommons.node.receive.clinical.taking import REFUSED, MadeFault, MadeRow, fault_of, unit_of
from oncommons.node.receive.lines import Line
from oncommons.schema.errors_of_rows import (
    ClinicalRowError,
    MixedEncoding,
    RowWithoutPerson,
    UnreadableNumber,
)
from oncommons.schema.omop import AGE, END, FOLLOWED, OPERATORS, START, STATUS
from oncommons.schema.oncology import MARKER_UNITS
from oncommons.schema.units import LONGEST_LIFE, convert

_NEEDS: Mapping[str, tuple[str, ...]] = {
    "measurement": ("value", "result"),
    "observation": ("value", "result"),
    "procedure_occurrence": ("code", "kind"),
    "drug_exposure": ("code", "kind"),
    "episode": ("kind",),
    "death": ("date", "cause"),
    "specimen": ("kind", "site"),
}
"""Block to the keys of which one must say something; a row that says none of them makes no row of the table."""
_TABLE_OF = {"follow_up": "observation"}
_WHOLE_DATE = len("2024-03-01")
MOST_DIGITS = 330
"""Longer numbers are kept as text only: a DOUBLE does not reach so far."""


@dataclass
class _Row:
    """A row being made: its texts, and what belongs to it."""

    block: Block
    item: str
    values: dict[str, str]
    parts: list[tuple[str, str, dict[str, str]]]


class Converter:
    """Makes OMOP rows of the rows of one file, each whatever came before it.

    Args:
        mapping: Which column holds what.
        pseudonym: What a person is called, from what the file calls them.
    """

    def __init__(self, mapping: ClinicalMapping, pseudonym: Callable[[str], str]) -> None:
        self.mapping = mapping
        self.pseudonym = pseudonym
        self._cells = [
            [(key, rule, block.cells[key]) for key, rule in BLOCKS[block.name].items() if key in block.cells]
            for block in mapping.blocks
        ]
        self._told: list[MadeFault] = []

    def unit(self, placed: tuple[Line, int]) -> Unit:
        """What is made of a line; one that is not refused has a row about the person as such.

        Args:
            placed: The line, and how many cells the header has.
        """
        line, width = placed
        self._told = []
        person = line.cells.get(self.mapping.person, "").strip()
        if line.cells_found != width:
            words = f"The row has {line.cells_found} cells, the header has {width}."
            return self._refused(line, "", RowWithoutPerson(words))
        if is_missing(person):
            return self._refused(line, self.mapping.person, RowWithoutPerson("The row does not say whose it is."))
        if line.recoded:
            self._tell("", MixedEncoding("The line is not UTF-8; it was read as Windows-1252."))
        found = [self._block(number, block, line) for number, block in enumerate(self.mapping.blocks)]
        rows = [row for made in found if made is not None for row in _placed(made)]
        if not any(table == "person" for table, _, _ in rows):
            rows.append(("person", f"{line.number}.person", {}))
        return unit_of(line.number, self.pseudonym(person), rows, self._told)

    @staticmethod
    def _refused(line: Line, at: str, fault: ClinicalRowError) -> Unit:
        return unit_of(line.number, faults=[fault_of(at, fault, kept=False)], counted=[(REFUSED, "")])

    def _block(self, number: int, block: Block, line: Line) -> _Row | None:
        if any(line.cells.get(column, "").strip() not in texts for column, texts in block.when.items()):
            return None
        made = _Row(block, f"{line.number}.{number}", {}, [])
        said = set()
        for key, rule, cell in self._cells[number]:
            raw = _raw(cell, line)
            if is_missing(raw) and rule.kind != "unit":
                continue
            said.add(key)
            try:
                _READERS[rule.kind](made, key, rule, cell, raw)
            except ClinicalRowError as fault:
                self._tell(cell.column or key, fault)
        needs = _NEEDS.get(block.name)
        if needs and not said.intersection(needs):
            return None
        if not said:
            return None
        if block.name in {"measurement", "observation"}:
            self._weigh(made)
        if block.name == "follow_up" and made.values:
            made.values |= {"observation_source_value": STATUS, "code": STATUS}
        return made

    def _weigh(self, made: _Row) -> None:
        """Bring the value of a marker into its unit."""
        raw, marker = made.values.get("value_source_value", ""), made.values.get("code", "")
        cell = made.block.cells.get("value")
        if cell is None or not raw or "value_code" in made.values or marker not in MARKER_UNITS:
            return
        try:
            number = read_number(raw, cell.decimal)
        except UnreadableNumber:
            return
        unit = made.values.get("unit_source_value", "") or cell.unit
        value = in_its_unit(marker, number, unit)
        if value is not None:
            made.values |= number_text("canonical_value", value)
        elif not number.sign:
            wanted = MARKER_UNITS[marker]
            fault = UnreadableNumber(f"{marker} is asked in {wanted}, which cannot be made of {unit or 'no unit'!r}.")
            self._tell(cell.column, fault)

    def _tell(self, at: str, fault: ClinicalRowError) -> None:
        self._told.append(fault_of(at, fault))


def _placed(made: _Row) -> Iterator[MadeRow]:
    """The rows that a block made, with the tables that they belong to."""
    table = _TABLE_OF.get(made.block.name, made.block.name)
    if made.values or table == "condition_occurrence":
        yield table, made.item, made.values
    for other, name, values in made.parts:
        yield other, f"{made.item}.{name}", values


def _raw(cell: Cell, line: Line) -> str:
    """The text of a cell, after the mapping's own words for it."""
    raw = line.cells.get(cell.column, "") if cell.column else cell.value
    return cell.map.get(raw.strip(), raw)


def number_text(column: str, value: Decimal) -> dict[str, str]:
    """A column with a number as DuckDB reads it, where a DOUBLE can hold it, else no column.

    Args:
        column: The column.
        value: The number.
    """
    fits = abs(value.adjusted()) < MOST_DIGITS and abs(float(value)) != float("inf")
    return {column: format(value, "f") if abs(value.adjusted()) < 40 else str(value)} if fits else {}  # noqa: PLR2004


def _text(made: _Row, _key: str, rule: Key, _cell: Cell, raw: str) -> None:
    made.values[rule.column] = raw


def _code(made: _Row, _key: str, rule: Key, cell: Cell, raw: str) -> None:
    made.values[rule.column] = raw
    if rule.vocabulary == "marker" and not cell.column:
        made.values[rule.coded] = read_marker_name(raw, cell.system)
    else:
        made.values[rule.coded] = read_code(rule.vocabulary, raw, cell.system)


def _result(made: _Row, _key: str, rule: Key, _cell: Cell, raw: str) -> None:
    column = rule.column if rule.column not in made.values else "value_text"
    made.values[column] = raw
    made.values[rule.coded] = read_result(made.values.get("code", ""), raw)


def _date(made: _Row, _key: str, _rule: Key, cell: Cell, raw: str) -> None:
    made.values["date_source_value"] = raw
    made.values |= dated(_TABLE_OF.get(made.block.name, made.block.name), read_date(raw, cell.format))


def _end(made: _Row, _key: str, _rule: Key, cell: Cell, raw: str) -> None:
    made.values["end_date_source_value"] = raw
    iso = read_date(raw, cell.format)
    if len(iso) >= _WHOLE_DATE:
        made.values |= _on(END[made.block.name], iso)


def dated(table: str, iso: str) -> dict[str, str]:
    """The columns of a table's first date; a date of which only the year is known fills none of them, except a birth.

    Args:
        table: Name of the table.
        iso: As :func:`~oncommons.node.receive.clinical.reading.read_date` gives it.
    """
    if table != "person":
        return _on(START[table], iso)
    parts = dict(zip(("year_of_birth", "month_of_birth", "day_of_birth"), iso[:10].split("-"), strict=False))
    return parts | ({"birth_datetime": iso} if len(iso) >= _WHOLE_DATE else {})


def _on(name: str, iso: str) -> dict[str, str]:
    if len(iso) < _WHOLE_DATE:
        return {"partial_date": iso}
    return {f"{name}_date": iso[:_WHOLE_DATE]} | ({f"{name}_datetime": iso} if len(iso) > _WHOLE_DATE else {})


def _number(made: _Row, key: str, rule: Key, cell: Cell, raw: str) -> None:
    if key == "time":
        values = {
            "observation_source_value": FOLLOWED,
            "code": FOLLOWED,
            "value_source_value": raw,
            "unit_source_value": cell.unit,
        }
        made.parts.append(("observation", "time", values))
        number, days = read_span(raw, cell.unit, cell.decimal)
        values |= number_text("value_as_number", number.value) | number_text("canonical_value", days)
        return
    made.values[rule.column] = raw
    if cell.unit:
        made.values["unit_source_value"] = cell.unit
    number = read_number(raw, cell.decimal)
    made.values |= number_text("value_as_number", number.value)
    if number.sign:
        made.values["operator_concept_id"] = str(OPERATORS[number.sign])


def _modifier(made: _Row, key: str, rule: Key, cell: Cell, raw: str) -> None:
    values = {
        "measurement_source_value": key.upper(),
        "code": key.upper(),
        "value_source_value": raw,
        "event_item": made.item,
    }
    made.parts.append(("measurement", key, values))
    values["value_code"] = read_code(rule.vocabulary, raw, cell.system)


def _age(made: _Row, _key: str, _rule: Key, cell: Cell, raw: str) -> None:
    values = {
        "observation_source_value": AGE,
        "code": AGE,
        "value_source_value": raw,
        "unit_source_value": cell.unit or "a",
        "event_item": made.item,
    }
    made.parts.append(("observation", "age", values))
    number = read_number(raw, cell.decimal)
    years = convert(number.value, cell.unit or "a", "a")
    if number.sign or years is None or not 0 <= years <= LONGEST_LIFE:
        raise UnreadableNumber(f"{raw!r} is not an age in {cell.unit or 'a'}.")
    values |= number_text("value_as_number", number.value) | number_text("canonical_value", years)


_READERS: Mapping[str, Callable[[_Row, str, Key, Cell, str], None]] = {
    "text": _text,
    "code": _code,
    "result": _result,
    "date": _date,
    "end": _end,
    "number": _number,
    "unit": _text,
    "modifier": _modifier,
    "age": _age,
}
