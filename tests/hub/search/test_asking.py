"""A question put from within the hub has the answer that the search gives."""

from tests.hub.callers import QUESTION

from oncommons.hub.search.asking import ask_nodes, put
from oncommons.schema.parsing import parse_question
from oncommons.service.identity import OrderReader


def test_the_answer_is_that_of_the_search(hub):
    hub.join("athens")
    asked = hub.portal.call(ask_nodes, hub.app.state.exchange, "one", parse_question(QUESTION), 1.0)
    looked = hub("GET", "/api/questions/one").json()
    assert (asked.id, dict(asked.question), asked.sentence) == ("one", QUESTION, looked["sentence"])
    assert [n.status for n in asked.nodes] == ["silent"]


def test_a_node_is_handed_the_question_as_it_always_was(hub):
    for name in ("athens", "bologna"):
        hub.join(name)
    question = parse_question(QUESTION | {"nodes": ["athens"]})
    job, work = hub.portal.call(put, hub.app.state.exchange, "one", question, 1.0)
    assert [one.recipient for one in work] == ["athens"]
    assert OrderReader(hub.app.state.exchange.issuer.keys()).read(job.order)[1] == QUESTION
    assert hub("GET", "/api/questions/one").json()["question"] == QUESTION | {"nodes": ["athens"]}
