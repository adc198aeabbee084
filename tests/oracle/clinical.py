"""Random clinical tables, made from the truth outwards: first the rows that are true, then how a hospital writes them.

Nothing here reads a text: what the code under test must find out, the oracle knew before it wrote it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.oracle.kleene import Dataset, Row

CLINICAL = frozenset(("condition", "measurement", "treatment", "episode", "specimen"))
POOR = frozenset(("treatment", "episode", "specimen"))
"""What the second hospital does not record."""
FILES = {"labs": "measurement", "therapies": "treatment", "events": "episode", "samples": "specimen"}
"""File to the entity that it speaks of, with regard to those who have a line in it."""
COLUMNS = {
    "labs": ("id", "on", "value", "unit", "result", "what"),
    "therapies": ("id", "on", "kind", "atc"),
    "events": ("id", "kind", "on"),
    "samples": ("id", "kind", "site"),
}
NOTHING = ("", "", "NA", "unknown", " ")
ODD = {
    "sex": ("??", "X"),
    "code": ("C999x", "cancer"),
    "topography": ("breast",),
    "morphology": ("8520",),
    "stage": ("V", "late"),
    "t": ("T9", "big"),
    "n": ("N7",),
    "m": ("M5",),
    "grade": ("G9",),
    "marker": ("cholesterol",),
    "result": ("perhaps",),
    "kind": ("herbs",),
    "treatment_code": ("aspirin",),
    "date": ("2020-13-01", "yesterday", "2999-01-01"),
    "number": ("high", "1,5,2"),
    "vital": ("gone",),
}


def _spelled(rng, value, *ways):
    """One of the ways to write a value, or, where it is missing, nothing or something that nobody can read."""
    return rng.choice(ways) if value is not None else None


@dataclass
class Hospital:
    """The files of one hospital, and what they mean."""

    name: str
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    people: list[Row] = field(default_factory=list)


class Writer:
    """Makes one hospital."""

    def __init__(self, seed: int, name: str, lacks: frozenset[str], people: int) -> None:
        self.rng = random.Random(seed)
        self.lacks = lacks
        self.hospital = Hospital(
            name, {"patients": [], "labs": [], "therapies": [], "events": [], "samples": [], "sexes": [], "series": []}
        )
        for number in range(people):
            self.person(f"{name}{number:03}")

    def missing(self, kind: str) -> str:
        return self.rng.choice((*NOTHING, *ODD[kind]))

    def pick(self, share: float, values: Any) -> Any:
        return self.rng.choice(values) if self.rng.random() < share else None

    def day(self, first: int, last: int) -> date:
        start = date(first, 1, 1)
        return start + timedelta(self.rng.randrange((date(last, 12, 31) - start).days))

    def write(self, kind: str, value: Any, *ways: str) -> str:
        return self.missing(kind) if value is None else self.rng.choice(ways)

    def person(self, name: str) -> None:
        rng = self.rng
        told = rng.random() < 0.8
        named = not told and rng.random() < 0.6
        imaged = not (told or named) or rng.random() < 0.3
        sex = self.pick(0.85, "FM") if told or named else None
        values: dict[str, Any] = {}
        row = Row("person", Dataset(self.hospital.name, CLINICAL), values)
        if told:
            values |= self.clinical(name, row, sex)
            self.say_nothing(name)
            _settle(row, Dataset(self.hospital.name, self.silent_about(name)))
        if named:
            self.hospital.tables["sexes"].append({"id": name, "sex": self.write("sex", sex, *_SEX.get(sex or "", ()))})
        seen = self.pick(0.8, (sex or "F", sex or "F", "F", "M")) if imaged else None
        if imaged:
            modality = rng.choice(("CT", "MR"))
            self.hospital.tables["series"].append({"person": name, "sex": seen or "", "modality": modality})
            row.add("study").add("series", modality=modality)
        sexes = {s for s in (sex, seen) if s}
        values |= {"sex": sexes.pop()} if len(sexes) == 1 else {}
        self.hospital.people.append(row)

    def say_nothing(self, name: str) -> None:
        """Give some who are not in a file an empty line: that they were looked at, and nothing was found."""
        for file in (f for f, entity in FILES.items() if entity not in self.lacks):
            lines = self.hospital.tables[file]
            if all(line["id"] != name for line in lines) and self.rng.random() < 0.6:
                lines.append(dict.fromkeys(COLUMNS[file], "") | {"id": name})

    def silent_about(self, name: str) -> frozenset[str]:
        """The entities of which no file that has a line of this person speaks."""
        found = (f for f in FILES if any(line["id"] == name for line in self.hospital.tables[f]))
        return CLINICAL - {"condition"} - {FILES[file] for file in found}

    def clinical(self, name: str, row: Row, sex: str | None) -> dict[str, Any]:
        rng = self.rng
        values: dict[str, Any] = {}
        born = self.day(1930, 1980) if rng.random() < 0.7 else None
        first = None
        for n in range(rng.choice((1, 1, 1, 2))):
            found = self.diagnosis(name, row, sex, born, n == 0)
            first = min((d for d in (first, found) if d), default=None)
        if born:
            values["birth_year"] = born.year
        values |= self.outcome(name)
        for _ in range(rng.randrange(4)):
            self.lab(name, row, first)
        if "treatment" not in self.lacks:
            for _ in range(rng.randrange(3)):
                self.therapy(name, row, first)
            for _ in range(rng.randrange(2)):
                kind, when = rng.choice(("RECURRENCE", "METASTASIS", "REMISSION")), self.day(2005, 2015)
                self.hospital.tables["events"].append({"id": name, "kind": kind.lower(), "on": when.isoformat()})
                row.add("episode", **_known(episode_kind=kind, began_after=_days(first, when)))
            if rng.random() < 0.4:
                kind, site = rng.choice(("TISSUE", "TISSUE_FFPE", "BLOOD")), self.pick(0.6, ("C50.4", "C34.1"))
                raw = {"id": name, "kind": kind, "site": self.write("topography", site, f"{site}", f"ICDO3:{site}")}
                self.hospital.tables["samples"].append(raw)
                row.add("specimen", **_known(specimen_kind=kind, specimen_site=site and f"ICDO3:{site}"))
        return values

    def diagnosis(self, name: str, row: Row, sex: str | None, born: date | None, own: bool) -> date | None:
        rng = self.rng
        code = self.pick(0.9, ("C34.1", "C34", "C50.4", "C50", "C61", "C18.2", "C20"))
        site, kind = self.pick(0.5, ("C50.4", "C34.1", "C34.9")), self.pick(0.5, ("8520/3", "8140/3"))
        when = self.day(2000, 2010) if rng.random() < 0.9 else None
        stage = self.pick(0.8, ("0", "I", "IA1", "II", "IIA", "III", "IIIA", "IV"))
        grade = self.pick(0.6, "123")
        tnm = {f"{basis}_{letter}": self.pick(0.6, _TNM[letter]) for basis in ("c", "p") for letter in "tnm"}
        raw = {
            "id": name,
            "sex": self.write("sex", sex, *_SEX.get(sex or "", ())) if own else "",
            "born": "" if born is None else f"{born:%d.%m.%Y}",
            "icd": self.write("code", code, f"{code}", f"ICD10:{code}", f"{code}".replace(".", ""), f" {code} "),
            "site": self.write("topography", site, f"{site}", f"ICDO3:{site}"),
            "histology": self.write("morphology", kind, f"{kind}"),
            "on": self.write("date", when, f"{when}", f"{when:%Y%m%d}" if when else ""),
            "stage": self.write("stage", stage, f"{stage}", f"Stage {stage}", f"{stage}".lower()),
            "grade": self.write("grade", grade, f"{grade}", f"G{grade}", f"g{grade}"),
            "age": "",
            "vital": "",
            "days": "",
        }
        raw |= {key: self.write(key[-1], v, f"{v}", f"{key[0]}{v}", f"{v}"[1:]) for key, v in tnm.items()}
        age = None
        if born and when:
            age = when.year - born.year - ((when.month, when.day) < (born.month, born.day))
        elif rng.random() < 0.5:
            age = rng.randint(20, 90)
            raw["age"] = rng.choice((f"{age}", f"{age}.7"))
        self.hospital.tables["patients"].append(raw)
        full = {"c": "clinical", "p": "pathological"}
        row.add(
            "condition",
            **_known(
                code=code and f"ICD10:{code}",
                topography=site and f"ICDO3:{site}",
                morphology=kind and f"ICDO3:{kind}",
                age_at_diagnosis=age,
                diagnosis_year=when and when.year,
                stage=stage,
                grade=grade and f"G{grade}",
                **{f"{full[key[0]]}_{key[2]}": value for key, value in tnm.items()},
            ),
        )
        return when if code else None

    def outcome(self, name: str) -> dict[str, Any]:
        """Whether the person lives, and the days of follow-up, in the first of the person's lines."""
        raw = next(line for line in self.hospital.tables["patients"] if line["id"] == name)
        status, days = self.pick(0.9, ("ALIVE", "DEAD")), self.pick(0.8, range(3000))
        raw["vital"] = self.write(
            "vital", status, *{"ALIVE": ("alive", "Living"), "DEAD": ("dead", "deceased")}.get(status, ())
        )
        raw["days"] = self.write("number", days, f"{days}", f"{days}.25", f"{days}.0")
        return _known(vital_status=status, follow_up=days)

    def lab(self, name: str, row: Row, first: date | None) -> None:
        rng = self.rng
        marker = self.pick(0.9, ("PSA", "KI67", "TUMOUR_SIZE", "HER2", "ER"))
        when = self.day(1999, 2012) if rng.random() < 0.9 else None
        raw = {"id": name, "on": self.write("date", when, f"{when}"), "value": "", "unit": "", "result": ""}
        raw["what"] = self.write("marker", marker, *_MARKERS.get(marker or "", ()))
        value, result = None, None
        if marker in {"HER2", "ER", None}:
            choices = ("POSITIVE", "NEGATIVE", *(("HER2_3", "HER2_1") if marker == "HER2" else ()))
            result = self.pick(0.8, choices)
            raw["result"] = self.write("result", result, *_RESULTS.get(result or "", ()))
            if result is None and raw["result"].strip() in {"", "NA", "unknown"}:
                return  # a line that says nothing
        else:
            value = rng.randrange(4, 400) / 4
            raw["value"], raw["unit"] = rng.choice(
                {
                    "PSA": (
                        (f"{value}", "ng/mL"),
                        (f"{value}", "ug/L"),
                        (f"{value * 1000}", "ng/L"),
                        (f"{value / 10}", "ug/dL"),
                    ),
                    "KI67": ((f"{value}", "%"),),
                    "TUMOUR_SIZE": ((f"{value}", "mm"), (f"{value / 10}", "cm")),
                }[marker]
            )
            if rng.random() < 0.1:
                value, raw["unit"] = None, "parsec"
            elif rng.random() < 0.1:
                value, raw["value"] = None, f"<{raw['value']}"
        self.hospital.tables["labs"].append(raw)
        row.add("measurement", **_known(marker=marker, value=value, result=result, measured_after=_days(first, when)))

    def therapy(self, name: str, row: Row, first: date | None) -> None:
        kind = self.pick(0.8, ("SURGERY", "CHEMOTHERAPY", "HORMONE", "RADIOTHERAPY"))
        code = self.pick(0.6, ("L01CD01", "L02BA01", "L01"))
        when = self.day(1999, 2012)
        raw = {"id": name, "on": when.isoformat(), "kind": self.write("kind", kind, f"{kind}", f"{kind}".lower())}
        raw["atc"] = self.write("treatment_code", code, f"{code}", f"ATC:{code}")
        if {raw["kind"].strip(), raw["atc"].strip()} <= {"", "NA", "unknown"}:
            return
        self.hospital.tables["therapies"].append(raw)
        atc = code and f"ATC:{code}"
        row.add("treatment", **_known(treatment_kind=kind, treatment_code=atc, treated_after=_days(first, when)))


_TNM = {"t": ("T1", "T1a", "T2", "TX", "Tis"), "n": ("N0", "N1", "NX"), "m": ("M0", "M1", "M1a")}
_SEX = {"F": ("F", "f", "female", "Female"), "M": ("M", "m", "male", " M ")}
_MARKERS = {
    "PSA": ("PSA", "psa", "LOINC:2857-1"),
    "KI67": ("Ki-67", "KI67"),
    "TUMOUR_SIZE": ("TUMOUR_SIZE", "tumour size"),
    "HER2": ("HER2", "HER2/neu"),
    "ER": ("ER",),
}
_RESULTS = {
    "POSITIVE": ("positive", "POS", "+"),
    "NEGATIVE": ("negative", "neg"),
    "HER2_3": ("3+",),
    "HER2_1": ("1+",),
}


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _settle(row: Row, dataset: Dataset) -> None:
    """Say of a person, and of all rows of theirs, what is not known."""
    row.dataset = dataset
    for child in row.children:
        _settle(child, dataset)


def _days(first: date | None, when: date | None) -> int | None:
    return (when - first).days if first and when else None


def two_hospitals(seed: int, people: int = 100) -> list[Hospital]:
    """One that records everything, one that lacks treatments, episodes and samples."""
    return [
        Writer(seed, "a", frozenset(), people).hospital,
        Writer(seed + 1, "b", POOR, people).hospital,
    ]


MAPPINGS = {
    "patients": """
        [[tables]]
        table = "person"
        sex = "sex"
        birth = { column = "born", format = "%d.%m.%Y" }
        [[tables]]
        table = "condition_occurrence"
        code = "icd"
        topography = "site"
        morphology = "histology"
        date = "on"
        age = "age"
        stage = "stage"
        grade = "grade"
        clinical_t = "c_t"
        clinical_n = "c_n"
        clinical_m = "c_m"
        pathological_t = "p_t"
        pathological_n = "p_n"
        pathological_m = "p_m"
        [[tables]]
        table = "follow_up"
        status = "vital"
        time = { column = "days", unit = "d" }
    """,
    "labs": """
        [[tables]]
        table = "measurement"
        marker = "what"
        value = "value"
        unit = "unit"
        result = "result"
        date = "on"
    """,
    "therapies": """
        [[tables]]
        table = "procedure_occurrence"
        kind = "kind"
        code = { column = "atc", system = "ATC" }
        date = "on"
    """,
    "events": """
        [[tables]]
        table = "episode"
        kind = "kind"
        date = "on"
    """,
    "samples": """
        [[tables]]
        table = "specimen"
        kind = "kind"
        site = "site"
    """,
    "sexes": """
        [[tables]]
        table = "person"
        sex = "sex"
    """,
}
"""File to the tables of its mapping."""
