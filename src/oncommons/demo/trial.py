"""A published trial, dealt to the hospitals of the demonstration as files that their data managers would import.

The trial is GBSG2 of the German Breast Cancer Study Group: 686 women with breast cancer and positive lymph nodes, of whom
299 had a recurrence or died (Schumacher et al. 1994, J Clin Oncol 12:2086; Sauerbrei and Royston 1999, J R Stat Soc A
162:71).  The table comes with the package lifelines (MIT), and is read where that is installed.

The women are dealt by grade, so that hospitals differ in size and in how ill their patients are: the first has most of
grade III, the last few.  What the dictionary has no unit for, receptors in fmol/mg, is written as positive from 20 on, the
bound of the publications.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

from oncommons.schema.errors import MissingPackage

DATASET = "gbsg2"
"""What the dataset is called at each hospital."""
POSITIVE = 20
"""Of receptors, fmol/mg: from here on a tumour is positive (Schumacher et al. 1994)."""
SHARES: Mapping[str, tuple[int, ...]] = {
    "I": (10, 20, 20, 25, 25),
    "II": (35, 25, 16, 13, 11),
    "III": (55, 20, 12, 8, 5),
}
"""Of a hundred women with tumours of a grade, how many each hospital treats."""
_STEP, _FIRST = 61, 17
"""Of a hundred women, neighbours in the table stand so far apart: it has no order that a hospital could have of them."""
MAPPING = f"""\
dataset = "{DATASET}"
title = "German Breast Cancer Study Group 2"
licence = "MIT, with the package lifelines"
source = "Schumacher et al. 1994, J Clin Oncol 12:2086"
about = "Women with breast cancer and positive lymph nodes, until recurrence or death"
person = "patient"

[[tables]]
table = "person"
sex = {{ value = "F" }}

[[tables]]
table = "condition_occurrence"
code = {{ value = "ICD10:C50" }}
age = "age"
grade = {{ column = "tgrade", map = {{ "I" = "G1", "II" = "G2", "III" = "G3" }} }}

[[tables]]
table = "measurement"
marker = {{ value = "MENOPAUSE" }}
result = {{ column = "menostat", map = {{ "Pre" = "NEGATIVE", "Post" = "POSITIVE" }} }}

[[tables]]
table = "measurement"
marker = {{ value = "TUMOUR_SIZE" }}
value = {{ column = "tsize", unit = "mm" }}

[[tables]]
table = "measurement"
marker = {{ value = "NODES_POSITIVE" }}
value = {{ column = "pnodes", unit = "1" }}

[[tables]]
table = "measurement"
marker = {{ value = "PR" }}
result = "progesterone"

[[tables]]
table = "measurement"
marker = {{ value = "ER" }}
result = "oestrogen"

[[tables]]
table = "procedure_occurrence"
kind = {{ value = "HORMONE" }}
when = {{ horTh = ["yes"] }}

[[tables]]
table = "episode"
kind = {{ value = "RECURRENCE" }}
when = {{ cens = ["1"] }}

[[tables]]
table = "follow_up"
time = {{ column = "time", unit = "d" }}
"""
"""How a hospital's file becomes rows of our tables; its event is the first of recurrence and death, which are not told apart."""


def women() -> list[dict[str, str]]:
    """The trial's table, a row each, with a number for each patient.

    Raises:
        MissingPackage: lifelines is not installed.
    """
    package = find_spec("lifelines")
    if package is None or not package.submodule_search_locations:
        raise MissingPackage("The package lifelines is missing: pip install 'oncommons[demo]'.")
    path = Path(package.submodule_search_locations[0]) / "datasets" / "gbsg2.csv"
    with path.open(newline="", encoding="utf-8") as file:
        return [{"patient": f"{i:04d}", **_with_receptors(row)} for i, row in enumerate(csv.DictReader(file), 1)]


def dealt(rows: Sequence[Mapping[str, str]]) -> tuple[list[Mapping[str, str]], ...]:
    """The women of each hospital, by :data:`SHARES`; always the same.

    Args:
        rows: As :func:`women` gives them.
    """
    hospitals: tuple[list[Mapping[str, str]], ...] = tuple([] for _ in SHARES["I"])
    seen: Counter[str] = Counter()
    for row in rows:
        grade = row["tgrade"]
        place = (seen[grade] * _STEP + _FIRST) % 100
        seen[grade] += 1
        hospitals[sum(end <= place for end in accumulate(SHARES[grade]))].append(row)
    return hospitals


def write_part(folder: Path, hospital: int) -> tuple[Path, Path]:
    """Write the file of one hospital and its mapping.

    Args:
        folder: Where to.
        hospital: Which one, from 0.

    Returns:
        The file and the mapping.

    Raises:
        MissingPackage: lifelines is not installed.
    """
    rows = dealt(women())[hospital]
    table, mapping = folder / f"{DATASET}-{hospital}.csv", folder / f"{DATASET}-{hospital}.toml"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    mapping.write_text(MAPPING, encoding="utf-8")
    return table, mapping


def _with_receptors(row: Mapping[str, str]) -> dict[str, str]:
    found = {"progesterone": row["progrec"], "oestrogen": row["estrec"]}
    return {**row, **{name: "positive" if int(value) >= POSITIVE else "negative" for name, value in found.items()}}
