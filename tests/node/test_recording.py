"""What a node enters in its audit log, and that it is only what leaves the node."""

import json
from contextlib import closing

import pytest
from tests.node.tables import import_rows, people
from tests.storage.chains import oracle

from oncommons.node.desk import Desk
from oncommons.node.recording import Asker, open_log, record
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.answer_json import node_answer_to_json
from oncommons.schema.errors import MalformedQuestion, NothingImported, StorageFailed
from oncommons.storage.canonical import digest_of_message
from oncommons.storage.keys import load_key

WOMEN = {"count": "person", "where": {"field": "sex", "in": ["F"]}}


def entered(home):
    """Kind and body of every entry."""
    with closing(open_log(home)) as log:
        lines = list(log.lines())
    assert oracle(lines) is not None
    return [(entry["kind"], entry["body"]) for entry in map(json.loads, lines)]


def test_a_log_begins_with_the_key_of_the_node(home):
    record(home, "policy", {"policy": "open"})
    (begun, first), (kind, body) = entered(home)
    assert (begun, first["log"], first["side"]) == ("begun", load_key(home.key_file).thumbprint(), "node")
    assert (kind, body) == ("policy", {"policy": "open"})


def test_an_answer_stands_in_the_log_as_it_leaves(home, desk, tmp_path):
    import_rows(home, tmp_path, *people(7, 4))
    answer = desk.answer(WOMEN, "trial", job="j1", checkpoint="signed")
    kind, body = entered(home)[-1]
    assert (kind, body["project"], body["job"], body["checkpoint"], body["permit"]) == (
        "released",
        "trial",
        "j1",
        "signed",
        "",
    )
    assert body["question"] == WOMEN
    assert body["policy"] == answer.policy == "open: counts are exact"
    assert [(d["dataset"], d["certain"]["value"]) for d in body["released"]] == [("d", 7)]
    assert body["answer"] == digest_of_message(node_answer_to_json(answer))


@pytest.mark.parametrize("rule", ["threshold", "noise"])
def test_nothing_that_the_rule_withheld_stands_in_it(home, tmp_path, rule):
    import_rows(home, tmp_path, *people(3, 42))
    desk = Desk(home.with_policy(Policy.of(rule, 10)), wait=lambda _: None)
    answer = desk.answer(WOMEN | {"by": ["sex"]})
    desk.answer({"count": "person", "by": ["sex"]})
    desk.close()
    assert answer.certain.precision != "exact"
    told = [body["released"] for kind, body in entered(home) if kind == "released"]
    assert len(told) == 2
    counts = [count for found in told for count in _counts(found)]
    assert {count["precision"] for count in counts} & {"rounded", "noisy", "suppressed", "probable"}
    assert all(count["value"] is None for count in counts if count["precision"] == "suppressed")
    assert [count for count in counts if count["at_least"] == count["at_most"]] == []  # no number that is the true one


def _counts(value):
    if isinstance(value, dict) and "precision" in value:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _counts(part)


def test_a_refusal_stands_in_it_with_its_reason(home, desk):
    with pytest.raises(NothingImported):
        desk.answer(WOMEN, job="j1")
    with pytest.raises(MalformedQuestion):
        desk.answer("count people \ud800")
    (_, first), (_, second) = [(kind, body) for kind, body in entered(home) if kind == "refused"]
    assert (first["code"], first["job"], first["question"]) == ("E306", "j1", WOMEN)
    assert (second["code"], "question" in second) == ("E101", False)


def test_what_nobody_foresaw_is_refused_and_entered_without_its_words(home, desk):
    desk.recorder.refused(Asker("trial"), None, ValueError("patient 4711"))
    kind, body = entered(home)[-1]
    assert (kind, body["code"]) == ("refused", "E500")
    assert "4711" not in json.dumps(body)


def test_an_answer_that_cannot_be_entered_does_not_leave(home, desk, tmp_path):
    import_rows(home, tmp_path, *people(7, 4))
    desk.answer(WOMEN)
    desk.recorder.log._connection.execute("DROP TABLE entry")
    with pytest.raises(StorageFailed, match="nothing is told"):
        desk.answer(WOMEN)


def test_cards_are_entered_by_their_hash(home, desk, tmp_path):
    import_rows(home, tmp_path, *people(7, 4))
    cards = [card.to_json() for card in desk.cards()]
    desk.recorder.published(cards)
    kind, body = entered(home)[-1]
    assert (kind, body["datasets"], body["cards"]) == ("published", ["d"], digest_of_message(cards))


def test_imports_and_changes_of_the_policy_are_entered(oncommons, tmp_path):
    folder = tmp_path / "cork"
    assert oncommons("node", "init", folder, "--policy", "noise")[0] == 0
    assert oncommons("node", "import", "idc", "--collection", "qin_pet_phantom", "--dir", folder)[0] == 0
    assert oncommons("node", "budget", "--tests", "500", "--dir", folder)[0] == 0
    assert oncommons("node", "policy", "threshold", "--k", "7", "--dir", folder)[0] == 0
    _, out, _ = oncommons("audit", "list", "--node", folder, "--json")
    found = [(entry["kind"], entry["body"]) for entry in json.loads(out)["entries"]]
    assert [kind for kind, _ in found] == ["begun", "policy", "imported", "budget", "policy"]
    assert found[2][1] == {"way": "table", "datasets": ["qin_pet_phantom"], "series": found[2][1]["series"]}
    assert found[3][1]["budget"]["tests"] == 500
    assert found[4][1]["policy"].startswith("threshold 7")
