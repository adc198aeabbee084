"""What data may be used for, as two tables: purposes of the EHDS, and terms of the Data Use Ontology.

Sources: Regulation (EU) 2025/327 (European Health Data Space), Article 53(1), points (a) to (f), of which point (e) has
two sub-points; GA4GH Data Use Ontology (DUO), release 2021-02-23, the terms that can be said of a use.
"""

from __future__ import annotations

from collections.abc import Mapping
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
