"""A cohort question as one DuckDB query, every value a bound parameter.

SQL's own three-valued logic is Kleene's: a comparison with a missing value is ``NULL``, and ``AND``, ``OR``
and ``NOT`` carry it on.  So each criterion becomes *one* expression ``e``; the certain reading is
``e IS TRUE``, the possible reading ``e IS NOT FALSE``, and a field that the node does not have is ``NULL``.

``some ENTITY where`` becomes a common table expression: per row that the entity's rows belong to, ``e`` is true
if one row is certain, ``NULL`` if none is but one is possible; rows that are neither are absent, hence false.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oncommons.schema.dictionary import Field, is_below
from oncommons.schema.question import All, AnyOf, Between, Criterion, In, Missing, Not, Question, Some
from oncommons.schema.run import Is, Levels, Run, Take, Value, Variable

_UNKNOWN = "CAST(NULL AS BOOLEAN)"
_BEHIND = (
    "CAST(sum(c) AS BIGINT), CAST(sum(p) AS BIGINT), count(*) FILTER (WHERE c > 0), count(*), "
    "count(*) FILTER (WHERE p > c)"
)
_NO_CODE = -1
"""Stands for a code that came into the dictionary after the node's tables were written: no row has it."""


@dataclass(frozen=True)
class Holdings:
    """What a node has.

    Attributes:
        entities: Entity to the keys of the datasets that have rows of it; absent where no dataset has.
        datasets: Keys of all datasets.
        numbers: Vocabulary to the number that stands for each code; a vocabulary that is not here is kept as text.
        absent: Fields that came into the dictionary after the tables were written, as ``entity.field``.
        highest: The largest number that a person has.
        partly: Clinical entity to the keys of datasets of whose people only some (``person.told_condition``, ...) are in
            sources that hold it; of the others nobody knows whether they had a diagnosis.
    """

    entities: Mapping[str, frozenset[int]]
    datasets: frozenset[int]
    numbers: Mapping[str, Mapping[str, int]]
    highest: int = 0
    partly: Mapping[str, frozenset[int]] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()

    def has(self, field: Field) -> bool:
        """Whether the tables have a column for a field."""
        return field.entity in self.entities and f"{field.entity}.{field.name}" not in self.absent


@dataclass(frozen=True)
class Query:
    """SQL that gives rows ``(dataset, *by, certain, possible)``, or with people behind them, and its named parameters."""

    sql: str
    parameters: Mapping[str, str | int | float]


@dataclass
class _Scope:
    """One ``FROM`` clause being written: its entity and what must be joined to it."""

    entity: str
    joins: dict[str, str] = field(default_factory=dict)

    def column(self, name: str, owner: str) -> str:
        """A column of the row in scope, or of a row above it."""
        if owner != self.entity:
            self.joins[owner] = f"JOIN {owner} ON {owner}.key = {self.entity}.{owner}"
        return f"{owner}.{name}"

    def person(self) -> str:
        """The key of the person that the row in scope belongs to."""
        return "person.key" if self.entity == "person" else f"{self.entity}.person"

    def text(self) -> str:
        return " ".join([f"FROM {self.entity}", *self.joins.values()])


class _Writer:
    """Writes expressions, collecting parameters and common table expressions on the way."""

    def __init__(self, holdings: Holdings) -> None:
        self.holdings = holdings
        self.parameters: dict[str, str | int | float] = {}
        self.tables: list[str] = []

    def bind(self, value: str | float) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def expression(self, criterion: Criterion, scope: _Scope) -> str:
        match criterion:
            case All(criteria):
                return "(" + " AND ".join(self.expression(c, scope) for c in criteria) + ")"
            case AnyOf(criteria):
                return "(" + " OR ".join(self.expression(c, scope) for c in criteria) + ")"
            case Not(inner):
                return f"(NOT {self.expression(inner, scope)})"
            case Some():
                return self.some(criterion, scope)
            case _:
                return self.test(criterion, scope)

    def test(self, test: In | Between | Missing, scope: _Scope) -> str:
        if not self.holdings.has(test.field):
            return str(test.missing).upper() if isinstance(test, Missing) else _UNKNOWN
        column = scope.column(test.field.name, test.field.entity)
        match test:
            case In(_, codes):
                return self.one_of(column, test.field, codes)
            case Missing(_, missing):
                return f"({column} IS {'' if missing else 'NOT '}NULL)"
            case Between(_, low, high):
                ends = [
                    f"{column} {sign} {self.bind(end)}" for sign, end in ((">=", low), ("<=", high)) if end is not None
                ]
                return "(" + " AND ".join(ends) + ")"

    def one_of(self, column: str, tested: Field, asked: Sequence[str]) -> str:
        """Whether a column holds one of the codes asked for, or one that lies below them.

        Of a code of a system that what is asked for cannot be compared with, it is unknown.
        """
        numbers = self.holdings.numbers.get(tested.vocabulary)
        wanted = tested.codes.expand(asked)
        values = wanted.codes if numbers is None else [numbers.get(code, _NO_CODE) for code in wanted.codes]
        tests = [f"{column} IN ({', '.join(self.bind(value) for value in values)})"] if values else []
        tests += [f"starts_with({column}, {self.bind(prefix)})" for prefix in wanted.prefixes]
        found = f"({' OR '.join(tests)})"
        comparable = tested.codes.comparable(asked)
        if comparable is None:
            return found
        others = " OR ".join(f"starts_with({column}, {self.bind(prefix)})" for prefix in comparable)
        return f"(CASE WHEN {found} THEN TRUE{f' WHEN {others} THEN FALSE' if others else ''} ELSE {_UNKNOWN} END)"

    def some(self, some: Some, scope: _Scope) -> str:
        having = self.holdings.entities.get(some.entity)
        if not having:
            return _UNKNOWN
        below = is_below(some.entity, scope.entity)
        inner = _Scope(some.entity)
        owner = f"{some.entity}.{scope.entity}" if below else inner.person()
        condition = "TRUE" if some.where is None else self.expression(some.where, inner)
        name = f"some{len(self.tables)}"
        self.tables.append(
            f"{name} AS (SELECT k, bool_or(e) AS e FROM (SELECT {owner} AS k, {condition} AS e {inner.text()}) "
            "WHERE e IS NOT FALSE GROUP BY k)",
        )
        mine = f"{scope.entity}.key" if below else scope.person()
        scope.joins[name] = f"LEFT JOIN {name} ON {name}.k = {mine}"
        return f"(CASE WHEN {name}.k IS NULL THEN {self.absent(some.entity, scope)} ELSE {name}.e END)"

    def variable(self, variable: Variable, scope: _Scope) -> str:
        """A variable of an analysis, as a number of the person in scope."""
        match variable:
            case Is(where):
                return self.expression(where, scope)
            case Levels(levels):
                cases = [f"WHEN {self.expression(one, scope)} THEN {i}" for i, one in enumerate(levels.values())]
                return f"(CASE {' '.join(cases)} END)"
            case Value(taken, take, where):
                return self.taken(taken, take, where, scope)

    def taken(self, taken: Field, take: Take, where: Criterion | None, scope: _Scope) -> str:
        """A number of the person, or one out of the rows of an entity below."""
        if not self.holdings.has(taken):
            return "NULL"
        if taken.entity == scope.entity:
            return scope.column(taken.name, taken.entity)
        inner = _Scope(taken.entity)
        condition = "TRUE" if where is None else self.expression(where, inner)
        column = inner.column(taken.name, taken.entity)
        found = {"least": "min(v)", "most": "max(v)", "only": "CASE WHEN min(v) = max(v) THEN min(v) END"}[take]
        name = f"some{len(self.tables)}"
        self.tables.append(
            f"{name} AS (SELECT k, {found} AS v FROM (SELECT {inner.person()} AS k, {column} AS v {inner.text()} "
            f"WHERE {condition}) GROUP BY k)"
        )
        scope.joins[name] = f"LEFT JOIN {name} ON {name}.k = {scope.person()}"
        return f"{name}.v"

    def absent(self, entity: str, scope: _Scope) -> str:
        """What it means that there is no row: no where the entity is recorded, unknown where it is not."""
        having = self.holdings.entities[entity]
        partly = self.holdings.partly.get(entity, frozenset()) & having
        if having == self.holdings.datasets and not partly:
            return "FALSE"
        tests = []
        if wholly := having - partly:
            tests.append(f"{scope.entity}.dataset IN ({', '.join(map(str, sorted(wholly)))})")
        if partly:
            keys = ", ".join(map(str, sorted(partly)))
            tests.append(f"({scope.entity}.dataset IN ({keys}) AND {scope.column(f'told_{entity}', 'person')})")
        return f"CASE WHEN {' OR '.join(tests)} THEN FALSE END"


def compile_question(question: Question, holdings: Holdings, *, people: bool = False, behind: bool = False) -> Query:
    """Compile a question for a node.

    Args:
        question: The question.
        holdings: Which entities the node's datasets have.
        people: Whether the people behind each number are wanted too.
        behind: Whether it is wanted how many people are behind each number of rows.

    Returns:
        A query with one row for each dataset and combination of codes in which some row is possible:
        dataset key, the codes or their numbers of ``by`` (``NULL`` where missing), certain, possible.
        With ``people``, instead of the two numbers: where people are counted, two bit strings (``BLOB``) in which the
        last bit but ``n`` stands for the person of number ``n``; else three lists, the numbers of people and
        how many certain and possible rows each has.  With ``behind``, after the two numbers of rows those of people with
        a certain row, with a possible row, and with one that is possible only.
    """
    if question.count not in holdings.entities:
        return Query("SELECT 0, 0, 0 WHERE FALSE", {})
    writer, scope = _Writer(holdings), _Scope(question.count)
    condition = "TRUE" if question.where is None else writer.expression(question.where, scope)
    by = "".join(f", {_grouping(f, scope, holdings)} AS g{i}" for i, f in enumerate(question.by))
    groups = "".join(f", g{i}" for i in range(len(question.by)))
    tables = f"WITH {', '.join(writer.tables)} " if writer.tables else ""
    number = f", {scope.column('roll', 'person')} AS n" if people else f", {scope.person()} AS n" if behind else ""
    rows = (
        f"(SELECT {question.count}.dataset AS dataset{by}{number}, {condition} AS e {scope.text()}) "
        "WHERE e IS NOT FALSE"
    )
    told = "count(*) FILTER (WHERE e), count(*)"
    if people and question.count == "person":
        bits = f"bitstring_agg({holdings.highest} - n, 0, {holdings.highest})"
        told = f"CAST({bits} FILTER (WHERE e) AS BLOB), CAST({bits} AS BLOB)"
    elif people or behind:
        rows = (
            f"(SELECT dataset{groups}, n, {told.replace('),', ') AS c,')} AS p FROM {rows} GROUP BY dataset{groups}, n)"
        )
        told = "list(n), list(c), list(p)" if people else _BEHIND
    return Query(f"{tables}SELECT dataset{groups}, {told} FROM {rows} GROUP BY dataset{groups}", writer.parameters)


def compile_run(run: Run, holdings: Holdings) -> Query:
    """Compile the table that an analysis is made of.

    Args:
        run: Whose rows, and which variables.
        holdings: Which entities and fields the node's datasets have.

    Returns:
        A query with one row for each person for whom the cohort is certain, in the order of the tables: dataset key,
        number of the person, and each variable as a number (``DOUBLE``): a yes as 1, a no as 0, a level as its place;
        ``NULL`` where it is missing.
    """
    writer, scope = _Writer(holdings), _Scope("person")
    condition = "TRUE" if run.cohort is None else writer.expression(run.cohort, scope)
    columns = [writer.variable(variable, scope) for variable in run.variables.values()]
    selected = "".join(f", CAST({column} AS DOUBLE)" for column in columns)
    tables = f"WITH {', '.join(writer.tables)} " if writer.tables else ""
    return Query(
        f"{tables}SELECT person.dataset, person.roll{selected} {scope.text()} WHERE {condition} ORDER BY person.key",
        writer.parameters,
    )


def _grouping(grouping: Field, scope: _Scope, holdings: Holdings) -> str:
    if not holdings.has(grouping):
        return "CAST(NULL AS USMALLINT)"
    return scope.column(grouping.name, grouping.entity)
