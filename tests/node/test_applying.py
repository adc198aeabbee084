"""A harmonisation over three hospitals, applied by each to its own people: equal to ComBat on all rows together."""

import csv
import json
from contextlib import closing

import duckdb
import numpy as np
import pytest
from tests.algorithms.combat.pooled import harmonise
from tests.algorithms.federation import run as pooled_run
from tests.node.followed import lung, take_people
from typer.testing import CliRunner

from oncommons.algorithms.asking import chosen
from oncommons.algorithms.combat import COMBAT
from oncommons.algorithms.pair import Table
from oncommons.node.analysis_commands import analyses
from oncommons.node.applying import apply_record
from oncommons.node.home import Membership, make_home
from oncommons.node.index.asking import Index
from oncommons.node.optouts import opt_out
from oncommons.policy.disclosure.counts import Policy
from oncommons.schema.errors import NothingImported, NotJoined
from oncommons.schema.errors_of_analyses import AnalysisError, BadRecord
from oncommons.schema.run import parse_run
from oncommons.storage.decisions import Person

PARTS = {"athens": range(5), "bergen": range(5, 12), "cork": range(12, 40)}
RUN = {
    "analysis": "combat",
    "variables": {
        "karnofsky": {
            "value": "value",
            "of": "measurement",
            "where": {"field": "marker", "in": ["KARNOFSKY"]},
        },
        "age": {"value": "age_at_diagnosis", "of": "condition"},
        "time": {"value": "follow_up"},
        "female": {"is": {"field": "sex", "in": ["F"]}},
    },
    "settings": {"variables": ["karnofsky", "time"], "covariates": ["age", "female"]},
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("three"), {}
    for name, institutions in PARTS.items():
        made[name] = make_home(folder / name, Policy("open")).with_membership(Membership(name, "u", "i", {}))
        take_people(made[name], folder, lung()[lung()["inst"].isin(list(institutions))])
    return made


@pytest.fixture(scope="module")
def record(homes):
    run, tables = parse_run(RUN), {}
    settings = chosen(COMBAT, run)
    for name, home in homes.items():
        with closing(Index(home.tables.open())) as index:
            rows = np.array([row[2:] for row in index.rows(run)], dtype=float)
        tables[name] = Table(dict(zip(run.variables, rows.T, strict=True)), settings["levels"])
    found = pooled_run(COMBAT, tables, settings)
    nodes = [{"node": name, "status": "answered"} for name in homes]
    body = {"run": run.to_json(), "version": 1, "nodes": nodes, "result": found.found, "tables": found.tables}
    return json.loads(json.dumps(body | {"warnings": []}))


def test_each_hospitals_own_people_come_out_as_those_of_all_rows_together(homes, record):
    whole = lung().dropna(subset=["ph.karno"])
    batch = np.array([next(i for i, p in enumerate(PARTS.values()) if one in p) for one in whole["inst"]])
    rows = {"karnofsky": whole["ph.karno"].to_numpy(float), "time": whole["time"].to_numpy(float)}
    columns = np.stack([whole["age"], whole["sex"] == 2], axis=1).astype(float)
    after, _, _ = harmonise(rows, ["karnofsky", "time"], columns, batch)
    expected = dict(zip(whole["id"], after, strict=True))
    told = [row for home in homes.values() for row in apply_record(home, record).rows[1:]]
    assert len(told) == len(lung())
    for dataset, person, karnofsky, was, time, told_time in told:
        assert (dataset, told_time) == ("lung", lung().set_index("id")["time"][person])
        if person in expected:
            assert [karnofsky, time] == pytest.approx(expected[person], rel=1e-10)
        else:
            assert (karnofsky, was) == (None, None)


def test_it_is_written_where_the_data_are_and_told(homes, record, tmp_path):
    file = tmp_path / "run.json"
    file.write_text(json.dumps(record))
    words = ["apply", str(file), "--out", str(tmp_path / "made"), "--dir", str(homes["cork"].folder)]
    done = CliRunner().invoke(analyses, words)
    lacking = int(lung()[lung()["inst"] >= 12]["ph.karno"].isna().sum())
    people = int((lung()["inst"] >= 12).sum())
    assert f"{people} people with karnofsky, time on the common scale are in" in done.output.replace("\n", " ")
    told = json.loads(CliRunner().invoke(analyses, [*words, "--json"]).output)
    assert (told["people"], told["missing"], told["variables"]) == (people, lacking, ["karnofsky", "time"])
    with (tmp_path / "made" / "harmonised.csv").open() as text:
        head, *rows = list(csv.reader(text))
    assert head == ["dataset", "person", "karnofsky", "karnofsky_measured", "time", "time_measured"]
    with duckdb.connect() as own:
        told = own.execute("SELECT count(*) FROM read_parquet(?)", [str(tmp_path / "made" / "harmonised.parquet")])
        assert told.fetchall() == [(people,)]
    assert len(rows) == people


def test_who_has_opted_out_is_left_out(record, tmp_path):
    home = make_home(tmp_path / "athens", Policy("open")).with_membership(Membership("athens", "u", "i", {}))
    take_people(home, tmp_path, lung()[lung()["inst"] < 5])
    before = {row[1] for row in apply_record(home, record).rows[1:]}
    gone = min(before)
    opt_out(home, [gone], Person("dm", "command line"))
    assert {row[1] for row in apply_record(home, record).rows[1:]} == before - {gone}


def test_what_cannot_be_applied_says_why(homes, record, tmp_path):
    describe = {
        "analysis": "describe",
        "variables": {"time": {"value": "follow_up"}},
        "settings": {"variables": ["time"]},
    }
    with pytest.raises(BadRecord, match="a record of describe"):
        apply_record(homes["cork"], record | {"run": describe})
    with pytest.raises(BadRecord, match="in version 1"):
        apply_record(homes["cork"], record | {"version": 2})
    for part in ({"tables": {}}, {"result": {}}, {"tables": record["tables"] | {"model": [["variable"], ["time"]]}}):
        with pytest.raises(BadRecord, match="lacks what the harmonisation found"):
            apply_record(homes["cork"], record | part)
    empty = make_home(tmp_path / "empty", Policy("open"))
    with pytest.raises(NothingImported):
        apply_record(empty, record)
    take_people(empty, tmp_path, lung()[lung()["inst"] < 5])
    with pytest.raises(NotJoined):
        apply_record(empty, record)
    with pytest.raises(AnalysisError, match="no batch 'oslo'"):
        apply_record(empty.with_membership(Membership("oslo", "u", "i", {})), record)
