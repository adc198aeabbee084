"""Whether terms of use fit a use, against a table that was written by hand from the definitions of DUO."""

from dataclasses import replace
from datetime import date

import pytest

from oncommons.policy.access.uses import RULES, Use, match
from oncommons.schema.purposes import DUO, Term

PLAIN = Use(
    ehds=frozenset({"RESEARCH"}),
    research=frozenset({"disease"}),
    diseases=("ICD10:C34.1",),
    commercial="no",
    profit="no",
    publishes="yes",
    collaborates="yes",
    returns="yes",
    countries=frozenset({"DE"}),
    institution="Athens General",
    ethics=True,
    begin=date(2027, 1, 1),
    end=date(2028, 12, 31),
)
"""A research project on lung cancer at a public hospital that promises all that can be promised."""
NONE = Use()
"""Nothing is answered."""


def but(**changes):
    return replace(PLAIN, **{k: frozenset(v) if isinstance(v, set) else v for k, v in changes.items()})


F, N, H = "fits", "not", "human"
EXPECTED = [
    # no restriction
    ("0000004", "", PLAIN, F), ("0000004", "", NONE, F), ("0000004", "", but(commercial="yes", ehds={"CARE"}), F),
    # general research use: any research, whatever about, also for commerce; nothing that is not research
    ("0000042", "", PLAIN, F), ("0000042", "", but(research={"ancestry"}), F), ("0000042", "", but(commercial="yes"), F),
    ("0000042", "", but(ehds={"ALGORITHMS"}), F), ("0000042", "", but(ehds={"EDUCATION"}), H),
    ("0000042", "", but(ehds={"RESEARCH", "CARE"}), N), ("0000042", "", but(research={"care"}), N), ("0000042", "", NONE, H),
    # health research: no origins and ancestry
    ("0000006", "", PLAIN, F), ("0000006", "", but(research={"health", "methods"}), F), ("0000006", "", but(research={"ancestry"}), N),
    ("0000006", "", but(research={"health", "ancestry"}), N), ("0000006", "", but(research={"methods"}), H),
    ("0000006", "", but(research={"other", "health"}), H), ("0000006", "", NONE, H),
    # certain diseases, and what lies below them
    ("0000007", "ICD10:C34", PLAIN, F), ("0000007", "ICD10:C30-C39", PLAIN, F), ("0000007", "ICD10:C50, ICD10:C34", PLAIN, F),
    ("0000007", "ICD10:C50", PLAIN, N), ("0000007", "ICD10:C34", but(diseases=("ICD10:C34", "ICD10:C50")), N),
    ("0000007", "ICD10:C34.1", but(diseases=("ICD10:C34",)), N), ("0000007", "ICD10:C3", PLAIN, N),
    ("0000007", "ICD10:C34.1", but(diseases=("ICD10:C34.12",)), F), ("0000007", "ICD10:C40-C41", PLAIN, N),
    ("0000007", "MONDO:0008903", PLAIN, H), ("0000007", "", PLAIN, H), ("0000007", "ICD10:C34", but(diseases=()), H),
    ("0000007", "ICD10:C34", but(research={"disease", "ancestry"}), N),
    # origins and ancestry only; prohibited
    ("0000011", "", but(research={"ancestry"}), F), ("0000011", "", PLAIN, N), ("0000011", "", but(research={"ancestry", "health"}), N),
    ("0000011", "", NONE, H), ("0000044", "", PLAIN, F), ("0000044", "", but(research={"health", "ancestry"}), N), ("0000044", "", NONE, H),
    # no general methods research
    ("0000015", "", PLAIN, F), ("0000015", "", but(research={"disease", "methods"}), N), ("0000015", "", but(ehds={"ALGORITHMS"}), N),
    ("0000015", "", NONE, H),
    # genetic studies only
    ("0000016", "", PLAIN, N), ("0000016", "", but(research={"genetic", "disease"}), F), ("0000016", "", NONE, H),
    # who earns money with it
    ("0000018", "", PLAIN, F), ("0000018", "", but(profit="yes"), N), ("0000018", "", but(commercial="yes"), N), ("0000018", "", NONE, H),
    ("0000018", "", but(profit=""), H), ("0000018", "", but(profit="", commercial="yes"), N),
    ("0000045", "", PLAIN, F), ("0000045", "", but(commercial="yes"), F), ("0000045", "", but(profit="yes"), N), ("0000045", "", NONE, H),
    ("0000046", "", PLAIN, F), ("0000046", "", but(profit="yes"), F), ("0000046", "", but(commercial="yes"), N), ("0000046", "", NONE, H),
    ("0000046", "", but(ehds={"INNOVATION"}), H), ("0000046", "", but(ehds={"INNOVATION"}, commercial="yes"), N),
    # promises
    ("0000019", "", PLAIN, F), ("0000019", "", but(publishes="no"), N), ("0000019", "", NONE, H),
    ("0000020", "", PLAIN, F), ("0000020", "", but(collaborates="no"), N), ("0000020", "", NONE, H),
    ("0000029", "", PLAIN, F), ("0000029", "", but(returns="no"), N), ("0000029", "", NONE, H),
    ("0000021", "", PLAIN, F), ("0000021", "", but(ethics=False), N),
    # places
    ("0000022", "DE", PLAIN, F), ("0000022", "EU", PLAIN, F), ("0000022", "FR, IT", PLAIN, N), ("0000022", "EU", but(countries={"DE", "US"}), N),
    ("0000022", "EEA", but(countries={"NO"}), F), ("0000022", "EU", but(countries={"NO"}), N), ("0000022", "EU", but(countries=set()), H),
    ("0000022", "", PLAIN, H), ("0000022", "Europe", PLAIN, H),
    # time
    ("0000024", "2026-12-31", PLAIN, F), ("0000024", "2027-06-30", PLAIN, H), ("0000024", "2027-06-30", but(publishes="no"), F), ("0000024", "", PLAIN, H),
    ("0000025", "2 years", PLAIN, F), ("0000025", "24 months", PLAIN, F), ("0000025", "1 year", PLAIN, N), ("0000025", "2028-12-31", PLAIN, F),
    ("0000025", "2028-12-30", PLAIN, N), ("0000025", "", PLAIN, H), ("0000025", "1 year", but(end=None), H), ("0000025", "2027-13-45", PLAIN, H),
    # what only people can judge
    ("0000012", "x", PLAIN, H), ("0000026", "x", PLAIN, H), ("0000027", "x", PLAIN, H), ("0000028", "Berlin Charity", PLAIN, H),
    ("0000028", "athens general, Berlin", PLAIN, F), ("0000028", "", but(institution=""), H),
    # care
    ("0000043", "", PLAIN, N), ("0000043", "", but(research={"care"}), F), ("0000043", "", but(research={"care", "health"}), N), ("0000043", "", NONE, H),
    # no such term
    ("9999999", "", PLAIN, H),
]  # fmt: skip


@pytest.mark.parametrize(("code", "detail", "use", "outcome"), EXPECTED)
def test_a_term_makes_of_a_use_what_its_definition_says(code, detail, use, outcome):
    found = match([Term(f"DUO:{code}", detail)], use)
    assert (found.outcome, len(found.verdicts)) == (outcome, 1)
    assert found.verdicts[0].why.endswith(".")


def test_every_term_has_a_rule_and_is_tried():
    assert set(RULES) == set(DUO) == {f"DUO:{code}" for code, *_ in EXPECTED} - {"DUO:9999999"}


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [(["0000004"], F), (["0000004", "0000012"], H), (["0000012", "0000011"], N), (["0000004", "0000011"], N), ([], H)],
)
def test_the_strictest_term_decides(codes, outcome):
    assert match([Term(f"DUO:{code}") for code in codes], PLAIN).outcome == outcome


def test_a_dataset_without_terms_says_so():
    assert match([], PLAIN).verdicts[0].why == "The dataset names no terms of use that can be read."
