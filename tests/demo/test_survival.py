"""The analysis of the demonstration: what it finds over five hospitals, and what is printed of it."""

from datetime import date

import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from lifelines.statistics import multivariate_logrank_test
from rich.console import Console
from tests.demo.trials import trial_federation

from oncommons.client.connection import connect
from oncommons.client.runs import make
from oncommons.demo.questions import NODES
from oncommons.demo.survival import PERMIT, RUN, by_group, draw_survival, permit_for, print_survival
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import StorageFailed
from oncommons.schema.permit import parse_permit
from oncommons.schema.run import parse_run

NAMES = ["receptor-positive", "receptor-negative"]


def ran(folder, policy=None):
    """The record of the run, at five hospitals of one process."""
    with trial_federation(folder, policy) as (url, given), connect(url) as hub:
        return make(hub, RUN, given).record


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """As the demonstration makes it."""
    return ran(tmp_path_factory.mktemp("threshold"))


@pytest.fixture(scope="module")
def pooled():
    """The whole trial with its subtypes; lifelines' own table."""
    table = load_gbsg2()
    positive = (table["estrec"] >= 20) | (table["progrec"] >= 20)
    return table.assign(group=positive.map({True: NAMES[0], False: NAMES[1]}))


def test_of_public_data_it_is_that_of_the_whole_trial(tmp_path, pooled):
    found = ran(tmp_path, Policy("open"))
    oracle = multivariate_logrank_test(pooled["time"], pooled["group"], pooled["cens"])
    assert found["result"]["log_rank"]["statistic"] == pytest.approx(oracle.test_statistic, abs=1e-9)
    for name, women in pooled.groupby("group"):
        fit = KaplanMeierFitter().fit(women["time"], women["cens"])
        assert found["result"]["groups"][name]["median"] == fit.median_survival_time_
        printed = {row[0]: row for row in by_group(found)}[name]
        assert [cell.split("%")[0] for cell in printed[4:]] == [
            f"{100 * value:.0f}" for value in fit.predict([3 * 365.25, 5 * 365.25])
        ]


def test_as_hospitals_tell_it_everybody_is_there_and_curves_are_near(record, pooled):
    assert [one["status"] for one in record["nodes"]] == ["answered"] * 5
    assert {name: (g["people"], g["events"]) for name, g in record["result"]["groups"].items()} == {
        name: (len(women), women["cens"].sum()) for name, women in pooled.groupby("group")
    }
    for row in by_group(record):
        women = pooled[pooled["group"] == row[0]]
        fit = KaplanMeierFitter().fit(women["time"], women["cens"])
        told = [float(cell.split("%")[0]) / 100 for cell in row[4:]]
        assert told == pytest.approx(list(fit.predict([3 * 365.25, 5 * 365.25])), abs=0.05)


def test_no_number_is_told_of_fewer_than_five_women(record):
    rows = record["tables"]["curve"]
    place = rows[0].index("events")
    assert min(row[place] for row in rows[1:] if row[place]) >= 5


def test_what_is_printed_names_groups_test_and_hospitals(record):
    console = Console(record=True, width=200)
    print_survival(record, 1.23, console)
    text = console.export_text()
    order = [
        text.index(word)
        for word in (*NAMES, "Log-rank", f"5 of 5 hospitals in 1.2 s under permit {PERMIT}", "lifelines (MIT)")
    ]
    assert order == sorted(order)
    assert "athens 252, bologna 160, cork 107, dresden 91, evora 76 women" in text


def test_in_a_terminal_of_80_columns_no_word_of_the_table_is_cut(record):
    console = Console(record=True, width=80)
    print_survival(record, 1.23, console)
    text = console.export_text()
    assert "…" not in text
    assert all(" ".join(row) in " ".join(text.split()) for row in by_group(record))


def test_who_did_not_answer_is_told_with_the_reason(record):
    console = Console(record=True, width=200)
    none, kept = (
        {"node": "dresden", "status": "answered"},
        {"node": "evora", "status": "refused", "reason": "The rule cells says no."},
    )
    one = {name: group for name, group in record["result"].items() if name != "log_rank"}
    print_survival(record | {"nodes": [*record["nodes"][:3], none, kept], "result": one}, 1.0, console)
    text = console.export_text()
    assert "4 of 5 hospitals" in text
    assert "cork 107, dresden 0 women" in text
    assert "evora: refused, The rule cells says no." in text
    assert "Log-rank" not in text


def test_the_permit_lets_the_run_through_for_a_year():
    permit = parse_permit(permit_for([plan.name for plan in NODES], "visitor", date(2026, 12, 1)))
    assert parse_run(dict(RUN)).asked() - {"person"} <= set(permit.variables)
    assert (permit.not_after - permit.not_before) // 86_400 >= 365


def test_the_curves_are_drawn_into_a_file(record, tmp_path):
    draw_survival(record, tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text()
    assert all(name in drawn for name in (*NAMES, "People at risk", "recurrence or death"))
    with pytest.raises(StorageFailed):
        draw_survival(record, tmp_path)
