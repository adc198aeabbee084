"""Commands for labels of licensed classifications."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.labels.drawer import Drawer
from oncommons.hub.labels.reading import Given, read_labels, told_briefly
from oncommons.hub.opening import open_hub
from oncommons.hub.options import Database, Dir
from oncommons.schema.errors_of_rows import BadLabels
from oncommons.schema.labels import SYSTEMS, LabelSet, language_of
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Import the labels of classifications that you have a licence for.")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,118}")


def _drawer(folder: Path, database: str) -> Drawer:
    return Drawer(open_hub(read_settings(folder, database=database)).database)


@app.command("import", epilog="Example: oncommons hub labels import icd10gm2024syst_kodes.txt --dir hub")
def import_command(
    file: Annotated[Path, typer.Argument(help="CSV, metadata of BfArM, ClaML, or a list of ICD-O-3.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    name: Annotated[str, typer.Option(help="What to call these labels; else the name of the file.")] = "",
    system: Annotated[
        str, typer.Option(help="System of the codes where the file does not say it, such as ICD10.")
    ] = "",
    language: Annotated[str, typer.Option(help="Language of labels that do not say theirs, such as de.")] = "",
    edition: Annotated[str, typer.Option(help="Which edition it is, such as 'ICD-10-GM 2024'.")] = "",
    source: Annotated[str, typer.Option(help="Where it comes from and under which terms, shown with the labels.")] = "",
    as_json: AsJson = False,
) -> None:
    """Import labels of codes, which everybody who uses this hub will see; the same file again changes nothing."""
    given = Given(_system(system), _language(language))
    called = name or re.sub(r"[^a-z0-9._-]+", "-", file.stem.lower()).strip("-._")[:118]
    if not _NAME.fullmatch(called):
        raise BadLabels("Labels are called by small letters, digits, points and hyphens; give --name.")
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise BadLabels("The file cannot be read.", detail=str(fault)) from None
    read = read_labels(content, file.name, given)
    kept, changed = _drawer(folder, database).put(called, read, edition or read.edition, source, time.time())
    body = {
        **kept.to_json(),
        "form": read.form,
        "changed": changed,
        "refused": [one.to_json() for one in read.refused],
    }
    lines = [
        f"{read.form}: {_told(kept)}.",
        "" if changed else "These labels were here already; nothing has changed.",
        f"{len(read.refused):,} rows refused:" if read.refused else "",
        *told_briefly(read.refused),
    ]
    say(body, "\n".join(line for line in lines if line), as_json=as_json)


@app.command("list", epilog="Example: oncommons hub labels list --dir hub --json")
def list_command(folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """List the labels that were imported, the newest first: of two labels of one code the newest counts."""
    found = _drawer(folder, database).sets()
    none = "No labels were imported: oncommons hub labels import FILE."
    say(
        {"sets": [one.to_json() for one in found]},
        "\n".join(f"{one.name:<30} {_told(one)}" for one in found) or none,
        as_json=as_json,
    )


@app.command("remove", epilog="Example: oncommons hub labels remove icd10gm2024syst_kodes --dir hub")
def remove_command(
    name: Annotated[str, typer.Argument(help="What the labels are called.")],
    folder: Dir = Path("hub"),
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Forget labels, such as when a licence ends; codes are then called by older labels, or by our plain names."""
    gone = _drawer(folder, database).remove(name, time.time())
    say({"removed": gone.to_json()}, f"{gone.name} is removed: {_told(gone)}.", as_json=as_json)


def _told(one: LabelSet) -> str:
    edition = f" of {one.edition}" if one.edition else ""
    source = f"; {one.source}" if one.source else ""
    return f"{one.codes:,} codes{edition} ({', '.join(one.systems)}) in {', '.join(one.languages)}{source}"


def _system(text: str) -> str:
    plain = text.upper().replace("-", "")
    if plain and plain not in SYSTEMS:
        raise BadLabels(f"{text[:30]!r} is no system of codes here; there are {', '.join(SYSTEMS)}.")
    return plain


def _language(text: str) -> str:
    if text and not language_of(text):
        raise BadLabels(f"{text[:30]!r} is no language, such as en or de.")
    return language_of(text)
