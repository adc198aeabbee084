"""Random questions that the parser accepts, as JSON dicts; the same seed gives the same question."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.kleene import FIELDS, upwards

from oncommons.schema.dictionary import FIELDS as DICTIONARY


@dataclass(frozen=True)
class World:
    """What random questions are about: the entities counted and asked for, and the fields that data may have."""

    counted: tuple[str, ...]
    entities: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]


IMAGES = World(
    ("person", "study", "series"),
    ("series", "series", "series", "study", "study", "person", "condition"),
    FIELDS | {"person": ("sex", "age"), "condition": ("code",)},
)
CLINICAL = World(
    ("person", "person", "condition", "measurement", "treatment"),
    ("condition", "condition", "measurement", "measurement", "treatment", "episode", "specimen", "person", "series"),
    FIELDS | {"person": ("sex", "birth_year", "vital_status", "follow_up")},
)
COUNTED = IMAGES.counted
FREQUENT = {
    "sex": ("F", "M", "O"),
    "modality": ("CT", "SR", "SEG", "MR", "SM", "MG", "RTSTRUCT", "CR", "ANN", "PT", "DX", "US"),
    "body_part": ("CHEST", "BREAST", "ABDOMEN", "PROSTATE", "LUNG", "PELVIS", "LIVER", "KIDNEY", "COLON", "BRAIN"),
    "manufacturer": ("GE", "SIEMENS", "LEICA", "HOLOGIC", "PHILIPS", "CANON", "CARESTREAM", "VARIAN"),
    "model": ("LIGHTSPEED_16", "SELENIA_DIMENSIONS", "SENSATION_16", "SIGNA_HDXT", "SKYRA", "AQUILION"),
    "series_class": ("CT", "CT_CONTRAST", "LOCALIZER", "T1", "T2", "DWI", "ADC", "DCE", "DERIVED", "SEG", "TOMO"),
    "laterality": ("L", "R", "B"),
    "contrast": ("YES", "NO"),
    "described_by": ("CONTOURS", "SEGMENTATION_AND_CONTOURS", "DOSE", "REPORT", "NONE"),
    "code": ("ICDO3:8520/3", "ICDO3:C50.4", "ICD10:C34.1", "ICD10:C34", "ICD10:C61", "SITE:BREAST", "SITE:COLORECTUM"),
    "topography": ("ICDO3:C50", "ICDO3:C50.4", "ICDO3:C34", "SITE:LUNG", "SITE:BREAST"),
    "morphology": ("ICDO3:8520/3", "ICDO3:8140/3"),
    "vital_status": ("ALIVE", "DEAD"),
    "stage": ("I", "II", "III", "IV", "IIA", "IIIA", "IA1", "0"),
    **{f"{basis}_t": ("T1", "T1a", "T2", "TX", "Tis") for basis in ("clinical", "pathological")},
    **{f"{basis}_n": ("N0", "N1", "NX", "N2a") for basis in ("clinical", "pathological")},
    **{f"{basis}_m": ("M0", "M1", "M1a") for basis in ("clinical", "pathological")},
    "grade": ("G1", "G2", "G3"),
    "marker": ("PSA", "HER2", "ER", "KI67", "TUMOUR_SIZE", "LOINC:2857-1"),
    "result": ("POSITIVE", "NEGATIVE", "EQUIVOCAL", "HER2_3"),
    "treatment_kind": ("SURGERY", "SYSTEMIC", "CHEMOTHERAPY", "HORMONE"),
    "treatment_code": ("ATC:L01", "ATC:L02BA01", "RXNORM:1", "OPS:5-87"),
    "episode_kind": ("RECURRENCE", "METASTASIS"),
    "specimen_kind": ("TISSUE", "TISSUE_FFPE", "BLOOD"),
    "specimen_site": ("ICDO3:C50", "SITE:LUNG"),
}
RANGES = {
    "age": (0, 95),
    "age_at_study": (0, 95),
    "study_year": (1990, 2022),
    "instances": (1, 400),
    "birth_year": (1920, 2000),
    "follow_up": (0, 4000),
    "age_at_diagnosis": (20, 95),
    "diagnosis_year": (1980, 2024),
    "value": (0, 120),
    **dict.fromkeys(("measured_after", "treated_after", "began_after"), (-200, 2000)),
}
MEASURED = ("PSA", "KI67", "TUMOUR_SIZE")
LEAF_SHARE = 0.35


def question(seed: int | random.Random, depth: int = 5, criteria: int = 12, world: World = IMAGES) -> dict[str, Any]:
    """A question at most ``depth`` criteria deep and of about ``criteria`` criteria at most."""
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    body: dict[str, Any] = {"count": rng.choice(world.counted)}
    if rng.random() < 0.97:
        body["where"] = criterion(rng, body["count"], depth, rng.randint(2, criteria), world)
    by = _by(rng, body["count"], world)
    if by:
        body["by"] = by
    return body


def criterion(rng: random.Random, scope: str, depth: int, criteria: int, world: World = IMAGES) -> dict[str, Any]:
    """A criterion for rows of the entity in scope, itself counted in ``depth`` and ``criteria``."""
    if depth <= 1 or criteria <= 1 or (criteria <= 3 and rng.random() < LEAF_SHARE):
        return _test(rng, scope, world) if rng.random() < 0.93 else {"some": rng.choice(world.entities)}
    kind = rng.choice(("all", "all", "any", "any", "not", "some", "some", "some"))
    if kind == "not":
        return {"not": criterion(rng, scope, depth - 1, criteria - 1, world)}
    if kind == "some":
        entity = rng.choice(world.entities)
        return {"some": entity, "where": criterion(rng, entity, depth - 1, criteria - 1, world)}
    return {kind: [criterion(rng, scope, depth - 1, n, world) for n in _parts(rng, criteria - 1)]}


def size_of(body: dict[str, Any] | None) -> int:
    """How many criteria a criterion holds, itself included."""
    if body is None:
        return 0
    below = [*body.get("all", []), *body.get("any", []), body.get("not"), body.get("where")]
    return 1 + sum(size_of(inner) for inner in below)


def depth_of(body: dict[str, Any] | None) -> int:
    """How many criteria lie in one another."""
    if body is None:
        return 0
    below = [*body.get("all", []), *body.get("any", []), body.get("not"), body.get("where")]
    return 1 + max(depth_of(inner) for inner in below)


def _parts(rng: random.Random, criteria: int) -> list[int]:
    """One to four shares of a number of criteria, each at least one."""
    number = min(rng.choice((1, 2, 2, 2, 3, 3, 4)), criteria)
    cuts = sorted(rng.sample(range(1, criteria), number - 1))
    return [high - low for low, high in zip([0, *cuts], [*cuts, criteria], strict=True)]


def _test(rng: random.Random, scope: str, world: World) -> dict[str, Any]:
    # The nearest entity is asked most often, those above it now and then.
    entity = upwards(scope)[0] if rng.random() < 0.7 else rng.choice(upwards(scope))
    name = rng.choice(world.fields[entity])
    if rng.random() < 0.12:
        return {"field": name, "missing": rng.random() < 0.5}
    if name == "value":  # a number of the unit of its marker
        marker = {"field": "marker", "in": [rng.choice(MEASURED)]}
        return {"all": [marker, {"field": name, "between": _range(rng, name)}]}
    return {"field": name, "between": _range(rng, name)} if name in RANGES else {"field": name, "in": _codes(rng, name)}


def _codes(rng: random.Random, name: str) -> list[str]:
    frequent = FREQUENT[name]
    codes = rng.sample(frequent, rng.randint(1, min(3, len(frequent) - 1)))
    vocabulary = next(f for f in DICTIONARY if f.name == name).codes
    if vocabulary.codes and rng.random() < 0.15:
        codes.append(rng.choice(list(vocabulary.codes)))
    return codes


def _range(rng: random.Random, name: str) -> list[int | None]:
    least, most = RANGES[name]
    low, high = sorted((rng.randint(least, most), rng.randint(least, most)))
    return rng.choice(([low, high], [low, high], [low, None], [None, high], [low, low]))


def _by(rng: random.Random, count: str, world: World) -> list[str]:
    coded = [name for entity in upwards(count) for name in world.fields[entity] if name in FREQUENT]
    by = rng.sample(coded, rng.choice((0, 0, 1, min(2, len(coded)))))
    if rng.random() < 0.4:
        by.insert(rng.randint(0, len(by)), "dataset")
    return by
