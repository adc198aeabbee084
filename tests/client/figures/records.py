"""Records of runs, as hubs give them: of real people, and by hand."""

from functools import cache

from lifelines.datasets import load_gbsg2
from tests.algorithms.federation import run, split, splits

from oncommons.algorithms.pair import Table
from oncommons.service.analyses import analysis_named

DIED = {"is": {"field": "vital_status", "in": ["DEAD"]}}
VARIABLES = {"time": {"value": "follow_up"}, "died": DIED, "grade": {"levels": {}}, "age": {"value": "age"}}


def record(title="Survival by group", **more):
    """A record by hand."""
    return {
        "id": "r", "run": {"analysis": "x", "cohort": None, "variables": VARIABLES, "settings": {}}, "version": 1,
        "title": title, "exact": True, "approximate": [], "source": "Kaplan and Meier 1958", "permit": "P-7",
        "rounds": 1, "result": {}, "tables": {}, "warnings": [],
        "nodes": [
            {"node": "athens", "status": "answered", "people": 1200, "missing": 3},
            {"node": "bergen", "status": "refused", "reason": "No.", "code": "E411"},
        ],
    } | more  # fmt: skip


@cache
def gbsg2():
    """686 women with breast cancer: recurrence-free survival by grade (Schumacher and others 1994; lifelines, MIT)."""
    frame = load_gbsg2()
    grades = ("I", "II", "III")
    columns = {"time": frame["time"], "died": frame["cens"], "grade": frame["tgrade"].map(grades.index)}
    columns |= {"age": frame["age"], "nodes": frame["pnodes"], "size": frame["tsize"]}
    return Table({name: column.to_numpy(float) for name, column in columns.items()}, {"grade": grades})


@cache
def made(analysis, **settings):
    """What an analysis finds in these women, at three nodes."""
    table, chosen = gbsg2(), {k: list(v) if isinstance(v, tuple) else v for k, v in settings.items()}
    known, defaults = analysis_named(analysis), {}
    if any("levels" in str(role.kinds) or "code" in role.kinds for role in known.roles):
        defaults = {"levels": {"grade": list(table.levels["grade"])}}
    result = run(known, split(table, splits(table.people, 3)["even"]), defaults | chosen)
    return record(
        known.title,
        run={"analysis": analysis, "cohort": None, "variables": VARIABLES, "settings": chosen},
        exact=known.exact,
        approximate=list(known.approximate),
        result=dict(result.found),
        tables={name: list(rows) for name, rows in result.tables.items()},
        warnings=list(result.warnings),
    )


def by_grade():
    """Kaplan-Meier curves of these women."""
    return made("survival", time="time", event="died", by="grade")
