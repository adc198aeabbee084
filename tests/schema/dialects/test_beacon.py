"""From a request to what must be asked, and back."""

import pytest
from tests.schema.dialects.test_beacon_answer import BEACON
from tests.schema.dialects.test_beacon_collections import HELD

from oncommons.schema.dialects.beacon import beacon_id, close_query, open_query, refuse_record
from oncommons.schema.dialects.beacon_request import BeaconRequest
from oncommons.schema.dialects.entry_types import COLLECTIONS, entry_of
from oncommons.schema.dialects.filters import Filter
from oncommons.schema.errors import NotFound
from oncommons.schema.errors_of_protocols import Untranslatable

PERSON = entry_of("person")


def test_cards_and_tests_need_no_node():
    assert open_query(COLLECTIONS[0], BeaconRequest(), HELD).question is None
    assert open_query(PERSON, BeaconRequest(test=True), HELD).question is None
    assert open_query(PERSON, BeaconRequest(), HELD).question.to_json() == {"count": "person"}


def test_a_test_is_refused_what_a_query_is_refused():
    with pytest.raises(Untranslatable):
        open_query(PERSON, BeaconRequest(test=True, filters=(Filter("x:y"),)), HELD)


def test_a_dataset_in_the_address_is_the_only_one():
    assert open_query(PERSON, BeaconRequest(), HELD, "athens:d1").request.datasets == ("athens:d1",)
    with pytest.raises(NotFound):
        open_query(PERSON, BeaconRequest(), HELD, "athens:none")


def test_a_test_is_answered_without_an_answer():
    query = open_query(PERSON, BeaconRequest("count", test=True), HELD)
    assert close_query(BEACON, query, HELD, None)["responseSummary"]["exists"] is False


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://hub.example.org", "org.example.hub.beacon"),
        ("http://127.0.0.1:8000", "127.0.0.1.beacon"),
        ("http://[::1]:80", "::1.beacon"),
        ("", "localhost.beacon"),
    ],
)
def test_a_beacon_is_named_by_its_host(url, name):
    assert beacon_id(url) == name


def test_a_record_is_refused_with_what_can_be_asked():
    assert "/individuals" in refuse_record(PERSON).message


def test_the_nodes_of_the_datasets_that_are_named_are_the_ones_to_ask():
    held = [*HELD, *((f"x{node}", card) for node, card in HELD)]
    assert open_query(PERSON, BeaconRequest(), held).nodes == ()
    assert open_query(PERSON, BeaconRequest(), held, "athens:d1").nodes == ("athens",)
    both = BeaconRequest(datasets=("xathens:d1", "athens:d1"))
    assert open_query(PERSON, both, held).nodes == ("athens", "xathens")
