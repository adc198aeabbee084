"""Tables as coloured cells: correlations, cross-tables, loadings; and the variance of principal components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from oncommons.client.figures.figure import Figure
from oncommons.client.figures.shapes import Grid, Line, Lines
from oncommons.client.figures.told import Record, closing, is_number, rows_of, setting
from oncommons.client.figures.words import MINUS, listed, many, p_value, percent, plain, short

MOST_CELLS = 41
"""Rows or columns of what is still legible."""
_ALL = "all"
_ROUNDED = 1 + 1e-9


def matrix_figures(record: Record) -> list[Figure]:
    """Correlations, or covariances, of the table ``matrix`` as a heat-map; nothing where there is none."""
    square = _square(record, "matrix")
    if square is None:
        return []
    names, values = square
    most = max(abs(value) for row in values for value in row)
    what = "Correlation" if most <= _ROUNDED else "Covariance"
    span = 1.0 if most <= _ROUNDED else most
    texts = tuple(tuple(_two(value) for value in row) for row in values)
    shape = Grid(short(names, 22), short(names, 22), values, texts, (-span, span), what)
    pairs = [(abs(values[i][j]), values[i][j], names[i], names[j]) for i in range(len(names)) for j in range(i)]
    told = [
        f"The strongest is that of {one} with {other}: {_two(value)}." for _, value, one, other in sorted(pairs)[-1:]
    ]
    lead = f"{what}s of each two of {many(len(names), 'variable')}, as colours and numbers."
    table = (("variable", *names), *((name, *row) for name, row in zip(names, values, strict=True)))
    return [Figure("matrix", f"{what}s", " ".join([lead, *told, closing(record, "matrix")]), table, shape)]


def loadings_figures(record: Record) -> list[Figure]:
    """Loadings of principal components of the table ``loadings`` as a heat-map; nothing where there is none."""
    found = _numbers(record, "loadings")
    if found is None:
        return []
    columns, names, values = found
    texts = tuple(tuple(_two(value) for value in row) for row in values)
    components = tuple(column.upper() for column in columns)
    shape = Grid(short(names, 22), components, values, texts, (-1.0, 1.0), "Loading")
    first = sorted(zip(names, (row[0] for row in values), strict=True), key=lambda one: -abs(one[1]))[:3]
    lead = f"Loadings of {many(len(names), 'variable')} on {many(len(columns), 'principal component')}."
    told = f"On the first weigh most {listed([f'{name} ({_two(value)})' for name, value in first])}."
    table = (("variable", *columns), *((name, *row) for name, row in zip(names, values, strict=True)))
    return [Figure("loadings", "Loadings", " ".join([lead, told, closing(record, "loadings")]), table, shape)]


def scree_figures(record: Record) -> list[Figure]:
    """How much of the variance each principal component of the table ``components`` has; nothing where there is none."""
    rows = rows_of(record, "components", ("variance", "share", "together"), ("component",))
    if not rows or not all(is_number(row[name]) for row in rows for name in ("share", "together")):
        return []
    places = tuple(float(place) for place in range(1, len(rows) + 1))
    lines = tuple(
        Line(said, places, tuple(min(1.0, float(row[name])) for row in rows), dots=True)
        for said, name in (("each", "share"), ("together", "together"))
    )
    shape = Lines(lines, "Principal component", "Share of the variance", (0.7, len(rows) + 0.3), (0.0, 1.0), whole=True)
    told = [
        f"{plain(row['component'])}: {percent(row['share'])}, with those before {percent(row['together'])}."
        for row in rows[:5]
    ]
    lead = f"Share of the variance of {many(len(rows), 'principal component')}, each and together."
    columns = ("component", "variance", "share", "together")
    table = (columns, *(tuple(row[name] for name in columns) for row in rows))
    return [
        Figure(
            "scree",
            "Variance of principal components",
            " ".join([lead, *told, closing(record, "components")]),
            table,
            shape,
        )
    ]


def cells_figures(record: Record) -> list[Figure]:
    """The cross-table of the table ``cells``, coloured by shares of rows; nothing where there is none."""
    found = _numbers(record, "cells")
    if found is None or found[0][-1] != _ALL or found[1][-1] != "" or len(found[1]) < 2:  # noqa: PLR2004
        return []
    columns, names, counts = found
    up, across = (plain(setting(record, role) or role).replace("_", " ") for role in ("rows", "columns"))
    result: Any = record.get("result") or {}
    tests = [
        f"{said}: {p_value(result[name].get('p'))}."
        for name, said in (("chi_squared", "Chi-squared test"), ("fisher", "Fisher's exact test"))
        if isinstance(result.get(name), dict)
    ]
    people = f"{counts[-1][-1]:,.0f} people by {up} and {across}"
    lead = f"{people}; colours and percentages are shares of the row."
    body = ((name or _ALL, *row) for name, row in zip(names, counts, strict=True))
    table = ((f"{up} by {across}", *columns), *body)
    caption = " ".join([lead, *tests, closing(record, "cells")])
    title = f"{up[:1].upper()}{up[1:]} by {across}"
    return [Figure("cells", title, caption, table, _crossed(columns, names, counts, (across, up)))]


def _crossed(
    columns: tuple[str, ...], names: tuple[str, ...], counts: tuple[tuple[float, ...], ...], sides: tuple[str, str]
) -> Grid:
    """Cells with their people and shares of rows; the sums have no colour."""
    values: list[tuple[float | None, ...]] = []
    texts: list[tuple[str, ...]] = []
    for row in counts[:-1]:
        shares = [cell / row[-1] if row[-1] else 0.0 for cell in row[:-1]]
        told = [f"{cell:,.0f} ({percent(share)})" for cell, share in zip(row[:-1], shares, strict=True)]
        values.append((*shares, None))
        texts.append((*told, f"{row[-1]:,.0f}"))
    values.append((None,) * len(columns))
    texts.append(tuple(f"{cell:,.0f}" for cell in counts[-1]))
    ups, acrosses = ((*short(some[:-1], 22), "All") for some in (names, columns))
    return Grid(ups, acrosses, tuple(values), tuple(texts), (0.0, 1.0), "Share of row", *sides, both=False)


def _square(record: Record, table: str) -> tuple[tuple[str, ...], tuple[tuple[float, ...], ...]] | None:
    found = _numbers(record, table)
    return (found[1], found[2]) if found is not None and found[0] == found[1] and len(found[0]) > 1 else None


def _numbers(
    record: Record, table: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[float, ...], ...]] | None:
    """Names of columns, names of rows, and the numbers: of a table whose first column has names."""
    rows: Sequence[Sequence[Any]] = record.get("tables", {}).get(table) or ()
    if rows_of(record, table) is None or not 1 < len(rows) <= MOST_CELLS or not 1 < len(rows[0]) <= MOST_CELLS:
        return None
    if not all(is_number(cell) for row in rows[1:] for cell in row[1:]):
        return None
    values = tuple(tuple(float(cell) for cell in row[1:]) for row in rows[1:])
    return tuple(map(_shown, rows[0][1:])), tuple(_shown(row[0]) for row in rows[1:]), values


def _shown(name: object) -> str:
    return plain(name).replace("_", " ")


def _two(value: float) -> str:
    """Two decimals, and no minus before what is rounded to nothing."""
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text.replace("-", MINUS)
