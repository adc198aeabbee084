"""An analysis of several rounds while the hub, or a hospital, is killed in its middle: real processes, a real trial."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
from lifelines import CoxPHFitter
from tests.node.followed import COX, lung, take_people
from tests.permits import body
from tests.stories.federation import Federation, command, in_background, until
from tests.stories.impatient import impatient

from oncommons.client.runs import begin, make
from oncommons.node.home import make_home
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors_of_analyses import AnalysisError

HOSPITALS = {"athens": range(5), "bergen": range(5, 12), "cork": range(12, 16), "delft": range(16, 40)}
"""Name to the institutions of the trial whose people it has."""
OF_THREE, OF_ALL, OF_THE_REST = ("athens", "bergen", "cork"), tuple(HOSPITALS), ("athens", "cork", "delft")
VARIABLES = ["person.sex", "person.follow_up", "person.vital_status", "condition.age_at_diagnosis"]


@pytest.fixture(scope="module")
def serving(tmp_path_factory):
    """A hub, and four hospitals whose data are not open; passes of permits by the hospitals that they name."""
    folder = tmp_path_factory.mktemp("interrupted")
    made = Federation(folder)
    made.hub.before = impatient
    try:
        made.hub.start()
        for name, of in HOSPITALS.items():
            home = make_home(folder / name, Policy("threshold", 5)).with_analyses(frozenset({"cox"}))
            take_people(home, folder, lung()[lung()["inst"].isin(list(of))])
            code = command("hub", "invite", name, "--dir", made.hub_folder)["code"]
            command("node", "join", made.url, code, "--dir", str(folder / name))
            made.take_in(name)
        yield made, {names: a_pass(made, f"P-{i}", names) for i, names in enumerate((OF_THREE, OF_ALL, OF_THE_REST))}
    finally:
        made.stop()


@pytest.fixture
def federation(serving):
    """All of them serve, also those that a test has killed."""
    made, _ = serving
    for node in made.nodes.values():
        if not node.lives:
            node.start()
    made.await_online()
    return made


@pytest.fixture
def passes(serving):
    return serving[1]


def a_pass(federation, identifier, names):
    """Of a permit for the trial at some hospitals."""
    today = datetime.fromtimestamp(time.time(), UTC).date()
    period = {"not_before": str(today), "not_after": str(today + timedelta(days=30))}
    held = [{"node": name, "dataset": "lung"} for name in names]
    file = federation.folder / f"{identifier}.json"
    told = body(id=identifier, datasets=held, variables=VARIABLES, analyses=["cox"], budget=0, period=period)
    file.write_text(json.dumps(told))
    return command("hub", "permit", "issue", str(file), "--dir", federation.hub_folder)["passes"]["ana"]


def stopped_within(federation, name, hub, *passes):
    """Runs, one for each pass, that cannot go on since a hospital was stopped when each had had its first round."""

    def within():
        going = [begin(hub, COX, given) for given in passes]
        while min(one.look().round for one in going) < 2:
            pass
        federation.nodes[name].send(signal.SIGSTOP)
        if all(until_it_alone_is_awaited(one, name) for one in going):
            return going
        federation.nodes[name].send(signal.SIGCONT)  # it was quicker
        return None

    return until(within, "runs in their middle")


def until_it_alone_is_awaited(going, name):
    """Whether a run comes to a round that all but one hospital have answered, and does not end before."""

    def awaited():
        seen = going.look()
        open_ = {node for node, status in seen.nodes.items() if status in {"asked", "computing"}}
        return seen.state != "running" or open_ == {name}

    until(awaited, "the others to answer")
    return going.look().state == "running"


def numbers(record):
    """All that was found, and from whom."""
    return {name: record[name] for name in ("result", "tables", "warnings", "nodes", "secured", "rounds")}


def fitted(*names):
    """The trial of some hospitals in one place, each with a baseline of its own."""
    home = lung()["inst"].map({one: name for name, of in HOSPITALS.items() for one in of})
    rows = lung()[["time", "status", "age", "sex"]].assign(hospital=home)[home.isin(names)]
    return CoxPHFitter(strata=["hospital"]).fit(rows, "time", "status", fit_options={"precision": 1e-14}).params_


def test_a_run_goes_on_to_the_same_numbers_when_the_hub_was_killed_in_its_middle(federation, passes):
    with federation.connect() as hub:
        whole = make(hub, COX, passes[OF_ALL]).record
        (going,) = stopped_within(federation, "cork", hub, passes[OF_ALL])
        before = going.look()
        made = in_background(going.made)
        federation.hub.kill()
        federation.hub.start()
        back = going.look()
        federation.nodes["cork"].send(signal.SIGCONT)
        until(lambda: going.look().state != "running", "the run to end")
        record = made().record
    assert 2 <= before.round < whole["rounds"]
    assert (back.state, back.round) == ("running", before.round)
    assert numbers(record) == numbers(whole)
    assert record["secured"] == list(OF_ALL)
    assert record["result"]["coefficients"]["age"] == pytest.approx(fitted(*OF_ALL)["age"], abs=1e-10)


def test_a_hospital_killed_in_the_middle_is_in_no_number_and_too_few_that_are_left_end_the_run(federation, passes):
    with federation.connect() as hub:
        rest = make(hub, COX, passes[OF_THE_REST]).record
        of_all, of_three = stopped_within(federation, "bergen", hub, passes[OF_ALL], passes[OF_THREE])
        federation.nodes["bergen"].kill()
        record = of_all.made().record
        with pytest.raises(AnalysisError) as ended:
            of_three.made()
    assert numbers(record) == numbers(rest) | {"nodes": record["nodes"]}
    assert record["secured"] == list(OF_THE_REST)
    assert record["result"]["coefficients"]["age"] == pytest.approx(fitted(*OF_THE_REST)["age"], abs=1e-10)
    lost = next(one for one in record["nodes"] if one["node"] == "bergen")
    assert (lost["status"], lost["rounds"] >= 1) == ("silent", True)
    assert (
        record["participation"]["people_left_out"] == lost["people"] == lung()["inst"].isin(HOSPITALS["bergen"]).sum()
    )
    assert ended.value.message.startswith(
        "No node takes part. athens, cork: Its data are not open, and sums are secured"
    )
    assert "bergen: " in ended.value.message
