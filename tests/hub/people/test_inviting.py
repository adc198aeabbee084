"""Who looks after people; what they may do is tried in test_escalation."""

from tests.hub.callers import told
from tests.hub.people.guests import PASSWORD, guest, sign_in


def test_an_operator_invites_and_sees_who_came(hub):
    op = guest(hub, "op@hub.example", "operator", "Hub")
    body = {"email": "Ana@athens.example", "organisation": "Athens General", "role": "coordinator"}
    made = op("POST", "/api/people/invitations", json=body)
    assert made.json()["link"].startswith("http://hub.test/welcome/")
    waiting = op("GET", "/api/people").json()["invitations"]
    assert [(one["email"], one["role"]) for one in waiting] == [("ana@athens.example", "coordinator")]
    accepted = {"secret": made.json()["link"].rpartition("/")[2], "name": "Ana", "password": PASSWORD}
    assert hub("POST", "/api/invitations/accept", json=accepted).status_code == 201
    found = op("GET", "/api/people").json()
    assert [one["email"] for one in found["people"]] == ["ana@athens.example", "op@hub.example"]
    assert found["invitations"] == []


def test_a_second_invitation_to_the_same_role_ends_the_first(small):
    op = guest(small, "op@hub.example", "operator", "Hub")
    body = {"email": "ana@athens.example", "organisation": "Athens", "role": "researcher"}
    first, second = (op("POST", "/api/people/invitations", json=body).json()["link"][-43:] for _ in range(2))
    statuses = [small("POST", "/api/invitations/look", json={"secret": s}).status_code for s in (first, second)]
    assert statuses == [403, 200]


def test_a_link_for_a_new_password_works_once_and_ends_all_else(hub):
    op, ana = guest(hub, "op@hub.example", "operator", "Hub"), guest(hub)
    ana.factor_on()
    link = op("POST", f"/api/people/{ana.id}/link", json={}).json()["link"]
    body = {"secret": link.rpartition("/")[2], "password": "a new and longer password"}
    assert hub("POST", "/api/invitations/accept", json=body).status_code == 201
    assert told(hub("POST", "/api/invitations/accept", json=body)) == (403, "E385")
    assert told(ana("GET", "/api/account")) == (401, "E382")
    assert sign_in(hub, ana.email, body["password"]).status_code == 201


def test_the_last_operator_keeps_the_role_and_the_account(small):
    op = guest(small, "op@hub.example", "operator", "Hub")
    place = op.about()["roles"][0]["id"]
    assert told(op("DELETE", f"/api/people/{op.id}/roles/{place}/operator")) == (409, "E388")
    assert told(op("DELETE", f"/api/people/{op.id}")) == (409, "E388")
    two = guest(small, "two@hub.example", "operator", "Hub")
    assert op("DELETE", f"/api/people/{op.id}/roles/{place}/operator").status_code == 200
    assert told(two("DELETE", f"/api/people/{two.id}")) == (409, "E388")


def test_what_is_not_there_is_told(small):
    op = guest(small, "op@hub.example", "operator", "Hub")
    ana = guest(small)
    for method, path, body in (
        ("POST", "/api/people/x/roles", {"organisation": "x", "role": "researcher"}),
        ("POST", f"/api/people/{ana.id}/roles", {"organisation": "x", "role": "researcher"}),
        ("DELETE", f"/api/people/{ana.id}/roles/x/researcher", None),
        ("DELETE", "/api/people/x", None),
        ("POST", "/api/people/x/link", {}),
        ("DELETE", "/api/people/invitations/x", None),
    ):
        assert told(op(method, path, **({} if body is None else {"json": body}))) == (404, "E404"), path
