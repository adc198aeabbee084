"""A question put from within the hub has the answer that the search gives."""

from tests.hub.callers import QUESTION

from oncommons.hub.search.asking import put
from oncommons.schema.parsing import parse_question
from oncommons.service.identity import OrderReader


def test_a_node_is_handed_the_question_as_it_always_was(hub):
    for name in ("athens", "bologna"):
        hub.join(name)
    question = parse_question(QUESTION | {"nodes": ["athens"]})
    job, work = hub.portal.call(put, hub.app.state.exchange, "one", question, 1.0)
    assert [one.recipient for one in work] == ["athens"]
    assert OrderReader(hub.app.state.exchange.issuer.keys()).read(job.order)[1] == QUESTION
    assert hub("GET", "/api/questions/one").json()["question"] == QUESTION | {"nodes": ["athens"]}
