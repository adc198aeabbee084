"""Which analyses of others have passed at this node, and in which version: a file of the node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import import_module

from oncommons.node.home import Home
from oncommons.schema.errors_of_analyses import NotConforming
from oncommons.service.analyses import origin
from oncommons.storage.files import plain_file_errors, replace_file


def admit(home: Home, names: Sequence[str]) -> None:
    """Try those that others have written and that have not passed here as they are, and keep that they pass.

    Args:
        home: The node.
        names: Of analyses that are installed.

    Raises:
        NotConforming: one does not pass; nothing has changed.
    """
    passed = _passed(home)
    new = {name: where for name in names if (where := origin(name)) and passed.get(name) != where}
    if not new:
        return
    import_module("oncommons.node.trying.verdict").see(list(new))
    with plain_file_errors():
        replace_file(home.tried_file, json.dumps(passed | new, indent=2).encode())


def see_passed(home: Home, name: str) -> None:
    """See that an analysis has passed at this node as it is installed now.

    Args:
        home: The node.
        name: Of an analysis that is admitted.

    Raises:
        NotConforming: it has not, or is another since.
    """
    where = origin(name)
    if where and _passed(home).get(name) != where:
        raise NotConforming(
            f"{name} is {where} here now, and was not tried as that: its data manager can admit it again."
        )


def _passed(home: Home) -> dict[str, str]:
    try:
        found = json.loads(home.tried_file.read_text("utf-8"))
        return {str(name): str(where) for name, where in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
