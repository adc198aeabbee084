"""Whether a series shows a face that somebody could recognise (PS3.15 section E.3.2).

A surface computed from thin slices of a head can be matched with photographs: Mazura et al., J Digit Imaging 2012
(CT); Schwarz et al., N Engl J Med 2019 (MR); Schwarz et al., NeuroImage 2022 (PET with CT).  Nothing is removed here;
an import refuses such a series or says so in Recognizable Visual Features.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

TAG = 0x00280302
"""Recognizable Visual Features."""

Face = Literal["yes", "no", "unknown"]

_VOLUMES = frozenset({"CT", "MR", "PT"})
_PHOTOGRAPHS = frozenset({"XC"})
_HEAD = re.compile(
    r"HEAD|BRAIN|SKULL|CRANI|FACE|FACIAL|NECK|ORBIT|SINUS|\bEYE|\bEAR\b|\bIAC\b|JAW|MAXILL|MANDIB|TEETH|DENT|NOSE|NASAL|TONGUE"
    r"|PITUIT|TEMPORAL ?BONE|PARANASAL|PAROTID|LARYNX|PHARYNX|CEREB|NEURO|GEHIRN|KOPF|SCHADEL|SCHÄDEL|HALS|TETE|TÊTE|CERVEAU"
    r"|TESTA|ENCEFAL|CABEZA|CABEÇA|CEREBRO|HOOFD|HERSENEN"
)
_WHOLE = re.compile(r"WHOLE ?BODY|TOTAL ?BODY|WB\b|GANZK|SKULL ?(BASE)? ?TO|VERTEX")
_BELOW = re.compile(
    r"^(CHEST|ABDOMEN|PELVIS|ABDOMENPELVIS|CHESTABDPELVIS|CHESTABDOMEN|THORAX|LUNG|HEART|LIVER|KIDNEY|PROSTATE|BREAST|BLADDER"
    r"|UTERUS|COLON|RECTUM|LSPINE|TSPINE|TLSPINE|HIP|KNEE|ANKLE|FOOT|LEG|THIGH|ARM|ELBOW|WRIST|HAND|SHOULDER|EXTREMITY|FEMUR|TIBIA"
    r"|HUMERUS|FOREARM|CALF)$"
)
_THIN_MM = 5.0
_COVER_MM = 30.0
"""A face from brow to lip is longer than this."""


def shows_face(facts: Mapping[str, str], slices: int, thickness: float | None) -> Face:
    """Whether a series shows a recognisable face: ``unknown`` where nothing says which part of the body it is.

    Args:
        facts: ``modality``, ``body_part``, ``description`` (series, study and protocol, joined) as text before cleaning.
        slices: How many slices or frames the series has.
        thickness: Distance between slices in mm; None where it is not known.
    """
    modality = facts.get("modality", "").upper()
    if modality in _PHOTOGRAPHS:
        return "yes"
    if modality not in _VOLUMES or not _in_three_dimensions(slices, thickness):
        return "no"
    part, words = facts.get("body_part", "").upper().strip(), facts.get("description", "").upper()
    if any(pattern.search(text) for pattern in (_HEAD, _WHOLE) for text in (part, words)):
        return "yes"
    return "no" if _BELOW.search(part.replace(" ", "")) else "unknown"


def _in_three_dimensions(slices: int, thickness: float | None) -> bool:
    """Whether the slices are close enough and enough to compute a surface; what is not known counts as so."""
    if thickness is None or thickness <= 0:
        return slices > 1
    return thickness <= _THIN_MM and slices * thickness >= _COVER_MM
