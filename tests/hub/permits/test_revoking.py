"""What a hub tells its nodes of permits that it took back: each node its own, numbered, and only when there is news."""

import json
import shutil
from dataclasses import replace

import pytest
from tests.hub.callers import Clock
from tests.permits import END, HUB, NOW, a_permit
from tests.storage.fakes import MemoryHubLog

from oncommons.hub.permits.book import PermitBook
from oncommons.hub.permits.revoking import Revoking
from oncommons.schema.federation import CLOCK_LEEWAY, Revoked
from oncommons.service.identity import OrderReader

BARE = replace(a_permit(), hub="", address="")
ONLY_ATHENS = replace(BARE, datasets=tuple(h for h in BARE.datasets if h.node == "athens"))


@pytest.fixture
def clock():
    return Clock(float(NOW))


@pytest.fixture
def book(tmp_path):
    made = PermitBook(tmp_path / "hub", HUB, MemoryHubLog())
    made.path.parent.mkdir()
    for number in range(4):
        made.issue(replace(BARE if number % 2 else ONLY_ATHENS, id=f"P-{number}"), "", NOW)
    return made


@pytest.fixture
def told(book, clock):
    """What a node that has the list of a number is told; nothing where there is no news."""
    revoking = Revoking(book, clock)

    def tell(node="athens", number=0):
        text = revoking.newer(node, number)
        return OrderReader(HUB.keys()).read_revoked(text) if text else None

    return tell


def test_nothing_is_told_before_a_permit_was_taken_back(told):
    assert told() is None


def test_a_node_is_told_of_its_own_permits_and_not_of_others(told, book):
    book.revoke("P-0", NOW + 1)
    book.revoke("P-1", NOW + 2)
    number = (NOW + 2) * 1000
    assert told() == Revoked("athens", number, ("P-0", "P-1"))
    assert told("bergen") == Revoked("bergen", number, ("P-1",))
    assert told("cork") is None


def test_what_a_node_has_is_not_told_again_until_there_is_more(told, book):
    book.revoke("P-0", NOW)
    first = told()
    assert told(number=first.number) is None
    book.revoke("P-2", NOW)
    second = told(number=first.number)
    assert (second.permits, second.number > first.number) == (("P-0", "P-2"), True)


def test_a_node_that_a_permit_does_not_name_gets_no_new_list_for_it(told, book):
    book.revoke("P-1", NOW)
    before = told("bergen")
    book.revoke("P-2", NOW + 5)
    assert told("bergen", before.number) is None


def test_numbers_grow_though_the_clock_went_back(told, book):
    book.revoke("P-0", NOW)
    before = told()
    book.revoke("P-2", NOW - 86_400)
    assert told(number=before.number).permits == ("P-0", "P-2")


def test_a_permit_that_has_ended_is_left_out_and_the_number_stays(told, book, clock):
    book.revoke("P-0", NOW)
    before = told()
    clock.now = END + CLOCK_LEEWAY
    assert told() == replace(before, permits=())


def test_a_hub_that_was_restored_goes_on_with_greater_numbers(told, book, tmp_path):
    shutil.copy(book.path, tmp_path / "backup")
    book.revoke("P-0", NOW)
    lost = told()
    shutil.copy(tmp_path / "backup", book.path)
    assert told(number=lost.number) is None
    book.revoke("P-2", NOW + 60)
    assert told(number=lost.number).permits == ("P-2",)


def test_a_book_that_cannot_be_read_tells_nothing_and_stops_nobody(told, book):
    book.revoke("P-0", NOW)
    with book.path.open("a") as file:
        file.write(json.dumps({"did": "revoked", "id": "P-none"}) + "\n")
    assert told() is None
