"""Verification as values: checkpoints, where they stand, and what they prove."""

import json

import pytest
from joserfc.jwk import OKPKey
from tests.storage.chains import head_of

from oncommons.audit.verifying import checkpoints_in, claimed, read_log
from oncommons.schema.errors_of_protocols import BadCheckpoint
from oncommons.service.identity import sign_checkpoint
from oncommons.storage.chain import Event, Head, next_entry
from oncommons.storage.keys import public_part

KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")


def log_of(key, *bodies):
    head, lines = Head(), []
    for i, body in enumerate([{"log": key.thumbprint(), "side": "node"}, *bodies]):
        entry = next_entry(Event("released" if i else "begun", body, i), head)
        head, lines = entry.head, [*lines, entry.to_line()]
    return lines


LINES = log_of(KEY, {"n": 1}, {"n": 2})


def signed(lines, key=KEY, at=0):
    return sign_checkpoint(key, head_of(lines), 1_800_000_000 + at)


def report(lines, *texts, own=()):
    return read_log("athens", lines, public_part(KEY)).report(own, texts)


def what(found):
    return [(fault.what, fault.first) for fault in found.faults]


def test_a_whole_log_agrees_with_its_checkpoints():
    found = report(LINES, signed(LINES), signed(LINES[:2]), signed(LINES), own=[head_of(LINES)])
    assert (found.is_whole, found.entries, found.compared) == (True, 3, 2)
    assert found.to_json()["head"] == head_of(LINES).digest


def test_a_cut_that_only_others_can_see_is_found():
    assert what(report(LINES[:2])) == []
    assert what(report(LINES[:2], signed(LINES))) == [("cut off", 3)]
    assert what(report([], signed(LINES))) == [("cut off", 1)]


def test_what_the_owner_wrote_anew_with_the_key_in_hand_is_found():
    again = log_of(KEY, {"n": 1}, {"n": "forged"})
    assert what(report(again, signed(again))) == []
    assert what(report(again, signed(LINES))) == [("rewritten", 1)]
    assert what(report(again, signed(LINES[:2]), signed(LINES))) == [("rewritten", 3)]


def test_checkpoints_of_other_logs_are_passed_over():
    assert report(LINES, signed(LINES[:1], OTHER)).compared == 0


def test_a_checkpoint_that_another_key_has_signed_proves_nothing():
    forged = sign_checkpoint(OTHER, head_of(LINES), 0).split(".")
    claims = signed(LINES).split(".")
    with pytest.raises(BadCheckpoint):
        report(LINES, ".".join([claims[0], claims[1], forged[2]]))


def test_a_log_of_another_key_is_foreign():
    assert what(report(log_of(OTHER, {"n": 1}))) == [("foreign", 1)]


def test_what_is_kept_of_others_is_listed_and_contradictions_in_it_are_told():
    theirs = log_of(OTHER, {"n": 1}, {"n": 2})
    forged = log_of(OTHER, {"n": 1}, {"n": 3})
    kept = [
        {"checkpoint": signed(lines, OTHER, at)} for at, lines in enumerate((theirs[:2], theirs, forged, theirs[:1]))
    ]
    whole = report(log_of(KEY, *kept[:2], {"checkpoint": ""}))
    assert ([one.head.size for one in whole.kept], whole.others) == ([2, 3], ())
    found = report(log_of(KEY, *kept))
    assert [words.split(" at entry ")[1] for words in found.others] == ["4.", "5."]
    assert found.is_whole


@pytest.mark.parametrize(("at", "found"), [(0, []), (1, []), (2, ["4."])])
def test_a_shorter_log_is_told_only_where_it_was_signed_later(at, found):
    theirs = log_of(OTHER, {"n": 1}, {"n": 2})
    texts = [
        signed(theirs, OTHER, 1),
        signed(theirs[:1], OTHER, 0),
        signed(theirs[:2], OTHER, at),
        signed(theirs, OTHER, 3),
    ]
    others = report(log_of(KEY, *({"checkpoint": text} for text in texts))).others
    assert [words.split(" at entry ")[1] for words in others] == found


def test_a_checkpoint_that_was_changed_inside_an_entry_is_an_entry_that_was_changed():
    lines = log_of(KEY, {"checkpoint": signed(LINES, OTHER)})
    found = report([lines[0], lines[1].replace("ey", "??")])
    assert (what(found), found.kept) == ([("changed", 2)], ())


def test_checkpoints_are_found_in_exports_in_json_and_bare():
    texts = [signed(LINES[:n]) for n in (1, 2, 3)]
    lines = "\n".join(log_of(OTHER, *({"checkpoint": text} for text in texts)))
    assert checkpoints_in(lines) == texts
    assert (
        checkpoints_in(json.dumps({"checkpoint": texts[0], "nodes": [{"checkpoint": t} for t in texts[1:]]})) == texts
    )
    assert checkpoints_in("\n\n".join(texts) + "\nhello\n") == texts
    assert checkpoints_in("hello") == checkpoints_in("[1, {}]") == []


@pytest.mark.parametrize("text", ["", "a.b.c", "e30.e30.e30", "é.x.y"])
def test_what_is_no_checkpoint_is_told(text):
    with pytest.raises(BadCheckpoint):
        claimed(text)
