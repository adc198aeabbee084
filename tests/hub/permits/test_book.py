"""The hub's book of permits: nothing in it is ever changed, and a pass is one person's."""

import json
from dataclasses import replace

import pytest
from tests.permits import BEGIN, END, HUB, NOW, OTHER_HUB, a_permit
from tests.storage.fakes import MemoryHubLog

from oncommons.hub.permits.book import BOOK, PermitBook
from oncommons.schema.errors import StorageFailed, StorageFull
from oncommons.schema.errors_of_permits import BadPermit, NoSuchPermit
from oncommons.schema.federation import Pass
from oncommons.service.identity import OrderReader

BARE = replace(a_permit(), hub="", address="")


@pytest.fixture
def book(tmp_path):
    return PermitBook(tmp_path, HUB, MemoryHubLog())


def test_a_permit_is_issued_in_the_name_and_at_the_address_of_the_hub(book):
    entry, passes = book.issue(BARE, "https://hub.test", NOW)
    assert entry.permit == a_permit()
    assert OrderReader(HUB.keys()).read_permit(entry.signed) == a_permit()
    assert passes.keys() == {"ana", "ben"}


def test_each_person_is_known_by_their_own_pass(book):
    _, passes = book.issue(BARE, "", NOW)
    assert book.whose(str(passes["ana"])) == (book.entry("P-7"), "ana")
    assert book.whose(f" {passes['ben']}\n")[1] == "ben"


def test_a_pass_is_not_kept_but_what_stands_for_it(book):
    _, passes = book.issue(BARE, "", NOW)
    text = book.path.read_text()
    assert not any(given.secret in text for given in passes.values())
    assert book.path.stat().st_mode & 0o077 == 0


def test_a_stranger_is_told_the_same_whatever_is_wrong(book):
    _, passes = book.issue(BARE, "", NOW)
    book.issue(replace(BARE, id="P-8"), "", NOW)
    words = ["P-9.secret", "P-7.secret", f"P-8.{passes['ana'].secret}"]
    told = set()
    for word in words:
        with pytest.raises(NoSuchPermit) as caught:
            book.whose(word)
        told.add(caught.value.message)
    assert len(told) == 1


@pytest.mark.parametrize("text", ["", "P-7", "P-7.", ".secret", "P-7.é"])
def test_what_is_no_pass_is_nobodys(book, text):
    with pytest.raises(NoSuchPermit, match=r"ID\.SECRET"):
        book.whose(text)


@pytest.mark.parametrize(
    ("permit", "now", "at"),
    [(BARE, END, "period.not_after"), (a_permit(OTHER_HUB), NOW, "hub")],
)
def test_what_has_ended_or_is_another_hubs_is_not_issued(book, permit, now, at):
    with pytest.raises(BadPermit) as caught:
        book.issue(permit, "", now)
    assert (caught.value.at, book.entries()) == (at, {})


def test_an_identifier_serves_once_even_after_it_was_taken_back(book):
    book.issue(BARE, "", NOW)
    book.revoke("P-7", NOW)
    with pytest.raises(BadPermit, match="issued before"):
        book.issue(replace(BARE, people=("eve",)), "", NOW)
    assert book.entry("P-7").permit.people == ("ana", "ben")


def test_a_permit_is_taken_back_once_and_for_all(book):
    book.issue(BARE, "", NOW)
    assert book.revoke("P-7", NOW + 1).revoked == NOW + 1
    assert book.revoke("P-7", NOW + 2).revoked == NOW + 1
    with pytest.raises(NoSuchPermit):
        book.revoke("P-9", NOW)


def test_who_has_the_book_open_sees_what_another_writes(book, tmp_path):
    assert book.entries() == {}
    other = PermitBook(tmp_path, HUB, MemoryHubLog())
    other.issue(BARE, "", NOW)
    assert book.entry("P-7").revoked is None
    other.revoke("P-7", NOW)
    assert book.entry("P-7").revoked == NOW


def test_it_is_read_again_only_when_it_was_written_to(book):
    book.issue(BARE, "", NOW)
    assert book.entries() is book.entries()


@pytest.mark.parametrize(("now", "standing"), [(BEGIN - 1, "not yet"), (NOW, "holds"), (END, "ended")])
def test_a_permit_stands_as_its_period_has_it(book, now, standing):
    book.issue(BARE, "", BEGIN - 9)
    assert book.entry("P-7").standing(now) == standing
    assert book.revoke("P-7", now).standing(now) == "revoked"


def test_the_book_only_grows(book):
    book.issue(BARE, "", NOW)
    before = book.path.read_bytes()
    book.revoke("P-7", NOW)
    assert book.path.read_bytes().startswith(before)
    assert [json.loads(line)["did"] for line in book.path.read_text().splitlines()] == ["issued", "revoked"]
    assert book.path.name == BOOK


@pytest.mark.parametrize(
    "line", ['{"did": "issued"}', '{"did": "issued", "permit": {}}', '{"did": "revoked"}', '{"at": 1}']
)
def test_a_line_that_cannot_be_read_closes_the_book(book, line):
    """Else a permit that was taken back could hold again."""
    book.issue(BARE, "", NOW)
    with book.path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(StorageFailed):
        book.entries()


@pytest.mark.parametrize("at", range(40))
def test_a_byte_that_was_changed_where_a_permit_is_taken_back_never_lets_it_hold_again(book, at):
    book.issue(BARE, "", NOW)
    issued = book.path.stat().st_size
    book.revoke("P-7", NOW)
    book.issue(replace(BARE, id="P-8"), "", NOW)
    text = bytearray(book.path.read_bytes())
    text[issued + at] = 0
    book.path.write_bytes(text)
    with pytest.raises(StorageFailed):
        book.entries()


def test_a_permit_whose_issue_was_cut_short_was_never_issued_and_harms_no_other(book):
    book.issue(BARE, "", NOW)
    issued = book.path.read_bytes()
    book.path.write_bytes(issued + issued[:50])
    assert [*book.entries()] == ["P-7"]
    book.revoke("P-7", NOW)
    assert book.entry("P-7").revoked == NOW


class FullLog:
    """An audit log whose disk is full."""

    def enter(self, event):
        raise StorageFull(event.kind)


def test_a_permit_is_taken_back_even_where_that_cannot_be_entered(book):
    book.issue(BARE, "", NOW)
    book.log = FullLog()
    with pytest.raises(StorageFull, match="permit revoked"):
        book.revoke("P-7", NOW)
    assert book.entry("P-7").revoked == NOW


def test_nobody_gets_a_pass_of_a_permit_that_cannot_be_entered(book):
    book.log = FullLog()
    with pytest.raises(StorageFull, match="permit issued"):
        book.issue(BARE, "", NOW)


def test_a_pass_shows_in_text_as_it_is_pasted():
    assert Pass.parse(str(Pass("P-7", "a_b-c"))) == Pass("P-7", "a_b-c")


def test_a_pass_that_was_made_anew_opens_and_the_one_before_does_not(book):
    _, passes = book.issue(BARE, "", NOW)
    new = book.renew("P-7", "ana", NOW)
    again = PermitBook(book.path.parent, HUB, MemoryHubLog())
    assert again.whose(str(new))[1] == "ana"
    assert again.whose(str(passes["ben"]))[1] == "ben"
    with pytest.raises(NoSuchPermit):
        again.whose(str(passes["ana"]))


@pytest.mark.parametrize(("permit", "person"), [("P-7", "eve"), ("P-9", "ana")])
def test_nobody_makes_a_pass_that_is_not_theirs(book, permit, person):
    book.issue(BARE, "", NOW)
    with pytest.raises(NoSuchPermit):
        book.renew(permit, person, NOW)


def test_a_pass_of_who_has_left_is_told_as_a_wrong_one_and_those_of_others_go_on(tmp_path):
    left = set()
    book = PermitBook(tmp_path, HUB, MemoryHubLog(), left.__contains__)
    _, passes = book.issue(BARE, "", NOW)
    left.add("ana")
    assert book.whose(str(passes["ben"]))[1] == "ben"
    told = []
    for passing in (str(passes["ana"]), str(book.renew("P-7", "ana", NOW)), "P-7.guessed"):
        with pytest.raises(NoSuchPermit) as caught:
            book.whose(passing)
        told.append(caught.value.message)
    assert len(set(told)) == 1
