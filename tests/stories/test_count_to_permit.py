"""From a count to a permit that a node enforces, a log that proves it, and a patient who leaves: real processes, four people."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from tests.stories.conftest import serving
from tests.stories.federation import PEOPLE, numbers, within
from tests.stories.test_opting_out import EVERYBODY, somebody

from oncommons.client.applications import Applications
from oncommons.client.connection import connect
from oncommons.client.decisions import Decisions
from oncommons.client.transport import Transport
from oncommons.demo.accounts import ACCOUNTS, new_password, open_accounts
from oncommons.schema.errors_of_permits import BeyondPermit

MEN = {"count": "person", "where": {"field": "sex", "in": ["M"]}}
OLD = {"count": "person", "where": {"field": "age", "between": [70, None]}}
INES, OTTO, ELENI, PETROS = (one.email for one in ACCOUNTS)
WORDS = "It is a story."


def answers(datasets):
    today = datetime.fromtimestamp(time.time(), UTC).date()
    texts = ("summary", "scientific", "variables_reason", "outputs", "funding", "interests", "ethics_statement")
    yes_or_no = ("commercial", "profit", "publishes", "collaborates", "returns")
    return dict.fromkeys((*texts, "protection"), WORDS) | dict.fromkeys(yes_or_no, "no") | {
        "title": "Men of a city",
        "analyses": ["count"],
        "ehds": ["RESEARCH"],
        "research": ["health"],
        "datasets": datasets,
        "question": json.dumps(MEN),
        "variables": ["person.sex"],
        "people": f"Ines; university; {INES}",
        "institution": "University",
        "countries": "PT",
        "place": "secure",
        "begin": str(today),
        "end": str(today + timedelta(days=30)),
        "truth": "yes",
    }  # fmt: skip


@pytest.fixture
def place(template, tmp_path):
    """The federation, with a hub that wants to know who asks, and the session of each of the four."""
    with serving(template, tmp_path / "federation", people="required") as made:

        def invite(one):
            words = (one.email, "--organisation", one.organisation, "--role", one.role, "--dir", made.hub_folder)
            return within("hub", "people", "invite", *words)["link"]

        yield made, open_accounts(Transport(made.url), invite, new_password())


def test_the_four_sides_of_an_application(place):
    federation, sessions = place
    hubs = {who: Transport(federation.url, token=session) for who, session in sessions.items()}
    ines, desks = Applications(hubs[INES]), {who: Decisions(hub) for who, hub in hubs.items()}

    with connect(federation.url, token=sessions[INES]) as hub:
        counted = hub.ask(MEN)
    assert numbers(counted).keys() == {"athens", "bologna", "cork"}
    datasets = [f"{n.node}/{d.dataset}" for n in counted.included for d in n.datasets if n.node == "athens"]

    made = ines.begin({})
    wanted = answers(datasets)
    assert ines.save(made, wanted, dict.fromkeys(wanted, 0))["late"] == {}
    desks[INES].step(made, "", "submit", {})

    def step(who, holder, move, **sent):
        return desks[who].step(made, holder, move, sent | {"seen": desks[who].one(made)["seen"]})

    step(OTTO, "", "pass")
    step(ELENI, "athens", "propose", datasets=datasets, conditions=["Tell us."])
    assert step(INES, "athens", "accept")["state"] == "granted"
    (permit,) = desks[INES].permits()
    assert [one["dataset"] for one in permit["datasets"]] == [one.partition("/")[2] for one in datasets]
    assert [one["id"] for one in desks[PETROS].uses()["projects"]] == [permit["id"]]

    passing = desks[INES].new_pass(permit["id"])
    with connect(federation.url) as hub:  # the pass says who asks
        asked = hub.ask(MEN, permit=passing)
        with pytest.raises(BeyondPermit, match="variable"):
            hub.ask(OLD, permit=passing)
        assert numbers(asked) == {"athens": numbers(counted)["athens"]}
        assert numbers(hub.ask(EVERYBODY, permit=passing)) == {"athens": PEOPLE["athens"]}
        within("node", "optout", "add", somebody(federation, "athens"), "--dir", str(federation.folder / "athens"))
        assert numbers(hub.ask(EVERYBODY, permit=passing)) == {"athens": PEOPLE["athens"] - 1}

    proven = within("audit", "verify", "--hub", federation.hub_folder, "--node", str(federation.folder / "athens"))
    assert proven["whole"]
    assert [log["compared"] > 0 for log in proven["logs"]] == [True, True]
    for hub in hubs.values():
        hub.close()
