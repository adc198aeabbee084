"""The data-quality report in plain words, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from oncommons.imaging.checks.findings import RULES
from oncommons.node.report import anonymity, links
from oncommons.node.report.quality import QualityReport

_SIGNS: Mapping[str, str] = {"fault": "✗", "doubt": "?", "note": "·"}
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_STEP = 1000
_FULL = 100
_SHOWN = 2


def report_text(report: QualityReport) -> str:
    """The report as text, what is wrong first, then what to do next."""
    return "\n".join([*_head(report), *_findings(report), *_coverage(report), *_links(report), *_people(report)])


def _head(report: QualityReport) -> Iterator[str]:
    n = report.figures
    kinds = ", ".join(f"{number:,} {modality or 'of no modality'}" for modality, number in report.modalities.items())
    yield f"Dataset {report.dataset}: {n['people']:,} people, {n['studies']:,} studies, {n['series']:,} series ({kinds})"
    yield f"  {n['instances']:,} objects, {size_text(n['bytes'])}"
    if n["quarantined"]:
        yield f"  {n['quarantined']:,} files wait in quarantine. Next: oncommons node quarantine list"
    yield f"  {n['without_findings']:,} of {n['series']:,} series have neither fault nor doubt{_since(report.before, n)}"
    yield from _decoded(report.decoded)


def _decoded(record: Mapping[str, Any]) -> Iterator[str]:
    """What the latest check of pixels found, where this one did not look at them."""
    found = record.get("findings")
    number = found.get("pixels-undecodable", 0) if isinstance(found, dict) else 0
    if number:
        at = str(record.get("at", ""))[:10]
        yield f"  On {at} pixels of {number:,} series could not be decoded; this check did not try. Next: --pixels"


def _since(before: Mapping[str, Any], now: Mapping[str, int]) -> str:
    figures = before.get("figures", {})
    if not isinstance(figures, dict) or "without_findings" not in figures:
        return ""
    was, of = figures["without_findings"], figures.get("series", 0)
    return (
        f"; on {str(before.get('at', ''))[:10]} it was {was:,} of {of:,}"
        if (was, of)
        != (
            now["without_findings"],
            now["series"],
        )
        else ""
    )


def _findings(report: QualityReport) -> Iterator[str]:
    for found in report.findings:
        rule = RULES[found.code]
        yield f"{_SIGNS[rule.level]} {rule.title}: {found.series:,} series  ({found.code})"
        for series, words in found.examples[:_SHOWN]:
            yield f"    {series}: {words}"
        yield f"    Next: {rule.remedy}"


def _coverage(report: QualityReport) -> Iterator[str]:
    gaps = [(name, n, of) for name, (n, of) in report.coverage.items() if n < of]
    if gaps:
        yield "Not stated everywhere (series that state it):"
        yield from (f"    {name:<26}{n:>8,} of {of:>8,}  {_FULL * n // of:>3} %" for name, n, of in gaps)
    else:
        yield "Everything that users look for is stated in every series."


def _links(report: QualityReport) -> Iterator[str]:
    yield from (f"Links: {links.words_of(count)}." for count in report.links)


def _people(report: QualityReport) -> Iterator[str]:
    if report.anonymity is None:
        yield "The dataset is not indexed, so it cannot be told how well its people hide."
        return
    yield "Before you publish rows, or numbers under the policy open:"
    yield from (f"    {line}" for line in anonymity.words_of(report.anonymity))


def size_text(size: int) -> str:
    """A number of bytes with a unit, such as ``74.2 MB``."""
    number, unit = float(size), 0
    while number >= _STEP and unit < len(_UNITS) - 1:
        number, unit = number / _STEP, unit + 1
    return f"{number:,.1f} {_UNITS[unit]}" if unit else f"{size:,} bytes"
