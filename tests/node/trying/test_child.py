"""The process in which analyses are tried."""

import json

from tests.node.trying.packages import GOOD, body_of, install, python

from oncommons.node.trying.child import Watch, tried
from oncommons.service.analyses import analyses

CHILD = "import sys; from oncommons.node.trying.child import main; main(sys.argv[1:])"


def test_it_tells_what_it_read_and_a_digest(tmp_path):
    folder = install(tmp_path, good=GOOD, late=body_of("", "    import email.mime.audio"))
    told = json.loads(python(folder, CHILD, "--bits", "good", "late").stdout)
    assert told["good"]["faults"] == []
    assert len(told["good"]["digest"]) == 64
    assert [check for check, _ in told["late"]["faults"]] == ["read"]  # importing opens files, and that alone is let be


def test_a_watch_that_is_off_sees_nothing():
    watch = Watch()
    watch("open", ("somewhere", "r", 0))
    assert watch.seen == []


def test_what_is_seen_is_told_though_it_did_no_harm():
    found = tried(analyses()["correlation"], Seeing())
    assert found["faults"] == [("quiet", "it opens something: open somewhere")]


class Seeing(Watch):
    """A watch that has seen something, once it is on."""

    def __setattr__(self, name, value):
        super().__setattr__(name, ["open somewhere"] if name == "seen" else value)
