"""Entry types of our Beacon: one for every entity of the dictionary, and the two collections.

Beacon's ``run`` is the run of a sequencing machine.  An imaging study is no such thing, so it is an entry type of
its own, as the framework allows (Beacon v2, "Custom models").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from oncommons.schema.dictionary import ENTITIES

SPECIFICATION = "Beacon v2.1.1"
_MODELS = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/v2.1.1/models/json/beacon-v2-default-model/"


@dataclass(frozen=True)
class EntryType:
    """A kind of thing that a Beacon can be asked for.

    Attributes:
        id: Its identifier.
        path: The last part of its address.
        name: Its name for people.
        meaning: What it is.
        entity: The dictionary's entity that is counted.
        term: CURIE of the concept and its label; empty where no ontology is known to have it.
        schema: Address of the official schema; empty for an entry type of our own.
        collection: Whether it is a collection of other entries, described by dataset cards.
    """

    id: str
    path: str
    name: str
    meaning: str
    entity: str
    term: tuple[str, str] = ("", "")
    schema: str = ""
    collection: bool = False

    @property
    def schema_id(self) -> str:
        """Name and version of its schema."""
        return f"ga4gh-beacon-{self.id}-v2.1.1" if self.schema else f"oncommons-{self.id}-v1"


_KNOWN: Mapping[str, tuple[str, str, str, tuple[str, str], str]] = MappingProxyType(
    {
        "person": (
            "individual",
            "individuals",
            "Individual",
            ("NCIT:C25190", "Person"),
            f"{_MODELS}individuals/defaultSchema.json",
        ),
        "study": ("imagingStudy", "imaging_studies", "Imaging study", ("DCM:113014", "Study"), ""),
        "series": ("imagingSeries", "imaging_series", "Imaging series", ("DCM:113015", "Series"), ""),
    },
)
"""Entities whose entry type has a name outside (Beacon v2 default model; DICOM PS3.16 Annex D)."""

COLLECTIONS: tuple[EntryType, ...] = (
    EntryType(
        "dataset",
        "datasets",
        "Dataset",
        "A collection of people and their images, as its node describes it on its card.",
        "person",
        ("NCIT:C47824", "Data set"),
        f"{_MODELS}datasets/defaultSchema.json",
        collection=True,
    ),
    EntryType(
        "cohort",
        "cohorts",
        "Cohort",
        "The people of one dataset, as its study gathered them.",
        "person",
        ("NCIT:C61512", "Cohort"),
        f"{_MODELS}cohorts/defaultSchema.json",
        collection=True,
    ),
)


def entry_of(entity: str) -> EntryType:
    """The entry type of an entity of the dictionary."""
    found = ENTITIES[entity]
    if entity in _KNOWN:
        known, path, name, term, schema = _KNOWN[entity]
        return EntryType(known, path, name, found.meaning, entity, term, schema)
    words = entity.split("_")
    name = words[0] + "".join(word.capitalize() for word in words[1:])
    path = found.plural.replace(" ", "_").replace("-", "_")
    return EntryType(name, path, " ".join(words).capitalize(), found.meaning, entity)


ENTRIES: tuple[EntryType, ...] = tuple(entry_of(entity) for entity in ENTITIES)
"""Entry types of the entities, in the dictionary's order."""

EVERY: tuple[EntryType, ...] = (*ENTRIES, *COLLECTIONS)
"""All entry types."""


def named(text: str) -> EntryType | None:
    """The entry type that a client names by its identifier, its address or its entity; nothing where there is none."""
    return next((e for e in EVERY if text in {e.id, e.path}), None) or next(
        (e for e in ENTRIES if text == e.entity), None
    )
