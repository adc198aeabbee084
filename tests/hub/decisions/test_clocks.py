"""The clocks of a hub, from its file."""

import json

import pytest

from oncommons.hub.decisions.clocks import FILE, read_own, read_reminder
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
    [
        "",
        "[]",
        "5",
        json.dumps({"granted": 5}),
        json.dumps({"reminder": -1}),
        json.dumps({"reminder": "5"}),
        *(json.dumps({"vote": v}) for v in (0, -1, 3651, "5", True, None)),
    ],
)
def test_what_cannot_be_clocks_is_told(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(BadClocks):
        read_own(tmp_path)


@pytest.mark.parametrize(("text", "days"), [("{}", 7.0), ('{"reminder": 0}', 0.0), ('{"reminder": 5, "vote": 9}', 5.0)])
def test_a_hub_says_how_long_before_the_end_people_are_reminded(tmp_path, text, days):
    assert read_reminder(tmp_path) == 7.0
    (tmp_path / FILE).write_text(text)
    assert read_reminder(tmp_path) == days
    assert "reminder" not in read_own(tmp_path)
