"""Whether real trials are counted as their tables say: sets on cancer of three packages, imported as a hospital would.

    python benchmarks/trials.py

SurvSet and scikit-survival (GPL-3) and lifelines (MIT), installed here into an environment of their own and used by
nothing else, hold tables of published trials and cohorts.  Each of the sets on cancer is written as CSV with all its
columns, and of those that several have the one of the first, imported
with ``oncommons node clinical`` and a mapping, and asked.  Compared with the table, read by pandas in the other
environment and counted here with Python's fractions:

- people, and what could not be read;
- people by sex, grade, stage, T, N and vital status;
- people with a follow-up, an age or a marker of at least each quartile of the table;
- the text of every time and marker that the node keeps, with that of the table.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from oncommons.node.desk import Desk
from oncommons.node.home import Home, open_home

DAYS = {"d": Fraction(1), "wk": Fraction(7), "mo": Fraction(36525, 1200), "a": Fraction(36525, 100)}
"""Days in a unit of time: a Julian year has 365.25, and a month is a twelfth of it (UCUM, section 4.3)."""
WRITE = """
import importlib, json, sys, warnings
import pandas
warnings.filterwarnings("ignore")
from SurvSet.data import SurvLoader
loader = SurvLoader()
for name, (library, time, event) in json.loads(sys.argv[2]).items():
    if library == "SurvSet":
        frame = loader.load_dataset(name)["df"]
    else:
        found = getattr(importlib.import_module(f"{library}.datasets"), f"load_{name}")()
        if isinstance(found, tuple):
            found = found[0].join(pandas.DataFrame(found[1], index=found[0].index))
        frame = found.reset_index(drop=True).rename(columns={time: "time", event: "event"})
        frame["event"] = frame["event"].astype(int)
        frame.insert(0, "pid", range(1, len(frame) + 1))
    frame.to_csv(f"{sys.argv[1]}/{name}.csv", index=False)
"""
UNSTATED = {"", "missing"}
"""How a table says that nothing is known."""
Criterion = dict[str, Any] | None


@dataclass(frozen=True)
class Trial:
    """A set of one of the packages.

    Attributes:
        code: ICD-10 of the disease.
        unit: Unit of its times, in UCUM.
        death: Whether its event is death of any cause.
        coded: Key of a mapping to its column and what the column's texts mean.
        numbers: Marker to its column.
        treated: Kind of treatment to its column, and the texts that say it was given.
        age: Column of the age at diagnosis, in years.
        origin: The package, and what it calls the columns of time and event.
    """

    code: str
    unit: str
    death: bool = False
    coded: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    treated: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    age: str = ""
    origin: tuple[str, str, str] = ("SurvSet", "time", "event")


def _sex(male: str, female: str, column: str = "fac_sex") -> dict[str, tuple[str, dict[str, str]]]:
    return {"sex": (column, {male: "M", female: "F"})}


_GRADES = {"1": "G1", "2": "G2", "3": "G3", "4": "G4"}
_STAGES = {"0": "0", "1": "I", "2": "II", "3": "III", "4": "IV"}
_T = {str(n): f"T{n}" for n in range(5)}
_N = {str(n): f"N{n}" for n in range(4)}
TRIALS: Mapping[str, Trial] = {
    "veteran": Trial("C34", "d", death=True, numbers={"KARNOFSKY": "num_karno"}, age="num_age"),
    "cancer": Trial(
        "C34",
        "d",
        death=True,
        coded=_sex("1", "2"),
        numbers={"KARNOFSKY": "num_ph_karno", "ECOG": "fac_ph_ecog"},
        age="num_age",
    ),
    "phpl04K8a": Trial("C34", "a", death=True, coded=_sex("m", "f"), age="num_age"),
    "colon": Trial(
        "C18",
        "d",
        death=True,
        coded=_sex("1", "0") | {"grade": ("fac_differ", _GRADES)},
        numbers={"NODES_POSITIVE": "num_nodes"},
        treated={"CHEMOTHERAPY": ("fac_rx", ("Lev+5FU",))},
        age="num_age",
    ),
    "micro.censure": Trial(
        "C19",
        "a",
        coded={
            "stage": ("fac_STADE", _STAGES),
            "pathological_t": ("fac_T", _T),
            "pathological_n": ("fac_N", _N),
        },
        age="num_Agediag",
    ),
    "GBSG2": Trial(
        "C50",
        "d",
        coded={"grade": ("fac_tgrade", {"I": "G1", "II": "G2", "III": "G3"})},
        numbers={"TUMOUR_SIZE": "num_tsize", "NODES_POSITIVE": "num_pnodes"},
        treated={"HORMONE": ("fac_horTh", ("yes",))},
        age="num_age",
    ),
    "rott2": Trial(
        "C50",
        "mo",
        coded={"grade": ("fac_grade", _GRADES)},
        numbers={"NODES_POSITIVE": "num_nodes"},
        treated={"HORMONE": ("fac_hormon", ("yes",)), "CHEMOTHERAPY": ("fac_chemo", ("yes",))},
        age="num_age",
    ),
    "nki70": Trial("C50", "a", age="num_Age"),
    "vdv": Trial("C50", "a"),
    "breast": Trial("C50", "mo"),
    "wpbc": Trial("C50", "mo", numbers={"NODES_POSITIVE": "num_pnodes"}),
    "NSBCD": Trial("C50", "mo"),
    "Bergamaschi": Trial("C50", "a"),
    "gse1992": Trial("C50", "mo", age="num_age"),
    "gse4335": Trial("C50", "mo", coded={"grade": ("num_grade", _GRADES | {f"{n}.0": f"G{n}" for n in (1, 2, 3)})}),
    "ovarian": Trial("C56", "d", death=True, numbers={"ECOG": "fac_ecog_ps"}, age="num_age"),
    "ova": Trial("C56", "d", death=True),
    "dataOvarian1": Trial("C56", "d"),
    "prostate": Trial("C61", "mo", death=True, coded={"stage": ("fac_stage", _STAGES)}, age="num_age"),
    "stagec": Trial(
        "C61", "a", coded={"grade": ("fac_grade", _GRADES)}, numbers={"GLEASON": "num_gleason"}, age="num_age"
    ),
    "prostateSurvival": Trial(
        "C61",
        "mo",
        coded={
            "grade": ("fac_grade", {"mode": "G2", "poor": "G3"}),
            "clinical_t": ("fac_stage", {"T1ab": "T1", "T1c": "T1c", "T2": "T2"}),
        },
    ),
    "Melanoma": Trial("C43", "d", coded=_sex("1", "0"), age="num_age"),
    "e1684": Trial("C43", "a", coded=_sex("0", "1")),
    "LeukSurv": Trial("C92.0", "d", death=True, coded=_sex("1", "0"), age="num_age"),
    "AML_Bull": Trial("C92.0", "d"),
    "DLBCL": Trial("C83.3", "a", death=True),
    "chop": Trial("C83.3", "a", death=True),
    "MCLcleaned": Trial("C83.1", "a", death=True),
    "follic": Trial(
        "C82",
        "a",
        coded={"stage": ("fac_clinstg", _STAGES)},
        treated={"CHEMOTHERAPY": ("fac_ch", ("Y",)), "RADIOTHERAPY": ("fac_rt", ("Y",))},
        age="num_age",
    ),
    "glioma": Trial("C71", "mo", death=True, coded=_sex("Male", "Female"), age="num_age"),
    "nwtco": Trial("C64", "d", coded={"stage": ("fac_stage", _STAGES)}),
    "hepatoCellular": Trial("C22", "mo", age="num_Age"),
    "d.oropha.rec": Trial(
        "C10",
        "a",
        death=True,
        coded=_sex("1", "2")
        | {"grade": ("fac_grade", _GRADES), "clinical_t": ("fac_tstage", _T), "clinical_n": ("fac_nstage", _N)},
        age="num_age",
    ),
    "larynx": Trial("C32", "a", death=True, age="age", origin=("lifelines", "time", "death")),
    "leukemia": Trial("C95", "wk", coded=_sex("1", "0", "sex"), origin=("lifelines", "t", "status")),
    "lymph_node": Trial(
        "C50",
        "d",
        death=True,
        coded={"grade": ("grade", _GRADES)},
        numbers={"TUMOUR_SIZE": "size", "NODES_POSITIVE": "nodes"},
        treated={"HORMONE": ("hormone", ("2",))},
        age="age",
        origin=("lifelines", "survtime", "censdead"),
    ),
    "g3": Trial(
        "C71",
        "mo",
        death=True,
        coded=_sex("Male", "Female", "sex") | {"grade": ("histology", {"Grade3": "G3", "GBM": "G4"})},
        age="age",
        origin=("lifelines", "time", "event"),
    ),
    "breast_cancer": Trial(
        "C50",
        "d",
        coded={
            "grade": (
                "grade",
                {"well differentiated": "G1", "intermediate": "G2", "poorly differentiated": "G3"},
            )
        },
        age="age",
        origin=("sksurv", "t.tdm", "e.tdm"),
    ),
}
"""What the columns mean, by the references that the packages name; an event that is a relapse, or a death of one cause
only, says nothing of who is alive."""


def mapping(name: str, trial: Trial) -> str:
    """The mapping of a trial, as a data manager writes it."""

    def cell(told: tuple[str, Mapping[str, str]]) -> str:
        column, texts = told
        means = ", ".join(f"{json.dumps(text)} = {json.dumps(code)}" for text, code in texts.items())
        return f"{{ column = {json.dumps(column)}, map = {{ {means} }} }}"

    lines = [f'dataset = "{name}"', 'person = "pid"', f'source = "{trial.origin[0]}"']
    if "sex" in trial.coded:
        lines += ["[[tables]]", 'table = "person"', f"sex = {cell(trial.coded['sex'])}"]
    lines += ["[[tables]]", 'table = "condition_occurrence"', f'code = {{ value = "ICD10:{trial.code}" }}']
    lines += [f'age = "{trial.age}"'] if trial.age else []
    lines += [f"{key} = {cell(told)}" for key, told in trial.coded.items() if key != "sex"]
    for marker, column in trial.numbers.items():
        unit = ', unit = "mm"' if marker == "TUMOUR_SIZE" else ""
        lines += ["[[tables]]", 'table = "measurement"', f'marker = {{ value = "{marker}" }}']
        lines += [f'value = {{ column = "{column}"{unit} }}']
    for kind, (column, texts) in trial.treated.items():
        lines += ["[[tables]]", 'table = "drug_exposure"', f'kind = {{ value = "{kind}" }}']
        lines += [f"when = {{ {column} = {json.dumps(texts)} }}"]
    lines += ["[[tables]]", 'table = "follow_up"', f'time = {{ column = "time", unit = "{trial.unit}" }}']
    lines += ['status = { column = "event", map = { "0" = "ALIVE", "1" = "DEAD" } }'] if trial.death else []
    return "\n".join(lines) + "\n"


def _some(entity: str, *tests: dict[str, Any]) -> dict[str, Any]:
    return {"some": entity, "where": {"all": list(tests)}}


def _at_least(name: str, least: Fraction) -> dict[str, Any]:
    return {"field": name, "between": [float(least) if least.denominator > 1 else int(least), None]}


def _quartiles(values: list[Fraction]) -> Iterator[Fraction]:
    ordered = sorted(values)
    yield from (ordered[len(ordered) * n // 4] for n in (1, 2, 3) if ordered)


def questions(trial: Trial, rows: list[dict[str, str]]) -> Iterator[tuple[str, Criterion, int]]:
    """What is asked: in words, the criterion, and how many people the table says there are."""
    yield "people", None, len(rows)
    yield from _numbers_asked(trial, rows)
    yield from _codes_asked(trial, rows)
    for kind, (column, given) in trial.treated.items():
        where = _some("treatment", {"field": "treatment_kind", "in": [kind]})
        yield kind, where, sum(row[column] in given for row in rows)


def _numbers_asked(trial: Trial, rows: list[dict[str, str]]) -> Iterator[tuple[str, Criterion, int]]:
    """Each quartile of each number."""
    asked: list[tuple[str, list[Fraction], Callable[[Fraction], Criterion]]] = [
        ("followed", _whole(rows, "time", DAYS[trial.unit]), partial(_at_least, "follow_up"))
    ]
    if trial.age:
        aged = partial(_at_least, "age_at_diagnosis")
        asked.append(("aged", _whole(rows, trial.age), lambda least: _some("condition", aged(least))))
    for marker, column in trial.numbers.items():
        told = {"field": "marker", "in": [marker]}
        values = [Fraction(text) for text in _stated(rows, column)]
        asked.append((marker, values, lambda least, told=told: _some("measurement", told, _at_least("value", least))))
    for words, values, criterion in asked:
        for least in _quartiles(values):
            yield f"{words} {float(least):g}", criterion(least), sum(v >= least for v in values)


def _codes_asked(trial: Trial, rows: list[dict[str, str]]) -> Iterator[tuple[str, Criterion, int]]:
    """Each code of each coded column."""
    status = {"vital_status": ("event", {"0": "ALIVE", "1": "DEAD"})} if trial.death else {}
    for key, (column, texts) in {**trial.coded, **status}.items():
        people = Counter(texts[row[column]] for row in rows if row[column] in texts)
        for code in people:
            test = {"field": key, "in": [code]}
            where = test if key in {"sex", "vital_status"} else _some("condition", test)
            yield f"{key} {code}", where, sum(n for other, n in people.items() if _is_below(other, code))


def _stated(rows: list[dict[str, str]], column: str) -> list[str]:
    return [row[column] for row in rows if row[column] not in UNSTATED]


def _whole(rows: list[dict[str, str]], column: str, factor: Fraction = Fraction(1)) -> list[Fraction]:
    """Completed units of a column."""
    return [Fraction(Fraction(text) * factor // 1) for text in _stated(rows, column)]


def _is_below(code: str, above: str) -> bool:
    """Whether a code is another one or a subcategory of it, by its spelling: T1C of T1."""
    return code == above or (above.startswith("T") and code.startswith(above))


def kept_texts(home: Home, name: str) -> Counter[str]:
    """The texts of all times and markers that the node keeps of a dataset."""
    connection = home.tables.open()
    if connection is None:
        return Counter()
    with connection:
        return Counter(
            text
            for table in ("measurement", "observation")
            for (text,) in connection.execute(
                f"SELECT value_source_value FROM omop.{table} JOIN omop.person USING (person_id) "
                "WHERE person.dataset = $1 AND value_source_value IS NOT NULL",
                [name],
            ).fetchall()
        )


def main() -> None:
    """Import every set and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", default=sorted(TRIALS), help="Names of sets; all if left out.")
    wanted = parser.parse_args().only
    with tempfile.TemporaryDirectory() as made:
        room = Path(made)
        venv.create(room / "peer", with_pip=True)
        python = room / "peer" / "bin" / "python"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "SurvSet", "lifelines", "scikit-survival"], check=True
        )
        origins = json.dumps({name: TRIALS[name].origin for name in wanted})
        subprocess.run([python, "-c", WRITE, str(room), origins], check=True)
        command = [sys.executable, "-m", "oncommons"]
        subprocess.run(
            [*command, "node", "init", str(room / "node"), "--policy", "open"], check=True, stdout=subprocess.DEVNULL
        )
        print(
            "| set | people | columns | not read | questions | wrong | seconds |\n| --- | --- | --- | --- | --- | --- | --- |"
        )
        results = [one(room, command, name) for name in wanted]
    print(f"\n{len(results)} sets, {sum(r[0] for r in results):,} questions, {sum(r[1] for r in results)} wrong")


def one(room: Path, command: list[str], name: str) -> tuple[int, int]:
    """Import a set and compare; how many questions were asked, and how many answers were wrong."""
    trial, source = TRIALS[name], room / f"{name}.csv"
    (room / f"{name}.toml").write_text(mapping(name, trial))
    begun = time.perf_counter()
    words = ["node", "clinical", str(source), "--mapping", str(room / f"{name}.toml"), "--dir", str(room / "node")]
    done = subprocess.run([*command, *words, "--json"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
    report = json.loads(done.stdout)
    with source.open(newline="") as file:
        rows = list(csv.DictReader(file))
    home = open_home(room / "node")
    desk, wrong, asked = Desk(home), [], 0
    for text, where, people in questions(trial, rows):
        body = {"count": "person"} | ({"where": where} if where else {})
        found = next(d.certain.at_least for d in desk.answer(body).datasets if d.dataset == name)
        asked += 1
        wrong += [f"{text}: {found}, not {people}"] if found != people else []
    columns = ["time", *trial.numbers.values()]
    lost = Counter(text for column in columns for text in _stated(rows, column))
    lost.subtract(kept_texts(home, name))
    wrong += [f"text {text!r}: {n:+d}" for text, n in lost.items() if n > 0]
    faults = ", ".join(f"{n} {code}" for code, n in report["faults"].items()) or "0"
    print(
        f"| {name} | {len(rows):,} | {len(rows[0]):,} | {faults} | {asked} | {len(wrong)} | {seconds:.1f} |", flush=True
    )
    for line in wrong[:8]:
        print(f"  {name}: {line}", file=sys.stderr)
    return asked, len(wrong)


if __name__ == "__main__":
    main()
