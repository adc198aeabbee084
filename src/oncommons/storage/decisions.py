"""What people decided about files: who, when, where and what came of it; it stands in the ledger beside the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Way = Literal["console", "command line"]

DECISIONS = """
CREATE TABLE IF NOT EXISTS decision (
    digest TEXT NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, way TEXT NOT NULL, made TEXT NOT NULL, became TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS decision_on ON decision (digest);
"""


@dataclass(frozen=True)
class Person:
    """Who decides.

    Attributes:
        name: The name of the user of this machine, or what somebody calls themselves in the console.
        way: Where.
    """

    name: str
    way: Way


@dataclass(frozen=True)
class Decision:
    """What a person decided about a file.

    Attributes:
        digest: The file.
        what: ``release`` or ``reject``.
        who: As :attr:`Person.name`.
        way: As :attr:`Person.way`.
        made: When, UTC (ISO 8601).
        became: What the file was afterwards: ``kept``, ``refused``, or ``quarantined`` still.
    """

    digest: str
    what: str
    who: str
    way: str
    made: str
    became: str

    def to_json(self) -> dict[str, Any]:
        """The decision as JSON, without the file."""
        return {"decision": self.what, "by": self.who, "way": self.way, "at": self.made, "became": self.became}
