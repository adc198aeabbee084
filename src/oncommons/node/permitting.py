"""What a data manager decides about permits: about projects, single permits, and single questions.

Commands and the console do it the same way.  Each decision is entered in the audit log, with who made it, in the step
in which it begins to hold: where it cannot be entered, nothing has changed.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from oncommons.node.home import Home
from oncommons.node.recording import record
from oncommons.policy.access.demands import Restriction
from oncommons.policy.disclosure.budget import DAY
from oncommons.schema.errors import BadRequest, NotFound
from oncommons.schema.errors_of_permits import BadPermit
from oncommons.schema.permit import VARIABLES, written
from oncommons.storage.awaited import Run
from oncommons.storage.decisions import Person
from oncommons.storage.permitted import Permitted, Standing

AGREED_DAYS, MOST_DAYS = 14, 365
"""How long a question that was agreed to can be asked, where nobody says, and at most."""
DECLINED_DAYS = 30
"""How long it is known that a question was declined; whoever asks it after that waits anew."""
_SHORTEST, _LONGEST = 3, 200


@dataclass(frozen=True)
class Manager:
    """A data manager who decides.

    Attributes:
        home: The node.
        by: Who it is.
        clock: Seconds since the epoch.
    """

    home: Home
    by: Person
    clock: Callable[[], float] = time.time

    def consent(self, project: str, *, images: bool = False, withdraw: bool = False) -> None:
        """Consent to a project's questions, or to its having images; or withdraw it.

        Raises:
            MachineError: it cannot be kept; nothing has changed.
        """
        what = ("images: " if images else "") + ("consent withdrawn" if withdraw else "consented")
        with self._deciding({"what": what, "project": project}) as ledger:
            note = ledger.consent_to_images if images else ledger.consent
            note(project, None if withdraw else self.clock())

    def revoke(self, permit: str) -> None:
        """Take a permit back, for good.

        Raises:
            MachineError: it cannot be kept; nothing has changed.
        """
        with self._deciding({"what": "taken back", "permit": permit}) as ledger:
            ledger.revoke(permit, self.clock())

    def restrict(self, project: str, more: Restriction) -> None:
        """Take something away from a project, besides what was taken away before.

        Raises:
            BadPermit: something that is to be taken away is no entity and no field.
            MachineError: it cannot be kept; nothing has changed.
        """
        for name in more.variables:
            if name not in VARIABLES:
                raise BadPermit(f"{name[:60]!r} is no entity and no field, such as person.age.", at="variable")
        told: dict[str, Any] = {"what": "restricted", "project": project}
        with self._deciding(told) as ledger:
            taken = Restriction.of(ledger.standing(project).restriction).with_more(more).to_json()
            ledger.restrict(project, json.dumps(taken))
            told["restriction"] = taken

    def lift(self, project: str) -> None:
        """Give a project back all that was taken away.

        Raises:
            MachineError: it cannot be kept; nothing has changed.
        """
        told = {"what": "restriction lifted", "project": project, "restriction": Restriction().to_json()}
        with self._deciding(told) as ledger:
            ledger.restrict(project, "")

    def agree(self, name: str, days: float = AGREED_DAYS) -> Run:
        """Consent to one question: it is answered once, where it is asked again in time.

        Args:
            name: Which, as :attr:`oncommons.storage.awaited.Run.id` has it.
            days: For how long.

        Raises:
            NotFound: no such question waits.
            BadRequest: that is no number of days.
            MachineError: it cannot be kept; nothing has changed.
        """
        if not 0 < days <= MOST_DAYS:
            raise BadRequest(f"A consent holds for up to {MOST_DAYS} days.", at="days")
        run = replace(self._run(name, {"waiting", "declined"}), state="agreed", reason="", job="")
        return self._decide(replace(run, until=self.clock() + days * DAY))

    def decline(self, name: str, reason: str) -> Run:
        """Decline one question; whoever asks it is told the reason.

        The reason goes to researchers, past the rule of disclosure: it has no digit, so that no figure slips out with it.
        For its words the data manager answers.

        Args:
            name: Which; one that was agreed to may be declined until it was asked again.
            reason: Why, in a line.

        Raises:
            NotFound: no such question waits, or was agreed to.
            BadRequest: that is no reason that may leave the node.
            MachineError: it cannot be kept; nothing has changed.
        """
        said = reason.strip()
        figures = any(unicodedata.category(sign).startswith("N") for sign in said)
        if figures or not said.isprintable() or not _SHORTEST <= len(said) <= _LONGEST:
            message = "Give a reason of 3 to 200 characters in one line, without digits: it goes to whoever asked."
            raise BadRequest(message, at="reason")
        run = replace(self._run(name, {"waiting", "agreed"}), state="declined", reason=said)
        return self._decide(replace(run, until=self.clock() + DECLINED_DAYS * DAY))

    def _run(self, name: str, states: set[str]) -> Run:
        with closing(Permitted(self.home.permits_file)) as ledger:
            found = ledger.runs.named(name, self.clock())
        if found is None or found.state not in states or found.job:
            raise NotFound(f"No question {name[:20]!r} waits here: oncommons node permits waiting.")
        return found

    def _decide(self, run: Run) -> Run:
        told: dict[str, Any] = {"what": f"run {run.state}", "permit": run.permit, "project": run.project}
        told |= {"question": json.loads(run.body), "until": written(int(run.until))}
        told |= {"reason": run.reason} if run.reason else {}
        decided = replace(run, decided=self.clock())
        with self._deciding(told) as ledger:
            ledger.runs.put(decided)
        return decided

    @contextmanager
    def _deciding(self, told: Mapping[str, Any]) -> Iterator[Permitted]:
        """Decide inside the block; it holds when it was entered."""
        with closing(Permitted(self.home.permits_file)) as ledger, ledger.alone():
            yield ledger
            record(self.home, "permit", {**told, "by": self.by.name, "way": self.by.way}, self.clock)


def project_json(name: str, standing: Standing) -> dict[str, Any]:
    """What was decided about a project, as JSON and in words.

    Args:
        name: Its name.
        standing: What was decided.
    """
    taken = Restriction.of(standing.restriction)
    consented, images = (None if at is None else written(int(at)) for at in (standing.consented, standing.images))
    parts = [f"consented on {consented[:10]}" if consented else "no consent", *taken.variables, *taken.datasets]
    parts += [] if taken.groups else ["counts by codes"]
    words = ", without ".join(sorted(parts[1:])) if parts[1:] else ""
    words = parts[0] + (f", to images on {images[:10]}" if images else "") + (f", without {words}" if words else "")
    words += "" if taken.until is None else f", until {written(taken.until)[:10]}"
    return {"project": name, "consented": consented, "images": images, "restriction": taken.to_json(), "words": words}


def day(text: str, at: str) -> int:
    """The first second of a day, UTC, since the epoch.

    Raises:
        BadPermit: it is none.
    """
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise BadPermit(f"{text[:30]!r} is no day, such as 2027-01-31.", at=at) from None
