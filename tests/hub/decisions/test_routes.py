"""Decisions through the routes: each step by whom it belongs to; and the faults of peers, by their numbers."""

import pytest
from tests.hub.callers import told

from oncommons.policy.access.duties import DAY
from oncommons.policy.access.states import APPLICATION, CASE
from oncommons.schema.saved import utc

BOTH = ("athens/lung", "athens/breast")
COMMITTEE = ("mia", "max", "mo", "pat")
STEPS = {
    "ask": {"text": "Why?"},
    "propose": {"datasets": ["athens/lung"], "conditions": []},
    "vote": {"yes": True},
    "conflict": {},
    "answer": {"text": "So."},
    "accept": {},
    "decline": {},
    "close": {},
    "appoint": {"person": "eve@people.example", "role": "officer"},
}


def cases(found):
    return {one["holder"]: one["state"] for one in found["cases"]}


def test_from_handing_in_to_a_permit(here):
    assert here.submit()["state"] == "check"
    assert here.done("cora", "pass")["state"] == "review"
    here.propose("olga", "athens", "athens/lung")
    found = here.voted(*COMMITTEE)
    assert cases(found) == {"athens": "granted", "bologna": "review"}
    here.propose("oscar", "bologna", "bologna/lung", conditions=["publish openly"])
    assert here.done("ana", "accept", "bologna")["state"] == "granted"
    permit = here.ana("GET", "/api/permits").json()["permits"][0]
    assert permit["datasets"] == [{"node": "athens", "dataset": "lung"}, {"node": "bologna", "dataset": "lung"}]
    assert permit["conditions"] == ["bologna: publish openly"]


def test_every_move_of_the_tables_is_a_route(here):
    paths = set(here.hub.app.openapi()["paths"])
    for rows, place in ((APPLICATION, ""), (CASE, "/holders/{holder}")):
        moves = {row.move for row in rows}
        assert {f"/api/decisions/{{identifier}}{place}/{move}" for move in moves} <= paths


def test_whoever_is_not_the_one_is_told_who_is(here):
    here.reviewed()
    got = here.do("cora", "propose", "athens", datasets=[], conditions=[])
    assert told(got) == (409, "E376")
    message = got.json()["error"]["message"]
    assert "for officer to do" in message
    assert "Now the access officer of athens must act, until " in message


def test_who_has_nothing_to_do_with_it_is_told_that_there_is_none(here):
    here.reviewed()
    strange = here.eve("GET", "/api/decisions/nowhere")
    assert here.look("eve").json() == strange.json()
    assert told(here.do("eve", "comment", text="x")) == (404, "E404")
    assert told(here.do("eve", "submit")) == (404, "E404")
    assert told(here.do("dan", "propose", "athens", datasets="nonsense", conditions=[])) == (404, "E404")


def decision_routes(here):
    paths = here.hub.app.openapi()["paths"].items()
    mine = ("/api/decisions/", "/api/permits/")
    return [(method.upper(), path) for path, methods in paths for method in methods if path.startswith(mine)]


def test_guessing_identifiers_finds_nothing_on_any_route(here):
    here.granted()
    program = here.ana.token("ask", "save")
    assert len(decision_routes(here)) > 15
    for method, path in decision_routes(here):
        place = path.format(identifier=here.now, holder="athens", document="d1")
        body = {"seen": 0, "text": "x", "yes": True, "datasets": [], "conditions": [], "person": "x", "role": "officer"}
        move = place.rsplit("/", 1)[1]
        wanted = {"vote": {"yes"}, "propose": {"datasets", "conditions"}, "appoint": {"person", "role"}}.get(
            move, set()
        )
        wanted = (
            set()
            if move in {"submit", "pass"} and place.startswith(("/api/permits", "/api/decisions"))
            else wanted | {"text"}
        )
        options = {} if method == "GET" else {"json": {key: body[key] for key in wanted}}
        assert told(here.eve(method, place, **options)) == (404, "E404"), place
        assert told(here.hub(method, place, **options)) == (401, "E382"), place
        assert told(program(method, place, **options)) == (403, "E383"), place


def test_an_officer_elsewhere_does_not_decide_here(here):
    here.reviewed(datasets=("athens/lung",))
    assert here.look("oscar").status_code == 404
    assert here.look("olga").status_code == 200


def test_a_program_decides_nothing(here):
    here.submit()
    program = here.cora.token("ask", "save")
    assert told(program("POST", f"/api/decisions/{here.now}/pass", json={})) == (403, "E383")
    assert told(program("GET", f"/api/decisions/{here.now}")) == (403, "E383")


def test_a_question_is_asked_and_answered(here):
    here.reviewed()
    here.done("olga", "ask", "athens", text="Why age?")
    assert here.waits("ana") == {("athens", "answer")}
    found = here.done("ben", "answer", "athens", text="Since it matters.")
    assert [e["text"] for e in found["history"]][-2:] == ["Why age?", "Since it matters."]
    assert here.waits("olga") == {("athens", "ask", "propose")}


def test_nobody_decides_about_what_has_changed_since_they_looked(here):
    seen = here.submit()["seen"]
    here.done("cora", "return", text="The ethics vote lacks.")
    here.submit(title="Another title")
    got = here.do("cora", "pass", seen=seen)
    assert told(got) == (409, "E395")
    assert here.done("cora", "pass", seen=here.seen("cora")["seen"])["title"] == "Another title"


def test_votes_of_others_do_not_make_a_page_stale(here):
    here.reviewed()
    seen = here.propose("olga", "athens", *BOTH)["seen"]
    here.done("mia", "vote", "athens", yes=True, seen=seen)
    assert cases(here.done("max", "vote", "athens", yes=True, seen=seen))["athens"] == "vote"


@pytest.mark.parametrize(
    ("move", "holder", "body"),
    [
        ("comment", "", {"text": ""}),
        ("comment", "", {"text": "x" * 5_001}),
        ("comment", "", {"text": 5}),
        ("comment", "", {"text": "x", "seen": -1}),
        ("comment", "", {"text": "x", "seen": True}),
        ("comment", "", {}),
        ("comment", "", {"text": "x", "more": 1}),
        ("propose", "athens", {"datasets": "athens/lung", "conditions": []}),
        ("propose", "athens", {"datasets": [5], "conditions": []}),
        ("propose", "athens", {"datasets": [], "conditions": "none"}),
        ("propose", "athens", {"datasets": [], "conditions": ["two\nlines"]}),
        ("propose", "athens", {"datasets": [], "conditions": ["x"] * 21}),
        ("propose", "athens", {"datasets": [], "conditions": ["x" * 401]}),
        ("vote", "athens", {"yes": "true"}),
        ("vote", "athens", {}),
    ],
)
def test_what_cannot_be_read_changes_nothing(here, move, holder, body):
    before = here.reviewed()["seen"]
    assert told(here.do("olga", move, holder, **body)) == (400, "E405")
    assert here.seen("olga")["seen"] == before


def test_datasets_that_were_not_applied_for_are_not_granted(here):
    here.reviewed()
    got = here.do("olga", "propose", "athens", datasets=["bologna/lung"], conditions=[])
    assert told(got) == (409, "E376")


def test_somebody_is_appointed_by_address(here):
    here.reviewed(datasets=("cork/lung",))
    assert told(here.do("cora", "appoint", "cork", person="nobody@x.example", role="officer")) == (409, "E376")
    here.done("cora", "appoint", "cork", person="EVE@people.example", role="officer")
    assert here.propose("eve", "cork", "cork/lung")["state"] == "granted"


def test_a_pass_is_made_anew_and_the_one_before_opens_nothing(here):
    here.granted()
    book = here.hub.app.state.permits
    first = here.ana("POST", f"/api/permits/{here.now}/pass", json={}).json()["pass"]
    assert book.whose(first)[1] == here.ana.id
    second = here.ana("POST", f"/api/permits/{here.now}/pass", json={}).json()["pass"]
    assert book.whose(second)[1] == here.ana.id
    assert told(here.ana("POST", "/api/permits/nowhere/pass", json={})) == (404, "E404")
    assert told(here.eve("POST", f"/api/permits/{here.now}/pass", json={})) == (404, "E404")
    with pytest.raises(Exception, match="no such permit"):
        book.whose(first)


def test_a_permit_ends_when_its_applicants_make_no_more_use_of_it(here):
    here.granted()
    here.done("ana", "withdraw")
    assert here.hub.app.state.permits.entry(here.now).revoked is not None
    assert told(here.ana("POST", f"/api/permits/{here.now}/pass", json={})) == (404, "E375")


def test_a_data_manager_sees_which_projects_use_the_data(here):
    here.granted()
    found = here.dan("GET", "/api/uses").json()
    (mine,) = (one for one in found["projects"] if one["id"] == here.now)
    assert [one["dataset"] for one in mine["datasets"]] == ["breast", "lung"]
    assert (mine["standing"], sorted(mine["people"])) == ("holds", ["ana", "ben"])
    assert here.eve("GET", "/api/uses").json()["projects"] == []


# Faults of peers: BBMRI-ERIC/negotiator, by the numbers of its issues.


def test_143_each_step_tells_each_person_one_thing_once(here):
    """Two messages at once about one step."""
    here.reviewed()
    here.propose("olga", "athens", *BOTH)
    here.voted(*COMMITTEE)
    here.propose("oscar", "bologna", "bologna/lung", conditions=["publish"])
    before = {name: len(here.told(name)) for name in here.people}
    here.done("ana", "accept", "bologna")
    more = {name: len(here.told(name)) - before[name] for name in here.people}
    assert {name: n for name, n in more.items() if n} == {"ana": 1, "ben": 1, "dan": 1}


def test_178_a_holder_whom_nobody_represents_is_somebodys_to_man(here):
    """A request to a collection without a representative went nowhere."""
    found = here.reviewed(datasets=("cork/lung",))
    assert cases(found) == {"cork": "unmanned"}
    assert here.waits("cora") == {("cork", "appoint")}
    assert any("nobody decides for cork" in says for says, _ in here.told("cora"))
    here.pass_days(8)
    assert here.waits("cora") == {("cork", "appoint", "close")}


def test_186_after_the_conditions_were_accepted_it_is_not_the_applicant_who_is_told_to_act_on_them(here):
    """The message that conditions are met went to the researcher who had just met them."""
    here.reviewed()
    here.propose("oscar", "bologna", "bologna/lung", conditions=["publish"])
    assert here.waits("ana") == {("bologna", "accept", "decline")}
    here.done("ana", "accept", "bologna")
    assert here.waits("ana") == here.waits("ben") == set()
    assert here.waits("olga") == {("athens", "ask", "propose")}


def test_204_a_holder_still_sees_what_was_withdrawn(here):
    """Abandoned requests vanished from the lists of those who had worked on them."""
    here.reviewed()
    here.done("olga", "ask", "athens", text="Why?")
    here.done("ana", "withdraw")
    assert here.seen("olga")["state"] == "withdrawn"
    known = here.olga("GET", "/api/decisions").json()["applications"]
    assert here.now in {one["id"] for one in known}
    assert any("taken it back" in says for says, _ in here.told("olga"))


def test_371_nobody_changes_how_it_stands_with_a_holder_whom_they_do_not_represent(here):
    """Researchers could change the status of collections that they do not represent."""
    before = here.reviewed()
    for name in ("ana", "oscar", "cora", "ole", "mia"):
        for move, body in STEPS.items():
            assert told(here.do(name, move, "athens", **body)) == (409, "E376"), (name, move)
    after = here.seen("cora")
    assert (after["seen"], after["cases"]) == (before["seen"], before["cases"])


def test_a_holder_that_does_not_answer_holds_up_nobody_for_ever(here):
    here.reviewed()
    here.propose("olga", "athens", *BOTH)
    here.voted(*COMMITTEE)
    here.pass_days(61)
    assert ("bologna", "appoint", "close") in here.waits("cora")
    found = here.done("cora", "close", "bologna", text="Nobody answers.")
    assert (found["state"], cases(found)) == ("granted", {"athens": "granted", "bologna": "closed"})


def test_676_who_has_answered_is_reminded_no_more(here):
    """Reminders after an answer."""
    here.reviewed()
    here.propose("olga", "athens", *BOTH)
    here.done("mia", "vote", "athens", yes=True)
    known = here.told("mia")
    here.pass_days(31)
    assert here.waits("mia") == set()
    assert here.told("mia") == known
    assert here.waits("max") == {("athens", "vote")}


def test_761_what_was_handed_in_keeps_its_attachments_through_every_return(here):
    """A draft lost its attachment when it was saved, and a replaced file was still shown."""
    document = {"id": "d1", "paragraph": "ethics", "name": "ethics.pdf", "kind": "application/pdf", "size": 5}
    document |= {"digest": "0" * 64, "by": here.ana.id, "at": here.clock()}
    here.write()
    here.attach(document)
    here.done("ana", "submit")
    here.done("cora", "return", text="The title is too short.")
    assert here.done("ana", "submit")["record"]["attachments"] == [document]
    here.done("cora", "return", text="The vote is out of date.")
    here.attach(document | {"id": "d2", "digest": "1" * 64})
    found = here.done("ana", "submit")
    assert [one["id"] for one in found["record"]["attachments"]] == ["d2"]


def test_1295_once_it_was_let_in_the_holders_act_and_not_the_applicant(here):
    """The requester was told to go on when the holders had to."""
    here.reviewed()
    assert here.waits("ana") == here.waits("ben") == here.waits("cora") == set()
    assert (here.waits("olga"), here.waits("oscar")) == (
        {("athens", "ask", "propose")},
        {("bologna", "ask", "propose")},
    )
    assert not any(until for _, until in here.told("ana"))


def test_what_waits_longest_comes_first_and_tells_by_when(here):
    here.reviewed()
    found = here.olga("GET", "/api/decisions").json()["waiting"]
    assert [one["until"] for one in found] == sorted(one["until"] for one in found)
    mine = next(one for one in found if one["id"] == here.now)
    assert mine["until"][:10] == utc(here.clock() + 60 * DAY)[:10]
