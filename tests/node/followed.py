"""People who were followed: a real trial, brought into nodes as their data managers would."""

from functools import cache

import pandas as pd
from lifelines.datasets import load_lung
from tests.node.clinicals import mapping_of, take_table, write_rows

TABLES = """
[[tables]]
table = "person"
sex = { column = "sex", map = { "1" = "M", "2" = "F" } }
[[tables]]
table = "condition_occurrence"
code = { value = "ICD10:C34" }
age = "age"
[[tables]]
table = "measurement"
marker = { value = "KARNOFSKY" }
value = { column = "karnofsky" }
[[tables]]
table = "follow_up"
time = { column = "time", unit = "d" }
status = { column = "status", map = { "0" = "ALIVE", "1" = "DEAD" } }
"""
RUN = {
    "variables": {
        "time": {"value": "follow_up"},
        "died": {"is": {"field": "vital_status", "in": ["DEAD"]}},
        "age": {"value": "age_at_diagnosis", "of": "condition"},
        "female": {"is": {"field": "sex", "in": ["F"]}},
    },
}
COX = {"analysis": "cox", **RUN, "settings": {"time": "time", "event": "died", "covariates": ["age", "female"]}}
CURVES = {"analysis": "survival", **RUN, "settings": {"time": "time", "event": "died", "by": "female"}}


@cache
def lung():
    """The lung cancer trial of the NCCTG (Loprinzi et al. 1994; lifelines, MIT): 227 people of 18 institutions."""
    table = load_lung().dropna(subset=["inst"]).reset_index(drop=True)
    table["id"] = [f"p{i:03d}" for i in range(len(table))]
    return table


def take_people(home, folder, table, dataset="lung"):
    """Bring some people of the trial into a node."""
    whole = table[["id", "time", "status", "age", "sex"]].astype({"time": int, "status": int, "age": int, "sex": int})
    rows = whole.to_dict("records")
    for row, karnofsky in zip(rows, table["ph.karno"], strict=True):
        row["karnofsky"] = "" if pd.isna(karnofsky) else int(karnofsky)
    take_table(
        home, write_rows(folder / f"{home.folder.name}-{dataset}.csv", rows), mapping_of(TABLES, dataset=dataset)
    )
