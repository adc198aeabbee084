"""The tutorial on survival: its commands print what it shows, and its table has the published numbers and ours."""

import json
import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from lifelines.statistics import logrank_test
from tests.demo.trials import trial_federation
from tests.docs.test_code_blocks import blocks_of
from tests.docs.test_tutorial import run

from oncommons.demo.trial import dealt, women

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
    names = re.findall(r"[Ss]ave this as `(\w+\.json)`:$", TEXT, re.MULTILINE)
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


def between(middle, low, high):
    return f"{middle:.3f} ({low:.3f} to {high:.3f})"


def ours(curves, cox, adjusted):
    """What the page's table says, by row and group."""
    rows = curves["tables"]["curve"][1:]
    found = {}
    for name, record in (("hazard ratio", cox), ("hazard ratio, adjusted", adjusted)):
        found[name, "yes"] = between(*record["tables"]["terms"][1][3:6])
    for group, told in curves["result"]["groups"].items():
        found["women", group], found["events", group] = str(told["people"]), str(told["events"])
        found["median, days", group] = "not reached" if told["median"] is None else f"{told['median']:.0f}"
        for years, name in ((1, "1 year"), (5, "5 years")):
            before = [row[4] for row in rows if row[0] == group and row[1] <= years * YEAR]
            found[f"without the event after {name}", group] = f"{before[-1]:.3f}"
    test = curves["result"]["log_rank"]
    return found | {("log-rank, chi-squared", ""): f"{test['statistic']:.2f}", ("log-rank, p", ""): f"{test['p']:.4f}"}


def pooled():
    """The same of the whole table, by lifelines."""
    table = load_gbsg2()
    found = {}
    for group, some in table.groupby("horTh"):
        fit = KaplanMeierFitter().fit(some["time"], some["cens"])
        found["women", group], found["events", group] = str(len(some)), str(some["cens"].sum())
        found["median, days", group] = f"{fit.median_survival_time_:.0f}"
        for years, name in ((1, "1 year"), (5, "5 years")):
            found[f"without the event after {name}", group] = f"{fit.predict(years * YEAR):.3f}"
    with_it = table["horTh"] == "yes"
    test = logrank_test(
        table["time"][with_it], table["time"][~with_it], table["cens"][with_it], table["cens"][~with_it]
    )
    found["log-rank, chi-squared", ""] = f"{test.test_statistic:.2f}"
    known = table.assign(with_it=with_it, post=table["menostat"] == "Post")
    known = known.assign(two=table["tgrade"] == "II", three=table["tgrade"] == "III")
    others = ["age", "post", "tsize", "two", "three", "pnodes", "progrec", "estrec"]
    for name, columns in (("hazard ratio", []), ("hazard ratio, adjusted", others)):
        found[name, "yes"] = between(*fitted(known, ["with_it", *columns]))
    return found | {("log-rank, p", ""): f"{test.p_value:.4f}"}


def fitted(table, columns, **options):
    """Hazard ratio of the first column with its interval, by lifelines."""
    fit = CoxPHFitter().fit(
        table[["time", "cens", *columns, *options.get("strata", [])]].astype(float), "time", "cens", **options
    )
    return fit.summary.loc[columns[0], ["exp(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%"]]


def test_the_table_has_what_is_published_and_what_five_hospitals_tell(followed):
    records = {
        name: json.loads((followed[0] / name / "run.json").read_text()) for name in ("curves", "cox", "adjusted")
    }
    part = TEXT[TEXT.index("## 5. Compare") : TEXT.index("## 6.")]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")
    ]
    rows = {(name, group): (published, found) for name, group, published, found in cells[2:]}
    assert {key: published for key, (published, _) in rows.items()} == pooled()
    assert {key: found for key, (_, found) in rows.items()} == ours(**records)


def test_the_adjusted_model_is_the_pooled_one_that_is_stratified_by_hospital(followed):
    terms = json.loads((followed[0] / "adjusted" / "run.json").read_text())["tables"]["terms"]
    rows = [row | {"hospital": str(i)} for i, hospital in enumerate(dealt(women())) for row in hospital]
    table = pd.DataFrame(rows).astype({"age": float, "tsize": float, "pnodes": float, "time": float, "cens": float})
    table = table.assign(
        with_it=table["horTh"] == "yes",
        two=table["tgrade"] == "II",
        three=table["tgrade"] == "III",
        pr=table["progesterone"] == "positive",
        er=table["oestrogen"] == "positive",
    )
    columns = ["with_it", "age", "tsize", "two", "three", "pnodes", "pr", "er"]
    options = {"strata": ["hospital"], "fit_options": {"precision": 1e-14}}
    assert terms[1][3:6] == pytest.approx(list(fitted(table, columns, **options)), abs=1e-8)
