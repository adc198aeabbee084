"""What somebody wrote is text on every page, whoever looks: scripts in every field, every page, every side.

Every page that the pages have is looked at; one with a part that the table does not have fails.
"""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from starlette.routing import Route
from tests.hub.applications.writers import attach, begun, look, save
from tests.hub.callers import QUESTION, card, exact
from tests.hub.decisions.cases import society
from tests.hub.people.guests import PASSWORD, guest, link
from tests.hub.providers.test_book import ONE
from tests.web.test_people_pages import Browser

from oncommons.client.inside import connect_inside
from oncommons.schema.dataset import DatasetCard
from oncommons.web.app import make_pages, mount_pages

EVIL = "x\"'></textarea></title><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
LINK = "javascript:alert(3)//"
LOOKERS = ("ana", "olga", "cora", "ole", "dan", "nobody")
SHOWN = {
    "/datasets", "/datasets/{node}/{dataset:path}", "/saved", "/saved/{digest}", "/sign-in", "/account", "/people",
    "/inbox", "/decisions", "/decisions/{id}", "/permits", "/uses", "/applications", "/applications/{id}",
    "/applications/{id}/print", "/applications/{id}/earlier/{paragraph}", "/applications/{id}/write/{section}",
    "/projects", "/projects/{permit}", "/welcome/{secret}",
}  # fmt: skip
"""Pages on which somebody is shown the words, as words."""
NO_PAGES = {
    "/account/data", "/applications/{id}/json", "/applications/{id}/documents/{document}", "/decisions/{id}/documents/{document}",
    "/runs/{id}/{file}", "/sign-in/with/{name}", "/welcome/{secret}/with/{name}", "/sign-in/back/{name}", "/sign-in/leave/{name}",
}  # fmt: skip
"""What is kept as a file, or leads elsewhere."""


class Markup(HTMLParser):
    """Finds in a page what could run: scripts of its own, handlers, links that are scripts; and what its words say."""

    def __init__(self, page):
        super().__init__()
        self.runs, self.words, self.inside = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.inside = tag == "script"
        held = {name: value or "" for name, value in attributes}
        self.words += held.values()
        wrong = [
            n
            for n, v in held.items()
            if n.startswith("on") or (v.strip().lower().startswith("javascript:") and n != "value")
        ]
        if wrong or (tag == "script" and not held.get("src", "").startswith("/static/")) or held.get("src") == "x":
            self.runs.append((tag, held))

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        self.words.append(data)
        if self.inside and data.strip():
            self.runs.append(("script", data))


def written(here):
    """An application of which every field is a script."""
    ana, ben = here.ana, here.ben
    made = begun(ana)
    form = look(ana, made)["form"]
    names = [p["id"] for s in form["sections"] for p in s["paragraphs"] if p["kind"] != "documents"]
    lists = {"datasets", "ehds", "research", "variables", "analyses"}
    save(ana, made, **{n: [f"a/{EVIL}"] if n in lists else EVIL for n in names})
    save(ana, made, 2, title=f"{EVIL}2")
    document = attach(ana, made, name=f"{EVIL}.pdf").json()["id"]
    for name in names:
        got = ana("POST", f"/api/applications/{made}/comments", json={"paragraph": name, "text": EVIL})
        assert got.status_code == 201
    ana("POST", f"/api/applications/{made}/invitations", json={"email": ben.email})
    secret = ana("POST", f"/api/applications/{made}/invitations", json={}).json()["link"].rpartition("/")[2]
    return {"application": made, "document": document, "shared": secret, "section": form["sections"][0]["id"]}


def decided(here):
    """An application that was decided with words that are scripts, and a permit."""
    here.reviewed(title=EVIL, summary=EVIL)
    here.done("olga", "ask", "athens", text=EVIL)
    here.done("ana", "answer", "athens", text=EVIL)
    here.done("ana", "comment", text=EVIL)
    here.propose("olga", "athens", "athens/lung", conditions=[EVIL])
    here.voted("mia", "max", "mo", "pat")
    here.done("ana", "accept", "athens")
    here.propose("oscar", "bologna", "bologna/lung")
    here.done("ana", "report", text=EVIL)
    here.submit(application="a2", title=EVIL, summary=EVIL)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    with society(tmp_path_factory.mktemp("hub")) as found:
        mount_pages(found.hub.app, connect_inside(found.hub.app), "1.2.3")
        found.hub.join("athens")
        found.ids = filled(found)
        found.browsers = {name: browser(found, name) for name in LOOKERS}
        yield found


def browser(here, name):
    """Somebody's browser, whose name is a script as well."""
    made = Browser(here.hub)
    made.client.headers["user-agent"] = EVIL
    if name != "nobody":
        assert made.sign_in(f"{name}@people.example").status_code == 303
    return made


def filled(here):
    """Put scripts into everything that there is; identifiers by the names of the pages' parts."""
    hub, evil = here.hub, EVIL
    codes = {"body_part": {evil: exact(3)}}
    one = card("lung", title=evil, about=evil, licence=evil, source=LINK, codes=codes, fields=[evil], policy=evil)
    other = card(evil, title=evil, about=LINK, licence=LINK, source=evil)
    hub.app.state.applications.shelf.replace("athens", [DatasetCard.from_json(c) for c in (one, other)], hub.clock())
    hub.app.state.providers.book.put(replace(ONE, title=evil))
    for person in here.people.values():
        assert person("PUT", "/api/account/name", json={"name": evil}).status_code == 200
    body = {"name": evil, "scopes": ["ask"], "days": 9, "password": PASSWORD}
    assert here.ana("POST", "/api/account/tokens", json=body).status_code == 201
    ids = written(here)
    decided(here)
    ids["digest"] = here.ana("POST", "/api/saved", json={"name": evil, "question": QUESTION, "reach": 5}).json()["id"]
    asked = here.ana("POST", "/api/questions", json=QUESTION, params={"id": "job1"})
    assert asked.status_code == 200
    guest(hub, "at@evil.example", "researcher", evil)
    ids["invited"] = link(hub, "waits@evil.example", "researcher", evil)
    return ids


def pages(hub):
    """Paths of all pages that are looked at."""
    routes = make_pages(connect_inside(hub.app), "1.2.3").routes
    return {one.path for one in routes if isinstance(one, Route) and "GET" in one.methods} - NO_PAGES


def places(here, path):
    """Where a page is found: with what there is, and with words that are scripts."""
    ids, evil = here.ids, quote(EVIL, safe="")
    kind = "application" if path.startswith("/applications") else here.now if path.startswith("/decisions") else "job1"
    secret = ids["shared"] if "join" in path else ids["invited"]
    known = {
        "id": ids.get(kind, kind),
        "node": "athens",
        "dataset:path": "lung",
        "digest": ids["digest"],
        "secret": secret,
    }
    known |= {"name": "describe", "permit": here.now, "code": "E405", "section": ids["section"], "paragraph": "title"}
    words = "&".join(
        f"{name}={evil}" for name in ("q", "next", "text", "node", "dataset", "project", "since", "page", "do", "seen")
    )
    there = path
    for name, value in known.items():
        there = there.replace(f"{{{name}}}", value)
    assert "{" not in there, "a part of a page that the table does not have"
    odd = path.replace("{dataset:path}", evil)
    for name in known:
        odd = odd.replace(f"{{{name}}}", evil)
    return [there, f"{there}?{words}", odd, *([f"/datasets/athens/{evil}"] if "dataset:path" in path else [])]


def test_every_page_shows_words_as_words(here):
    shown, paths = set(), pages(here.hub)
    assert len(paths) > 30
    for path in sorted(paths):
        for name, look_at in ((n, b) for n, b in here.browsers.items()):
            for place in places(here, path):
                got = look_at.get(place)
                assert got.status_code < 500, (name, place, got.text)
                found = Markup(got.text)
                assert found.runs == [], (name, place)
                if place == places(here, path)[0] and any("<script>alert(1)" in words for words in found.words):
                    shown.add(path)
    assert shown >= SHOWN


def test_what_is_no_page_is_kept_and_not_shown(here):
    ids, ana = here.ids, here.browsers["ana"]
    for path in (
        "/account/data",
        f"/applications/{ids['application']}/json",
        f"/applications/{ids['application']}/documents/{ids['document']}",
    ):
        got = ana.get(path)
        assert got.status_code == 200
        assert got.headers["content-disposition"].startswith("attachment")
        assert not got.headers["content-type"].startswith("text/html")
        assert "\n" not in got.headers["content-disposition"]


def test_a_script_is_found_where_there_is_one():
    assert Markup("<p><img src=x onerror=alert(2)>").runs
    assert Markup("<script>alert(1)</script>").runs
    assert Markup('<a href=" JavaScript:alert(3)">').runs
    assert Markup('<p title="<script>alert(1)</script>"><script src="/static/a.js"></script>').runs == []
