"""Who names nodes asks only those: the ledgers of the others stay as they were, whichever way the question comes."""

import base64
import json
import uuid

import httpx
import pytest
from tests.stories.federation import COLLECTIONS, PEOPLE, command, status_of

from oncommons.client.builder import some
from oncommons.schema.errors import UnknownValue

pytest.importorskip("opendp", reason="the extra dp is not installed")
TAKES = 0.5
"""What one question takes of a node's epsilon; the same question again takes nothing, so each test asks its own."""
DATASET = f"athens:{COLLECTIONS['athens']}"
OTHERS = {"bologna": "unasked", "cork": "unasked"}


def question(modality, **more):
    return {"count": "person", "where": {"some": "series", "where": {"field": "modality", "in": [modality]}}, **more}


def lens(code, key="RID10311", **more):
    """A request of Lens for a modality, in the envelope of Spot."""
    tree = {"operand": "OR", "children": [{"key": key, "type": "EQUALS", "system": "", "value": code}]}
    return {"query": base64.b64encode(json.dumps({"ast": tree}).encode()).decode(), "sites": ["athens"], **more}


def by_client(federation):
    with federation.connect() as hub:
        answer = hub.count("person", some("series", modality="CT"), nodes="athens")
    assert status_of(answer) == {"athens": "answered"} | OTHERS
    assert answer.sentence.endswith("by dataset, asking only athens.")
    assert answer.certain.at_least <= PEOPLE["athens"] <= answer.possible.at_most


def by_command(federation):
    file = federation.folder / "question.json"
    file.write_text(json.dumps(question("MR")))
    answer = command("ask", str(file), "--node", "athens", "--hub", federation.url)
    told = answer["total"]
    assert (told["asked"], told["not_asked"], told["includes"]) == (["athens"], list(OTHERS), ["athens"])
    assert answer["question"] == question("MR", nodes=["athens"])


def by_page(federation):
    page = httpx.get(f"{federation.url}/ask?series.modality=PT&nodes=athens&do=ask").text
    assert "Not the total of the federation: 2 of 3 nodes were not asked" in page
    assert "Asked: athens. Not asked: bologna, cork." in page


def by_weighing(federation):
    with federation.connect() as hub:
        weighed = hub.feasibility(question("SEG", nodes=["athens"]))
    assert list(weighed.not_included or {}) == list(OTHERS)
    assert weighed.relaxed[0].question == {"count": "person", "nodes": ["athens"]}


def by_watching(federation):
    with federation.connect() as hub:
        saved = hub.save("Athens", question("RTSTRUCT", nodes=["athens"]), reach=1)
    assert saved.question["nodes"] == ["athens"]
    assert "asking only athens" in saved.citation
    assert saved.count is not None


def by_address_of_beacon(federation):
    url = f"{federation.url}/api/beacon/datasets/{DATASET}/individuals?filters=DCM:US&requestedGranularity=count"
    told = httpx.get(url).raise_for_status().json()["info"]
    assert (told["asked"], told["notAsked"]) == (["athens"], list(OTHERS))
    assert told["includes"] == ["athens"]


def by_parameter_of_beacon(federation):
    query = {"filters": [{"id": "DCM:NM"}], "requestParameters": {"datasets": {"datasetIds": [DATASET]}}}
    told = httpx.post(f"{federation.url}/api/beacon/individuals", json={"query": query}).raise_for_status().json()
    assert {n["node"]: n["status"] for n in told["info"]["notIncluded"]} == OTHERS
    assert told["info"]["sentence"].endswith("asking only athens.")


def by_lens(federation):
    told = httpx.post(f"{federation.url}/api/lens", json=lens("birnlex_12833", key="C25392")).raise_for_status().json()
    assert (told["asked"], told["not_asked"]) == (["athens"], list(OTHERS))
    assert {one["id"] for one in told["collections"]} <= {DATASET}


def by_spot(federation):
    task = str(uuid.uuid4())
    httpx.post(f"{federation.url}/api/lens/beam", json=lens("birnlex_3065", key="C25392", id=task)).raise_for_status()
    heard = httpx.get(f"{federation.url}/api/lens/beam/{task}", timeout=60).text
    assert heard.count("oncommons.athens.hub") == 2  # it has the request, and its result
    assert not [name for name in OTHERS if name in heard]


def spent(federation):
    """Node to what was taken of its epsilon."""
    budgets = {name: command("node", "budget", "--dir", str(federation.folder / name)) for name in COLLECTIONS}
    return {name: budget["spent_altogether"] for name, budget in budgets.items()}


@pytest.mark.parametrize(
    ("asks", "questions"),
    [
        (by_client, 1),
        (by_command, 1),
        (by_page, 1),
        (by_weighing, 2),
        (by_watching, 1),
        (by_address_of_beacon, 1),
        (by_parameter_of_beacon, 1),
        (by_lens, 2),
        (by_spot, 2),
    ],
    ids=lambda one: getattr(one, "__name__", None),
)
def test_a_node_that_is_not_named_hears_nothing_and_pays_nothing(private, asks, questions):
    before = spent(private)
    asks(private)
    after = spent(private)
    assert after == before | {"athens": before["athens"] + questions * TAKES}


def test_a_name_that_no_node_has_is_an_error_that_names_those_there_are(private):
    before = spent(private)
    with private.connect() as hub, pytest.raises(UnknownValue) as fault:
        hub.count("study", nodes=["athens", "rome"])
    assert fault.value.message == '"rome" is not a node of this federation; there are athens, bologna, cork.'
    assert fault.value.at == "nodes[1]"
    assert spent(private) == before


def test_without_names_everybody_is_asked_and_pays(private):
    before = spent(private)
    answer = private.ask(question("SR"))
    assert (len(answer.asked), answer.not_asked) == (3, ())
    assert spent(private) == {name: number + TAKES for name, number in before.items()}
