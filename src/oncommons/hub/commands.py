"""Commands of the hub's operator."""

from __future__ import annotations

import typer

from oncommons.hub.decision_commands import app as holders
from oncommons.hub.decision_commands import clocks_command
from oncommons.hub.form_commands import app as forms
from oncommons.hub.label_commands import app as labels
from oncommons.hub.link_commands import app as link
from oncommons.hub.mail_commands import app as mail
from oncommons.hub.people_commands import app as people_app
from oncommons.hub.permit_commands import app as permits
from oncommons.hub.provider_commands import app as providers
from oncommons.hub.serve_commands import app as serving

app = typer.Typer(no_args_is_help=True, help="Run the meeting place of a federation.")
app.add_typer(labels, name="labels")
app.add_typer(mail, name="mail")
app.add_typer(permits, name="permit")
app.add_typer(people_app, name="people")
app.add_typer(holders, name="holders")
app.command("clocks", epilog="Example: oncommons hub clocks --dir hub")(clocks_command)
app.add_typer(forms, name="form")
app.add_typer(providers, name="provider")
app.registered_commands.extend([*serving.registered_commands, *link.registered_commands])
