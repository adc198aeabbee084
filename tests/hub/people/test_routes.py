"""Signing in and one's own account over HTTP."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from starlette.requests import Request
from tests.hub.callers import told
from tests.hub.people.guests import PASSWORD, desk_of, guest, link, sign_in

from oncommons.hub.people.routes import place_of
from oncommons.hub.people.tables import TRIES
from oncommons.schema.federation import INSIDE

WRONG = {"email": "ana@athens.example", "password": "not the right password"}


def test_an_invitation_makes_an_account_once(small):
    secret = link(small, "ana@athens.example")
    told_of = small("POST", "/api/invitations/look", json={"secret": secret}).json()
    assert (told_of["organisation"], told_of["role"], told_of["known"]) == ("Athens General", "researcher", False)
    body = {"secret": secret, "name": "Ana", "password": PASSWORD}
    made = small("POST", "/api/invitations/accept", json=body)
    assert made.status_code == 201
    assert told(small("POST", "/api/invitations/accept", json=body)) == (403, "E385")
    assert sign_in(small, "ana@athens.example").json()["person"] == made.json()["person"]


def test_an_invitation_expires_after_a_week(small):
    secret = link(small, "ana@athens.example")
    small.clock.now += 7 * 86_400 + 1
    assert told(small("POST", "/api/invitations/look", json={"secret": secret})) == (403, "E385")
    body = {"secret": secret, "name": "Ana", "password": PASSWORD}
    assert told(small("POST", "/api/invitations/accept", json=body)) == (403, "E385")


def test_who_has_an_account_gets_the_role_by_its_password(small):
    ana = guest(small)
    secret = link(small, ana.email, "access-officer", "Bologna Institute")
    wrong = {"secret": secret, "password": "something else again"}
    assert told(small("POST", "/api/invitations/accept", json=wrong)) == (401, "E381")
    assert small("POST", "/api/invitations/accept", json={"secret": secret, "password": PASSWORD}).status_code == 201
    assert [(r["organisation"], r["role"]) for r in ana.about()["roles"]] == [
        ("Athens General", "researcher"),
        ("Bologna Institute", "access-officer"),
    ]


def test_an_unknown_address_and_a_wrong_password_get_the_same_words(small):
    guest(small)
    wrong = small("POST", "/api/sessions", json=WRONG)
    unknown = small("POST", "/api/sessions", json=WRONG | {"email": "nobody@athens.example"})
    assert told(wrong) == (401, "E381")
    assert (wrong.json(), wrong.headers.keys()) == (unknown.json(), unknown.headers.keys())


def test_an_unknown_address_takes_the_same_work_as_a_wrong_password(small, monkeypatch):
    guest(small)
    desk, asked, taken = desk_of(small), [], []
    is_right, take = desk.entry.passwords.is_right, desk.entry.tries.take
    monkeypatch.setattr(desk.entry.passwords, "is_right", lambda *a: (asked.append(1), is_right(*a))[1])
    monkeypatch.setattr(desk.entry.tries, "take", lambda *a: (taken.append(1), take(*a))[1])
    work = []
    for email in ("ana@athens.example", "nobody@athens.example"):
        small("POST", "/api/sessions", json=WRONG | {"email": email})
        work.append((len(asked), len(taken)))
    assert work == [(1, 2), (2, 4)]


def test_signing_out_ends_the_session(small):
    ana = guest(small)
    assert ana("DELETE", "/api/sessions").status_code == 200
    assert told(ana("GET", "/api/account")) == (401, "E382")


def test_each_sign_in_has_a_session_of_its_own_whatever_is_shown(small):
    ana = guest(small)
    body = {"email": ana.email, "password": PASSWORD, "device": ana.session}
    second = ana("POST", "/api/sessions", json=body).json()["session"]
    assert second != ana.session
    assert len(ana.about()["sessions"]) == 2


def test_sessions_are_listed_and_ended_by_their_owner(small):
    ana = guest(small)
    other = sign_in(small, ana.email).json()["session"]
    found = {one["current"]: one["id"] for one in ana.about()["sessions"]}
    assert ana("DELETE", f"/api/account/sessions/{found[False]}").status_code == 200
    ended = small("GET", "/api/account", headers={"authorization": f"Bearer {other}"})
    assert told(ended) == (401, "E382")
    assert len(ana.about()["sessions"]) == 1


def test_a_session_ends_when_nobody_uses_it_and_after_a_week(small):
    ana = guest(small)
    small.clock.now += 12 * 3_600 + 1
    assert told(ana("GET", "/api/account")) == (401, "E382")
    ana = guest(small, "eva@athens.example")
    for _ in range(14):
        assert ana("GET", "/api/account").status_code == 200
        small.clock.now += 12 * 3_600 - 60
    small.clock.now += 14 * 60
    assert told(ana("GET", "/api/account")) == (401, "E382")


def test_a_new_password_ends_all_else_that_is_open(small):
    ana = guest(small)
    other, program = sign_in(small, ana.email).json()["session"], ana.token("ask")
    body = {"password": PASSWORD, "new": "another long password 77"}
    assert told(ana("PUT", "/api/account/password", json=body | {"password": "wrong wrong wrong"})) == (401, "E381")
    assert ana("PUT", "/api/account/password", json=body).status_code == 200
    assert ana("GET", "/api/account").status_code == 200
    assert told(small("GET", "/api/account", headers={"authorization": f"Bearer {other}"})) == (401, "E382")
    assert told(program("GET", "/api/account")) == (401, "E382")
    assert told(sign_in(small, ana.email)) == (401, "E381")
    assert sign_in(small, ana.email, body["new"]).status_code == 201


@pytest.mark.parametrize("new", ["short", "x" * 300, "aaaaaaaaaaaaaaaa", "ana@athens.example", "12345", None, 7])
def test_a_password_that_is_easy_to_guess_is_refused(small, new):
    ana = guest(small)
    got = ana("PUT", "/api/account/password", json={"password": PASSWORD, "new": new})
    assert told(got) == (400, "E386")


def test_the_second_factor_is_asked_for_once_it_is_on(hub):
    ana = guest(hub)
    codes = ana.factor_on()
    assert len(codes) == 10
    assert told(sign_in(hub, ana.email)) == (401, "E381")
    assert told(sign_in(hub, ana.email, code="000000")) == (401, "E381")
    code = ana.code()
    assert sign_in(hub, ana.email, code=code).status_code == 201
    assert told(sign_in(hub, ana.email, code=code)) == (401, "E381")


def test_a_recovery_code_serves_once(hub):
    ana = guest(hub)
    code = ana.factor_on()[3]
    assert sign_in(hub, ana.email, code=code.upper().replace("-", " ")).status_code == 201
    assert told(sign_in(hub, ana.email, code=code)) == (401, "E381")
    assert ana.about()["recovery_codes_left"] == 9


def test_the_second_factor_is_on_only_with_a_proof(small):
    ana = guest(small)
    told_of = ana("POST", "/api/account/second-factor", json={}).json()
    body = {"password": PASSWORD, "code": "123456", "sealed": told_of["sealed"]}
    assert told(ana("PUT", "/api/account/second-factor", json=body)) == (401, "E381")
    assert told(ana("PUT", "/api/account/second-factor", json=body | {"sealed": "AAAA"})) == (400, "E405")
    eva = guest(small, "eva@athens.example")
    foreign = eva("POST", "/api/account/second-factor", json={}).json()["sealed"]
    assert told(ana("PUT", "/api/account/second-factor", json=body | {"sealed": foreign})) == (400, "E405")
    assert sign_in(small, ana.email).status_code == 201


def test_the_second_factor_is_off_only_with_a_proof(small):
    ana = guest(small)
    ana.factor_on()
    wrong = {"password": PASSWORD, "code": "000000"}
    assert told(ana("DELETE", "/api/account/second-factor", json=wrong)) == (401, "E381")
    right = {"password": PASSWORD, "code": ana.code()}
    assert ana("DELETE", "/api/account/second-factor", json=right).status_code == 200
    assert sign_in(small, ana.email).status_code == 201


def test_a_program_with_a_token_may_do_nothing_about_the_account(small):
    program = guest(small).token("ask", "save")
    for method, path in (("GET", "/api/account"), ("DELETE", "/api/account"), ("GET", "/api/people")):
        assert (
            program(method, path, **({"json": {"password": PASSWORD}} if method == "DELETE" else {})).status_code == 403
        )


def test_a_token_ends_when_its_owner_ends_it_and_by_itself(small):
    ana = guest(small)
    first, second = ana.token("ask"), ana.token("ask")
    ids = [one["id"] for one in ana.about()["tokens"]]
    assert told(first("GET", "/api/account")) == (403, "E383")
    for one in ids[:1]:
        assert ana("DELETE", f"/api/account/tokens/{one}").status_code == 200
    assert sorted(told(p("GET", "/api/account"))[0] for p in (first, second)) == [401, 403]
    small.clock.now += 30 * 86_400
    assert {told(p("GET", "/api/account"))[0] for p in (first, second)} == {401}


def test_all_that_is_known_of_a_person_is_told_and_no_secret(small):
    ana = guest(small)
    ana.factor_on()
    about = ana("GET", "/api/account")
    assert set(about.json()) == {
        "id", "name", "email", "made", "roles", "second_factor", "recovery_codes_left", "sessions", "tokens",
        "known_browsers", "invitations", "has_password", "identities", "notices", "decisions", "applications", "watches",
        "saved_questions", "runs", "links",
    }  # fmt: skip
    assert "argon2" not in about.text
    assert ana.session not in about.text
    assert about.headers["cache-control"] == "no-store"


def test_erasing_leaves_a_pseudonym_only(hub):
    ana = guest(hub)
    guest(hub, "op@hub.example", "operator")
    link(hub, ana.email, "access-officer")
    assert told(ana("DELETE", "/api/account", json={"password": "wrong wrong wrong"})) == (401, "E381")
    assert ana("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200
    assert told(ana("GET", "/api/account")) == (401, "E382")
    assert told(sign_in(hub, ana.email)) == (401, "E381")
    with hub.hub.database.read() as connection:
        kept = [
            (table, column, value)
            for table in ("person", "membership", "person_link", "session", "person_token", "known_browser")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            for column, value in row.items()
            if value in {ana.email, ana.id, "ana"}
        ]
    assert kept == [("person", "id", ana.id)]


def test_the_last_operator_stays(small):
    op = guest(small, "op@hub.example", "operator")
    assert told(op("DELETE", "/api/account", json={"password": PASSWORD})) == (409, "E388")
    guest(small, "two@hub.example", "operator")
    assert op("DELETE", "/api/account", json={"password": PASSWORD}).status_code == 200


def test_a_name_is_changed_and_has_to_be_one(small):
    ana = guest(small)
    assert ana("PUT", "/api/account/name", json={"name": " Ana  Çelik "}).status_code == 200
    assert ana.about()["name"] == "Ana  Çelik"
    for name in ("", "x" * 121, "a\x00b", "a\nb", "a\u202eb", None, ["a"]):
        assert told(ana("PUT", "/api/account/name", json={"name": name})) == (400, "E405")


def test_the_address_that_pages_tell_counts_only_inside(small):
    small.app.state.settings = replace(small.app.state.settings, url="http://127.0.0.1")
    for i in range(60):
        headers = {"oncommons-for": f"10.0.0.{i}"}
        got = small("POST", "/api/sessions", json=WRONG | {"email": f"x{i}@athens.example"}, headers=headers)
    assert told(got) == (429, "E384")


@pytest.mark.parametrize("body", [None, [], {"email": "a@b.example"}, {"email": 7, "password": "x"}, {"email": "a@b.example", "password": 7}])  # fmt: skip
def test_a_body_of_another_shape_is_refused(small, body):
    assert told(small("POST", "/api/sessions", json=body)) == (400, "E405")


@pytest.mark.parametrize("known", [False, True])
def test_a_good_link_opens_a_session_whatever_was_guessed_before(small, known):
    ana = guest(small)
    for i in range(60):
        sign_in(small, ana.email, "wrong wrong wrong")
        sign_in(small, f"{i}@athens.example", "wrong wrong wrong")
    assert sign_in(small, ana.email).status_code == 429
    secret = desk_of(small).links.reset(ana.email, "", small.clock()) if known else link(small, "eva@athens.example")
    body = {"secret": secret, "name": "Eva", "password": "fresh words of May 31"}
    got = small("POST", "/api/invitations/accept", json=body)
    assert got.status_code == 201, got.text
    headers = {"authorization": f"Bearer {got.json()['session']}"}
    assert small("GET", "/api/account", headers=headers).status_code == 200
    with small.hub.database.read() as connection:
        waits = connection.execute(select(TRIES.c.until).where(TRIES.c.name.like("account:%"))).scalars().all()
    assert not known or max(waits) <= small.clock.now


@pytest.mark.parametrize(
    ("url", "place", "counted"),
    [
        ("https://hub.example.org", "127.0.0.1", ""),
        ("https://hub.example.org", "::1", ""),
        ("https://hub.example.org", "::ffff:127.0.0.1", ""),
        ("https://hub.example.org", "198.51.100.7", "198.51.100.7"),
        ("http://127.0.0.1:8642", "127.0.0.1", "127.0.0.1"),
        ("http://localhost:8642", "127.0.0.1", "127.0.0.1"),
        ("", "127.0.0.1", "127.0.0.1"),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_a_proxy_on_the_same_machine_is_not_counted_as_one_who_guesses(small, url, place, counted, inside):
    small.app.state.settings = replace(small.app.state.settings, url=url)
    scope = {"type": "http", "app": small.app, "headers": [], "client": (place, 1)}
    if inside:
        header = [(b"oncommons-for", place.encode())]
        scope |= {"extensions": {INSIDE: {}}, "client": ("198.51.100.9", 1), "headers": header}
    assert place_of(Request(scope)) == counted


@pytest.mark.parametrize(("url", "status"), [("https://hub.example.org", 401), ("http://127.0.0.1", 429)])
def test_strangers_behind_a_proxy_that_does_not_tell_them_apart_keep_nobody_out(small, url, status):
    small.app.state.settings = replace(small.app.state.settings, url=url)
    for i in range(51):
        small("POST", "/api/invitations/look", json={"secret": "wrong"})
        sign_in(small, f"x{i}@athens.example", "wrong wrong wrong")
    assert sign_in(small, "eva@athens.example").status_code == status
    assert small("POST", "/api/invitations/look", json={"secret": "wrong"}).status_code == (403, 429)[status == 429]
