"""Whether the conditions of use of a dataset fit what somebody applies for: one table of rules, one for each term.

An outcome is ``fits``, ``not`` or ``human``: where a term is bound to something that only people can judge, or where
what it asks for is not answered yet, a human has to look.  The strictest outcome of a dataset's terms is the
dataset's.

Source: GA4GH Data Use Ontology (DUO), release 2021-02-23, the definitions of its terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from oncommons.schema.purposes import Term

Outcome = Literal["fits", "human", "not"]
_STRICTEST: tuple[Outcome, ...] = ("not", "human", "fits")
_SCIENCE = frozenset({"RESEARCH", "INNOVATION", "ALGORITHMS"})
_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
"""Members of the European Union, as ISO 3166-1 alpha-2 names them."""
_EEA = _EU | {"IS", "LI", "NO"}
_SPAN = re.compile(r"(\d{1,4})\s*(day|week|month|year)s?", re.IGNORECASE)
_DAYS: Mapping[str, float] = MappingProxyType({"day": 1.0, "week": 7.0, "month": 31.0, "year": 366.0})
"""Days of the longest such span."""


@dataclass(frozen=True)
class Use:
    """What somebody applies for, as far as terms of use ask; what is empty is not answered.

    Attributes:
        ehds: Purposes, of :data:`~oncommons.schema.purposes.EHDS`.
        research: Kinds, of :data:`~oncommons.schema.purposes.RESEARCH`.
        diseases: Codes of diseases, with their systems.
        commercial: Whether it serves commerce: ``yes`` or ``no``, as the next ones.
        profit: Whether an organisation for profit takes part.
        publishes: Whether results are published.
        collaborates: Whether those who hold the data may take part.
        returns: Whether derived data are given back.
        countries: Where the data are worked on, as ISO 3166-1 alpha-2 names countries.
        institution: Of those who apply.
        ethics: Whether the approval of an ethics committee is attached.
        begin: First day.
        end: Last day.
    """

    ehds: frozenset[str] = frozenset()
    research: frozenset[str] = frozenset()
    diseases: tuple[str, ...] = ()
    commercial: str = ""
    profit: str = ""
    publishes: str = ""
    collaborates: str = ""
    returns: str = ""
    countries: frozenset[str] = frozenset()
    institution: str = ""
    ethics: bool = False
    begin: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Verdict:
    """What one term makes of a use, and why."""

    term: Term
    outcome: Outcome
    why: str


@dataclass(frozen=True)
class Match:
    """What all terms of a dataset make of a use."""

    outcome: Outcome
    verdicts: tuple[Verdict, ...]


def match(terms: Sequence[Term], use: Use) -> Match:
    """Whether the terms of a dataset fit a use; a dataset without terms needs a human."""
    if not terms:
        nothing = Verdict(Term("", "", ""), "human", "The dataset names no terms of use that can be read.")
        return Match("human", (nothing,))
    verdicts = tuple(_verdict(term, use) for term in terms)
    outcomes = {verdict.outcome for verdict in verdicts}
    return Match(next(one for one in _STRICTEST if one in outcomes), verdicts)


def _verdict(term: Term, use: Use) -> Verdict:
    rule = RULES.get(term.code)
    if rule is None:
        return Verdict(term, "human", "The term is not known here.")
    outcome, why = rule(use, term.detail)
    return Verdict(term, outcome, why)


_Told = tuple[Outcome, str]
_Rule = Callable[[Use, str], _Told]


def _always(outcome: Outcome, why: str) -> _Rule:
    return lambda _use, _detail: (outcome, why)


def _answered(name: str, wanted: str, question: str, no: str) -> _Rule:
    """A rule that wants a yes or a no."""

    def rule(use: Use, _: str) -> _Told:
        given = getattr(use, name)
        if not given:
            return "human", f"It is not answered whether {question}."
        return ("fits", f"Whether {question}: {given}.") if given == wanted else ("not", no)

    return rule


def _kinds(rule: _Rule) -> _Rule:
    """A rule that needs to know the kind of research."""
    return lambda use, detail: rule(use, detail) if use.research else ("human", "The kind of research is not answered.")


def _general(use: Use, _: str) -> _Told:
    if "care" in use.research or "CARE" in use.ehds:
        return "not", "The data are for research; the care of patients is something else."
    if use.ehds and use.ehds <= _SCIENCE:
        return "fits", "Any research is allowed."
    return "human", "The data are for research; a human judges whether every purpose named is."


def _health(use: Use, _: str) -> _Told:
    if use.research & {"ancestry", "care"}:
        return "not", "Research about health is allowed; ancestry and the care of patients are not."
    if "other" in use.research or not use.research & {"health", "disease"}:
        return "human", "Research about health is allowed; a human judges whether this is about health."
    return "fits", "Research about health is allowed."


def _disease(use: Use, detail: str) -> _Told:
    allowed = _words(detail)
    if not allowed or not use.diseases:
        return "human", "The diseases are not named." if allowed else "The dataset does not name the diseases in codes."
    if use.research & {"ancestry", "care"}:
        return "not", "Research on certain diseases is allowed; ancestry and the care of patients are not."
    outside = [code for code in use.diseases if not any(_is_within(code, one) for one in allowed)]
    if outside:
        systems = {one.partition(":")[0].upper() for one in allowed}
        if any(code.partition(":")[0].upper() not in systems for code in outside):
            return "human", f"{outside[0]} and {', '.join(allowed)} are of different code systems."
        return "not", f"{outside[0]} is none of the diseases allowed: {', '.join(allowed)}."
    return "fits", f"All diseases are within {', '.join(allowed)}."


def _only(kind: str, words: str) -> _Rule:
    def rule(use: Use, _: str) -> _Told:
        if kind not in use.research:
            return "not", f"Only {words} is allowed."
        if kind == "genetic" or use.research == {kind}:
            return "fits", f"It is about {words}."
        return "not", f"Only {words} is allowed, and more is named."

    return rule


def _no_methods(use: Use, _: str) -> _Told:
    if "methods" in use.research or "ALGORITHMS" in use.ehds:
        return "not", "Research on methods and algorithms is not allowed."
    return "fits", "It is not about methods."


def _no_ancestry(use: Use, _: str) -> _Told:
    return (
        ("not", "Research on ancestry is prohibited.")
        if "ancestry" in use.research
        else ("fits", "It is not about ancestry.")
    )


def _non_commercial(use: Use, _: str) -> _Told:
    told = _answered("commercial", "no", "it serves commerce", "Commercial use is not allowed.")(use, "")
    if told[0] == "fits" and "INNOVATION" in use.ehds:
        return "human", "It is said not to serve commerce, and to develop products or services; a human judges."
    return told


def _non_profit_both(use: Use, detail: str) -> _Told:
    told = [_non_commercial(use, detail), _PROFIT(use, detail)]
    return next(one for outcome in _STRICTEST for one in told if one[0] == outcome)


_PROFIT = _answered("profit", "no", "an organisation for profit takes part", "Organisations for profit may not use it.")


def _ethics(use: Use, _: str) -> _Told:
    if use.ethics:
        return "fits", "The approval of an ethics committee is attached."
    return "not", "The approval of an ethics committee is required, and is not attached yet."


def _places(use: Use, detail: str) -> _Told:
    allowed = _countries(_words(detail))
    if not allowed or not use.countries:
        return (
            "human",
            "The countries are not named." if allowed else "The dataset does not name the countries in codes.",
        )
    outside = sorted(use.countries - allowed)
    return ("not", f"Use in {outside[0]} is not allowed.") if outside else ("fits", "All countries named are allowed.")


def _moratorium(use: Use, detail: str) -> _Told:
    if use.publishes == "no":
        return "fits", "Nothing is published."
    until = _day(detail)
    if until is None or use.end is None:
        return "human", "A human sees that nothing is published before the moratorium ends."
    if use.begin is not None and use.begin >= until:
        return "fits", f"The moratorium ends before the project begins, on {until}."
    return "human", f"Nothing may be published before {until}; a human sees to it."


def _time_limit(use: Use, detail: str) -> _Told:
    span, until = _SPAN.search(detail), _day(detail)
    if use.begin is None or use.end is None or (span is None and until is None):
        return "human", "The period, or the limit, is not named."
    if until is not None:
        return ("fits", f"It ends by {until}.") if use.end <= until else ("not", f"Use after {until} is not allowed.")
    assert span is not None  # noqa: S101  seen above
    most = int(span[1]) * _DAYS[span[2].lower()]
    fits = (use.end - use.begin).days <= most
    return (
        ("fits", f"It lasts no longer than {span[0]}.")
        if fits
        else ("not", f"Use for longer than {span[0]} is not allowed.")
    )


def _institution(use: Use, detail: str) -> _Told:
    if use.institution and use.institution.casefold().strip() in {word.casefold() for word in _words(detail)}:
        return "fits", "The institution is named."
    return "human", "Only certain institutions may use it; a human sees whether this is one."


RULES: Mapping[str, _Rule] = MappingProxyType(
    {
        "DUO:0000004": _always("fits", "There is no restriction."),
        "DUO:0000006": _kinds(_health),
        "DUO:0000007": _disease,
        "DUO:0000011": _kinds(_only("ancestry", "research on origins or ancestry")),
        "DUO:0000012": _always("human", "Research is restricted in a way that a human has to read."),
        "DUO:0000015": _kinds(_no_methods),
        "DUO:0000016": _kinds(_only("genetic", "genetic research")),
        "DUO:0000018": _non_profit_both,
        "DUO:0000019": _answered("publishes", "yes", "results are published", "Results have to be published."),
        "DUO:0000020": _answered(
            "collaborates", "yes", "those who hold the data may take part", "Those who hold the data have to take part."
        ),
        "DUO:0000021": _ethics,
        "DUO:0000022": _places,
        "DUO:0000024": _moratorium,
        "DUO:0000025": _time_limit,
        "DUO:0000026": _always("human", "Only certain people may use it; a human sees whether these are."),
        "DUO:0000027": _always("human", "Only certain projects may use it; a human sees whether this is one."),
        "DUO:0000028": _institution,
        "DUO:0000029": _answered(
            "returns", "yes", "derived data are given back", "Derived data have to be given back."
        ),
        "DUO:0000042": _general,
        "DUO:0000043": _kinds(_only("care", "the care of patients")),
        "DUO:0000044": _kinds(_no_ancestry),
        "DUO:0000045": _PROFIT,
        "DUO:0000046": _non_commercial,
    }
)
"""Term to its rule: what it makes of a use, and of the detail that it is bound to."""


def _words(detail: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[,;]", detail) if part.strip())


def _countries(words: Collection[str]) -> frozenset[str]:
    groups = {"EU": _EU, "EEA": _EEA}
    found = [groups.get(word.upper(), {word.upper()}) for word in words]
    return frozenset(code for codes in found for code in codes if re.fullmatch("[A-Z]{2}", code))


def _is_within(code: str, above: str) -> bool:
    """Whether a code is another one or lies below it: ICD10:C34.1 lies below ICD10:C34, and below ICD10:C30-C39."""
    system, _, own = code.upper().partition(":")
    wanted, _, span = above.upper().partition(":")
    first, mark, last = span.partition("-")
    if system != wanted or not own or not first:
        return False
    return first <= own[: len(first)] and own[: len(last)] <= last if mark else _is_below(own, first)


def _is_below(own: str, above: str) -> bool:
    rest = own.removeprefix(above)
    return own == above or (rest != own and (rest.startswith(".") or "." in above))


def _day(text: str) -> date | None:
    found = re.search(r"\d{4}-\d{2}-\d{2}", text)
    try:
        return date.fromisoformat(found[0]) if found else None
    except ValueError:
        return None
