"""Links that people ask for by e-mail, as strangers, thieves and mail servers would use them."""

from dataclasses import replace

import pytest
from sqlalchemy import event, select
from tests.hub.callers import told
from tests.hub.people.guests import PASSWORD, desk_of, guest, link, opened, sign_in
from tests.hub.people.mailing import ask, carry, mails, secret_in, sent

from oncommons.hub.notices.tables import ALL as NOTICES
from oncommons.hub.people.sealing import Passwords
from oncommons.hub.people.tables import ALL, ASKED, LINK, PERSON
from oncommons.schema.saved import utc

NEW = "another long summer of 1983"
ANA = "ana@athens.example"


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub")) as hub:
        yield mails(hub)


@pytest.fixture
def post(one):
    """A hub with a mail server, and nobody there; whatever waits has waited enough."""
    with one.hub.database.write() as connection:
        for table in reversed((*ALL, *NOTICES)):
            connection.execute(table.delete())
    one.clock.now += 40 * 86_400
    return one


def says(hub, person):
    """What somebody was told of the account, the oldest first."""
    return [one["says"] for one in reversed(hub.app.state.inbox.news(person.id)[0])]


def test_a_link_signs_in_once(post):
    ana = guest(post)
    mine = sent(post)
    assert mine.look().json()["purpose"] == "sign-in"
    opened = mine.use()
    assert (opened.status_code, opened.json()["person"]) == (201, ana.id)
    assert opened.json()["session"] != ana.session
    assert told(mine.use()) == (403, "E385")
    assert told(mine.look()) == (403, "E385")
    assert ana("GET", "/api/account").status_code == 200  # other sessions stay


def test_a_link_lives_for_a_quarter_of_an_hour(post):
    guest(post)
    mine, late = sent(post), sent(post)
    post.clock.now += 899
    assert mine.look().status_code == 200
    post.clock.now += 1
    assert told(late.look()) == (403, "E385")
    assert told(late.use()) == (403, "E385")


@pytest.mark.parametrize("purpose", ["sign-in", "password"])
def test_a_link_works_in_the_browser_that_asked_only(post, purpose):
    guest(post)
    mine = sent(post, purpose=purpose)
    for thief in ("", "x", "another", ask(post, ANA).json()["browser"]):
        assert told(mine.look(browser=thief)) == (403, "E399")
        assert told(mine.use(browser=thief, password=NEW)) == (403, "E399")
    assert mine.use(password=NEW).status_code == 201  # nobody else has used it up


def test_who_asked_for_somebody_elses_link_cannot_have_them_sign_in_there(post):
    """Session fixation: a thief's own link opens nothing in the browser of the one whom it is sent to."""
    guest(post, "thief@athens.example")
    theirs = sent(post, "thief@athens.example")
    victim = ask(post, ANA).json()["browser"]
    assert told(theirs.use(browser=victim)) == (403, "E399")


def test_the_second_factor_is_asked_for_and_stays(post):
    ana = guest(post)
    codes = ana.factor_on()
    for purpose in ("sign-in", "password"):
        mine = sent(post, purpose=purpose)
        assert told(mine.use(password=NEW)) == (401, "E381")
        assert told(mine.use(password=NEW, code="000000")) == (401, "E381")
        assert mine.use(password=NEW, code=ana.code()).status_code == 201
    assert desk_of(post).register.person(ana.id).factor
    assert sent(post).use(code=codes[0]).status_code == 201
    assert told(sent(post).use(code=codes[0])) == (401, "E381")


def test_a_code_that_was_used_with_a_link_opens_nothing_again(post):
    ana = guest(post)
    ana.factor_on()
    code = ana.code()
    assert sent(post).use(code=code).status_code == 201
    assert told(sent(post).use(code=code)) == (401, "E381")
    assert told(sign_in(post, ANA, code=code)) == (401, "E381")


def test_codes_are_guessed_no_faster_with_links(post):
    """Wrong codes wait in the same place, whether a password or a link was shown before."""
    ana = guest(post)
    ana.factor_on()
    mine = sent(post)
    for _ in range(3):
        assert told(mine.use(code="000000")) == (401, "E381")
    for _ in range(3):
        assert told(sign_in(post, ANA, code="000000")) == (401, "E381")
    assert told(mine.use(code=ana.code())) == (401, "E381")  # the right one has to wait now


def test_a_forgotten_password_is_set_anew_and_all_else_ends(post):
    ana = guest(post)
    token = ana.token("ask")
    mine, other = sent(post, purpose="password"), sent(post)
    opened = mine.use(password=NEW)
    assert opened.status_code == 201
    assert told(ana("GET", "/api/account")) == (401, "E382")
    assert token("POST", "/api/saved", json={}).status_code in {401, 400}
    assert told(sign_in(post, ANA)) == (401, "E381")
    assert sign_in(post, ANA, NEW).status_code == 201
    assert told(other.use()) == (403, "E385")  # a link from before the new password
    assert any("set anew by a link" in one for one in says(post, ana))


def test_a_bad_password_uses_no_link_up(post):
    guest(post)
    mine = sent(post, purpose="password")
    for bad in ("", "short", "aaaaaaaaaaaaaaaa", "ana of athens.example"):
        assert told(mine.use(password=bad)) == (400, "E386")
    assert mine.use(password=NEW).status_code == 201


def test_a_link_to_sign_in_sets_no_password(post, monkeypatch):
    ana, desk = guest(post), desk_of(post)
    newer = replace(desk.entry, passwords=Passwords(memory=16, passes=1))  # those that are kept are old now
    monkeypatch.setitem(post.app.state._state, "people", replace(desk, entry=newer))
    before = desk.register.person(ana.id).password
    assert sent(post).use(password=NEW).status_code == 201
    assert desk.register.person(ana.id).password == before


def test_nobodys_address_and_somebodys_get_the_same(post):
    guest(post)
    known, unknown = ask(post, ANA), ask(post, "nobody@athens.example")
    assert (known.status_code, known.json().keys(), known.headers.keys()) == (
        unknown.status_code,
        unknown.json().keys(),
        unknown.headers.keys(),
    )
    assert len(known.json()["browser"]) == len(unknown.json()["browser"])
    assert [one["to"] for one in carry(post)] == [ANA]
    with post.hub.database.read() as connection:
        assert connection.execute(select(ASKED)).all() == []  # what was typed is kept no longer


def test_asking_does_the_same_work_whoever_has_the_address(post, monkeypatch):
    guest(post)
    statements = []
    engine = post.hub.database.engine
    event.listen(engine, "before_cursor_execute", lambda c, k, statement, *_: statements.append(statement))
    work = []
    for email in (ANA, "nobody@athens.example"):
        statements.clear()
        ask(post, email)
        work.append(list(statements))
    assert work[0] == work[1]
    assert len(work[0]) > 3


def test_who_has_no_password_gets_no_link(post):
    ana = guest(post)
    with post.hub.database.write() as connection:
        connection.execute(PERSON.update().values(password=""))
    ask(post, ANA)
    assert carry(post) == []
    assert ana.id


def test_links_wait_like_sign_ins(post):
    guest(post)
    for email in (ANA, "nobody@athens.example"):
        assert [ask(post, email).status_code for _ in range(3)] == [202, 202, 202]
        assert told(ask(post, email)) == (429, "E384")
    post.clock.now += 61
    assert ask(post, ANA).status_code == 202


def test_a_known_browser_does_not_wait_for_links_that_strangers_ask_for(post):
    ana = guest(post)
    while ask(post, ANA).status_code == 202:
        pass
    assert told(ask(post, ANA, device="guess")) == (429, "E384")
    assert ask(post, ANA, device=ana.device).status_code == 202


def test_a_browser_that_asks_twice_can_use_both(post):
    guest(post)
    first = sent(post)
    second = sent(post, browser=first.browser)
    assert first.browser == second.browser
    assert first.use().status_code == 201
    assert told(second.use()) == (403, "E385")  # with the first one, all of them ended


def test_what_is_no_secret_of_a_browser_is_not_taken(post):
    for i, guess in enumerate(("x", "a" * 43 + "\n", "a" * 44, "ä" * 43)):
        assert ask(post, f"{i}@athens.example", browser=guess).json()["browser"] != guess


def test_each_kind_of_link_does_its_own(post):
    """Swapped kinds: nothing but the row in the table says what a link does, whatever is sent with it."""
    ana = guest(post)
    desk = desk_of(post)
    by_mail, invited = sent(post), link(post, "eva@athens.example")
    assert by_mail.use(name="Mallory", password=NEW).status_code == 201
    assert (desk.register.person(ana.id).name, sign_in(post, ANA).status_code) == ("ana", 201)
    got = post("POST", "/api/invitations/accept", json={"secret": invited})
    assert told(got) == (400, "E405")
    with post.hub.database.write() as connection:
        connection.execute(LINK.update().values(purpose="sign-in", browser="x"))
    assert told(post("POST", "/api/invitations/accept", json={"secret": invited})) == (403, "E399")


def test_only_own_kinds_can_be_asked_for(post):
    guest(post)
    for purpose in ("join", "reset", "", "x", "sign-in "):
        assert told(ask(post, ANA, purpose)) == (409, "E398")


def test_a_hub_without_mail_server_sends_none(small):
    guest(small)
    assert small("GET", "/api/sessions/links").json() == {"links": []}
    assert told(ask(small, ANA)) == (409, "E398")


def test_a_removed_account_is_opened_by_no_link(post):
    ana, boss = guest(post), guest(post, "op@athens.example", "operator")
    mine, ben = sent(post), ask(post, ANA)
    assert ben.status_code == 202
    assert boss("DELETE", f"/api/people/{ana.id}").status_code == 200
    assert told(mine.use()) == (403, "E385")
    assert carry(post) == []


def test_an_address_puts_nothing_into_headers(post):
    for email in ("ana@athens.example\nBcc: eve@x", "a@b.c\r\nX: y", "a b@c", "<ana@x.y>", "@", "a@b,c@d"):
        assert told(ask(post, email)) == (400, "E405")
    assert carry(post) == []


def test_the_link_leads_to_the_hub_whatever_the_request_calls_it(post):
    guest(post)
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "origin": "https://evil.example"}
    post("POST", "/api/sessions/links", json={"email": ANA, "purpose": "sign-in"}, headers=headers)
    (message,) = carry(post)
    assert f"http://hub.test/welcome/{secret_in(message)}" in message.get_content()
    assert "evil" not in message.as_string()


def test_only_a_post_uses_a_link(post):
    guest(post)
    mine = sent(post)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        for path in ("/api/invitations/accept", "/api/invitations/look"):
            assert post(method, path).status_code in {404, 405}
    assert mine.use().status_code == 201


def test_a_new_browser_is_told_and_a_known_one_is_not(post):
    ana = guest(post)
    assert says(post, ana) == []
    sign_in(post, ANA, PASSWORD, device=ana.device)
    assert says(post, ana) == []
    sent(post).use()
    post.clock.now += 60
    sign_in(post, ANA)
    assert ["new browser" in one for one in says(post, ana)] == [True, True]


def test_a_person_sees_which_links_open_their_account_and_no_secret(post):
    ana = guest(post)
    soon, later = (utc(post.clock() + minutes * 60) for minutes in (15, 60))
    mine = sent(post)
    ask(post, ANA, "password")
    desk_of(post).links.reset(ANA, "", post.clock())
    link(post, ANA, "coordinator")  # stands among the invitations
    ask(post, "eva@athens.example")
    about = ana("GET", "/api/account")
    assert about.json()["links"] == [
        {"kind": "sign-in", "expires": soon, "is_made": True},
        {"kind": "reset", "expires": later, "is_made": True},
        {"kind": "password", "expires": soon, "is_made": False},
    ]
    assert mine.secret not in about.text
