"""The pages of a node's console about permits: who may ask, what they asked, and what waits for the data manager."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.web.console_part import ConsolePart
from oncommons.web.serving import status_of
from oncommons.web.uploads import form_fields

_LISTS = ("variables", "datasets")
_TEXTS = ("do", "project", "permit", "run", "reason", "until")
_DONE: Mapping[str, str] = MappingProxyType(
    {
        "consent": "You consented to the project’s questions.",
        "withdraw": "Your consent to the project’s questions is withdrawn.",
        "consent to images": "You consented to the project’s having images.",
        "withdraw images": "Your consent to the project’s having images is withdrawn.",
        "restrict": "Taken away from the project at this node.",
        "lift": "All that was taken away from the project is given back.",
        "revoke": "The permit holds no more at this node.",
        "agree": "Agreed: the question is answered once, where it is asked again in time.",
        "decline": "Declined: whoever asks it again is told why.",
    }
)
"""What is said of what was done."""


class PermitPages(ConsolePart):
    """The page of all permits, that of one, and the forms on them."""

    def permits(self, request: Request) -> Response:
        """Questions that wait, and every permit that was shown here."""
        return self._all(request)

    def permit(self, request: Request) -> Response:
        """One permit: what it lets ask, what was asked under it, and what was released."""
        return self._one(request)

    def decide(self, request: Request, body: bytes) -> Response:
        """Decide about a question, on the page of all."""
        return self._change(request, form_fields(body), self._all)

    def change(self, request: Request, body: bytes) -> Response:
        """Decide about a permit, its project or a question under it, on its page."""
        return self._change(request, form_fields(body), self._one)

    def _change(self, request: Request, fields: Sequence[tuple[str, str]], show: Callable[..., Response]) -> Response:
        typed = dict(fields)
        try:
            done = self.steward.decide_permits(_told(fields), self.witness(request), typed.get("by", "").strip())
        except (BadRequest, BadPermit, NotFound) as fault:
            return show(request, status_of(fault), fault=fault, typed=typed)
        return show(request, done=_DONE[done["done"]])

    def _all(self, request: Request, status: int = 200, **more: Any) -> Response:
        told = self.steward.permits()
        parts = _parted(told["runs"])
        shown = {"done": "", "fault": None, "typed": {}, **parts, **more}
        return self.page(request, "console_permits.html", status, told=told, **shown)

    def _one(self, request: Request, status: int = 200, **more: Any) -> Response:
        told = self.steward.permit(request.path_params["permit"])
        shown = {"done": "", "fault": None, "typed": {}, **_parted(told["runs"]), **more}
        return self.page(request, "console_permit.html", status, one=told, **shown)


def _parted(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """The questions that wait, and those that were decided about."""
    return {
        "waiting": [run for run in runs if run["state"] == "waiting"],
        "decided": [run for run in runs if run["state"] != "waiting"],
    }


def _told(fields: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What a form asks for, as the node reads it.

    Raises:
        BadRequest: it is to be for good, and the box that says so is not ticked; or days are no number.
    """
    typed = dict(fields)
    if typed.get("do") == "revoke" and typed.get("sure") != "yes":
        raise BadRequest("Tick the box first: a permit that is taken back stays so.", at="sure")
    told: dict[str, Any] = {name: typed[name].strip() for name in _TEXTS if typed.get(name, "").strip()}
    told |= {name: [value for key, value in fields if key == name] for name in _LISTS}
    told |= {"groups": typed.get("groups") != "no"}
    days = typed.get("days", "").strip()
    if days:
        if not (days.isascii() and days.isdecimal() and len(days) < 6):  # noqa: PLR2004
            raise BadRequest("Days are a whole number.", at="days")
        told["days"] = int(days)
    return told
