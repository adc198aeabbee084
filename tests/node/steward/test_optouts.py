"""What the console tells and changes of people who opted out."""

import pytest

from oncommons.node.home import make_home
from oncommons.node.steward.optouts import MOST_SHOWN, change_optouts, optouts_json
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import BadRequest
from oncommons.storage.decisions import Person

BY = Person("mira", "console")


@pytest.fixture
def home(tmp_path):
    return make_home(tmp_path / "node", Policy("open"))


def test_those_listed_last_are_told_and_how_many_there_are(home):
    assert optouts_json(home) == {"listed": 0, "newest": []}
    done = change_optouts(home, {"way": "out", "numbers": [str(n) for n in range(MOST_SHOWN + 5)]}, BY)
    assert done == {"changed": 205, "same": 0, "here": 0, "listed": 205}
    told = optouts_json(home)
    assert (told["listed"], len(told["newest"])) == (205, MOST_SHOWN)
    assert change_optouts(home, {"way": "back", "pseudonyms": [told["newest"][0]["pseudonym"]]}, BY)["listed"] == 204


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"way": "out"},
        {"way": "out", "numbers": "1"},
        {"way": "out", "numbers": [1]},
        {"way": "up", "numbers": ["1"]},
    ],
)
def test_an_order_that_cannot_be_read_changes_nothing(told, home):
    with pytest.raises(BadRequest):
        change_optouts(home, told, BY)
    assert not home.optouts_file.exists()
