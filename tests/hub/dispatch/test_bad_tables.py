"""What is odd in the tables of hospitals, or has no answer: in three units, cells that are no numbers, a level at one alone."""

from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm
from lifelines import CoxPHFitter
from tests.hub.callers import told
from tests.hub.dispatch.hospitals import INSTITUTIONS, MADE, copied_homes, serving
from tests.hub.dispatch.test_driving import rounds_left
from tests.hub.dispatch.test_running import PERMIT, begin, made, make, part
from tests.node.clinicals import mapping_of, take_table, write_rows
from tests.node.followed import RUN, lung
from tests.permits import BEGIN, body

from oncommons.node.home import make_home
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.permit import parse_permit

TABLES = """
[[tables]]
table = "person"
sex = {{ column = "sex", map = {{ "1" = "M", "2" = "F" }} }}
[[tables]]
table = "condition_occurrence"
code = {{ value = "ICD10:C34" }}
age = {{ column = "age", unit = "{age}" }}
grade = "grade"
[[tables]]
table = "measurement"
marker = {{ value = "WEIGHT_LOSS" }}
value = {{ column = "loss" }}
unit = {{ value = "{loss}" }}
[[tables]]
table = "follow_up"
time = {{ column = "time", unit = "{time}" }}
status = {{ column = "status", map = {{ "0" = "ALIVE", "1" = "DEAD" }} }}
"""
PLAIN = {"time": "d", "age": "a", "loss": "kg"}
UNITS = {
    "athens": PLAIN,
    "bergen": {"time": "wk", "age": "mo", "loss": "[lb_av]"},
    "cork": {"time": "mo_j", "age": "a", "loss": "g"},
}
POUND = Decimal("0.45359237")
"""Kilograms; the trial has pounds."""
WRITTEN = {
    "d": str,
    "wk": lambda days: f"{(days + 0.25) / 7:.6f}",
    "mo_j": lambda days: f"{(days + 0.25) / 30.4375:.6f}",
    "a": str,
    "mo": lambda years: str(12 * years + 5),
    "kg": lambda pounds: str(pounds * POUND),
    "[lb_av]": str,
    "g": lambda pounds: str(pounds * POUND * 1000),
    "cm": str,
}
"""How a hospital writes days, years and pounds in its unit: times a little later in the day, ages a little older."""
LOSS = {"value": "value", "of": "measurement", "where": {"field": "marker", "in": ["WEIGHT_LOSS"]}}
VARIABLES = RUN["variables"] | {
    "loss": LOSS,
    "dead": RUN["variables"]["died"],
    "months": {"value": "age_at_diagnosis", "of": "condition", "take": "most"},
    "all": {"is": {"some": "condition", "where": {"field": "code", "in": ["ICD10:C34"]}}},
    "grade": {
        "levels": {g: {"some": "condition", "where": {"field": "grade", "in": [g]}} for g in ("G1", "G2", "G3", "G4")}
    },
}
FOLLOWED = {"time": "time", "event": "died"}


def cox(*covariates):
    return {"analysis": "cox", "variables": VARIABLES, "settings": FOLLOWED | {"covariates": list(covariates)}}


def glm(family, *covariates, outcome="died"):
    settings = {"outcome": outcome, "covariates": list(covariates), "family": family}
    return {"analysis": "glm", "variables": VARIABLES, "settings": settings}


def rows_of(table, units, home=""):
    """As the hospital writes them; grade 3 is found in cork alone, and grade 4 nowhere."""
    written = []
    for row in table.to_dict("records"):
        grades = ("G1", "G2", "G3") if home == "cork" else ("G1", "G2")
        written.append(
            {
                "id": row["id"],
                "sex": int(row["sex"]),
                "age": WRITTEN[units["age"]](int(row["age"])),
                "grade": grades[int(row["id"][1:]) % len(grades)],
                "loss": "" if np.isnan(row["wt.loss"]) else WRITTEN[units["loss"]](int(row["wt.loss"])),
                "time": WRITTEN[units["time"]](int(row["time"])),
                "status": int(row["status"]),
            }
        )
    return written


def hospital(folder, name, policy, rows, units=PLAIN):
    """A node with the rows, and the report of their import."""
    home = make_home(folder / name, policy).with_analyses(MADE)
    file = write_rows(folder / f"{name}.csv", rows)
    return home, take_table(home, file, mapping_of(TABLES.format(**units), dataset="lung"))


def parts():
    for name, institutions in INSTITUTIONS.items():
        yield name, lung()[lung()["inst"].isin(list(institutions))]


def homes_by(folder, policy, units):
    found = {n: hospital(folder, n, policy, rows_of(some, units[n], n), units[n]) for n, some in parts()}
    return {name: home for name, (home, _) in found.items()}


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    """Hospitals whose data are open, each in units of its own."""
    return homes_by(tmp_path_factory.mktemp("units"), Policy("open"), UNITS)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Directories of hospitals whose data are not open, and that have told nothing yet."""
    folder = tmp_path_factory.mktemp("closed")
    homes_by(folder, Policy("threshold", 5), dict.fromkeys(INSTITUTIONS, PLAIN))
    return folder


@pytest.fixture
def closed(filled, tmp_path):
    """These hospitals; each test has its own, since what is told of people counts."""
    return copied_homes(filled, tmp_path)


@pytest.fixture
def given(hub):
    hub.clock.now = BEGIN + 5.0
    held = [{"node": name, "dataset": "lung"} for name in (*INSTITUTIONS, "delft")]
    fields = [*PERMIT.variables, "measurement.value", "measurement.marker", "condition.grade", "condition.code"]
    permit = parse_permit(body(datasets=held, variables=fields, analyses=["cox", "glm"], budget=0))
    return str(hub.app.state.permits.issue(permit, "https://hub.test", hub.clock())[1]["ana"])


def pooled():
    """All rows in the units of the dictionary."""
    places = {name: some["id"] for name, some in parts()}
    table = lung().assign(loss=lung()["wt.loss"] * float(POUND), female=lung()["sex"] - 1.0)
    for name, ids in places.items():
        table.loc[table["id"].isin(ids), "hospital"] = name
    of_three = table["hospital"] == "cork"
    number = table["id"].str[1:].astype(int)
    return table.assign(grade=np.where(of_three, number % 3, number % 2))


def fitted(table, *covariates):
    rows = table[["time", "status", "hospital", *covariates]].dropna().astype({"time": float})
    return CoxPHFitter().fit(rows, "time", "status", strata=["hospital"], fit_options={"precision": 1e-14}).params_


def test_hospitals_that_write_in_other_units_give_the_pooled_result_in_those_of_the_dictionary(hub, homes, given):
    with serving(hub, homes):
        found = made(hub, cox("age", "loss"), given)
        line = made(hub, glm("gaussian", "age", "loss", outcome="time"), given)
    fit = fitted(pooled(), "age", "loss")
    assert found["result"]["coefficients"] == pytest.approx(dict(fit), abs=1e-9)
    rows = pooled()[["time", "age", "loss"]].dropna()
    oracle = sm.OLS(rows["time"], sm.add_constant(rows[["age", "loss"]].astype(float))).fit()
    assert line["result"]["coefficients"]["loss"] == pytest.approx(oracle.params["loss"], abs=1e-8)
    assert sum(one["people"] for one in line["nodes"]) == len(rows)


def test_a_number_in_a_unit_that_is_none_of_its_field_is_told_at_the_import_and_in_no_result(
    hub, homes, given, tmp_path
):
    units = PLAIN | {"loss": "cm"}
    home, report = hospital(tmp_path, "delft", Policy("open"), rows_of(lung(), units), units)
    assert report.taken.faults == {"E336": int(lung()["wt.loss"].notna().sum())}
    assert report.taken.first[0].message == "WEIGHT_LOSS is asked in kg, which cannot be made of 'cm'."
    with serving(hub, homes | {"delft": home}):
        found = made(hub, cox("age", "loss"), given)
    lost = part(found, "delft")
    assert (lost.get("people", 0), lost["missing"]) == (0, len(lung()))
    assert found["result"]["coefficients"] == pytest.approx(dict(fitted(pooled(), "age", "loss")), abs=1e-9)


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ({"value": "follow_up", "unit": "mo"}, "follow_up is in d at every node; a variable names no unit."),
        ({"value": "value", "of": "measurement"}, "value has the unit of its marker: say beside it which marker"),
        (LOSS | {"where": {"field": "marker", "in": ["WEIGHT_LOSS", "ECOG"]}}, "ECOG is in 1, WEIGHT_LOSS is in kg"),
    ],
)
def test_a_run_that_would_mix_units_is_refused_before_anybody_is_asked(hub, given, variable, says):
    got = begin(hub, cox("x") | {"variables": VARIABLES | {"x": variable}}, given)
    assert told(got) == (422, "E101")
    assert says in got.json()["error"]["message"]


UNCLEAR = ["NaN", "nan", "inf", "-Infinity", "1e999", "?", "twelve", "12 kg or so"]


def test_cells_that_are_no_numbers_are_missing_and_nobody_of_them_is_in_a_number(hub, homes, given, tmp_path):
    some = dict(parts())["cork"]
    rows = rows_of(some, PLAIN, "cork")
    for row, text in zip(rows, UNCLEAR, strict=False):
        row["loss"] = text
    home, report = hospital(tmp_path, "cork", Policy("open"), rows)
    assert report.taken.refused == 0
    assert {fault.code for fault in report.taken.first} == {"E336"}
    with serving(hub, homes | {"cork": home}):
        found = made(hub, cox("age", "loss"), given)
    table = pooled()
    table.loc[table["id"].isin([row["id"] for row in rows[: len(UNCLEAR)]]), "loss"] = np.nan
    assert found["result"]["coefficients"] == pytest.approx(dict(fitted(table, "age", "loss")), abs=1e-9)
    assert part(found, "cork")["missing"] == table[table["hospital"] == "cork"]["loss"].isna().sum()


def test_a_level_that_one_hospital_has_and_one_that_nobody_has(hub, closed, given):
    with serving(hub, closed):
        found = made(hub, cox("age", "grade"), given)
        other = made(hub, glm("binomial", "age", "grade"), given)
    table = pooled().assign(g2=lambda t: (t["grade"] == 1) * 1.0, g3=lambda t: (t["grade"] == 2) * 1.0)
    fit = fitted(table, "age", "g2", "g3")
    terms = {row[0]: row[1] for row in found["tables"]["terms"][1:]}
    assert found["secured"] == list(INSTITUTIONS)
    assert terms == pytest.approx({"age": fit["age"], "grade=G2": fit["g2"], "grade=G3": fit["g3"]}, abs=1e-9)
    model = sm.GLM(table["status"], sm.add_constant(table[["age", "g2", "g3"]].astype(float)), sm.families.Binomial())
    oracle = model.fit(tol=1e-14).params
    terms_of = {row[0]: row[1] for row in other["tables"]["terms"][1:]}
    assert terms_of["grade=G3"] == pytest.approx(oracle["g3"], abs=1e-9)
    assert set(terms_of) == {"intercept", "age", "grade=G2", "grade=G3"}


NO_ANSWER = {
    "a column that tells the event": (glm("binomial", "age", "dead"), "the coefficient of dead grows without bound"),
    "the same, of times": (cox("age", "dead"), "the coefficient of dead grows without bound"),
    "a column twice": (cox("age", "months"), "age, months say the same"),
    "a column twice, of a line": (glm("gaussian", "age", "months", outcome="time"), "age, months say the same"),
    "a column that never differs": (glm("binomial", "age", "all"), "all is the same for everybody"),
}


@pytest.mark.parametrize("name", NO_ANSWER)
def test_where_there_is_no_answer_the_run_ends_with_the_reason_and_leaves_nothing(hub, closed, given, name):
    run, says = NO_ANSWER[name]
    with serving(hub, closed):
        ended = make(hub, run, given)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "E410")
    assert says in ended["error"]["message"]
    assert rounds_left(hub) == []
    assert "record" not in ended
