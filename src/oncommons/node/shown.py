"""Permits and questions that this node was shown, as its data manager reads them: in words, and with the purpose."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from oncommons.node.home import Home
from oncommons.schema.errors_of_permits import PermitNotTrusted
from oncommons.schema.permit import Permit, written
from oncommons.schema.purposes import DUO, EHDS
from oncommons.schema.run import asked_in_words
from oncommons.service.identity import OrderReader
from oncommons.storage.awaited import Run
from oncommons.storage.permitted import Permitted


def purposes_of(permit: Permit) -> list[str]:
    """What a permit is for, in words: categories of the EHDS with their place, then terms of the Data Use Ontology."""
    categories = [f"{EHDS[code][1]} (Article {EHDS[code][0]})" for code in permit.ehds]
    return categories + [f"{DUO[term]} ({term})" for term in permit.duo]


def shown_permits(home: Home, ledger: Permitted) -> dict[str, Permit]:
    """The permits that were shown here whole, by identifier; those of a hub that the node has left are not read.

    Args:
        home: The node.
        ledger: What it knows of permits.
    """
    if home.membership is None:
        return {}
    reader, found = OrderReader(home.membership.keys), {}
    for seen in ledger.permits():
        try:
            found[seen.id] = reader.read_permit(seen.text)
        except PermitNotTrusted:  # taken back before it was shown, or shown for images only: there is no text of it
            continue
    return found


def run_json(run: Run, permits: Mapping[str, Permit]) -> dict[str, Any]:
    """A question for which the data manager is asked: who asks what, under which permit, and for what purpose.

    Args:
        run: The question.
        permits: Permits by identifier.
    """
    question, permit = json.loads(run.body), permits.get(run.permit)
    whose = {"title": permit.title, "purpose": purposes_of(permit)} if permit else {"title": "", "purpose": []}
    when = {"asked": written(int(run.asked)), "until": written(int(run.until))}
    state = "used" if run.job else run.state
    told = {"run": run.id, "state": state, "permit": run.permit, "project": run.project, **whose, "person": run.person}
    said = {"question": question, "sentence": asked_in_words(question), "reason": run.reason}
    return told | said | when


def runs_json(home: Home, now: float | None = None) -> list[dict[str, Any]]:
    """Every question for which the data manager was asked of late, the one that was asked first at the beginning.

    Args:
        home: The node.
        now: Seconds since the epoch; the present time if left out.
    """
    if not home.permits_file.exists():
        return []
    with closing(Permitted(home.permits_file)) as ledger:
        permits = shown_permits(home, ledger)
        return [run_json(run, permits) for run in ledger.runs.all(time.time() if now is None else now)]
