"""Nodes and invitations."""

import hashlib
import json

import pytest

from oncommons.schema.errors import BadRequest, InvitationRefused
from oncommons.schema.errors_of_permits import NoticeNotTrusted
from oncommons.schema.federation import ImageToken, Invitation, NodeStatus, Revoked, is_name, listed, pin_of

STATUS = NodeStatus("charite", "online", "2026-01-01T00:00:00Z", "", "0.1.0", 3)
PIN = "NzbLsXh8uDCcd-6M"


def test_a_status_comes_back_from_json_text_as_itself():
    assert NodeStatus.from_json(json.loads(json.dumps(STATUS.to_json()))) == STATUS


@pytest.mark.parametrize("field", list(STATUS.to_json()))
def test_a_status_without_a_part_is_refused(field):
    with pytest.raises(BadRequest):
        NodeStatus.from_json({k: v for k, v in STATUS.to_json().items() if k != field})


@pytest.mark.parametrize("body", [None, 3, [], "status", STATUS.to_json() | {"datasets": "many"}])
def test_what_is_not_a_status_is_refused(body):
    with pytest.raises(BadRequest, match="status cannot be read"):
        NodeStatus.from_json(body)


def test_an_invitation_is_read_as_it_was_written():
    assert Invitation.parse(str(Invitation("secret", PIN))) == Invitation("secret", PIN)


def test_blanks_around_a_pasted_invitation_do_no_harm():
    assert Invitation.parse(f"  secret.{PIN}\n") == Invitation("secret", PIN)


@pytest.mark.parametrize("text", ["", ".", "secret", "secret.", f".{PIN}", f"secret.{PIN[:-1]}", f"secret.{PIN}x"])
def test_half_an_invitation_is_refused(text):
    with pytest.raises(InvitationRefused, match="paste it whole"):
        Invitation.parse(text)


def test_a_refused_invitation_is_not_repeated():
    with pytest.raises(InvitationRefused) as caught:
        Invitation.parse("topsecret")
    assert "topsecret" not in caught.value.message + caught.value.detail


def test_the_hub_keeps_the_digest_and_not_the_secret():
    digest = Invitation("secret", PIN).digest()
    assert digest == hashlib.sha256(b"secret").hexdigest()


def test_the_pin_is_the_start_of_the_thumbprint():
    assert pin_of("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs") == PIN


def test_the_pin_of_a_thumbprint_fits_an_invitation():
    assert Invitation.parse(f"s.{pin_of('x' * 43)}").pin == "x" * 16


@pytest.mark.parametrize("text", ["a", "7", "charite", "node-1", "a" * 63])
def test_a_name_is_small_letters_digits_and_hyphens(text):
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["", "-a", "a-", "A", "a_b", "a.b", "a b", "a\n", "ä", "a" * 64, "../a", "a;drop table", "٣"]
)
def test_anything_else_is_not_a_name(text):
    assert not is_name(text)


# Faults found; whoever mends one takes its mark away


def test_a_presence_that_there_is_not_is_refused():
    with pytest.raises(BadRequest):
        NodeStatus.from_json(STATUS.to_json() | {"presence": "perhaps"})


def test_an_infinite_number_of_datasets_is_refused():
    with pytest.raises(BadRequest):
        NodeStatus.from_json(STATUS.to_json() | {"datasets": float("inf")})


def test_the_nodes_that_there_are_end_a_message():
    assert listed([]) == "no node has joined."
    assert listed({"cork", "athens"}) == "there are athens, cork."
    assert listed([f"n{i:02}" for i in range(22)]).endswith("n18, n19 and 2 more.")


def test_a_token_for_images_comes_back_from_json_and_is_not_shown_by_chance():
    token = ImageToken("t1", "athens", "eyJ.abc.def", 5)
    assert ImageToken.from_json(json.loads(json.dumps(token.to_json()))) == token
    assert "eyJ" not in repr(token)
    with pytest.raises(BadRequest):
        ImageToken.from_json({"id": "t1", "node": "athens", "token": "x", "ends": "soon"})


REVOKED = Revoked("athens", 2**53 - 1, ("P-7",))


def test_a_list_of_permits_comes_back_from_json_as_itself():
    assert Revoked.from_json(json.loads(json.dumps(REVOKED.to_json()))) == REVOKED


@pytest.mark.parametrize(
    "parts",
    [
        *({"aud": one} for one in (None, ["athens"])),
        *({"number": one} for one in (0, 2**53, 5.0, True)),
        *({"revoked": one} for one in (None, "P-7", [7], {"P-7": 1})),
    ],
)
def test_what_is_not_a_list_of_permits_is_not_trusted(parts):
    with pytest.raises(NoticeNotTrusted):
        Revoked.from_json(REVOKED.to_json() | parts)
