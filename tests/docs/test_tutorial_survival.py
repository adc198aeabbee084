"""The tutorial on survival: its commands print what it shows, and its table has the published numbers and ours."""

import json
import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from lifelines.statistics import logrank_test
from tests.demo.trials import trial_federation
from tests.docs.test_code_blocks import blocks_of
from tests.docs.test_tutorial import run

PAGE = Path(__file__).parents[2] / "docs" / "tutorial-survival.md"
TEXT = PAGE.read_text("utf-8")
YEAR = 365.24
"""Days, as the published table has it."""


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """What each command of the page has printed, in a directory with its files."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch, trial_federation(folder / "federation") as (url, given):
        patch.chdir(folder)
        for name, value in {"ONCOMMONS_HUB_URL": url, "ONCOMMONS_PERMIT": given, "COLUMNS": "110"}.items():
            patch.setenv(name, value)
        for name, body in saved():
            Path(name).write_text(body, encoding="utf-8")
        printed = {command: run(shlex.split(command)[1:]) for command, _ in commands()}
        with redirect_stdout(StringIO()) as said:
            exec(compile(python(), "<page>", "exec"), {"__name__": "page"})
        yield folder, printed, said.getvalue()


def saved():
    """The files that the page has its reader save."""
    names = re.findall(r"^Save this as `(\w+\.json)`:", TEXT, re.MULTILINE)
    return zip(names, [block.body for block in blocks_of(TEXT) if block.language == "json"], strict=True)


def commands():
    """Our commands of console blocks, each with what the page shows below it."""
    for block in blocks_of(TEXT):
        for part in re.split(r"^\$ ", block.body, flags=re.MULTILINE)[1:] if block.language == "console" else ():
            command, _, shown = part.partition("\n")
            if command.startswith("oncommons"):
                yield command, shown


def python():
    (block,) = [block for block in blocks_of(TEXT) if block.language == "python"]
    return block.body


def lines(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize(("command", "shown"), list(commands()))
def test_a_command_prints_what_the_page_shows(followed, command, shown):
    printed = iter(lines(followed[1][command]))
    for line in lines(shown):
        assert line == "…" or line in printed, line


def test_what_is_shown_without_a_gap_is_printed_without_one(followed):
    for command, shown in commands():
        printed = "\n".join(lines(followed[1][command]))
        for part in "\n".join(lines(shown)).split("…"):
            assert part.strip() in printed


def test_the_figure_is_written_and_told(followed):
    folder, _, said = followed
    assert "205 events" in said
    assert "People at risk" in (folder / "survival.svg").read_text()


def ours(record):
    """What the page's table says, by row and group."""
    rows = record["tables"]["curve"][1:]
    found = {}
    for group, told in record["result"]["groups"].items():
        found["women", group], found["events", group] = str(told["people"]), str(told["events"])
        found["median, days", group] = "not reached" if told["median"] is None else f"{told['median']:.0f}"
        for years, name in ((1, "1 year"), (5, "5 years")):
            before = [row[4] for row in rows if row[0] == group and row[1] <= years * YEAR]
            found[f"without the event after {name}", group] = f"{before[-1]:.3f}"
    test = record["result"]["log_rank"]
    return found | {("log-rank, chi-squared", ""): f"{test['statistic']:.2f}", ("log-rank, p", ""): f"{test['p']:.4f}"}


def pooled():
    """The same of the whole table, by lifelines."""
    table = load_gbsg2()
    found = {}
    for group, women in table.groupby("horTh"):
        fit = KaplanMeierFitter().fit(women["time"], women["cens"])
        found["women", group], found["events", group] = str(len(women)), str(women["cens"].sum())
        found["median, days", group] = f"{fit.median_survival_time_:.0f}"
        for years, name in ((1, "1 year"), (5, "5 years")):
            found[f"without the event after {name}", group] = f"{fit.predict(years * YEAR):.3f}"
    with_it = table["horTh"] == "yes"
    test = logrank_test(
        table["time"][with_it], table["time"][~with_it], table["cens"][with_it], table["cens"][~with_it]
    )
    found["log-rank, chi-squared", ""] = f"{test.test_statistic:.2f}"
    return found | {("log-rank, p", ""): f"{test.p_value:.4f}"}


def test_the_table_has_what_is_published_and_what_five_hospitals_tell(followed):
    record = json.loads((followed[0] / "curves" / "run.json").read_text())
    part = TEXT[TEXT.index("## 4. Compare") : TEXT.index("## 5.")]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")
    ]
    rows = {(name, group): (published, found) for name, group, published, found in cells[2:]}
    assert {key: published for key, (published, _) in rows.items()} == pooled()
    assert {key: found for key, (_, found) in rows.items()} == ours(record)
