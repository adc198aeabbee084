"""A question put from within the hub has the answer that the search gives."""

from tests.hub.callers import QUESTION

from oncommons.hub.search.asking import ask_nodes
from oncommons.schema.parsing import parse_question


def test_the_answer_is_that_of_the_search(hub):
    hub.join("athens")
    asked = hub.portal.call(ask_nodes, hub.app.state.exchange, "one", parse_question(QUESTION), 1.0)
    looked = hub("GET", "/api/questions/one").json()
    assert (asked.id, dict(asked.question), asked.sentence) == ("one", QUESTION, looked["sentence"])
    assert [n.status for n in asked.nodes] == ["silent"]
