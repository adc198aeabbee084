"""What odd files may cost: memory of the whole import, and steps for each byte."""

import subprocess
import sys
from contextlib import suppress

import pytest
from tests.imaging.files import KEYS
from tests.odd import damaged, unusual
from tests.odd.cases import CASES

from oncommons.imaging.deid.clean import deidentify
from oncommons.imaging.deid.rules import CANCER_RESEARCH
from oncommons.schema.errors import ImageError

MOST_MEGABYTES = 150
MOST_STEPS = 50_000
IMPORT = """
import resource
import sys
if sys.argv[3] == "without text recognition":
    sys.modules["onnxruntime"] = None
from pathlib import Path
from oncommons.node.flow import import_images
from oncommons.node.home import make_home
from oncommons.node.receive.archive import arrivals_in
from oncommons.node.receive.table import About
from oncommons.policy.disclosure.counts import Policy
home = make_home(Path(sys.argv[1]), Policy("open"))
report = import_images(home, arrivals_in(Path(sys.argv[2])), "lung", About("lung"), lambda *_: None)
told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(report.came, max(int(told["VmHWM"].split()[0]), others) * 1024 // 1_000_000)
"""
"""Imports a folder; prints how many files came and the most memory that one of its processes had, in MB (proc(5))."""
COSTLY = (
    damaged.cut_in_header,
    damaged.deep,
    damaged.deep_in_unknown,
    damaged.four_gigabytes,
    damaged.sequence_overrun,
    damaged.fragments_without_end,
    unusual.no_preamble,
)
MANY = (unusual.many_items, unusual.many_items_that_go, unusual.many_items_with_some_that_go)


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """A folder of all cases, and how many files must come in; an import only reads it."""
    folder = tmp_path_factory.mktemp("laid")
    cases = [case for case in CASES if case.possible and case.name != "link out"]  # what it links to would come in too
    for number, case in enumerate(cases):
        case.lay(folder / str(number))
    return folder, sum(case.came for case in cases)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory in use is read from /proc")
@pytest.mark.parametrize("way", ["without text recognition", "with it"])
def test_an_import_of_every_odd_file_stays_within_its_memory(laid, tmp_path, way):
    folder, all_of_them = laid
    words = [sys.executable, "-c", IMPORT, tmp_path / "node", folder, way]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    came, megabytes = map(int, done.stdout.split())
    assert came == all_of_them
    assert megabytes <= MOST_MEGABYTES


class Steps:
    """Counts the operations of Python that are executed."""

    def __init__(self):
        self.number = 0

    def __call__(self, frame, event, argument):
        self.number += event == "opcode"
        frame.f_trace_opcodes = True
        return self

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)


def steps_of(raw):
    """How many steps it takes to clean a file, or to find that it cannot be."""
    deidentify(unusual.many_items(1), CANCER_RESEARCH, KEYS)  # tables are read once
    with Steps() as steps, suppress(ImageError):
        deidentify(raw, CANCER_RESEARCH, KEYS)
    return steps.number


@pytest.mark.parametrize("make", COSTLY)
def test_a_damaged_file_takes_few_steps(make):
    assert steps_of(make()) <= MOST_STEPS


@pytest.mark.parametrize("make", MANY)
def test_twice_the_items_take_no_more_than_twice_the_steps(make):
    nothing, once, twice = (steps_of(make(count)) for count in (0, 400, 800))
    assert twice - nothing <= 2.1 * (once - nothing)
