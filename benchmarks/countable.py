"""How many patients can still be counted under the rule ``noise``, at several grains, with many secrets.

    python benchmarks/countable.py --secrets 20

The whole IDC index, dealt to five nodes as in the demonstration.  The groups are those of one question for each
modality, ``by`` sex; all questions are of one project, after what everybody is told.  Four readings of "modality by
sex" are counted, each without and with small groups told together (``coarsen``):

*   ``collection``: each collection is a dataset, as in the demonstration; a patient counts where their collection's
    number for their modality and sex is told.
*   ``node, collections summed``: the same answers; a patient counts where some collection of their node tells a number
    of their modality and sex, so that the node's sum is a number (too low by what is not told).
*   ``node, one dataset``: a node holds its collections as one dataset; a patient counts where its number is told.
*   ``collection, modality only``: one question for each modality, not by sex.

Peers are the published rules, see ``tests/attacks/systems.py``, at the grain of collections.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.attacks.systems import Laplace  # noqa: E402

from oncommons.node.flow import import_from  # noqa: E402
from oncommons.node.holdings import Tally  # noqa: E402
from oncommons.node.home import make_home  # noqa: E402
from oncommons.node.index.asking import Index  # noqa: E402
from oncommons.node.index.people import nobody  # noqa: E402
from oncommons.node.public import tell_public  # noqa: E402
from oncommons.node.receive.idc import collections, receive_idc  # noqa: E402
from oncommons.policy.disclosure.cells import tell_cells  # noqa: E402
from oncommons.policy.disclosure.counts import Cell, Policy  # noqa: E402
from oncommons.policy.disclosure.crowd import NOBODY, Crowd  # noqa: E402
from oncommons.policy.disclosure.noise import Noise, Shape  # noqa: E402
from oncommons.policy.disclosure.telling import Place, Teller  # noqa: E402
from oncommons.schema.answer import OTHERS  # noqa: E402
from oncommons.schema.parsing import parse_question  # noqa: E402
from oncommons.schema.vocabulary import VOCABULARIES  # noqa: E402

NODES = 5
SHAPE = Shape(10)
SEXES = len(VOCABULARIES["sex"].codes) + 1


@dataclass(frozen=True)
class Asked:
    """The true groups of one dataset for one modality.

    Attributes:
        place: The dataset.
        node: Which node holds it.
        modality: The modality.
        cells: A group for each sex.
    """

    place: Place
    node: int
    modality: str
    cells: tuple[Cell, ...]


@dataclass
class Kept:
    """What one secret leaves.

    Attributes:
        patients: Patients in groups that are told.
        told: How many groups are told.
        errors: Relative error of each number that is told of one group.
        sums: Node, modality and sex to the patients in them, where some number is told.
    """

    patients: int = 0
    told: int = 0
    errors: list[float] = field(default_factory=list)
    sums: set[tuple[int, str, str | None]] = field(default_factory=set)


def ask_all(index: Index, names: Sequence[str]) -> list[Asked]:
    """Every question once, for its true groups."""
    found = []
    for modality in VOCABULARIES["modality"].codes:
        where = {"some": "series", "where": {"field": "modality", "in": [modality]}}
        question = parse_question({"count": "person", "by": ["sex"], "where": where})
        for tally in index.ask(question, few=nobody):
            if tally.cells and tally.place is not None:
                node = _node(tally, names)
                found.append(Asked(tally.place, node, modality, tally.cells))
    return [asked for asked in found if any(cell.certain for cell in asked.cells)]


def _node(tally: Tally, names: Sequence[str]) -> int:
    return names.index(tally.state.name) % NODES


def as_one(asked: Sequence[Asked]) -> list[Asked]:
    """The same people, each node's in one dataset."""
    places = {a.place.dataset: a for a in asked}
    shift: dict[str, int] = {}
    everybody = [NOBODY] * NODES
    for name, a in places.items():
        shift[name] = everybody[a.node].who.bit_length()
        everybody[a.node] = Crowd.of([everybody[a.node].who | a.place.everybody.who << shift[name]])
    found: dict[tuple[int, str], dict[tuple[str | None, ...], int]] = {}
    for a in asked:
        cells = found.setdefault((a.node, a.modality), {})
        for cell in a.cells:
            cells[cell.key] = cells.get(cell.key, 0) | (cell.certainly or NOBODY).who << shift[a.place.dataset]
    return [
        Asked(Place(f"n{node}", "person", everybody[node]), node, modality, tuple(map(_cell, cells, cells.values())))
        for (node, modality), cells in found.items()
    ]


def _cell(key: tuple[str | None, ...], who: int) -> Cell:
    crowd = Crowd.of([who])
    return Cell(key, crowd.people, crowd.people, crowd, crowd)


def without_sex(asked: Iterable[Asked]) -> list[Asked]:
    """The same questions, not grouped."""

    def whole(cells: Iterable[Cell]) -> Cell:
        who = 0
        for cell in cells:
            who |= (cell.certainly or NOBODY).who
        return _cell((), who)

    return [replace(a, cells=(whole(a.cells),)) for a in asked]


def tell_cards(asked: Sequence[Asked], teller: Teller) -> None:
    """What everybody is told of modality and sex, where there is no card of the index."""
    for a in without_sex(asked):
        teller.tell(a.place, a.cells[0].certainly or NOBODY)


def release(asked: Sequence[Asked], teller: Teller, *, coarsen: bool) -> Kept:
    """Ask everything, and look at what is told."""
    kept = Kept()
    for a in asked:
        grouped = bool(a.cells[0].key)
        told = tell_cells(teller, a.place, a.cells, {"sex": SEXES} if grouped else {}, coarsen=coarsen)
        true = {c.key[0] if grouped else "all": c.certain for c in a.cells}
        counts = {g.key["sex"]: g.certain for g in told.groups} if grouped else {"all": told.certain}
        listed = {sex: count for sex, count in counts.items() if count.precision != "suppressed"}
        rest = sum(number for sex, number in true.items() if sex not in listed)
        for sex, count in listed.items():
            number = rest if sex == OTHERS else true[sex]
            kept.patients += number
            if sex != OTHERS:
                kept.told += 1
                kept.errors.append(abs((count.at_least + (count.at_most or 0)) / 2 - number) / number)
                kept.sums.add((a.node, a.modality, sex))
    return kept


def peers(asked: Sequence[Asked]) -> None:
    """What two peers leave."""
    numbers = [cell.certain for a in asked for cell in a.cells if cell.certain]
    laplace = Laplace(None)  # type: ignore[arg-type]
    off = statistics.median(abs(laplace.obfuscated(n) - n) / n for n in numbers)
    large = sum(n for n in numbers if n >= 10) / sum(numbers)
    print(f"| Laplace, rounded to 10 | collection | 100.00% | 100% | {off:.1%} |")
    told = sum(n >= 10 for n in numbers) / len(numbers)
    print(f"| plain threshold of 10 | collection | {large:.2%} | {told:.0%} | 0.0% |")


def spread(values: Sequence[float], form: str) -> str:
    """Smallest, median and largest."""
    return " / ".join(format(x, form) for x in (min(values), statistics.median(values), max(values)))


def grain(name: str, asked: Sequence[Asked], secrets: int, cards: Callable[[Teller], object]) -> None:
    """Print what is kept at one grain."""
    numbers = {(a.node, a.modality, c.key[0] if c.key else "all"): 0 for a in asked for c in a.cells}
    for a in asked:
        for c in a.cells:
            numbers[a.node, a.modality, c.key[0] if c.key else "all"] += c.certain
    everybody, groups = sum(numbers.values()), sum(1 for a in asked for c in a.cells if c.certain)
    for coarsen in (False, True) if asked[0].cells[0].key else (False,):
        kept = []
        for seed in range(secrets):
            teller = Teller(Noise(random.Random(seed).randbytes(32), SHAPE))
            cards(teller)
            kept.append(release(asked, teller, coarsen=coarsen))
        how = "noise, coarsen" if coarsen else "noise"
        shares = spread([k.patients / everybody for k in kept], ".2%")
        told = spread([k.told / groups for k in kept], ".0%")
        errors = spread([statistics.median(k.errors) for k in kept], ".1%")
        print(f"| {how} | {name}, {groups:,} groups | {shares} | {told} | {errors} |", flush=True)
        if name == "collection":
            sums = spread([sum(numbers[key] for key in k.sums) / everybody for k in kept], ".2%")
            told = spread([len(k.sums) / len(numbers) for k in kept], ".0%")
            print(f"| {how} | node, collections summed, {len(numbers):,} groups | {sums} | {told} | |", flush=True)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secrets", type=int, default=20)
    secrets = parser.parse_args().secrets
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "idc", Policy.of("noise"))
        import_from(lambda c: receive_idc(c, collections(c, None), []), home.tables)
        connection = home.tables.open()
        if connection is None:
            raise SystemExit("Nothing was imported.")
        names = collections(connection)
        index = Index(connection)
        asked = ask_all(index, names)
        patients = sum(cell.certain for a in asked for cell in a.cells)
        print(f"{patients:,} patients, counted once for each modality; {secrets} secrets: least / median / most\n")
        print("| rule | grain | countable | groups told | median relative error |")
        print("| --- | --- | --- | --- | --- |")
        grain("collection", asked, secrets, lambda teller: tell_public(index, teller))
        one = as_one(asked)
        grain("node, one dataset", one, secrets, lambda teller: tell_cards(one, teller))
        grain("collection, modality only", without_sex(asked), secrets, lambda teller: tell_public(index, teller))
        peers(asked)
        index.close()


if __name__ == "__main__":
    main()
