"""Where all ways in for clinical data meet: what was made of a line, a resource or a row becomes rows, faults and counts.

All that depends on what came before, such as whether a person is there already, is decided here: what was made before an
import was stopped comes through here again, see :mod:`oncommons.node.receive.clinical.resuming`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from oncommons.node.receive.clinical.loading import Loading
from oncommons.node.receive.clinical.reading import IN_THE_FUTURE
from oncommons.node.receive.clinical.records import OmopRow
from oncommons.node.receive.clinical.resuming import Unit
from oncommons.node.receive.faults import Fault
from oncommons.schema.errors_of_rows import ClinicalRowError, ImpossibleDate

MadeRow = tuple[str, str, Mapping[str, str]]
"""Table, item and values of a row."""
MadeFault = tuple[str, str, str, bool]
"""Place, code and message of a fault, and whether the rest was taken."""
REFUSED, KIND, PASSED = "refused", "kind", "passed"
"""What is counted of a unit: that it was not taken, what it was, and what was not read."""


def unit_of(
    number: int,
    person: str = "",
    rows: Sequence[MadeRow] = (),
    faults: Sequence[MadeFault] = (),
    counted: Sequence[tuple[str, str]] = (),
) -> Unit:
    """What was made of a unit.

    Args:
        number: Where in the source it stood, counted from 1.
        person: Whose it is.
        rows: Its rows.
        faults: What could not be read of it.
        counted: What of it is counted, each with its name.
    """
    return [number, person, rows, faults, counted]


def fault_of(at: str, fault: ClinicalRowError, *, kept: bool = True) -> MadeFault:
    """A fault of a unit.

    Args:
        at: Its place.
        fault: What is wrong.
        kept: Whether the rest of the unit was taken.
    """
    return at, fault.code, fault.message, kept


def is_lasting(unit: Unit) -> bool:
    """Whether the same will be made of a unit tomorrow; a date that is in the future today may not be then."""
    return not any(code == ImpossibleDate.code and message.endswith(IN_THE_FUTURE) for _, code, message, _ in unit[3])


@dataclass
class Taking:
    """Takes what was made of units.

    Attributes:
        loading: Takes the rows and the faults.
        units: How many there were.
        counts: What was counted, and of each the names and how often they came.
    """

    loading: Loading
    units: int = 0
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in (REFUSED, KIND, PASSED)}
    )

    @property
    def refused(self) -> int:
        """How many units were not taken."""
        return self.counts[REFUSED].total()

    def take(self, unit: Unit, is_new: Callable[[OmopRow], bool]) -> None:
        """Take what was made of a unit.

        Args:
            unit: As :func:`unit_of` gives it.
            is_new: Whether a row about a person as such counts.
        """
        number, person, rows, faults, counted = unit
        self.units += 1
        for fault in faults:
            self.loading.complain(Fault(number, *fault))
        for table, item, values in rows:
            row = OmopRow(table, person, item, number, values)
            if table != "person" or is_new(row):
                self.loading.put(row)
        for what, name in counted:
            self.counts[what][name] += 1
