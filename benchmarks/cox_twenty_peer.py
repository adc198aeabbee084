"""The peers of ``cox_twenty.py``, in an environment of their own: the table, fits of pooled rows, and an app of Flower.

    python cox_twenty_peer.py table|pooled|flower OUT [TABLE]

Flower runs in its simulation engine, on Ray, with one supernode for each hospital; each keeps its rows between rounds.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

NODES, SEED, STEPS, CLOSE = 20, 20, 30, 1e-10
NOISE = ("n1", "n2", "n3", "n4")
VERSIONS = ("SurvSet", "statsmodels", "lifelines", "scikit-survival", "flwr", "numpy")
FLOWER = "Flower's simulation engine, summed steps"


def table() -> dict[str, Any]:
    """The table, as columns, with noise and the hospital of each row."""
    from SurvSet.data import SurvLoader  # noqa: PLC0415  not in every mode

    frame = SurvLoader().load_dataset(ds_name="prostateSurvival")["df"]
    random = np.random.default_rng(SEED)
    kept = frame  # all of them
    names = {"fac_grade": "grade", "fac_stage": "stage", "fac_ageGroup": "age", "time": "time", "event": "event"}
    columns = {new: kept[old].tolist() for old, new in names.items()}
    columns["id"] = [f"p{number:05d}" for number in range(len(kept))]
    for name in NOISE:
        columns[name] = random.normal(size=len(kept)).round(3).tolist()
    columns["site"] = dealt(columns["event"], random)
    return {"columns": columns}


def dealt(events: list[int], random: np.random.Generator) -> list[int]:
    """The hospital of each row: who died, and who did not, are dealt out in turn at random.

    So each hospital has about 40 deaths: with fewer than three for each coefficient it would take no part (rule ``events``).
    """
    sites = np.zeros(len(events), dtype=int)
    for event in (1, 0):
        some = random.permutation(np.flatnonzero(np.array(events) == event))
        sites[some] = np.arange(len(some)) % NODES
    return [int(one) for one in sites]


def matrix(columns: dict[str, list[Any]]) -> pd.DataFrame:
    """The ten columns of the model, each code by its levels in order but the first."""
    levels = {"grade": ["poor"], "stage": ["T1c", "T2"], "age": ["70-74", "75-79", "80+"]}
    found = {f"{n}={v}": [float(one == v) for one in columns[n]] for n, some in levels.items() for v in some}
    return pd.DataFrame(found | {name: columns[name] for name in NOISE})


def best(action: Any) -> tuple[float, Any]:
    """Seconds of the fastest of three, and what came of it."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        found = action()
        seconds.append(time.perf_counter() - start)
    return min(seconds), found


def pooled(columns: dict[str, list[Any]]) -> dict[str, Any]:
    """Fits of all rows together."""
    from lifelines import CoxPHFitter  # noqa: PLC0415  not in every mode
    from sksurv.linear_model import CoxPHSurvivalAnalysis  # noqa: PLC0415
    from sksurv.util import Surv  # noqa: PLC0415
    from statsmodels.duration.hazard_regression import PHReg  # noqa: PLC0415

    x = matrix(columns)
    frame = x.assign(time=columns["time"], event=columns["event"], site=columns["site"])
    times, events = np.array(columns["time"], dtype=float), np.array(columns["event"])
    strata = {"strata": np.array(columns["site"]), "ties": "efron"}
    exact, oracle = best(lambda: PHReg(times, x.to_numpy(), status=events, **strata).fit(disp=0))
    options = {"fit_options": {"precision": 1e-14}}
    one, fit = best(lambda: CoxPHFitter().fit(frame, "time", "event", strata=["site"], **options))
    told = Surv.from_arrays(events > 0, times)
    other, common = best(lambda: CoxPHSurvivalAnalysis(ties="efron", tol=1e-12).fit(x.to_numpy(), told))
    fits = {
        "statsmodels, pooled, hospitals as strata": (exact, oracle.params, "same"),
        "lifelines, pooled, hospitals as strata": (one, fit.params_, "near"),  # it stops when its step is small enough
        "scikit-survival, pooled, one baseline": (other, common.coef_, "other"),
    }
    return {
        "versions": {name: version(name) for name in VERSIONS},
        "fits": {
            name: {"seconds": s, "coefficients": list(map(float, c)), "model": m} for name, (s, c, m) in fits.items()
        },
    }


@cache
def rows(path: str, site: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrix, times and events of one hospital, the longest followed first; read once in each process."""
    columns = json.loads(Path(path).read_text())["columns"]
    own = np.array(columns["site"]) == site
    time_, event = np.array(columns["time"], dtype=float)[own], np.array(columns["event"])[own] > 0
    order = np.argsort(-time_, kind="stable")
    return matrix(columns).to_numpy()[own][order], time_[order], event[order]


def slopes(path: str, site: int, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and information of one hospital's partial likelihood, ties by Efron."""
    x, times, events = rows(path, site)
    risk = np.exp(x @ beta)
    first, second = risk[:, None] * x, risk[:, None, None] * x[:, :, None] * x[:, None, :]
    at = [np.cumsum(one, axis=0) for one in (risk, first, second)]
    score, information = x[events].sum(axis=0), np.zeros((x.shape[1], x.shape[1]))
    for when in np.unique(times[events]):
        last, dead = np.searchsorted(-times, -when, side="right") - 1, events & (times == when)
        parts = np.arange(dead.sum()) / dead.sum()
        whole = at[0][last] - parts * risk[dead].sum()
        mean = (at[1][last] - parts[:, None] * first[dead].sum(axis=0)) / whole[:, None]
        square = at[2][last] / whole[:, None, None] - (parts / whole)[:, None, None] * second[dead].sum(axis=0)
        score = score - mean.sum(axis=0)
        information += square.sum(axis=0) - mean.T @ mean
    return score, information


def flower(path: str) -> dict[str, Any]:
    """The model by an app of Flower: each step asks all supernodes for slopes, and adds them up."""
    from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, RecordDict  # noqa: PLC0415  not in every mode
    from flwr.clientapp import ClientApp  # noqa: PLC0415
    from flwr.serverapp import Grid, ServerApp  # noqa: PLC0415
    from flwr.simulation import run_simulation  # noqa: PLC0415

    client, server, found = ClientApp(), ServerApp(), dict[str, Any]()

    @client.query()
    def told(message: Message, context: Context) -> Message:
        beta = message.content["at"]["beta"].numpy()
        score, information = slopes(
            str(message.content["where"]["path"]), int(context.node_config["partition-id"]), beta
        )
        sums = ArrayRecord({"score": Array(score), "information": Array(information)})
        return Message(RecordDict({"sums": sums}), reply_to=message)

    @server.main()
    def fit(grid: Grid, _context: Context) -> None:
        beta, found["steps"] = np.zeros(matrix_width()), 0
        while len(nodes := sorted(grid.get_node_ids())) < NODES:
            time.sleep(0.05)
        for run in range(2):
            start, beta, found["steps"] = time.perf_counter(), np.zeros(matrix_width()), 0
            for _ in range(STEPS):
                content = RecordDict({"at": ArrayRecord({"beta": Array(beta)}), "where": ConfigRecord({"path": path})})
                asked = [Message(content, dst_node_id=node, message_type="query") for node in nodes]
                told_back = list(grid.send_and_receive(asked))
                if lost := [one.error for one in told_back if one.has_error()]:
                    raise SystemExit(str(lost[0]))
                replies = [one.content["sums"] for one in told_back]
                score, information = (sum(one[name].numpy() for one in replies) for name in ("score", "information"))
                step = np.linalg.solve(information, score)
                beta, found["steps"] = beta + step, found["steps"] + 1
                if np.abs(step).max() < CLOSE:
                    break
            found[f"seconds {run}"] = time.perf_counter() - start
        found["beta"] = beta.tolist()

    start = time.perf_counter()
    run_simulation(server_app=server, client_app=client, num_supernodes=NODES)
    whole = time.perf_counter() - start
    if "beta" not in found:
        raise SystemExit("Flower's run has no result")
    parts = {"its start and end with it": whole - found["seconds 1"], "its first fit": found["seconds 0"],
             "its second fit": found["seconds 1"]}  # fmt: skip
    same = {"coefficients": found["beta"], "model": "same"}
    return {
        "steps": found["steps"],
        "fits": {f"{FLOWER}, {found['steps']} of them: {name}": {"seconds": s, **same} for name, s in parts.items()},
    }


def matrix_width() -> int:
    """Columns of the model."""
    return matrix({"grade": [], "stage": [], "age": [], **{name: [] for name in NOISE}}).shape[1]


def main() -> None:
    """Write what a mode finds."""
    warnings.filterwarnings("ignore")
    mode, out, *rest = sys.argv[1:]
    if mode == "table":
        found = table()
    elif mode == "pooled":
        found = pooled(json.loads(Path(rest[0]).read_text())["columns"])
    else:
        folder = str(Path(__file__).parent)  # Ray's processes find this file there, as a module
        os.environ["PYTHONPATH"] = folder
        sys.path.insert(0, folder)
        found = import_module(Path(__file__).stem).flower(rest[0])
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
