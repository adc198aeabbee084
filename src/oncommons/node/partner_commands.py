"""Commands of a data manager: with which hospitals this node secures its sums."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated, Any

import typer

from oncommons.node.home import Home, open_home
from oncommons.node.image_commands import HERE, Dir
from oncommons.node.recording import record
from oncommons.schema.errors import BadPolicy
from oncommons.schema.errors_of_analyses import PartnerUnknown
from oncommons.service.commands import AsJson, say
from oncommons.storage.analysed import Analysed, Partner

partners = typer.Typer(
    help="Hospitals with which this node secures sums: see their keys, confirm them, ask for confirmed ones only."
)


@partners.command("list", epilog="Example: oncommons node partners list --dir ./athens")
def listed(folder: Dir = HERE, as_json: AsJson = False) -> None:
    """Show this node's own key, and the hospitals it has met in sums with theirs."""
    home = open_home(folder)
    own, met = _own(home), [_told(one) for one in _known(home).values()]
    lines = [f"own key      {_grouped(own)}"]
    lines += [f"{_state(one):<12} {_grouped(one['offered'])}  {one['name']}, since {one['since']}" for one in met]
    whom = "confirmed hospitals only" if home.confirmed else "every hospital whose key has not changed"
    body = {"key": own, "confirmed_only": home.confirmed, "partners": met}
    lines += [f"Sums are secured with {whom}."]
    say(body, "\n".join(lines), as_json=as_json)


@partners.command("confirm", epilog="Example: oncommons node partners confirm bergen 5c1f0a77… --dir ./athens")
def confirm(
    name: Annotated[str, typer.Argument(help="Name of the hospital in the federation.")],
    key: Annotated[str, typer.Argument(help="Its key, as its own people tell it to you, not through the hub.")],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Confirm that a key is a hospital's, as where it has moved to a new machine.

    Ask its data manager for what oncommons node partners list shows there.
    """
    home, told = open_home(folder), key.replace(" ", "").lower()
    found = _known(home).get(name)
    if found is None:
        raise PartnerUnknown(f"{name} has not been in a sum with this node yet; its key is seen in the first one.")
    if found.offered.hex() != told:
        raise PartnerUnknown(
            f"The hub tells another key of {name}: {_grouped(found.offered.hex())}. Nothing was changed."
        )
    with closing(Analysed(home.analysed_file)) as ledger:
        ledger.confirm_partner(name, found.offered)
    body = {"partner": name, "key": told}
    record(home, "policy", body)
    say(body, f"{name} is confirmed.", as_json=as_json)


@partners.command("only", epilog="Example: oncommons node partners only confirmed --dir ./athens")
def only(
    which: Annotated[
        str, typer.Argument(help="confirmed: confirmed hospitals only; any: every one whose key has not changed.")
    ],
    folder: Dir = HERE,
    as_json: AsJson = False,
) -> None:
    """Decide with whom sums are secured; it holds at once."""
    if which not in {"confirmed", "any"}:
        raise BadPolicy("Partners are confirmed or any. Nothing was changed.")
    body = {"confirmed_only": which == "confirmed"}
    record(open_home(folder).with_confirmed(confirmed=body["confirmed_only"]), "policy", body)
    say(
        body,
        f"Sums are secured with {'confirmed hospitals only' if body['confirmed_only'] else 'any hospital'}.",
        as_json=as_json,
    )


def _own(home: Home) -> str:
    """The node's own key, in hexadecimal digits."""
    private = import_module("oncommons.node.summing").private_of(home.sums_file)
    found: bytes = import_module("oncommons.policy.disclosure.masking").public_of(private)
    return found.hex()


def _known(home: Home) -> dict[str, Partner]:
    with closing(Analysed(home.analysed_file)) as ledger:
        return ledger.partners()


def _told(one: Partner) -> dict[str, Any]:
    since = datetime.fromtimestamp(one.since, UTC).date().isoformat()
    return {
        "name": one.name,
        "key": one.key.hex(),
        "offered": one.offered.hex(),
        "confirmed": one.confirmed,
        "since": since,
    }


def _state(one: dict[str, Any]) -> str:
    if one["offered"] != one["key"]:
        return "changed"
    return "confirmed" if one["confirmed"] else "first seen"


def _grouped(key: str) -> str:
    return " ".join(key[at : at + 8] for at in range(0, len(key), 8))
