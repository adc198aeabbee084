"""The accounts of a hub, with all that its slices keep of people."""

import pytest

from oncommons.hub.accounts import open_accounts
from oncommons.hub.applications.office import open_office
from oncommons.hub.opening import open_hub
from oncommons.service.settings import read_settings


@pytest.fixture
def desk(tmp_path):
    hub = open_hub(read_settings(tmp_path))
    yield open_accounts(hub, open_office(hub.database, hub.settings), lambda: 5.0)
    hub.database.close()


def test_every_slice_that_keeps_something_of_people_tells_it(desk):
    of_nobody = {keeper.name: keeper.told("nobody") for keeper in desk.keepers}
    kept = ("applications", "decisions", "notices", "runs", "saved_questions", "watches")
    assert tuple(sorted(of_nobody)) == kept
    assert of_nobody["runs"] == of_nobody["saved_questions"] == []
