"""What people are told of their own accounts."""

import pytest

from oncommons.hub.people import tidings

HELD = ("o" * 24, "O" * 120, "patient-representative")


@pytest.mark.parametrize(
    "notice",
    [
        tidings.signed_in("p", 1.0),
        *(tidings.password_changed("p", purpose, 1.0) for purpose in ("", "password", "reset")),
        *(tidings.factor_changed("p", is_on=on, now=1.0) for on in (True, False)),
        tidings.identity_linked("p", 1.0),
        *(tidings.role_changed("p", HELD, 1.0, is_given=given) for given in (True, False)),
        tidings.invitation_accepted("p", HELD, 1.0),
    ],
    ids=lambda notice: notice.once[:24],
)
def test_a_sentence_is_told_whole_and_waits_for_nobody(notice):
    assert (notice.line, notice.until, notice.kind) == (notice.says, None, "account")
    assert notice.line.endswith(".")


def test_what_happens_twice_is_told_twice():
    assert tidings.signed_in("p", 1.0).once != tidings.signed_in("p", 2.0).once
    assert (
        tidings.role_changed("p", HELD, 1.0, is_given=True).once
        != tidings.role_changed("p", HELD, 1.0, is_given=False).once
    )
