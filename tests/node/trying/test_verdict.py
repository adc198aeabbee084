"""What opens, waits, remembers or differs between processes is found, and what is well is not held up."""

import pytest
from tests.node.trying.packages import BAD, GOOD, HASHED, body_of, install

from oncommons.node.trying.verdict import verdicts
from oncommons.schema.errors_of_analyses import NotConforming


def tried(folder, *names):
    """The checks that analyses do not pass, which are installed in a folder for the processes that try them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        return {name: [one.check for one in faults] for name, faults in verdicts(names).items()}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    modules = {name: body_of(*BAD[name]) for name in ("asks", "hides", "starts")}
    modules |= {"good": GOOD, "hashed": HASHED}
    return tried(install(tmp_path_factory.mktemp("site"), **modules), *modules)


def test_what_is_pure_passes(found):
    assert found["good"] == []


@pytest.mark.parametrize("name", ["asks", "hides", "starts"])
def test_what_opens_something_is_read_and_seen_even_where_it_hides_that(found, name):
    assert {"read", "quiet"} <= {*found[name]}


def test_what_differs_between_processes_is_found(found):
    assert found["hashed"] == ["processes"]


def test_one_that_ends_the_process_is_told(tmp_path):
    folder = install(tmp_path, leaves=body_of("", "    raise SystemExit(3)"))
    with pytest.raises(NotConforming, match="leaves cannot be tried: it ends the process"):
        tried(folder, "leaves")


def test_of_nothing_nothing_is_said():
    assert verdicts([]) == {}
