"""The whole corpus: every file and every token."""

import json
from pathlib import Path

from tests.corpus.encapsulated import beside, compressed
from tests.corpus.files import Plan
from tests.corpus.objects import annotations, documents, radiotherapy, report, waveforms
from tests.corpus.places import around, characters, disguised, misused, odd, private
from tests.corpus.table import table
from tests.corpus.tokens import Mint

PARTS = (
    table,
    around,
    private,
    disguised,
    odd,
    characters,
    misused,
    compressed,
    beside,
    report,
    documents,
    waveforms,
    radiotherapy,
    annotations,
)


def plans() -> tuple[Mint, list[Plan]]:
    """The tokens, and the files to be written; the same in every call.

    One patient has nearly all files, so that all dates move by the same days and none becomes another that was planted.
    """
    mint = Mint()
    patient = mint.word("Patient ID")
    return mint, [plan for part in PARTS for plan in part(mint, patient)]


def write(folder: Path) -> dict[bytes, str]:
    """Write the corpus into a folder, ``files`` and ``tokens.json``; gives the tokens and their places."""
    mint, found = plans()
    for plan in found:
        plan.write(folder / "files")
    mint.save(folder / "tokens.json")
    outcomes = {plan.name: plan.outcome for plan in found}
    (folder / "outcomes.json").write_text(json.dumps(outcomes, indent=1))
    return mint.places
