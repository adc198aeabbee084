"""The data-quality report of a dataset: figures, findings, what is stated how often, links, how well people hide.

The report holds true numbers and is for the node's own people; :func:`quality_card` is what may be published.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from oncommons.imaging.checks.contradictions import person
from oncommons.imaging.checks.findings import RULES, Finding, Level
from oncommons.imaging.tags import Attributes, Tag
from oncommons.node.report.anonymity import Anonymity
from oncommons.node.report.links import LinkCount
from oncommons.policy.disclosure.counts import WITHHELD, Behind, Policy, release_number

_ANY: frozenset[str] = frozenset()
_SLICED = frozenset({"CT", "MR", "PT"})
COVERAGE: Mapping[str, tuple[Tag, frozenset[str]]] = MappingProxyType(
    {
        "sex": (Tag.SEX, _ANY),
        "age": (Tag.AGE, _ANY),
        "weight": (Tag.WEIGHT, frozenset({"PT"})),
        "body part": (Tag.BODY_PART, _ANY),
        "manufacturer": (Tag.MANUFACTURER, _ANY),
        "model": (Tag.MODEL, _ANY),
        "study date": (Tag.STUDY_DATE, _ANY),
        "series description": (Tag.SERIES_DESCRIPTION, _ANY),
        "protocol name": (Tag.PROTOCOL, frozenset({"CT", "MR"})),
        "slice thickness": (Tag.SLICE_THICKNESS, _SLICED),
        "position and orientation": (Tag.POSITION, _SLICED),
        "pixel spacing": (Tag.PIXEL_SPACING, _SLICED),
        "frame of reference": (Tag.FRAME_OF_REFERENCE, _SLICED),
        "tube voltage": (Tag.KVP, frozenset({"CT"})),
        "reconstruction kernel": (Tag.KERNEL, frozenset({"CT"})),
        "repetition time": (Tag.REPETITION_TIME, frozenset({"MR"})),
        "echo time": (Tag.ECHO_TIME, frozenset({"MR"})),
        "field strength": (Tag.FIELD_STRENGTH, frozenset({"MR"})),
        "units": (Tag.UNITS, frozenset({"PT"})),
        "laterality": (Tag.IMAGE_LATERALITY, frozenset({"MG"})),
    },
)
"""What users look for: its place, and the modalities that should state it; none stands for all."""
_EXAMPLES = 5
_EXPECTED = "expected: "
_WHOLE = ("people", "studies", "series", "instances")
_LEVELS: tuple[Level, ...] = ("fault", "doubt", "note")


@dataclass(frozen=True)
class CheckedSeries:
    """A series and what was found in it.

    Attributes:
        first: Attributes of one of its objects, those of the person and the study included.
        instances: How many objects it has.
        size: Their bytes.
        findings: What the rules found.
        stated: Names out of :data:`COVERAGE` that it states, of those that it should.
        expected: Names out of :data:`COVERAGE` that it should state.
    """

    first: Attributes
    instances: int
    size: int
    findings: tuple[Finding, ...] = ()
    stated: frozenset[str] = frozenset()
    expected: frozenset[str] = frozenset()

    @property
    def uid(self) -> str:
        """Series Instance UID."""
        return self.first.get(Tag.SERIES, "")

    def with_findings(self, *more: Finding) -> CheckedSeries:
        """The same series with more findings."""
        return replace(self, findings=(*self.findings, *more))


@dataclass(frozen=True)
class FindingCount:
    """How often a rule found something.

    Attributes:
        code: The rule.
        series: In how many series.
        examples: A few of them, each with what was found.
    """

    code: str
    series: int
    examples: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON, with what the rule is and what to do."""
        rule = RULES[self.code]
        return {
            "code": self.code,
            "level": rule.level,
            "title": rule.title,
            "series": self.series,
            "remedy": rule.remedy,
            "source": rule.source,
            "examples": [{"series": series, "words": words} for series, words in self.examples],
        }


def way_of(record: Mapping[str, Any]) -> str:
    """How a check was made, of its record, which old ones do not say; one finds what another does not look for."""
    return str(record.get("way", "files"))


@dataclass(frozen=True)
class QualityReport:
    """The report.

    Attributes:
        dataset: Name of the dataset.
        at: When it was made, UTC (ISO 8601).
        figures: ``people``, ``studies``, ``series``, ``instances``, ``bytes``, ``quarantined``, ``without_findings``.
        modalities: Modality to number of series.
        findings: Rules that found something, the gravest first.
        coverage: Name to number of series that state it and number that should.
        links: How objects that describe others are linked.
        anonymity: How well people hide; nothing where the dataset is not indexed.
        before: The record of the report before this one that was made in the same way, if there is one.
        way: How it was made: ``quick`` by the ledger, by ``files``, or with their ``pixels`` decoded.
        decoded: The record of the latest check that decoded pixels, if this one did not.
    """

    dataset: str
    at: str
    figures: Mapping[str, int]
    modalities: Mapping[str, int]
    findings: tuple[FindingCount, ...]
    coverage: Mapping[str, tuple[int, int]]
    links: tuple[LinkCount, ...] = ()
    anonymity: Anonymity | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    way: str = "files"
    decoded: Mapping[str, Any] = field(default_factory=dict)
    behind: Mapping[str, Behind] = field(default_factory=dict)
    """Figure, code of a finding or name of what is stated to how many people have such series, any series that should
    be such, and series that should be and are not."""

    def to_json(self) -> dict[str, Any]:
        """As JSON; true numbers, for the node's own people only."""
        return {
            "dataset": self.dataset,
            "at": self.at,
            "figures": dict(self.figures),
            "modalities": dict(self.modalities),
            "findings": [found.to_json() for found in self.findings],
            "coverage": {name: {"series": n, "of": of} for name, (n, of) in self.coverage.items()},
            "links": [link.to_json() for link in self.links],
            "anonymity": self.anonymity.to_json() if self.anonymity else None,
            "before": dict(self.before),
            "way": self.way,
            "decoded": dict(self.decoded),
        }

    def record(self) -> dict[str, Any]:
        """What is kept of it, to be compared with later ones."""
        hiding = self.anonymity
        return {
            "at": self.at,
            "way": self.way,
            "dataset": self.dataset,
            "figures": dict(self.figures),
            "findings": {found.code: found.series for found in self.findings},
            "coverage": {name: list(numbers) for name, numbers in self.coverage.items()},
            "unresolved": sum(link.partial + link.nowhere for link in self.links),
            "unique": hiding.now.unique if hiding else None,
        }


def check_coverage(first: Attributes) -> tuple[frozenset[str], frozenset[str]]:
    """Which names out of :data:`COVERAGE` a series states, and which it should.

    Args:
        first: Attributes of one of its objects, which stands for all.
    """
    modality = first.get(Tag.MODALITY, "")
    expected = frozenset(name for name, (_, kinds) in COVERAGE.items() if not kinds or modality in kinds)
    return frozenset(name for name in expected if first.get(COVERAGE[name][0])), expected


def write_report(dataset: str, at: str, series: Sequence[CheckedSeries], quarantined: int) -> QualityReport:
    """The report over the series of a dataset, as far as the series tell it.

    Args:
        dataset: Its name.
        at: When, UTC.
        series: Its series, checked.
        quarantined: How many files of it wait for a person.
    """
    judged = _with_people(series)
    figures = {
        "people": len({one.first.get(Tag.PATIENT) for one in judged}),
        "studies": len({one.first.get(Tag.STUDY) for one in judged}),
        "series": len(judged),
        "instances": sum(one.instances for one in judged),
        "bytes": sum(one.size for one in judged),
        "quarantined": quarantined,
        "without_findings": sum(not _grave(one.findings) for one in judged),
    }
    modalities = Counter(one.first.get(Tag.MODALITY, "") for one in judged)
    coverage = {
        name: (sum(name in one.stated for one in judged), of)
        for name in COVERAGE
        if (of := sum(name in one.expected for one in judged))
    }
    by_modality = dict(sorted(modalities.items()))
    return QualityReport(dataset, at, figures, by_modality, _counted(judged), coverage, behind=_all_behind(judged))


def quality_card(report: QualityReport, policy: Policy) -> dict[str, Any]:
    """What may be published of a report: every number released by the node's policy, no words of a single series.

    What too few series have is not listed, so that it looks like what none has.

    Args:
        report: The report.
        policy: The node's policy.
    """
    series, behind, people = report.figures["series"], report.behind, report.figures["people"]
    whole = {
        name: release_number(report.figures[name], policy, None if name == "people" else people).to_json()
        for name in _WHOLE
    }
    return {
        "dataset": report.dataset,
        "at": report.at[:10],
        "policy": str(policy),
        "figures": {
            **whole,
            "without_findings": _part(report.figures["without_findings"], series, policy, behind["without_findings"]),
        },
        "findings": [
            {"code": f.code, "title": RULES[f.code].title, "series": _part(f.series, series, policy, behind[f.code])}
            for f in report.findings
            if release_number(f.series, policy, behind[f.code].certain).precision != "suppressed"
        ],
        "coverage": {
            name: {
                "series": _part(n, of, policy, behind[name]),
                "of": _part(of, series, policy, behind[_EXPECTED + name]),
            }
            for name, (n, of) in report.coverage.items()
            if release_number(of, policy, behind[name].possible).precision != "suppressed"
        },
    }


def _part(part: int, whole: int, policy: Policy, behind: Behind) -> dict[str, Any]:
    """Release a number of series beside the number of all, so that their difference is never told to be small."""
    small, large = release_number(part, policy, behind.certain), release_number(whole, policy, behind.possible)
    apart = large.at_least - small.at_least
    near = apart > 0 and (apart <= policy.k or behind.between < policy.k)
    return (WITHHELD if policy.rule != "open" and near else small).to_json()


def _behind(part: Iterable[CheckedSeries], whole: Iterable[CheckedSeries]) -> Behind:
    """How many people have series of a part, of the whole, and of the rest."""
    mine = {one.uid: one.first.get(Tag.PATIENT) for one in part}
    everybody = {one.uid: one.first.get(Tag.PATIENT) for one in whole}
    rest = {who for uid, who in everybody.items() if uid not in mine}
    return Behind(len(set(mine.values())), len(set(everybody.values())), len(rest))


def _all_behind(judged: Sequence[CheckedSeries]) -> dict[str, Behind]:
    """As :attr:`QualityReport.behind`."""
    found = {"without_findings": _behind((one for one in judged if not _grave(one.findings)), judged)}
    for code in {finding.code for one in judged for finding in one.findings}:
        found[code] = _behind((one for one in judged if any(f.code == code for f in one.findings)), judged)
    for name in COVERAGE:
        expected = [one for one in judged if name in one.expected]
        found[name] = _behind((one for one in expected if name in one.stated), expected)
        found[_EXPECTED + name] = _behind(expected, judged)
    return found


def _grave(findings: Sequence[Finding]) -> bool:
    return any(finding.rule.level != "note" for finding in findings)


def _with_people(series: Sequence[CheckedSeries]) -> list[CheckedSeries]:
    """The series, each with what the series of its person say about one another."""
    people: defaultdict[str, list[Attributes]] = defaultdict(list)
    for one in series:
        people[one.first.get(Tag.PATIENT, "")].append(one.first)
    found = {name: finding for name, theirs in people.items() if (finding := person(theirs)) is not None}
    return [
        one.with_findings(found[name]) if (name := one.first.get(Tag.PATIENT, "")) in found else one for one in series
    ]


def _counted(series: Sequence[CheckedSeries]) -> tuple[FindingCount, ...]:
    by_code: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in series:
        for code in dict.fromkeys(finding.code for finding in one.findings):
            words = " ".join(finding.words for finding in one.findings if finding.code == code)
            by_code[code].append((one.uid, words))
    order = list(RULES)
    codes = sorted(by_code, key=lambda code: (_LEVELS.index(RULES[code].level), order.index(code)))
    return tuple(FindingCount(code, len(by_code[code]), tuple(by_code[code][:_EXAMPLES])) for code in codes)
