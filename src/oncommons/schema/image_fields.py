"""What the headers of images tell: which entities and fields of the dictionary come from them, in one table."""

from __future__ import annotations

from oncommons.schema.clinical import CLINICAL
from oncommons.schema.clinical import FIELDS as OF_CLINICAL
from oncommons.schema.dictionary import ENTITIES, FIELDS
from oncommons.schema.vocabulary import VOCABULARIES

IMAGED: tuple[str, ...] = tuple(name for name in ENTITIES if name not in CLINICAL)
"""Entities that every dataset of images has: the person, the study and the series."""
READ = ("sex", "age", "modality", "body_part", "manufacturer", "model", "series_class", "laterality", "contrast")
"""Fields whose readings are kept: of each raw value the string, the rule and how sure it is."""
NUMBERED: tuple[str, ...] = tuple(name for name in READ if name in VOCABULARIES and not VOCABULARIES[name].pattern)
"""Those of a closed vocabulary, whose codes a node keeps as small numbers."""
OF_SERIES: tuple[str, ...] = tuple(
    name for name in NUMBERED if any(f.name == name and f.entity == "series" for f in FIELDS)
)
"""Those of them that a series has."""
_CLINICAL_NAMES = frozenset(name for name, *_ in OF_CLINICAL)
CARRIED: frozenset[str] = frozenset(
    {*IMAGED, *(f"{f.entity}.{f.name}" for f in FIELDS if f.entity in IMAGED and f.name not in _CLINICAL_NAMES)}
)
"""Entities and fields, as a permit names them, that whoever has an image can read from it or its like."""
