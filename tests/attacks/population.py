"""Two datasets that differ by one person, and one in which everybody has a secret."""

from __future__ import annotations

import random
from dataclasses import dataclass

AGES = range(20, 80)
PER_AGE = 10
TARGET_AGE = 97
MAKERS = ("GE", "SIEMENS", "PHILIPS")
RECONSTRUCTED = range(10, 90)


@dataclass(frozen=True)
class Population:
    """Rows of series, as :func:`tests.node.tables.import_rows` takes them."""

    rows: tuple[dict[str, str | None], ...]


def others() -> list[dict[str, str | None]]:
    """Six hundred people, ten of each age; about half of them have had a PET, as chance has it."""
    rows, rng = [], random.Random(600)
    for i in range(len(AGES) * PER_AGE):
        age = AGES[i // PER_AGE]
        person = {"person": f"p{i:04d}", "sex": "FM"[i % 2], "age": f"{age:03d}Y", "manufacturer": MAKERS[i % 3]}
        rows.append(person | {"modality": "CT", "body_part": "CHEST"})
        if rng.random() < 0.5:
            rows.append(person | {"modality": "PT", "body_part": "CHEST"})
    return rows


def target(**more: str | None) -> dict[str, str | None]:
    """The person whom attackers look for: the only one of their age."""
    who = {"person": "z", "sex": "M", "age": f"{TARGET_AGE:03d}Y", "manufacturer": "GE"}
    return who | {"modality": "PT", "body_part": "CHEST"} | more


def without_target() -> Population:
    """Everybody but one."""
    return Population(tuple(others()))


def with_target(**more: str | None) -> Population:
    """Everybody."""
    return Population((*others(), target(**more)))


def secrets(seed: int) -> tuple[Population, list[int]]:
    """Eighty people of known and different ages, each with a secret: whether they had a PET."""
    rng = random.Random(seed)
    bits = [rng.randrange(2) for _ in RECONSTRUCTED]
    rows = []
    for age, bit in zip(RECONSTRUCTED, bits, strict=True):
        person = {"person": f"p{age}", "sex": "F", "age": f"{age:03d}Y"}
        rows.append(person | {"modality": "PT" if bit else "CT"})
    return Population(tuple(rows)), bits
