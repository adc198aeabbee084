"""From writing an application to a permit that a node would enforce, through the routes alone; on each database."""

import pytest
from tests.hub.applications.writers import PDF, attach, begun, look, save
from tests.hub.callers import QUESTION, card, told
from tests.hub.people.guests import guest, opened

from oncommons.hub.decisions.holders import name_holder
from oncommons.policy.access.deciding import Conditions, decide, request_of
from oncommons.schema.dataset import DatasetCard
from oncommons.schema.parsing import parse_question
from oncommons.service.identity import OrderReader

TYPED = {
    "title": "Lungs of two cities", "summary": "We look at lungs.", "scientific": "Why lungs?", "analyses": ["count"],
    "ehds": ["RESEARCH"], "research": ["health"], "commercial": "no", "profit": "no", "publishes": "yes",
    "collaborates": "yes", "returns": "yes", "methods": "no", "genetic": "no", "datasets": ["athens/lung"],
    "question": '{"count": "person", "where": {"field": "sex", "in": ["F"]}}', "variables": ["person.sex"],
    "variables_reason": "They tell.", "people": "Ana; Delft; ana@people.example", "institution": "Delft",
    "countries": "NL", "place": "secure", "begin": "2026-09-01", "end": "2028-08-31", "outputs": "A paper.",
    "funding": "None.", "interests": "None.", "ethics_statement": "None.", "protection": "None.", "truth": "yes",
}  # fmt: skip
LICENCE = "DUO:0000042"


@pytest.fixture
def hub(tmp_path, url):
    with opened(tmp_path, people="required", database=url) as hub:
        hub.join("athens")
        shelf = hub.app.state.applications.shelf
        shelf.replace("athens", [DatasetCard.from_json(card("lung", licence=LICENCE))], hub.clock())
        yield hub


def step(who, application, move, holder="", **body):
    path = f"/api/decisions/{application}{f'/holders/{holder}' if holder else ''}/{move}"
    return who("POST", path, json=body)


def done(who, application, move, holder="", **body):
    got = step(who, application, move, holder, **body)
    assert got.status_code == 200, got.text
    return got.json()


def test_from_a_draft_to_a_permit(hub):
    ana, ole = guest(hub, "ana@people.example"), guest(hub, "ole@people.example", "operator", "Hub")
    olga = guest(hub, "olga@people.example", "access-officer", "Athens General")
    name_holder(hub.hub.database, "athens", "Athens General", (None, False), hub.clock())
    made = begun(ana, title="Lungs")
    assert told(step(ana, made, "submit")) == (422, "E394")
    revision = look(ana, made)["application"]["revision"]
    save(ana, made, revision, **TYPED)
    assert attach(ana, made).status_code == 201
    assert look(ana, made)["faults"] == []
    assert done(ana, made, "submit")["state"] == "check"
    assert look(ana, made)["application"]["state"] == "check"
    body = {"answers": {"title": "Other"}, "revisions": {"title": 9}}
    assert ana("PUT", f"/api/applications/{made}/answers", json=body).status_code == 400

    done(ole, made, "return", text="The title is too short.")
    assert look(ana, made)["application"]["state"] == "incomplete"
    save(ana, made, look(ana, made)["revisions"]["title"], title="Lungs of two cities and a half")
    done(ana, made, "submit")
    done(ole, made, "pass")
    seen = olga("GET", f"/api/decisions/{made}").json()
    assert (seen["title"], [d["outcome"] for d in seen["datasets"]]) == ("Lungs of two cities and a half", ["fits"])
    (document,) = seen["record"]["attachments"]
    got = olga("GET", f"/api/decisions/{made}/documents/{document['id']}")
    assert (got.content, got.headers["content-disposition"][:10]) == (PDF, "attachment")
    eve = guest(hub, "eve@people.example", "access-officer", "Elsewhere")
    assert eve("GET", f"/api/decisions/{made}/documents/{document['id']}").status_code == 404

    datasets = seen["cases"][0]["datasets"]
    assert done(olga, made, "propose", "athens", datasets=datasets, conditions=["publish"])["state"] == "review"
    assert done(ana, made, "accept", "athens")["permit"] == "holds"
    entry = hub.app.state.permits.entry(made)
    permit = OrderReader(hub.app.state.exchange.issuer.keys()).read_permit(entry.signed)
    assert (permit.duo, permit.conditions, permit.people) == ((LICENCE,), ("athens: publish",), (ana.id,))
    here = Conditions(hub.app.state.exchange.issuer.name)
    asked = request_of(parse_question(QUESTION), ana.id)
    assert decide(permit, asked, hub.clock(), here).allowed
    other = request_of(parse_question({"count": "series", "where": {"field": "modality", "in": ["MR"]}}), ana.id)
    assert not decide(permit, other, hub.clock(), here).allowed


def test_what_a_co_author_has_changed_meanwhile_is_not_handed_in_unseen(hub):
    ana = guest(hub, "ana@people.example")
    guest(hub, "ole@people.example", "operator", "Hub")
    made = begun(ana)
    save(ana, made, 0, **TYPED)
    attach(ana, made)
    desk = hub.app.state.decisions
    record = desk.papers.whole(made, ana.id)
    save(ana, made, look(ana, made)["revisions"]["title"], title="Changed meanwhile")
    with pytest.raises(Exception, match="just now"):
        desk.docket.submit(record, ana.id)
    assert look(ana, made)["application"]["state"] == "draft"
