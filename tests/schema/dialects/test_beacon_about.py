"""What a Beacon says of itself, without any data."""

from tests.official import faults, framework
from tests.schema.dialects.test_beacon_answer import BEACON

from oncommons.schema.answer import Count, exact
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.dialects.beacon_about import ABOUT, ANSWERED, filtering_terms, paged_terms, schema_of, table
from oncommons.schema.dialects.beacon_groups import groupable
from oncommons.schema.dialects.beacon_request import GRANULARITIES
from oncommons.schema.dialects.entry_types import ENTRIES, entry_of
from oncommons.schema.dialects.terms import CONCEPTS


def card(people):
    return DatasetCard("lung", "Lung", {"person": exact(9)}, {"sex": {"F": people}}, ("person.sex",), "open")


def test_a_term_carries_how_many_people_it_is_told_of():
    held = [("athens", card(exact(4))), ("bologna", card(Count(20, 29, "rounded")))]
    terms = {t["id"]: t for t in filtering_terms(BEACON, held)["response"]["filteringTerms"]}
    assert terms["NCIT:C16576"]["info"]["people"] == Count(24, 33, "rounded").to_json()
    assert "NCIT:C20197" not in terms
    assert not faults(filtering_terms(BEACON, held), framework("responses/beaconFilteringTermsResponse"))


def test_a_page_of_terms_is_a_part_of_all():
    every = filtering_terms(BEACON, ())["response"]["filteringTerms"]
    assert paged_terms(BEACON, (), 1, 3)["response"]["filteringTerms"] == every[3:6]
    assert paged_terms(BEACON, (), 0, None)["response"]["filteringTerms"] == every


def test_the_schema_of_our_own_entry_type_has_the_fields_above_it():
    assert {"series.modality", "study.study_year", "person.sex"} <= schema_of(entry_of("series"))["properties"].keys()


def test_every_page_names_the_beacon():
    for tell in ABOUT.values():
        body = tell(BEACON, ())
        assert BEACON.id in (body.get("id"), body.get("meta", {}).get("beaconId"))


def test_the_table_for_people_has_every_concept():
    assert len(table()) >= sum(map(len, CONCEPTS.values()))


def test_it_says_what_each_granularity_is_answered_by_and_which_fields_group_which_entries():
    assert tuple(ANSWERED) == GRANULARITIES
    terms = {t["id"]: t for t in filtering_terms(BEACON, ())["response"]["filteringTerms"]}
    for entry in ENTRIES:
        named = {name for name, term in terms.items() if entry.id in term.get("info", {}).get("groups", ())}
        assert named == {f"{f.entity}.{f.name}" for f in groupable(entry)}
