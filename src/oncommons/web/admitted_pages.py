"""The page of a node's console about analyses: which are admitted, what guards them, and what was analysed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors import BadRequest, MissingPackage, UnknownValue
from oncommons.web.console_part import ConsolePart
from oncommons.web.serving import status_of
from oncommons.web.uploads import form_fields


class AdmittedPages(ConsolePart):
    """The page, and the form on it."""

    def analyses(self, request: Request) -> Response:
        """Which analyses this node makes, and a form to admit or withdraw some."""
        return self._page(request)

    def change(self, request: Request, body: bytes) -> Response:
        """Admit analyses, or withdraw them; it holds at once."""
        fields = form_fields(body)
        typed = dict(fields)
        names = [value for name, value in fields if name == "analysis"]
        by = typed.get("by", "").strip()
        try:
            self.steward.change_analyses(typed.get("do", ""), names, self.witness(request), by)
        except (BadRequest, UnknownValue, MissingPackage) as fault:
            return self._page(request, status_of(fault), fault=fault, by=by, chosen=names)
        return self._page(request, done=_DONE[typed["do"]].format(", ".join(names)), by=by)

    def _page(self, request: Request, status: int = 200, **more: Any) -> Response:
        told = self.steward.analyses()
        chosen: Sequence[str] = ()
        shown = {"done": "", "fault": None, "by": "", "chosen": chosen, "said": crowds_in_words(told["ledger"]), **more}
        return self.page(request, "console_analyses.html", status, told=told, **shown)


_DONE = {"admit": "Admitted from now on: {}.", "withdraw": "Withdrawn from now on: {}."}


def crowds_in_words(ledger: Sequence[Mapping[str, Any]]) -> str:
    """What a node's ledger of analyses says, as a sentence.

    Args:
        ledger: As the node tells it.
    """
    crowds = sum(one["crowds"] for one in ledger)
    if not crowds:
        return "Nothing was analysed here yet."
    names = len({one["dataset"] for one in ledger})
    people = "one crowd of people was" if crowds == 1 else f"{crowds:,} different crowds of people were"
    sets = "one dataset" if names == 1 else f"{names:,} datasets"
    return f"In {sets}, {people} analysed; the last that was new on {max(one['last'] for one in ledger)}."
