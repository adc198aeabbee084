"""What a data manager sees and decides of analyses: which there are, which are admitted, and what was analysed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from oncommons.node.admitting import admit, withdraw
from oncommons.node.home import Home, open_home
from oncommons.policy.disclosure.budget import DAY
from oncommons.policy.disclosure.output import FLOOR, OUTPUT_RULES, REFUSAL_DAYS, REFUSALS, said
from oncommons.policy.disclosure.summing import SUM_RULES
from oncommons.schema.errors import BadRequest, MissingPackage
from oncommons.storage.analysed import Analysed
from oncommons.storage.decisions import Person

_WAYS = {"admit": admit, "withdraw": withdraw}


def analyses_json(home: Home) -> dict[str, Any]:
    """Every analysis that is installed, whether it is admitted, the rules that guard results, and the ledger.

    Args:
        home: The node.

    Raises:
        MachineError: the ledger cannot be read.
    """
    here = open_home(home.folder)
    known, lacks = {}, ""
    try:
        known = import_module("oncommons.service.analyses").analyses()  # which need much memory
    except MissingPackage as fault:
        lacks = fault.message
    least, public = max(here.policy.k, FLOOR), here.policy.rule == "open"
    return {
        "analyses": [one.to_json() | {"admitted": one.name in here.analyses} for one in known.values()],
        "gone": sorted(here.analyses - known.keys()),
        "lacks": lacks,
        "rule": here.policy.rule,
        "rules": [
            {"name": rule.name, "says": said(rule, least), "source": rule.source}
            for rule in OUTPUT_RULES
            if rule.always or not public
        ]
        + [{"name": rule.rule, "says": rule.why, "source": "ours: secured sums"} for rule in SUM_RULES if not public],
        "ledger": ledger_json(here),
        "withheld": withheld_json(here),
        "most_withheld": {"runs": REFUSALS, "days": REFUSAL_DAYS},
    }


def ledger_json(home: Home) -> list[dict[str, Any]]:
    """What was analysed, by dataset and analysis: of how many crowds, and when last; of nobody who is in them.

    Raises:
        MachineError: the ledger cannot be read.
    """
    with _ledger(home) as ledger:
        return [
            {
                "dataset": one.dataset,
                "analysis": one.run,
                "crowds": one.crowds,
                "last": datetime.fromtimestamp(one.last, UTC).strftime("%Y-%m-%d"),
            }
            for one in (ledger.tallies() if ledger else ())
        ]


def withheld_json(home: Home) -> list[dict[str, Any]]:
    """From which projects results were withheld of late, of how many analyses, and whether none are made for it now.

    Raises:
        MachineError: the ledger cannot be read.
    """
    with _ledger(home) as ledger:
        found = ledger.withheld(time.time() - REFUSAL_DAYS * DAY) if ledger else {}
    return [{"project": name, "runs": runs, "ended": runs >= REFUSALS} for name, runs in found.items()]


@contextmanager
def _ledger(home: Home) -> Iterator[Analysed | None]:
    """The ledger, which looking does not make; nothing where nothing was analysed yet."""
    if not home.analysed_file.exists():
        yield None
        return
    with closing(Analysed(home.analysed_file)) as ledger:
        yield ledger


def change_analyses(home: Home, told: dict[str, Any], by: Person) -> dict[str, Any]:
    """Admit analyses, or withdraw them; tells which are admitted then.

    Args:
        home: The node.
        told: ``do``: admit or withdraw; ``analyses``, a list of their names.
        by: Who decides.

    Raises:
        BadRequest: it says neither, or names nothing.
        UnknownValue: there is none of a name; nothing was changed.
        MissingPackage: what analyses compute with is not installed.
    """
    change, names = _WAYS.get(str(told.get("do"))), told.get("analyses")
    if change is None:
        raise BadRequest("do is admit or withdraw.", at="do")
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise BadRequest("analyses is a list of their names.", at="analyses")
    return {"analyses": change(home, names, by)}
