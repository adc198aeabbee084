"""The table of rules: every row says all that a person needs."""

import re
from pathlib import Path

from oncommons.imaging.checks.findings import RULES, Finding

CHECKS = [
    path
    for room in ("imaging", "node")
    for path in (Path(__file__).parents[3] / "src" / "oncommons" / room).rglob("*.py")
]
"""The rooms that look at images; elsewhere a finding is another thing."""


def test_every_rule_has_a_title_a_remedy_and_a_source():
    assert all(rule.title and rule.remedy and rule.source for rule in RULES.values())
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in RULES)


def test_every_rule_is_used_and_every_code_that_is_used_is_a_rule():
    text = "\n".join(path.read_text("utf-8") for path in CHECKS if path.name != "findings.py")
    assert [code for code in RULES if f'"{code}"' not in text] == []
    used = re.findall(r'Finding\(\s*"([a-z-]+)"', text)
    assert set(used) <= RULES.keys()


def test_a_finding_knows_its_rule():
    assert Finding("missing-slices", "…").rule.level == "fault"
