"""What a code list is: its codes and their labels, its rule, and which codes lie below which."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Expansion:
    """What a question for some codes asks of a value: one of ``codes``, or a text that begins like one of ``prefixes``.

    Both are without what the other says already.
    """

    codes: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """A code list, closed (``codes``) or given by a rule (``pattern``), or both: labelled codes and those of the rule.

    Attributes:
        name: How the dictionary refers to it.
        source: The standard, part and section that defines it.
        codes: Code to English label; empty when only the pattern decides.
        pattern: Regular expression that a code must match as a whole; empty when the list is closed.
        example: A code that belongs to the vocabulary.
        parents: Code to the codes that include it, directly; of the closed part.
        prefixed: Regular expression of the codes that include every code that begins with them, as ``ICD10:C34``
            includes ``ICD10:C34.1``.
        groups: Code of ours to the codes that it stands for; a question may ask for it, no row holds it.
        identifiers: Code to its identifier in another terminology, as far as it has one.
        systems: The coding systems that are parts of the list, each as beginnings of its codes.  A code of one says
            neither that a code of another applies nor that it does not; a group of codes of several is of all of them.
            Empty where all codes can be compared.
    """

    name: str
    source: str
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    pattern: str = ""
    example: str = ""
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    prefixed: str = ""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    identifiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    systems: tuple[tuple[str, ...], ...] = ()

    def has(self, code: str) -> bool:
        """Whether a question may ask for the code."""
        return code in self.codes or self._matches(code)

    def holds(self, code: str) -> bool:
        """Whether a row may hold the code; groups are only asked for."""
        return code not in self.groups and self.has(code)

    def expand(self, asked: Iterable[str]) -> Expansion:
        """The codes asked for and all that lie below them."""
        waiting, codes = list(asked), dict[str, None]()
        while waiting:
            code = waiting.pop(0)
            if code in codes:
                continue
            codes[code] = None
            waiting += self.groups.get(code, ())
            waiting += [child for child, above in self.parents.items() if code in above]
        prefixes = [c for c in codes if self.prefixed and re.fullmatch(self.prefixed, c)]
        shortest = tuple(p for p in prefixes if not any(p != q and p.startswith(q) for q in prefixes))
        exact = (c for c in codes if c not in self.groups and not c.startswith(shortest))
        return Expansion(tuple(exact), shortest)

    @property
    def includes(self) -> bool:
        """Whether some of its codes include others."""
        return bool(self.parents or self.prefixed or self.groups)

    def above(self, code: str) -> tuple[str, ...]:
        """The codes that include a code, not itself: a question for one of them finds it; in no special order."""
        found: dict[str, None] = {}
        waiting = [code]
        while waiting:
            one = waiting.pop()
            shorter = [one[:end] for end in range(1, len(one))] if self.prefixed else []
            higher = [short for short in shorter if re.fullmatch(self.prefixed, short) and self.holds(short)]
            higher += [group for group, parts in self.groups.items() if one in parts]
            higher += self.parents.get(one, ())
            waiting += [new for new in higher if new not in found]
            found |= dict.fromkeys(higher)
        return tuple(found)

    def comparable(self, asked: Iterable[str]) -> tuple[str, ...] | None:
        """Beginnings of the codes of which a question for some codes can be denied; ``None`` where it can of all."""
        if not self.systems:
            return None
        parts = [self.groups.get(code, (code,)) for code in asked]
        shared = (s for s in self.systems if all(any(c.startswith(s) for c in codes) for codes in parts))
        return tuple(beginning for system in shared for beginning in system)

    def compares(self, asked: Iterable[str], value: str) -> bool:
        """Whether it is known of a row with this code whether it fulfils a question for some codes."""
        asked = list(asked)
        wanted, comparable = self.expand(asked), self.comparable(asked)
        found = value in wanted.codes or value.startswith(wanted.prefixes)
        return found or comparable is None or value.startswith(comparable)

    def _matches(self, code: str) -> bool:
        return bool(self.pattern) and re.fullmatch(self.pattern, code) is not None


def labels(table: str) -> Mapping[str, str]:
    """Read a table of lines ``CODE label``."""
    pairs = (line.split(None, 1) for line in table.strip().splitlines())
    return MappingProxyType({code: label.strip() for code, label in pairs})
