"""Whether a series shows a face that somebody could recognise (PS3.15 section E.3.2).

A surface computed from thin slices of a head can be matched with photographs: Mazura et al., J Digit Imaging 2012
(CT); Schwarz et al., N Engl J Med 2019 (MR); Schwarz et al., NeuroImage 2022 (PET with CT).  Nothing is removed here;
an import refuses such slices or says YES in their Recognizable Visual Features.  NO is believed: nobody says it but who
has removed the face.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from oncommons.imaging.attributes import ATTRIBUTES

FEATURES = ATTRIBUTES["RecognizableVisualFeatures"]
"""PS3.3 section C.7.6.1."""
SAYS_YES = f'"{FEATURES:08X}":"YES"'
"""How the attributes of a kept object, as JSON, say that a face could be rebuilt from it and its neighbours."""

_VOLUMES = frozenset({"CT", "MR", "PT"})
_PHOTOGRAPHS = frozenset({"XC"})
_HEAD = re.compile(
    r"HEAD|BRAIN|SKULL|CRANI|\bFACE|FACIAL|NECK|ORBIT|SINUS|\bEYE|\bEAR\b|\bIAC\b|JAW|MAXILL|MANDIB|TEETH|\bDENT|NOSE|NASAL|TONGUE"
    r"|PITUIT|TEMPORAL ?BONE|PARANASAL|PAROTID|LARYNX|PHARYNX|CEREB|NEURO|GEHIRN|KOPF|SCH.{1,2}DEL|HALS|TETE|TÊTE|CERVEAU"
    r"|TESTA|ENCEFAL|CABEZA|CABEÇA|CEREBRO|HOOFD|HERSENEN"
)
_WHOLE = re.compile(r"WHOLE ?BODY|TOTAL ?BODY|WB\b|GANZK|SKULL ?(BASE)? ?TO|VERTEX")
_THIN_MM = 5.0
_MANY = 1000
_ASKED = tuple(
    ATTRIBUTES[keyword]
    for keyword in (
        *("Modality", "ImageType", "BodyPartExamined", "SliceThickness"),
        *("StudyDescription", "SeriesDescription", "ProtocolName"),
    )
)
_COVER_MM = 30.0
"""A face from brow to lip is longer than this."""


def shows_face(facts: Mapping[str, str], slices: int, thickness: float | None) -> bool:
    """Whether a series shows a recognisable face, as far as its words tell; where they say nothing, it shows none.

    Args:
        facts: ``modality``, ``body_part``, ``description`` (series, study and protocol, joined) and ``features``
            (Recognizable Visual Features) as text.
        slices: How many slices or frames the series has.
        thickness: Distance between slices in mm; None where it is not known.
    """
    modality, features = facts.get("modality", "").upper(), facts.get("features", "").upper()
    if features == "NO":
        return False
    if modality in _PHOTOGRAPHS:
        return True
    if modality not in _VOLUMES or not _in_three_dimensions(slices, thickness):
        return False
    part, words = facts.get("body_part", "").upper().strip(), facts.get("description", "").upper()
    return features == "YES" or any(pattern.search(text) for pattern in (_HEAD, _WHOLE) for text in (part, words))


def slice_shows_face(facts: Mapping[int, bytes]) -> bool:
    """Whether a face could be rebuilt from a slice and the others of its series, of which it is one of many.

    Args:
        facts: Tag to value, as it stands in the object.
    """
    return _among_many(tuple(facts.get(tag, b"") for tag in _ASKED))


@lru_cache(maxsize=1024)
def _among_many(values: tuple[bytes, ...]) -> bool:
    modality, image_type, part, thickness, *words = (value.decode("latin-1").strip("\0 ") for value in values)
    if "LOCALIZER" in image_type.upper():
        return False
    facts = {"modality": modality, "body_part": part, "description": " ".join(words)}
    return modality.upper() in _VOLUMES and shows_face(facts, _MANY, _millimetres(thickness))


def _millimetres(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _in_three_dimensions(slices: int, thickness: float | None) -> bool:
    """Whether the slices are close enough and enough to compute a surface; what is not known counts as so."""
    if thickness is None or thickness <= 0:
        return slices > 1
    return thickness <= _THIN_MM and slices * thickness >= _COVER_MM
