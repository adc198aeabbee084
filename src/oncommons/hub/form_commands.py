"""Commands for the form of applications: show, check, set."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from oncommons.hub.applications.forms import Forms
from oncommons.hub.opening import open_hub
from oncommons.hub.options import Database, Dir
from oncommons.schema.application_form import Form
from oncommons.schema.errors_of_applications import BadForm
from oncommons.service.commands import AsJson, say
from oncommons.service.settings import read_settings

app = typer.Typer(no_args_is_help=True, help="Look at the form of applications, and change it.")

File = Annotated[Path, typer.Argument(help="The form, in TOML or JSON.")]


@app.command("show", epilog="Example: oncommons hub form show --dir hub > form.toml")
def show_command(
    folder: Dir = Path("hub"),
    version: Annotated[int, typer.Option(help="Which version; 0 for the newest.", min=0)] = 0,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Print the form as it was written, to change it."""
    forms = _forms(folder, database)
    say(forms.at(version).to_json() if version else forms.newest().to_json(), forms.source(version), as_json=as_json)


@app.command("check", epilog="Example: oncommons hub form check form.toml --dir hub")
def check_command(file: File, folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Say whether a file could be the next version of the form, and what it does not ask any more."""
    form, gone = _forms(folder, database).check(_source(file))
    say({**_told(form), "gone": list(gone)}, f"It can be version {form.version}: {_words(form, gone)}", as_json=as_json)


@app.command("set", epilog="Example: oncommons hub form set form.toml --dir hub")
def set_command(file: File, folder: Dir = Path("hub"), database: Database = "", as_json: AsJson = False) -> None:
    """Make a file the next version of the form, for new applications; others keep the version they have."""
    forms, source = _forms(folder, database), _source(file)
    _, gone = forms.check(source)
    form = forms.put(source, time.time())
    say({**_told(form), "gone": list(gone)}, f"This is version {form.version}: {_words(form, gone)}", as_json=as_json)


def _forms(folder: Path, database: str) -> Forms:
    return Forms(open_hub(read_settings(folder, database=database)).database)


def _source(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError) as fault:
        raise BadForm(f"{file.name} cannot be read.", detail=str(fault)) from None


def _told(form: Form) -> dict[str, object]:
    return {"version": form.version, "sections": len(form.sections), "paragraphs": len(form.paragraphs)}


def _words(form: Form, gone: tuple[str, ...]) -> str:
    asks = f"{len(form.paragraphs)} paragraphs in {len(form.sections)} sections."
    return asks + (f" Not asked any more: {', '.join(gone)}; answers to them stay." if gone else "")
