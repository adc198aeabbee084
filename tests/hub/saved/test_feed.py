"""Feeds of what changed, read by feedparser, which knows nothing of us."""

import calendar
import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncommons.hub.saved.feed import ATOM, Change, Source, feed_of_all, question_feed
from oncommons.schema.answer import Count, exact
from oncommons.schema.saved import SavedQuestion, Sighting

HUB = Source("Hub", "key-1", "https://hub.example")
WOMEN = SavedQuestion("ab12", "Women & <men>", {"count": "person"}, "Count people.", "2026-01-01T00:00:00+00:00", "c")
FIRST = Sighting(
    30, "not reached", "not known", "2026-01-02T10:00:00+00:00", exact(21), {"athens": "2026-01-02T10:00:00+00:00"}
)
SECOND = Sighting(
    30,
    "reached",
    "not reached",
    "2026-01-05T10:00:00+00:00",
    Count(31, 52, "noisy"),
    {"bologna": "2026-01-05T10:00:00+00:00", "athens": "2026-01-02T10:00:00+00:00"},
)


def with_sightings(*sightings, question=WOMEN):
    return SavedQuestion(**(vars(question) | {"sightings": sightings}))


def read(feed):
    """A feed as a reader sees it; it is well formed."""
    found = feedparser.parse(feed.body, response_headers={"content-type": "application/atom+xml; charset=utf-8"})
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def test_a_reader_finds_what_changed_with_number_and_nodes():
    found = read(question_feed(HUB, with_sightings(SECOND, FIRST)))
    assert found.feed.title == "Women & <men> – Hub"
    assert found.feed.author == "Hub"
    assert [one.title for one in found.entries] == ["Women & <men>: 30 reached", "Women & <men>: 30 not reached"]
    assert [one.tags[0].term for one in found.entries] == ["reached", "not-reached"]
    text = found.entries[0].content[0].value
    assert "Certain: 31–52 people (noisy); waited for: 30." in text
    assert "athens (2026-01-02); bologna (2026-01-05)" in text
    assert calendar.timegm(found.entries[0].updated_parsed) == 1_767_607_200
    assert found.feed.updated == found.entries[0].updated == SECOND.seen


def test_the_links_lead_to_the_page_and_to_itself():
    found = read(question_feed(HUB, with_sightings(FIRST)))
    assert {one.rel: one.href for one in found.feed.links} == {
        "self": "https://hub.example/api/saved/ab12/feed.atom",
        "alternate": "https://hub.example/saved/ab12",
    }
    assert found.entries[0].link == "https://hub.example/saved/ab12"


def test_what_has_been_reached_and_is_no_longer_says_so():
    lost = Sighting(30, "not reached", "reached", "2026-02-01T10:00:00+00:00", exact(2), {})
    doubt = Sighting(30, "perhaps", "reached", "2026-02-01T11:00:00+00:00", exact(2), {})
    titles = [one.title for one in read(question_feed(HUB, with_sightings(lost, doubt))).entries]
    assert titles == ["Women & <men>: 30 no longer reached", "Women & <men>: 30 no longer certainly reached"]


def test_that_no_node_is_left_is_told_in_words():
    gone = Sighting(30, "not known", "reached", "2026-02-01T10:00:00.250000+00:00", Count(0, None, "suppressed"), {})
    after = replace(gone, before="perhaps", seen="2026-02-01T10:00:00.750000+00:00")
    entries = read(question_feed(HUB, with_sightings(after, gone))).entries
    assert [one.title for one in entries] == ["Women & <men>: 30 not known", "Women & <men>: 30 no longer known"]
    assert "No node is left that told a number; waited for: 30." in entries[0].content[0].value
    assert len({one.id for one in entries}) == 2


def test_a_reader_that_has_the_last_second_is_told_nothing_new():
    feed = question_feed(HUB, with_sightings(replace(FIRST, seen="2026-02-01T10:00:00.250000+00:00")))
    assert feed.is_known({"if-modified-since": feed.headers["last-modified"]})


def test_identifiers_are_permanent_whatever_becomes_of_the_address():
    moved = Source("Other name", "key-1", "https://elsewhere.example")
    one, other = (read(question_feed(hub, with_sightings(SECOND, FIRST))) for hub in (HUB, moved))
    assert one.feed.id == other.feed.id
    assert [e.id for e in one.entries] == [e.id for e in other.entries]
    assert len({one.feed.id, *(e.id for e in one.entries)}) == 3
    foreign = read(question_feed(Source("Hub", "key-2", HUB.url), with_sightings(FIRST)))
    assert foreign.entries[0].id not in {e.id for e in one.entries}
    assert all(e.id.startswith("urn:uuid:") for e in one.entries)


def test_a_feed_without_a_change_is_a_feed():
    assert read(question_feed(HUB, WOMEN)).feed.updated == WOMEN.made
    assert read(feed_of_all(HUB, [])).entries == []


def test_all_watched_questions_are_in_one_feed():
    changes = [Change(WOMEN, SECOND), Change(SavedQuestion(**(vars(WOMEN) | {"id": "cd34", "name": "Men"})), FIRST)]
    found = read(feed_of_all(HUB, changes))
    assert [e.title for e in found.entries] == ["Women & <men>: 30 reached", "Men: 30 not reached"]
    assert found.entries[1].link == "https://hub.example/saved/cd34"
    assert found.feed.links[0].href == "https://hub.example/api/saved/feed.atom"


@pytest.mark.parametrize("feed", [question_feed(HUB, with_sightings(SECOND, FIRST)), feed_of_all(HUB, [])])
def test_it_has_what_an_atom_feed_must_have_once(feed):
    """RFC 4287, 4.1.1 and 4.1.2."""
    root = ET.fromstring(feed.body)
    for element in (root, *root.findall(f"{{{ATOM}}}entry")):
        for needed in ("id", "title", "updated"):
            assert len(element.findall(f"{{{ATOM}}}{needed}")) == 1
    assert root.findall(f"{{{ATOM}}}author/{{{ATOM}}}name")


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_in_a_name_it_is_well_formed(name, words):
    odd = SavedQuestion(**(vars(WOMEN) | {"name": name, "sentence": words}))
    ET.fromstring(question_feed(HUB, with_sightings(FIRST, question=odd)).body)


def known(**headers):
    feed = question_feed(HUB, with_sightings(FIRST))
    return feed.is_known({name.replace("_", "-"): value for name, value in headers.items()})


def test_a_reader_that_has_it_is_told_so():
    tag = question_feed(HUB, with_sightings(FIRST)).headers["etag"]
    assert known(if_none_match=tag)
    assert known(if_none_match=f'"x", W/{tag}')
    assert known(if_none_match="*")
    assert known(if_modified_since="Fri, 02 Jan 2026 10:00:00 GMT")


def test_a_reader_that_has_another_one_gets_it():
    tag = question_feed(HUB, with_sightings(SECOND, FIRST)).headers["etag"]
    assert not known(if_none_match=tag, if_modified_since="Fri, 02 Jan 2026 10:00:00 GMT")
    assert not known(if_modified_since="Fri, 02 Jan 2026 09:59:59 GMT")
    assert not known(if_modified_since="soon")
    assert not known()


def test_a_hub_sends_its_feeds(hub):
    asked = {"name": "People", "question": {"count": "person"}, "reach": 3}
    saved = hub("POST", "/api/saved", json=asked).json()
    log = hub.app.state.watcher.book
    for now, count in ((hub.clock(), 1), (hub.clock() + 60, 4)):
        with log.database.write() as connection:
            told = {"d": saved["id"], "c": json.dumps(exact(count).to_json()), "t": now}
            connection.exec_driver_sql("DELETE FROM heard")
            connection.exec_driver_sql(
                "INSERT INTO heard VALUES (?, 'athens', 0, ?, ?, '', 0)", (told["d"], told["c"], told["t"])
            )
        log.hear(saved["id"], None, ["athens"], now)
    for path in (f"/api/saved/{saved['id']}/feed.atom", "/api/saved/feed.atom"):
        got = hub("GET", path)
        assert got.headers["content-type"] == "application/atom+xml"
        found = feedparser.parse(got.content, response_headers=dict(got.headers))
        assert not found.bozo
        assert [e.title for e in found.entries] == ["People: 3 reached", "People: 3 not reached"]
        head = hub("HEAD", path)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", got.headers["etag"])
        again = hub("GET", path, headers={"if-none-match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert hub("GET", path, headers={"if-modified-since": got.headers["last-modified"]}).status_code == 304
    assert hub("GET", "/api/saved/nothing/feed.atom").status_code == 404
