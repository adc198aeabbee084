"""People of a demonstration."""

import pytest

from oncommons.demo.accounts import ACCOUNTS, new_password, open_accounts
from oncommons.demo.questions import NODES
from oncommons.hub.people.rules import check_password
from oncommons.schema.people import ROLES, check_email


class Hub:
    """Notes who comes with which link."""

    def __init__(self):
        self.asked = []

    def call(self, method, path, *, body):
        self.asked.append((method, path, body))
        return {"session": f"session of {body['name']}"}


def test_the_four_sides_are_there_and_one_decides_about_data_of_a_node():
    roles = {one.role for one in ACCOUNTS}
    assert roles == {"researcher", "operator", "access-officer", "data-manager"}
    assert roles <= ROLES.keys()
    assert {one.organisation for one in ACCOUNTS} & {node.name for node in NODES} == {"athens"}
    assert [check_email(one.email) for one in ACCOUNTS] == [one.email for one in ACCOUNTS]


def test_each_uses_the_link_that_is_theirs():
    hub = Hub()
    sessions = open_accounts(hub, lambda one: f"http://hub/welcome/secret-{one.role}", "password")
    assert [body for _, _, body in hub.asked] == [
        {"secret": f"secret-{one.role}", "password": "password", "name": one.name} for one in ACCOUNTS
    ]
    assert sessions == {one.email: f"session of {one.name}" for one in ACCOUNTS}


def test_the_password_is_another_each_time_and_good_enough_for_everybody():
    password = new_password()
    assert password != new_password()
    for one in ACCOUNTS:
        check_password(password, one.email, one.name)


def test_a_password_that_is_not_good_enough_would_be_seen():
    with pytest.raises(Exception, match="12"):
        check_password("short", ACCOUNTS[0].email, ACCOUNTS[0].name)
