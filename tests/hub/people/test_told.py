"""What people are told of their own accounts, with what happens to them over HTTP."""

import pytest
from tests.hub.people.guests import PASSWORD, desk_of, guest, opened, sign_in

NEW = "another long summer of 1983"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("hub")) as hub:
        hub.op = guest(hub, "op@athens.example", "operator", "Hub")
        yield hub


@pytest.fixture
def ana(hub, request):
    return guest(hub, f"{abs(hash(request.node.name))}@athens.example")


def told(guest_):
    """What somebody was told so far, and is not from now on."""
    news = guest_("GET", "/api/account/inbox").json()["news"]
    guest_("POST", "/api/account/inbox/read", json={"all": True})
    guest_.hub.clock.now += 1
    return [one["says"] for one in news if not one["read"]]


def test_who_has_just_come_is_told_nothing(ana):
    assert told(ana) == []


def test_another_password_and_each_turn_of_the_second_factor_are_told(ana):
    body = {"password": PASSWORD, "new": NEW}
    assert ana("PUT", "/api/account/password", json=body).status_code == 200
    assert [one[:25] for one in told(ana)] == ["Your password was changed"]
    ana("PUT", "/api/account/password", json={"password": NEW, "new": PASSWORD})
    told(ana)
    ana.factor_on()
    assert [one[:47] for one in told(ana)] == ["The second factor of your account was turned on"]
    proof = {"password": PASSWORD, "code": ana.code()}
    assert ana("DELETE", "/api/account/second-factor", json=proof).status_code == 200
    assert [one[:48] for one in told(ana)] == ["The second factor of your account was turned off"]


def test_what_was_refused_is_told_to_nobody(ana):
    assert ana("PUT", "/api/account/password", json={"password": "wrong", "new": NEW}).status_code == 401
    assert ana("DELETE", "/api/account/second-factor", json={"password": "wrong", "code": "1"}).status_code == 401
    assert sign_in(ana.hub, ana.email, "wrong").status_code == 401
    assert told(ana) == []


def test_an_operators_link_is_told(hub, ana):
    link = hub.op("POST", f"/api/people/{ana.id}/link", json={}).json()["link"]
    body = {"secret": link.rpartition("/")[2], "password": NEW}
    ana.session = hub("POST", "/api/invitations/accept", json=body).json()["session"]
    (one,) = told(ana)
    assert "by an operator's link, which turned the second factor off" in one


def test_a_role_is_told_when_it_is_given_and_taken_and_not_when_it_was_there(hub, ana):
    place = desk_of(hub).register.organisation("Bologna Institute", hub.clock())
    path = f"/api/people/{ana.id}/roles"
    for _ in range(2):
        hub.op("POST", path, json={"organisation": place, "role": "access-officer"})
        hub.clock.now += 1
    assert told(ana) == ["You are access-officer of Bologna Institute now."]
    hub.op("DELETE", f"{path}/{place}/access-officer")
    assert told(ana) == ["You are access-officer of Bologna Institute no longer."]


def test_who_invited_is_told_that_it_was_accepted_and_not_by_whom(hub, ana):
    told(hub.op)
    for email, more in (("eva@athens.example", {"name": "Eva"}), (ana.email, {})):
        body = {"email": email, "organisation": "Cork", "role": "researcher"}
        link = hub.op("POST", "/api/people/invitations", json=body).json()["link"]
        assert told(hub.op) == []
        sent = {"secret": link.rpartition("/")[2], "password": PASSWORD} | more
        assert hub("POST", "/api/invitations/accept", json=sent).status_code == 201
        assert told(hub.op) == ["Your invitation of a new researcher of Cork was accepted."]
