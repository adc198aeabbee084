"""The data dictionary: every entity and field that a question may name, in one table.

The hub serves it, the documentation shows it, the parser enforces it and the node compiles from it.
Entities form a tree with the person at its root::

    person
    ├── study
    │   └── series
    ├── condition
    ├── measurement
    ├── treatment
    ├── episode
    └── specimen
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from oncommons.schema import clinical
from oncommons.schema.codelist import Vocabulary
from oncommons.schema.vocabulary import VOCABULARIES

FieldType = Literal["code", "integer", "number"]

DICTIONARY_VERSION = 3
"""Raised whenever a field, entity or vocabulary is added; a node of an older dictionary says so in its answer."""


@dataclass(frozen=True)
class Entity:
    """A kind of row: what it is, and which entity it belongs to (``None`` for the person)."""

    name: str
    parent: str | None
    plural: str
    meaning: str
    source: str


@dataclass(frozen=True)
class Field:
    """A column that a question may test.

    Attributes:
        name: Unique along the path from any entity up to the person.
        entity: The entity whose rows carry it.
        type: ``code`` (one of a vocabulary), ``integer``, or ``number`` (with decimals).
        vocabulary: Name of the code list, for codes.
        unit: Unit of an integer or number (UCUM), empty where it is a plain count or depends on another field.
        meaning: What a value says, and how it was derived.
        source: Where the definition comes from.
    """

    name: str
    entity: str
    type: FieldType
    meaning: str
    source: str
    vocabulary: str = ""
    unit: str = ""

    @property
    def codes(self) -> Vocabulary:
        """The code list of a coded field.

        Raises:
            KeyError: for a field that is not coded.
        """
        return VOCABULARIES[self.vocabulary]


ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        entity.name: entity
        for entity in (
            Entity(
                "person",
                None,
                "people",
                "A person in one dataset. A person who is in two datasets is a row of each.",
                "OMOP CDM 5.4 person; DICOM PS3.3 C.7.1.1 Patient",
            ),
            Entity("study", "person", "studies", "An imaging examination of a person.", "DICOM PS3.3 C.7.2.1"),
            Entity(
                "series", "study", "series", "A series of images or derived objects of a study.", "DICOM PS3.3 C.7.3.1"
            ),
            *(Entity(*row) for row in clinical.ENTITIES),
        )
    },
)

FIELDS: tuple[Field, ...] = (
    Field(
        "sex",
        "person",
        "code",
        "Sex of the person. Unknown where the person's series contradict each other.",
        "DICOM (0010,0040)",
        vocabulary="sex",
    ),
    Field(
        "age",
        "person",
        "integer",
        "Age at the earliest imaging known here: the smallest age found in the person's series, in completed years.",
        "DICOM (0010,1010)",
        unit="a",
    ),
    Field(
        "age_at_study",
        "study",
        "integer",
        "Age at the examination, in completed years: the smallest age found in the study's series.",
        "DICOM (0010,1010)",
        unit="a",
    ),
    Field(
        "study_year",
        "study",
        "integer",
        "Calendar year of the examination as recorded; de-identification may have moved it.",
        "DICOM (0008,0020)",
    ),
    Field("modality", "series", "code", "Type of device or object.", "DICOM (0008,0060)", vocabulary="modality"),
    Field("body_part", "series", "code", "Part of the body examined.", "DICOM (0018,0015)", vocabulary="body_part"),
    Field("manufacturer", "series", "code", "Maker of the equipment.", "DICOM (0008,0070)", vocabulary="manufacturer"),
    Field("model", "series", "code", "Model of the equipment.", "DICOM (0008,1090)", vocabulary="model"),
    Field(
        "series_class",
        "series",
        "code",
        "What the series is, decided by rules from its headers; see how it was decided at the node.",
        "DICOM (0008,103E), (0008,0008), (0008,0016), (0018,0010)",
        vocabulary="series_class",
    ),
    Field(
        "laterality",
        "series",
        "code",
        "Side of the body.",
        "DICOM (0020,0060), (0020,0062), (0008,103E)",
        vocabulary="laterality",
    ),
    Field(
        "contrast",
        "series",
        "code",
        "Whether a contrast agent had been given, where the headers say so.",
        "DICOM (0018,0010), (0008,103E), (0008,1030)",
        vocabulary="contrast",
    ),
    Field("instances", "series", "integer", "Number of images or objects in the series.", "DICOM (0020,1209)"),
    Field(
        "described_by",
        "series",
        "code",
        "What refers to images of the series among what is kept at the node: segmentations, contours, doses and reports. "
        "A dose counts for the images that its plan was drawn on. A question for one kind finds series with more, too.",
        "DICOM (0008,1155), (0020,000E) within sequences",
        vocabulary="described_by",
    ),
    *(Field(*row) for row in clinical.FIELDS),
)

_BY_PLACE: Mapping[tuple[str, str], Field] = MappingProxyType({(f.entity, f.name): f for f in FIELDS})


def plural_of(entity: str) -> str:
    """What is counted, in the plural; ``rows`` of an entity that the dictionary does not have."""
    return ENTITIES[entity].plural if entity in ENTITIES else "rows"


def lineage(entity: str) -> tuple[str, ...]:
    """The entity and those above it, nearest first: ``series`` gives ``(series, study, person)``."""
    path = [entity]
    while (parent := ENTITIES[path[-1]].parent) is not None:
        path.append(parent)
    return tuple(path)


def is_below(entity: str, other: str) -> bool:
    """Whether rows of ``entity`` belong to a row of ``other``."""
    return entity != other and other in lineage(entity)


def find_field(name: str, scope: str) -> Field | None:
    """The field of that name in the entity in scope or in one above it, else ``None``."""
    for entity in lineage(scope):
        if (entity, name) in _BY_PLACE:
            return _BY_PLACE[entity, name]
    return None


def fields_named(name: str) -> tuple[Field, ...]:
    """Every field of that name, in whichever entity."""
    return tuple(f for f in FIELDS if f.name == name)


def dictionary_to_json() -> dict[str, Any]:
    """The whole dictionary as the hub serves it, vocabularies included."""
    return {
        "version": DICTIONARY_VERSION,
        "entities": [
            {"name": e.name, "parent": e.parent, "plural": e.plural, "meaning": e.meaning, "source": e.source}
            for e in ENTITIES.values()
        ],
        "fields": [
            {
                "name": f.name,
                "entity": f.entity,
                "type": f.type,
                "vocabulary": f.vocabulary or None,
                "unit": f.unit or None,
                "meaning": f.meaning,
                "source": f.source,
            }
            for f in FIELDS
        ],
        "vocabularies": [
            {
                "name": v.name,
                "source": v.source,
                "codes": dict(v.codes),
                "pattern": v.pattern or None,
                "parents": {code: list(above) for code, above in v.parents.items()},
                "groups": {code: list(parts) for code, parts in v.groups.items()},
                "prefixed": v.prefixed or None,
                "example": v.example,
                "identifiers": dict(v.identifiers),
            }
            for v in VOCABULARIES.values()
        ],
    }
