"""Ways of asking that put several questions, at a node whose data manager consents to each: no consent is used up in vain."""

import json
from dataclasses import dataclass, replace

import pytest
from tests.hub.callers import calling
from tests.hub.permitted_node import answering
from tests.hub.test_under_permits import WOMEN, beacon, feasibility, lens, shown, spot
from tests.permits import BEGIN, body

from oncommons.node.permits import Gate
from oncommons.node.permitting import Manager
from oncommons.schema.permit import parse_permit
from oncommons.storage.decisions import Person

EVERYBODY, EXAMINED = {"count": "person"}, WOMEN | {"count": "study"}
PERMIT = parse_permit(body(datasets=[{"node": "athens", "dataset": "d"}], variables=["person.sex", "study"]))


@dataclass
class Consenting:
    """A hub, and athens, whose data manager consents to each question under a permit of two people."""

    hub: object
    gate: Gate
    headers: dict

    def ask(self, way):
        return way(self.hub, self.headers, "women")

    def runs(self):
        """What is in line, or was: state to the questions; ``used`` where a consent was used up."""
        found = {}
        for run in self.gate.ledger.runs.all(self.hub.clock()):
            found.setdefault("used" if run.job else run.state, []).append(json.loads(run.body))
        return {state: sorted(bodies, key=str) for state, bodies in found.items()}

    def agree(self):
        """Consent to all that waits."""
        manager = Manager(self.gate.desk.home, Person("dm", "command"), self.hub.clock)
        for run in self.gate.ledger.runs.all(self.hub.clock()):
            if run.state == "waiting":
                manager.agree(run.id)


@pytest.fixture
def there(tmp_path):
    with calling(tmp_path / "hub") as hub:
        hub.clock.now = BEGIN + 5.0
        with answering(hub, "athens", tmp_path) as gate:
            gate.desk.home = gate.desk.home.with_demand("run")
            given = hub.app.state.permits.issue(PERMIT, "https://hub.test", hub.clock())[1]["ana"]
            yield Consenting(hub, gate, shown(str(given)))


@pytest.mark.parametrize(("way", "second"), [(feasibility, EVERYBODY), (lens, EXAMINED), (spot, EXAMINED)])
def test_the_second_question_uses_no_consent_up_while_the_first_one_waits(there, way, second):
    assert there.ask(way).code == "E356"
    assert there.runs() == {"waiting": [WOMEN]}
    there.agree()
    there.ask(way)  # the first is answered, the second waits
    assert there.runs() == {"used": [WOMEN], "waiting": [second]}
    there.agree()
    assert there.ask(way).code == "E356"
    assert there.runs() == {"agreed": [second], "waiting": [WOMEN]}
    there.agree()
    assert there.ask(way).number == 7
    assert there.runs() == {"used": sorted([WOMEN, second], key=str)}


@pytest.mark.parametrize(("way", "status"), [(feasibility, 409), (beacon, 409), (lens, 409), (spot, 200)])
def test_it_is_told_that_it_waits_and_not_that_nobody_answers(there, way, status):
    said = there.ask(way)
    assert (said.status, said.number, said.code) == (status, None, "E356")
    assert "It waits for the consent of the node's data manager" in said.words


def test_no_number_is_told_of_what_waits(there):
    there.ask(feasibility)
    there.agree()
    weighed = there.hub("POST", "/api/feasibility", json=WOMEN, headers=there.headers).json()
    (one,) = weighed["relaxed"]
    nothing = {"value": None, "precision": "suppressed", "at_least": 0, "at_most": None}
    assert (one["certain"], one["gain"], one["nodes"]) == (nothing, nothing, {})
    assert (one["missing"], one["waiting"]) == (["athens"], ["athens"])
    assert weighed["certain"]["value"] == 7


@pytest.mark.parametrize("way", [lens, spot])
def test_nothing_is_put_where_one_of_the_questions_is_refused(there, way):
    narrow = replace(PERMIT, id="P-8", variables=("person.sex",))
    given = there.hub.app.state.permits.issue(narrow, "https://hub.test", there.hub.clock())[1]["ana"]
    there.headers = shown(str(given))
    assert there.ask(way).code == "E374"
    there.hub("POST", "/api/questions", json=EVERYBODY, headers=there.headers)  # after whatever was put
    assert there.runs() == {"waiting": [EVERYBODY]}
