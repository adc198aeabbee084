"""Options that the commands of a hub's operator share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Dir = Annotated[Path, typer.Option("--dir", envvar="ONCOMMONS_HUB", help="Directory of the hub's key and database.")]
"""Where the hub lies."""
Database = Annotated[
    str,
    typer.Option(envvar="ONCOMMONS_DATABASE", help="Another database, such as postgresql+pg8000://user@host/name."),
]
"""Where its database is, if not there."""
