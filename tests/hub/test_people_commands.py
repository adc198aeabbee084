"""The operator's commands for people."""

import json

import pytest
from tests.hub.people.guests import PASSWORD, opened

INVITE = ("hub", "people", "invite", "Op@Hub.example", "--organisation", "Hub", "--role", "operator")


def run(oncommons, folder, *words):
    status, out, err = oncommons(*words, "--dir", folder, "--json")
    return status, json.loads(out) if out else err


def test_the_first_operator_is_made_at_the_command_line(oncommons, tmp_path):
    status, told = run(oncommons, tmp_path, *INVITE)
    assert (status, told["email"], told["role"]) == (0, "op@hub.example", "operator")
    secret = told["link"].rpartition("/")[2]
    with opened(tmp_path) as hub:
        hub.clock.now = 0  # the command has looked at the clock of the machine
        body = {"secret": secret, "name": "Op", "password": PASSWORD}
        made = hub("POST", "/api/invitations/accept", json=body).json()
        headers = {"authorization": f"Bearer {made['session']}"}
        assert hub("GET", "/api/people", headers=headers).json()["everywhere"] is True


def test_the_link_is_printed_with_what_to_do_with_it(oncommons, tmp_path):
    _, out, _ = oncommons(*INVITE, "--dir", tmp_path)
    assert "Give this to op@hub.example; it works once, for seven days" in out
    assert "URL/welcome/" in out


def test_who_is_here_and_who_was_invited_is_listed(oncommons, tmp_path):
    assert "Nobody is here yet" in oncommons("hub", "people", "list", "--dir", tmp_path)[1]
    run(oncommons, tmp_path, *INVITE)
    assert "(invited)" in oncommons("hub", "people", "list", "--dir", tmp_path)[1]
    _, told = run(oncommons, tmp_path, "hub", "people", "list")
    assert [one["email"] for one in told["invitations"]] == ["op@hub.example"]
    assert set(told["invitations"][0]) == {"id", "email", "organisation", "role", "expires"}


def test_an_invitation_is_withdrawn_and_what_is_not_there_is_told(oncommons, tmp_path):
    run(oncommons, tmp_path, *INVITE)
    assert run(oncommons, tmp_path, "hub", "people", "remove", "op@hub.example") == (0, {"removed": "op@hub.example"})
    status, told = run(oncommons, tmp_path, "hub", "people", "remove", "op@hub.example")
    assert (status, told["error"]["code"]) == (40, "E404")
    assert run(oncommons, tmp_path, "hub", "people", "reset", "op@hub.example")[0] == 40


@pytest.mark.parametrize(
    "words",
    [
        ("invite", "nobody", "--organisation", "Hub"),
        ("invite", "a@b.example", "--organisation", ""),
        ("invite", "a@b.example", "--organisation", "Hub", "--role", "king"),
    ],
)
def test_what_cannot_be_an_invitation_is_refused(oncommons, tmp_path, words):
    status, told = run(oncommons, tmp_path, "hub", "people", *words)
    assert (status, told["error"]["code"]) == (40, "E405")


def test_the_setting_is_kept_for_the_next_start(oncommons, tmp_path):
    (tmp_path / "hub.json").write_text('{"people": "closed"}')
    status, told = run(oncommons, tmp_path, "hub", "people", "list")
    assert (status, told["error"]["code"]) == (40, "E403")
