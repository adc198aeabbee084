"""What opens, waits, remembers or differs between processes is found, and what is well is not held up."""

import json

import pytest
from tests.node.trying.packages import BAD, GOOD, HASHED, body_of, install, python

from oncommons.node.trying.verdict import verdicts

VERDICTS = """
import json, sys
from oncommons.node.trying.verdict import verdicts
print(json.dumps({name: [one.check for one in faults] for name, faults in verdicts(sys.argv[1:]).items()}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    modules = {name: body_of(*BAD[name]) for name in ("asks", "hides", "starts")}
    modules |= {"good": GOOD, "hashed": HASHED}
    folder = install(tmp_path_factory.mktemp("site"), **modules)
    done = python(folder, VERDICTS, *modules)
    return json.loads(done.stdout)


def test_what_is_pure_passes(found):
    assert found["good"] == []


@pytest.mark.parametrize("name", ["asks", "hides", "starts"])
def test_what_opens_something_is_read_and_seen_even_where_it_hides_that(found, name):
    assert {"read", "quiet"} <= {*found[name]}


def test_what_differs_between_processes_is_found(found):
    assert found["hashed"] == ["processes"]


def test_one_that_ends_the_process_is_told(tmp_path):
    folder = install(tmp_path, leaves=body_of("", "    raise SystemExit(3)"))
    done = python(folder, f"{VERDICTS}", "leaves")
    assert "NotConforming: leaves cannot be tried: it ends the process" in done.stderr


def test_of_nothing_nothing_is_said():
    assert verdicts([]) == {}
