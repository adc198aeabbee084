"""The example of an analysis by others: it is right, it passes, and the page on it shows commands that work."""

import json
import shlex
import sys
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable
from typer.testing import CliRunner

from oncommons.algorithms.conformance.federating import dealt, run, split
from oncommons.algorithms.conformance.reference import trial
from oncommons.algorithms.pair import Table
from oncommons.node.analysis_commands import analyses as commands_of_analyses
from oncommons.node.home import make_home, open_home
from oncommons.node.trying import verdict
from oncommons.node.trying.book import see_passed
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import MalformedQuestion, UnknownValue
from oncommons.schema.run import parse_run
from oncommons.service.analyses import analyses, analysis_named, origin

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mantel-haenszel"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder into which the package is installed, by what its pyproject.toml says."""
    folder, project = (
        tmp_path_factory.mktemp("site"),
        tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"],
    )
    info = folder / "oncommons_mantel_haenszel-1.0.0.dist-info"
    info.mkdir()
    points = project["entry-points"]["oncommons.analyses"]
    text = "\n".join(f"{name} = {where}" for name, where in points.items())
    (info / "entry_points.txt").write_text(f"[oncommons.analyses]\n{text}\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    (folder / "mantel_haenszel.py").write_text((EXAMPLE / "mantel_haenszel.py").read_text())
    return folder


def commands():
    """Those of the page, in order."""
    text = (ROOT / "docs" / "how-to-add-an-analysis.md").read_text()
    blocks = [part.split("```")[0] for part in text.split("```bash\n")[1:]]
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


@pytest.fixture
def analysis(monkeypatch):
    """The analysis, from its file."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delitem(sys.modules, "mantel_haenszel", raising=False)
    return __import__("mantel_haenszel").MANTEL_HAENSZEL


@pytest.mark.parametrize("strata", ["stage", None])
def test_over_hospitals_it_is_what_statsmodels_finds_in_all_rows(analysis, strata):
    table = trial().table.complete("event", "treated", "stage")
    settings = {"outcome": "event", "exposure": "treated", "strata": strata, "levels": table.levels, "level": 0.95}
    parts = split(table, dealt(table.people, 5)["skewed"])
    found = run(analysis, settings, parts).result
    stage = table.columns["stage"] if strata else np.zeros(table.people)
    cells = [
        [[np.sum((stage == s) & (table.columns["treated"] == t) & (table.columns["event"] == e)) for e in (1, 0)] for t in (1, 0)]
        for s in np.unique(stage)
    ]  # fmt: skip
    oracle = StratifiedTable([np.array(one, dtype=float) for one in cells])
    assert found.found["odds_ratio"] == pytest.approx(oracle.oddsratio_pooled, rel=1e-12)
    assert [found.found["low"], found.found["high"]] == pytest.approx(oracle.oddsratio_pooled_confint(), rel=1e-12)
    assert sum(sum(row[1:]) for row in found.tables["strata"][1:]) == table.people


def test_where_nobody_has_the_outcome_it_says_so(analysis):
    table = Table({"e": np.zeros(8), "t": np.tile([0.0, 1.0], 4)})
    ended = run(analysis, {"outcome": "e", "exposure": "t", "strata": None, "level": 0.95}, {"a": table})
    assert "In no stratum" in ended.why


@pytest.fixture
def oncommons_with(site, monkeypatch):
    """Commands about analyses, where the package is installed, for the processes that they start, too.

    A process that is started again tells what it told at first.
    """
    told = cache(lambda words, seed, start=verdict._told: start(words, seed))
    monkeypatch.setattr(verdict, "_told", lambda words, seed: told(tuple(words), seed))
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.delitem(sys.modules, "mantel_haenszel", raising=False)
    analyses.cache_clear()
    origin.cache_clear()

    def run_(*words):
        done = CliRunner().invoke(commands_of_analyses, [*words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.output)["analyses"]

    yield run_
    monkeypatch.undo()
    analyses.cache_clear()
    origin.cache_clear()


def test_the_commands_of_the_page_work_and_the_node_makes_it(oncommons_with, tmp_path, monkeypatch):
    install, check, admit = commands()
    assert install[-1] == "./examples/mantel-haenszel"
    make_home(tmp_path / "athens", Policy.of("threshold", 5))
    monkeypatch.chdir(tmp_path)
    assert [check[:3], admit[:3]] == [["oncommons", "node", "analyses"]] * 2
    assert oncommons_with(*check[3:]) == {"mantel-haenszel": []}
    assert oncommons_with(*admit[3:]) == ["mantel-haenszel"]
    home = open_home(tmp_path / "athens")
    assert home.analyses == {"mantel-haenszel"}
    see_passed(home, "mantel-haenszel")
    tried = json.loads((tmp_path / "athens" / "tried.json").read_text())
    assert tried == {"mantel-haenszel": "oncommons-mantel-haenszel 1.0.0, version 1"}


def test_where_it_is_not_installed_its_name_is_refused():
    with pytest.raises(UnknownValue, match="There is no analysis 'mantel-haenszel' here"):
        analysis_named("mantel-haenszel")


@pytest.mark.parametrize("name", ["code", "local", "module"])
def test_a_run_has_no_place_for_code(name):
    run_ = {"analysis": "cox", "variables": {"time": {"value": "follow_up"}}, name: "print(1)"}
    with pytest.raises(MalformedQuestion, match=f'Unknown key "{name}"'):
        parse_run(run_)
