"""Every command of the operator finds a hub by the same two options."""

import pytest
from typer.main import get_command

from oncommons.hub.commands import app


def leaves(command, path=()):
    for name, one in getattr(command, "commands", {}).items():
        yield from leaves(one, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


COMMANDS = dict(leaves(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_finds_its_hub_like_all_others(name):
    options = {option.opts[0]: option for option in COMMANDS[name].params}
    assert (options["--dir"].envvar, options["--dir"].help) == (
        "ONCOMMONS_HUB",
        "Directory of the hub's key and database.",
    )
    if "--database" in options:
        assert options["--database"].envvar == "ONCOMMONS_DATABASE"
        assert "postgresql" in options["--database"].help
