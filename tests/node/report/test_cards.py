"""The cards of a node's datasets, computed from its tables and released by its policy."""

import pytest
from tests.node.tables import add_conditions, index_of

from oncommons.node.holdings import DatasetState, FieldState
from oncommons.node.report.cards import write_cards
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer import exact
from oncommons.schema.dataset import DatasetCard

OPEN, CAREFUL = Policy("open"), Policy("threshold", 10)


def cards_of(index, policy):
    return write_cards(index.datasets.values(), index.people_by_code(), policy)


@pytest.fixture(scope="module")
def index():
    rows = [{"person": f"p{i}", "sex": "F" if i < 20 else "M", "modality": "CT"} for i in range(24)]
    found = index_of(*rows, {"collection": "a", "person": "x"}, without=["age"], behind=True)
    yield found
    found.close()


def test_an_open_node_tells_exact_numbers(index):
    _, card = cards_of(index, OPEN)
    assert card.records == {"person": exact(24), "study": exact(24), "series": exact(24)}
    assert card.codes == {"sex": {"F": exact(20), "M": exact(4)}, "modality": {"CT": exact(24)}}


def test_a_careful_node_rounds_and_leaves_out_codes_that_few_have(index):
    _, card = cards_of(index, CAREFUL)
    assert {entity: str(count) for entity, count in card.records.items()} == {
        "person": "20–29",
        "study": "20–29",
        "series": "20–29",
    }
    assert {field: list(codes) for field, codes in card.codes.items()} == {"sex": ["F"], "modality": ["CT"]}


def test_a_small_dataset_has_a_card_that_tells_no_number(index):
    card, _ = cards_of(index, CAREFUL)
    assert card.dataset == "a"
    assert {count.precision for count in card.records.values()} == {"suppressed"}
    assert card.codes == {}


def test_cards_come_in_order_of_name_with_the_fields_that_are_held(index):
    cards = cards_of(index, OPEN)
    assert [card.dataset for card in cards] == ["a", "d"]
    held = ("series.body_part", "series.instances", "series.manufacturer", "series.modality")
    held = (*held, "series.model", "study.study_year")
    assert cards[1].fields == ("person.sex", *held)


def test_a_card_carries_the_words_of_its_dataset_and_the_policy():
    words = {"title": "Lung", "licence": "CC", "source": "doi:1", "about": "lungs"}
    state = DatasetState("d", words, {"person": 3}, {"person.sex": FieldState(known=False, lacking=3)})
    (card,) = write_cards([state], {}, OPEN)
    assert card == DatasetCard("d", "Lung", {"person": exact(3)}, {}, (), str(OPEN), "CC", "doi:1", "lungs")


def test_a_card_travels_as_json(index):
    for policy in (OPEN, CAREFUL):
        for card in cards_of(index, policy):
            assert DatasetCard.from_json(card.to_json()) == card


def test_diagnoses_are_counted_where_they_are_held():
    index = add_conditions(index_of({"person": "p"}, behind=True), "d", ("p", "ICD10:C61"), ("p", "ICD10:C61"))
    (card,) = cards_of(index, OPEN)
    index.close()
    assert (card.records["condition"], card.codes["code"]) == (
        exact(2),
        {"ICD10:C61": exact(1), "SITE:PROSTATE": exact(1)},
    )


def test_no_identifier_of_a_person_is_in_a_card(index):
    text = repr([card.to_json() for card in cards_of(index, OPEN)])
    assert not any(f"'{word}{i}'" in text for word in ("p", "t", "s") for i in range(25))


def test_a_field_of_which_no_code_can_be_told_looks_like_one_that_nobody_has():
    state = DatasetState("lung", {"title": "", "licence": "", "source": "", "about": ""}, {"person": 40}, {})
    few, nobody = (write_cards([state], {"sex": {"lung": codes}}, Policy("threshold"))[0] for codes in ({"F": 1}, {}))
    assert few.codes == nobody.codes == {}
