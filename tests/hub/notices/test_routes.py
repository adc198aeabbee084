"""The inbox over HTTP; that nobody sees another's is in the table of tests/hub/people/test_escalation.py."""

import pytest
from tests.hub.callers import told
from tests.hub.notices.test_telling import DAY, notice
from tests.hub.people.guests import PASSWORD, guest, opened

from oncommons.hub.notices.inbox import Inbox
from oncommons.hub.notices.post import MailSettings
from oncommons.hub.notices.telling import tell


@pytest.fixture
def hub(tmp_path):
    with opened(tmp_path) as hub:
        yield hub


@pytest.fixture
def ana(hub):
    return guest(hub)


def say(hub, *notices):
    with hub.hub.database.write() as connection:
        tell(connection, notices, hub.clock())


def test_the_inbox_tells_what_waits_and_what_is_new(hub, ana):
    say(hub, notice(ana.id, "a", until=hub.clock() + DAY), notice(ana.id, "b", says="News."))
    got = ana("GET", "/api/account/inbox")
    body = got.json()
    assert got.headers["cache-control"] == "no-store"
    assert (body["waiting"], body["unread"], body["page"], body["more"]) == (1, 1, 1, False)
    assert {k: v for k, v in body["waits"][0].items() if k != "id"} == {
        "kind": "decision", "says": "Look at it.", "where": "/decisions/A-7", "subject": "A-7", "waits": True,
        "until": "2026-09-22T14:13:20+00:00", "made": "2026-09-21T14:13:20+00:00", "read": "", "settled": "",
        "reminded": "",
    }  # fmt: skip
    assert ana("GET", "/api/account/inbox/count").json() == {"waiting": 1, "unread": 1}


def test_notices_are_marked_by_name_or_all(hub, ana):
    ben = guest(hub, "ben@athens.example")
    say(hub, *[notice(person.id, str(i)) for i in range(3) for person in (ana, ben)])
    first = ana("GET", "/api/account/inbox").json()["news"][0]["id"]
    foreign = ben("GET", "/api/account/inbox").json()["news"][0]["id"]
    assert ana("POST", "/api/account/inbox/read", json={"ids": [first, foreign]}).json() == {"read": 1}
    assert ana("POST", "/api/account/inbox/read", json={"all": True}).json() == {"read": 2}
    assert ben("GET", "/api/account/inbox/count").json()["unread"] == 3


def test_what_names_nothing_is_refused(ana):
    wrong = (
        {},
        {"all": False},
        {"all": 1},
        {"all": True, "ids": []},
        {"ids": "x"},
        {"ids": [1]},
        {"ids": ["x"] * 501},
        [],
    )
    for body in wrong:
        assert told(ana("POST", "/api/account/inbox/read", json=body)) == (400, "E405"), body


def test_a_page_is_a_number(ana):
    for page in ("0", "-1", "x", "1e3", "10001", "\u0661"):
        assert told(ana("GET", "/api/account/inbox", params={"page": page})) == (400, "E405"), page


def test_how_one_is_told_is_chosen_by_kind(hub, ana):
    assert ana("GET", "/api/account/inbox/wishes").json()["sends"] is False
    assert ana("PUT", "/api/account/inbox/wishes", json={"permit": "daily"}).status_code == 200
    MailSettings("mail.example", "commons@athens.example").keep(hub.hub.settings.folder)
    found = ana("GET", "/api/account/inbox/wishes").json()
    assert (found["wishes"]["permit"], found["wishes"]["decision"], found["sends"]) == ("daily", "at once", True)
    for body in ({}, {"permit": "weekly"}, {"gossip": "none"}):
        assert told(ana("PUT", "/api/account/inbox/wishes", json=body)) == (400, "E405")


def test_the_inbox_is_in_ones_own_data_and_goes_with_the_account(hub, ana):
    say(hub, notice(ana.id))
    assert ana.about()["notices"]["told"][0]["says"] == "Look at it."
    assert ana("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200
    assert Inbox(hub.hub.database).news(ana.id) == ([], False)
