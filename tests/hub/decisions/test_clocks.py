"""The clocks of a hub, from its file."""

import json

import pytest

from oncommons.hub.decisions.clocks import FILE, read_own
from oncommons.policy.access.duties import CLOCKS
from oncommons.schema.errors_of_decisions import BadClocks


def test_without_a_file_those_of_the_table_hold(tmp_path):
    assert read_own(tmp_path) == CLOCKS


def test_a_hub_has_its_own_days(tmp_path):
    (tmp_path / FILE).write_text('{"review": 45, "vote": 0.5}')
    found = read_own(tmp_path)
    assert (found["review"].days, found["vote"].days, found["check"]) == (45.0, 0.5, CLOCKS["check"])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", json.dumps({"granted": 5}), *(json.dumps({"vote": v}) for v in (0, -1, 3651, "5", True, None))],
)
def test_what_cannot_be_clocks_is_told(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(BadClocks):
        read_own(tmp_path)
