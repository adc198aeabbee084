"""QIDO-RS: a search is read, answered from rows, and given in pages (PS3.18 sections 8.3.4 and 10.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from oncommons.imaging.dicomjson import Json, attribute
from oncommons.node.share.dicomweb.fields import BY_NAME, FIELDS, Field, Level
from oncommons.node.share.dicomweb.kept import Kept, KeptInstance, KeptSeries
from oncommons.node.share.dicomweb.matching import Matches, matcher
from oncommons.schema.errors_of_protocols import BadSearch

MOST_RESULTS = 10_000
"""Results in one answer, whatever limit is asked for; the rest can be had with ``offset``."""
_OPTIONS = ("fuzzymatching", "emptyvaluematching", "multiplevaluematching")
_WARNINGS: Mapping[str, str] = {
    "fuzzymatching": "The fuzzymatching parameter is not supported. Only literal matching has been performed.",
    "emptyvaluematching": "The emptyvaluematching parameter is not supported. "
    "Empty Value Matching has not been performed.",
    "multiplevaluematching": "The multiplevaluematching parameter is not supported. "
    "Multiple Value Matching has not been performed.",
}
"""Words that the standard asks for (sections 8.3.4.2, .5 and .6)."""
_STUDY, _SERIES, _SOP = "0020000D", "0020000E", "00080018"
_ADDRESS = "00081190"
_DICOM_TAG_LENGTH = 8
_OF_INSTANCES = frozenset({"00280008", "00280010", "00280011", "00280100", "00083002"})
"""Given for each object that has them (table 10.6.3-5)."""
_FIRM = frozenset(
    {_STUDY, _SERIES, "00080056", "00080060", "00080061", "00100010", "00100020", "00201206", "00201208", "00201209"}
)
"""The same for all objects of a series, so that one answer holds for all."""
Record = Mapping[str, str]


@dataclass(frozen=True)
class Search:
    """A search, read.

    Attributes:
        level: What is searched for.
        tests: Tag to test; all must be passed.
        fields: Tags of the attributes that answers have.
        study: Only objects of this study; empty for all.
        series: Only objects of this series; empty for all.
        sop: Only this object; empty for all.
        limit: Most results.
        offset: Results to pass over.
        warnings: What the client must be told (section 8.3.4).
    """

    level: Level
    tests: Mapping[str, Matches]
    fields: frozenset[str]
    study: str = ""
    series: str = ""
    sop: str = ""
    limit: int = MOST_RESULTS
    offset: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """The answer to a search.

    Attributes:
        results: In DICOM JSON.
        remaining: Results that come after them.
    """

    results: list[Json]
    remaining: int


def read_search(level: Level, study: str, series: str, query: Iterable[tuple[str, str]]) -> Search:
    """A search from its path and query.

    Names that begin with a small letter and are not of the standard are passed over, as section 8.3 demands; names of
    attributes never are.

    Args:
        level: What is searched for.
        study: Study Instance UID of the path; empty for all studies.
        series: Series Instance UID of the path; empty for all series.
        query: Names and values of the query.

    Raises:
        BadSearch: a parameter cannot be read, or an attribute cannot be searched for at this level.
    """
    search = Search(level, {}, _usual(level, study, series), study, series)
    tests: dict[str, Matches] = {}
    wanted, warnings = set(search.fields), []
    for name, value in query:
        if name == "includefield":
            wanted |= _included(level, value)
        elif name in {"limit", "offset"}:
            search = replace(search, **{name: _count(name, value)})  # type: ignore[arg-type]
        elif name in _OPTIONS:
            warnings += [_WARNINGS[name]] if value.lower() == "true" else []
        elif not name[:1].islower() and name[:1] != "_":
            field = _field(name, level)
            wanted.add(field.tag)
            if (test := matcher(field, value)) is not None:
                tests[field.tag] = _both(tests.get(field.tag), test)
                search = _narrowed(search, field, value)
    limit = min(search.limit, MOST_RESULTS)
    return replace(search, tests=tests, fields=frozenset(wanted), limit=limit, warnings=tuple(warnings))


def answer(search: Search, kept: Kept, base: str) -> Found:
    """Search the kept images.

    Args:
        search: The search.
        kept: The images.
        base: Address of the service, for Retrieve URL.
    """
    page = _Page(search, base)
    rows = (row for row in kept.series() if search.study in {"", row.study})
    for _, group in groupby(rows, key=lambda row: row.study):
        series = list(group)
        study = _of_study(series)
        if search.level is Level.STUDY:
            page.take({**series[0].attributes, **study})
            continue
        for row in series:
            if search.series in {"", row.series}:
                _below(page, kept, row, {**study, **_of_series(row)})
    return page.found()


class _Page:
    """The results of a search as they are found; only those that are given are written."""

    def __init__(self, search: Search, base: str) -> None:
        self.search, self.base = search, base
        self.fields = [field for tag, field in sorted(FIELDS.items()) if tag in search.fields]
        self.decided = all(tag in _FIRM for tag in search.tests)
        self.results: list[Json] = []
        self.matches = 0

    def passes(self, record: Record, tags: Iterable[str]) -> bool:
        """Whether a record passes the tests of some attributes."""
        return all(self.search.tests[tag](_values(record, tag)) for tag in tags)

    def take(self, record: Record) -> None:
        """A record that may be a result."""
        if self.passes(record, self.search.tests):
            self.matches += 1
            if self.search.offset < self.matches <= self.search.offset + self.search.limit:
                self.results.append(_result(record, self.fields, self.base, self.search.level))

    def pass_over(self, count: int) -> bool:
        """Count results that need not be looked at, since they all match and none of them is given."""
        first, last = self.search.offset, self.search.offset + self.search.limit
        if not self.decided or self.search.sop or (first < self.matches + count and self.matches < last):
            return False
        self.matches += count
        return True

    def found(self) -> Found:
        """The answer."""
        return Found(self.results, max(self.matches - self.search.offset - len(self.results), 0))


def _below(page: _Page, kept: Kept, row: KeptSeries, known: Record) -> None:
    """What a series has to give, as itself or as its objects."""
    search = page.search
    if search.level is Level.SERIES:
        page.take({**row.attributes, **known})
    elif page.passes({**row.attributes, **known}, search.tests.keys() & _FIRM) and not page.pass_over(row.instances):
        for one in kept.instances(row.study, row.series, search.sop):
            page.take({**one.attributes, **known, **_of_instance(one)})


def _usual(level: Level, study: str, series: str) -> frozenset[str]:
    """What answers have without being asked: of their level, and of those above that the path does not name."""
    named = {Level.STUDY: bool(study), Level.SERIES: bool(series)}
    levels = {level} | {one for one in Level if one < level and not named[one]}
    keys = {_STUDY, _SERIES, *_OF_INSTANCES} if level is Level.INSTANCE else {_STUDY}
    return frozenset(
        keys | {_ADDRESS} | {tag for tag, field in FIELDS.items() if field.required and field.level in levels}
    )


def _included(level: Level, value: str) -> set[str]:
    """Tags that are to be given too; those that are not known, or of a level below, are not (section 10.6.3.3)."""
    if value.strip() == "all":
        return {tag for tag, field in FIELDS.items() if field.level <= level}
    named = (BY_NAME.get(name.strip()) for name in value.split(","))
    return {field.tag for field in named if field is not None and field.level <= level}


def _count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 10):  # noqa: PLR2004
        raise BadSearch(f"{name} takes a whole number.", at=name)
    return int(value)


def _field(name: str, level: Level) -> Field:
    field = BY_NAME.get(name) or (BY_NAME.get(name.upper()) if len(name) == _DICOM_TAG_LENGTH else None)
    if field is None:
        raise BadSearch(f"{name[:80]} cannot be searched for at this node.", at=name[:80])
    if field.level > level:
        below = "series" if field.level is Level.SERIES else "instances"
        raise BadSearch(f"{field.keyword} belongs to {below}; search for those.", at=field.keyword)
    return field


def _both(first: Matches | None, second: Matches) -> Matches:
    return second if first is None else lambda values: first(values) and second(values)


def _narrowed(search: Search, field: Field, value: str) -> Search:
    """The same search over fewer rows, where a single UID is asked for and the path names none."""
    name = {_STUDY: "study", _SERIES: "series", _SOP: "sop"}.get(field.tag)
    if name is None or getattr(search, name) or not value.replace(".", "").isdecimal():
        return search
    return replace(search, **{name: value})  # type: ignore[arg-type]


def _values(record: Record, tag: str) -> Sequence[str]:
    value = record.get(tag, "")
    return value.split("\\") if value else ()


def _of_study(series: Sequence[KeptSeries]) -> dict[str, str]:
    first = series[0]
    return {
        "00080056": "ONLINE",
        "00080061": "\\".join(sorted({m for row in series if (m := row.attributes.get("00080060", ""))})),
        "00100010": first.patient,
        "00100020": first.patient,
        _STUDY: first.study,
        "00201206": str(len(series)),
        "00201208": str(sum(row.instances for row in series)),
    }


def _of_series(row: KeptSeries) -> dict[str, str]:
    return {_SERIES: row.series, "00201209": str(row.instances)}


def _of_instance(one: KeptInstance) -> dict[str, str]:
    return {_SOP: one.sop, "00083002": one.syntax}


def _result(record: Record, fields: Sequence[Field], base: str, level: Level) -> Json:
    """A record in DICOM JSON; what is required and not known is there without a value."""
    result: Json = {}
    for field in fields:
        if field.tag == _ADDRESS:
            result[field.tag] = {"vr": "UR", "Value": [_address(record, base, level)]}
        elif field.required or record.get(field.tag):
            result[field.tag] = attribute(field.vr, tuple(_values(record, field.tag)))
    return result


def _address(record: Record, base: str, level: Level) -> str:
    path = (("studies", _STUDY), ("series", _SERIES), ("instances", _SOP))[:level]
    return base + "".join(f"/{word}/{record[tag]}" for word, tag in path)
