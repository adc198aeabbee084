"""Projects over HTTP, for everybody."""

import pytest
from tests.hub.audit.logs import Story
from tests.hub.callers import told
from tests.hub.people.guests import opened
from tests.permits import body

from oncommons.hub.projects.rules import Report
from oncommons.hub.projects.rules import Story as Said
from oncommons.schema.permit import parse_permit

DATA = [{"node": "athens-general", "dataset": "d"}]


@pytest.fixture
def hub(tmp_path):
    with opened(tmp_path, people="required") as hub:
        yield hub


def issue(hub, **parts):
    begun = {"not_before": "2026-01-01", "not_after": "2027-01-01"}
    permit = parse_permit(body(datasets=DATA, period=begun, people=["ana@athens.example"]) | parts)
    return hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[0]


def test_strangers_see_projects_and_no_people(hub):
    hub.app.state.people.register.organisation("Athens General", hub.clock())
    issue(hub, title="Lung")
    story = Story(hub.hub.database)
    for i, node in enumerate(("athens-general", "bergen")):
        story.ask(hub.clock(), f"q{i}", [node], "P-7" if i == 0 else "")
        story.answer(hub.clock(), story.happened[-1], node)
    got = hub("GET", "/api/projects")
    [one] = got.json()["projects"]
    assert (one["title"], one["standing"], one["answered"], one["holders"]) == ("Lung", "holds", 1, ["Athens General"])
    assert "ana" not in got.text.replace("analyses", "")
    assert hub("GET", "/api/projects/P-7").json() == one


def test_what_is_said_of_a_project_stands_beside_its_permit(hub):
    issue(hub)
    hub.app.state.stories = lambda _: {"P-7": Said("Plain.", (Report("Done.", hub.clock()),)), "P-9": Said("None.")}
    one = hub("GET", "/api/projects/P-7").json()
    assert (one["summary"], one["results"][0]["text"], one["title"]) == ("Plain.", "Done.", "lung")


def test_without_a_permit_there_is_no_project(hub):
    assert hub("GET", "/api/projects").json() == {"projects": []}
    assert told(hub("GET", "/api/projects/P-7")) == (404, "E404")


def test_a_permit_that_was_taken_back_is_told_as_such(hub):
    issue(hub)
    hub.app.state.permits.revoke("P-7", hub.clock())
    one = hub("GET", "/api/projects/P-7").json()
    assert (one["standing"], one["revoked"]) == ("revoked", "2026-09-21T14:13:20+00:00")
