"""What data may be used for, as tables: purposes of the EHDS, terms of the Data Use Ontology, and kinds of research.

Sources: Regulation (EU) 2025/327 (European Health Data Space), Article 53(1), points (a) to (f), of which point (e) has
two sub-points; GA4GH Data Use Ontology (DUO), release 2021-02-23, the terms that can be said of a use; Creative Commons, names of licences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

EHDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "PUBLIC_HEALTH": ("53(1)(a)", "Public interest in public or occupational health"),
        "POLICY": ("53(1)(b)", "Policy making and regulatory activities of public bodies"),
        "STATISTICS": ("53(1)(c)", "Official statistics about health or care"),
        "EDUCATION": ("53(1)(d)", "Education or teaching in health or care"),
        "RESEARCH": ("53(1)(e)", "Scientific research about health or care"),
        "INNOVATION": ("53(1)(e)(i)", "Research: development and innovation of products or services"),
        "ALGORITHMS": ("53(1)(e)(ii)", "Research: training, testing and evaluating of algorithms"),
        "CARE": ("53(1)(f)", "Improving the delivery of care and the treatment of others"),
    }
)
"""Code to the place in Article 53 and its meaning in short."""
PUBLIC_BODIES = frozenset({"PUBLIC_HEALTH", "POLICY", "STATISTICS"})
"""Purposes that are reserved for public bodies and those who work on their behalf (Article 53(2))."""
DUO: Mapping[str, str] = MappingProxyType(
    {
        "DUO:0000004": "no restriction",
        "DUO:0000006": "health or medical or biomedical research",
        "DUO:0000007": "disease specific research",
        "DUO:0000011": "population origins or ancestry research only",
        "DUO:0000012": "research specific restrictions",
        "DUO:0000015": "no general methods research",
        "DUO:0000016": "genetic studies only",
        "DUO:0000018": "not for profit, non commercial use only",
        "DUO:0000019": "publication required",
        "DUO:0000020": "collaboration required",
        "DUO:0000021": "ethics approval required",
        "DUO:0000022": "geographical restriction",
        "DUO:0000024": "publication moratorium",
        "DUO:0000025": "time limit on use",
        "DUO:0000026": "user specific restriction",
        "DUO:0000027": "project specific restriction",
        "DUO:0000028": "institution specific restriction",
        "DUO:0000029": "return to database or resource",
        "DUO:0000042": "general research use",
        "DUO:0000043": "clinical care use",
        "DUO:0000044": "population origins or ancestry research prohibited",
        "DUO:0000045": "not for profit organisation use only",
        "DUO:0000046": "non-commercial use only",
    }
)
"""Term to its label."""
RESEARCH: Mapping[str, str] = MappingProxyType(
    {
        "health": "Health, medicine or biomedicine in general",
        "disease": "The diseases that are named",
        "genetic": "Genetics",
        "ancestry": "Origins or ancestry of populations",
        "methods": "Methods: software, statistics, algorithms",
        "care": "The clinical care of a patient",
        "other": "Something else",
    }
)
"""Kinds of research that terms of use tell apart, for those who apply to choose from."""
_DUO_TERM = re.compile(r"DUO:(\d{7})(?:\s*\(([^()]{0,300})\))?")
_LICENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bCC[ -]?BY(-SA)?-NC\b|\bCC[ -]?BY-NC(-SA|-ND)?\b|NonCommercial", re.IGNORECASE), "DUO:0000046"),
    (re.compile(r"\bCC[ -]?(BY|0)\b|\bpublic domain\b", re.IGNORECASE), "DUO:0000004"),
)
"""Names of open licences, and the term that says what they ask of a use; the first that fits."""


@dataclass(frozen=True)
class Term:
    """A condition of use of a dataset.

    Attributes:
        code: Such as ``DUO:0000007``.
        detail: What it is bound to, such as codes of diseases or countries; empty where nothing is told.
        source: The words that it was read from.
    """

    code: str
    detail: str = ""
    source: str = ""

    @property
    def label(self) -> str:
        """The term in words."""
        return DUO.get(self.code, "a term that is not known here")


def terms_in(licence: str) -> tuple[Term, ...]:
    """The terms of use that a dataset's card names.

    Terms are written as ``DUO:0000007 (ICD10:C34, ICD10:C50)``, among other words.  Where none is named, the name of a
    Creative Commons licence says as much.

    Args:
        licence: The conditions of use on the card.
    """
    named = [Term(f"DUO:{m[1]}", (m[2] or "").strip(), m[0].strip()) for m in _DUO_TERM.finditer(licence)]
    if named:
        return tuple(dict.fromkeys(named))
    parts = [part.strip() for part in re.split(r"[,;]", licence) if part.strip()]
    read = [(part, next((code for form, code in _LICENCES if form.search(part)), "")) for part in parts]
    return tuple(Term(code, "", part) for part, code in read if code)
