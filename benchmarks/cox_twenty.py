"""How long Cox's model with ten covariates takes over twenty nodes, against the pooled fit and against Flower.

    python benchmarks/cox_twenty.py

14,294 people with prostate cancer (``prostateSurvival`` of SurvSet) are dealt to twenty nodes at random, so that each has
about as many deaths: 40, since with fewer than three for each coefficient a node takes no part.  Grade, stage and
age make six columns; the table has no more, so four columns of noise are added to make ten.  Months are told as days, 30
each.  The hub is one process and each node another, as ``oncommons hub serve`` and ``oncommons node serve`` make them; what
is timed is ``oncommons.client.runs.make``, from the question to the record.

The peers compute the same model, stratified by hospital, in an environment of their own, since SurvSet and scikit-survival
are GPL-3: statsmodels and lifelines on the pooled rows; scikit-survival, which has no strata, with one baseline; and an app of Flower that
sums slopes and curvatures of twenty supernodes in its simulation engine, one exchange for each step of Newton's method.
statsmodels and Flower must find the same coefficients to 1e-10; lifelines stops earlier, and how far it is from all of them
is told.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.node.clinicals import mapping_of, take_table, write_rows  # noqa: E402
from tests.stories.federation import Process, free_port, until, within  # noqa: E402

from oncommons.client.connection import Connection, connect  # noqa: E402
from oncommons.client.runs import make  # noqa: E402
from oncommons.node.home import open_home  # noqa: E402

PEER = ("SurvSet", "statsmodels", "lifelines", "scikit-survival", "flwr[simulation]")
NODES, TIMES, CLOSE, DATASET = 20, 5, 1e-10, "prostate"
NOISE = ("n1", "n2", "n3", "n4")
MARKERS = {"n1": "AFP", "n2": "CA125", "n3": "CA153", "n4": "PSA"}
UNITS = {"AFP": "ng/mL", "CA125": "[arb'U]/mL", "CA153": "[arb'U]/mL", "PSA": "ng/mL"}
GRADES = {"mode": "G2", "poor": "G3"}
STAGES = {"T1ab": "T1a", "T1c": "T1c", "T2": "T2"}
AGES = {"66-69": 67, "70-74": 72, "75-79": 77, "80+": 82}
PEOPLE = """
[[tables]]
table = "condition_occurrence"
code = { value = "ICD10:C61" }
age = "age"
grade = "grade"
clinical_t = "stage"
[[tables]]
table = "follow_up"
time = { column = "time", unit = "d" }
status = { column = "status", map = { "0" = "ALIVE", "1" = "DEAD" } }
"""
VARIABLES = ["person.follow_up", "person.vital_status"]
VARIABLES += [f"condition.{name}" for name in ("grade", "clinical_t", "age_at_diagnosis")]
VARIABLES += ["measurement.marker", "measurement.value", "condition", "measurement"]


def of_condition(**test: Any) -> dict[str, Any]:
    """A criterion on the tumour."""
    (field, how), *_ = test.items()
    return {"some": "condition", "where": {"field": field, **how}}


RUN = {
    "analysis": "cox",
    "variables": {
        "time": {"value": "follow_up"},
        "died": {"is": {"field": "vital_status", "in": ["DEAD"]}},
        "grade": {"levels": {g: of_condition(grade={"in": [g]}) for g in GRADES.values()}},
        "stage": {"levels": {t: of_condition(clinical_t={"in": [t]}) for t in STAGES.values()}},
        "age": {"levels": {str(a): of_condition(age_at_diagnosis={"between": [a, a]}) for a in AGES.values()}},
        **{
            name: {"value": "value", "of": "measurement", "where": {"field": "marker", "in": [marker]}}
            for name, marker in MARKERS.items()
        },
    },
    "settings": {"time": "time", "event": "died", "covariates": ["grade", "stage", "age", *NOISE], "check": "none"},
}


class Hospitals:
    """A hub and its nodes, each a process, in a folder."""

    def __init__(self, folder: Path, policy: str) -> None:
        self.folder, self.policy, self.port = folder, policy, free_port()
        self.hub_folder = folder / "hub"
        words = ("hub", "serve", "--dir", str(self.hub_folder), "--port", str(self.port))
        self.processes = [Process(words, folder / "hub.log")]

    def open(self, columns: dict[str, list[Any]]) -> tuple[Connection, str]:
        """Start all; returns a connection and the pass of a permit."""
        url = self.processes[0].start()["url"]
        names = [f"hospital-{place + 1:02d}" for place in range(NODES)]
        for place, name in enumerate(names):
            self._make(name, url, columns, place)
            print(f"{name} has its people", file=sys.stderr)
        nodes = [Process(("node", "serve", "--dir", str(self.folder / n)), self.folder / f"{n}.log") for n in names]
        self.processes += nodes
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(Process.start, nodes))
        connection = connect(url)
        until(lambda: len(connection.datasets()) == NODES, "datasets")
        return connection, self._permit(names)

    def close(self) -> None:
        """End all, the nodes before the hub."""
        for process in reversed(self.processes):
            process.stop()

    def _make(self, name: str, url: str, columns: dict[str, list[Any]], place: int) -> None:
        folder = str(self.folder / name)
        within("node", "init", folder, "--policy", self.policy)
        code = within("hub", "invite", name, "--dir", str(self.hub_folder))["code"]
        within("node", "join", url, code, "--dir", folder)
        home = open_home(Path(folder))
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        own = [row for row in rows if row["site"] == place]
        people = [
            {"id": row["id"], "age": AGES[row["age"]], "grade": GRADES[row["grade"]], "stage": STAGES[row["stage"]],
             "time": 30 * row["time"], "status": row["event"]} for row in own
        ]  # fmt: skip
        path = write_rows(self.folder / f"{name}.csv", people)
        take_table(home, path, mapping_of(PEOPLE, dataset=DATASET))
        for noise, marker in MARKERS.items():
            told = [{"id": row["id"], "value": round(row[noise] + 10, 3)} for row in own]  # no marker is below nothing
            table = f'[[tables]]\ntable = "measurement"\nmarker = {{ value = "{marker}" }}\nvalue = {{ column = "value", unit = "{UNITS[marker]}" }}\n'
            path = write_rows(self.folder / f"{name}-{noise}.csv", told)
            take_table(home, path, mapping_of(table, dataset=DATASET))
        within("node", "analyses", "admit", "cox", "--dir", folder)

    def _permit(self, names: list[str]) -> str:
        today = dt.datetime.now(dt.UTC).date()
        permit = {
            "id": "P-20", "project": "twenty", "people": ["ana"],
            "datasets": [{"node": name, "dataset": DATASET} for name in names],
            "variables": VARIABLES, "analyses": ["cox"],
            "purpose": {"ehds": ["RESEARCH"], "duo": ["DUO:0000007"]},
            "period": {"not_before": str(today - dt.timedelta(1)), "not_after": str(today + dt.timedelta(90))},
            "output": {"least": 0, "groups": True}, "budget": 0,
        }  # fmt: skip
        path = self.folder / "permit.json"
        path.write_text(json.dumps(permit))
        issued = within("hub", "permit", "issue", str(path), "--dir", str(self.hub_folder))
        return str(issued["passes"]["ana"])


def peer(python: Path, mode: str, *words: Path) -> Any:
    """What the script of the peers finds, in their environment."""
    script = Path(__file__).with_name("cox_twenty_peer.py")
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [str(python), str(script), mode, out.name, *map(str, words)]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
        return json.loads(Path(out.name).read_text())


def environment(folder: Path) -> Path:
    """A new environment with the peers."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER], check=True)
    return python


def apart(ours: list[float], theirs: list[float]) -> float:
    """The largest difference of two lists of coefficients."""
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True))


def federated(table: dict[str, Any], policy: str, times: int) -> dict[str, Any]:
    """Seconds of each run over the nodes, and what the last one found."""
    with tempfile.TemporaryDirectory(prefix="oncommons-bench-") as folder:
        hospitals, seconds, load = Hospitals(Path(folder), policy), [], []
        try:
            connection, permit = hospitals.open(table["columns"])
            for _ in range(times + 1):
                start = time.perf_counter()
                record = make(connection, RUN, permit).record
                seconds.append(time.perf_counter() - start)
                load.append(os.getloadavg()[0])
                print(f"a run: {seconds[-1]:.2f} s", file=sys.stderr)
        finally:
            hospitals.close()
    terms = record["tables"]["terms"]
    column = terms[0].index("coefficient")
    answered = [one for one in record["nodes"] if one["status"] == "answered"]
    if len(answered) != NODES or sum(one["people"] for one in answered) != len(table["columns"]["id"]):
        raise SystemExit(f"not everybody took part: {record['nodes']}")
    return {
        "first": seconds[0], "seconds": seconds[1:], "rounds": record["rounds"], "load": load,
        "coefficients": [row[column] for row in terms[1:]],
    }  # fmt: skip


def main() -> None:
    """Print a table of seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", type=Path, help="A Python that has the packages, in place of a new environment.")
    parser.add_argument("--policy", default="open", choices=("open", "threshold"), help="Rule of the nodes.")
    parser.add_argument("--times", type=int, default=TIMES, help="So many runs after the first.")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        python = wanted.peer or environment(Path(made) / "peer")
        table = peer(python, "table")
        path = Path(made) / "table.json"
        path.write_text(json.dumps(table))
        ours = federated(table, wanted.policy, wanted.times)
        pooled, flower = peer(python, "pooled", path), peer(python, "flower", path)
    report(ours, pooled, flower, wanted.policy)


def report(ours: dict[str, Any], pooled: dict[str, Any], flower: dict[str, Any], policy: str) -> None:
    """Print seconds, ratios and how far coefficients are apart."""
    middle = statistics.median(ours["seconds"])
    versions = ", ".join(f"{name} {version}" for name, version in pooled["versions"].items())
    load = ", ".join(f"{one:.1f}" for one in ours["load"])
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, rule {policy}; {versions}; load after each run: {load}\n"
    )
    print("| | seconds | oncommons takes so many times as long | coefficients apart |\n| --- | --- | --- | --- |")
    print(f"| oncommons, {NODES} nodes, {ours['rounds']} rounds: median of {len(ours['seconds'])} | {middle:.2f} | | |")
    print(f"| the first run, in which nodes load what they compute with | {ours['first']:.2f} | | |")
    distances = []
    for name, one in {**pooled["fits"], **flower["fits"]}.items():
        far = apart(ours["coefficients"], one["coefficients"])
        distances += [far] if one["model"] == "same" else []
        told = "another model" if one["model"] == "other" else f"{far:.0e}"
        print(f"| {name} | {one['seconds']:.2f} | {middle / one['seconds']:.2f} | {told} |")
    print(json.dumps({"ours": ours, "pooled": pooled, "flower": flower}))
    if max(distances) > CLOSE:
        raise SystemExit("coefficients differ")


if __name__ == "__main__":
    main()
