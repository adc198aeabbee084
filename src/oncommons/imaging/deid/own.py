"""A holder's own profile: a small file over the default one.

::

    name = "athens 1"                     # how objects say by what they were de-identified
    options = ["modified", "patient"]     # instead of the default's; names of the columns of Table E.1-1
    faces = "refuse"                      # slices from which a face could be rebuilt; else they are kept and say so

    [attributes]                          # instead of what the table says, in the codes of PS3.15 section E.1
    "0018,1030" = "X"                     # Protocol Name: removed
    "0008,1010" = "K"                     # Station Name: kept
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, Literal

from oncommons.imaging.deid.rules import CANCER_RESEARCH, COLUMNS, Profile
from oncommons.imaging.deid.sweep import IDENTIFIERS
from oncommons.imaging.dictionary import vr_of
from oncommons.schema.errors import BadProfile

_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?")
_CODES = frozenset("XZDUKC")
_KEYS = frozenset({"name", "options", "attributes", "faces"})
_LONGEST_NAME = 64
"""Of a value of De-identification Method, LO (PS3.5 section 6.2)."""
_NEVER_KEPT = IDENTIFIERS | {0x00100010, 0x00420011}
"""Patient's Name and Encapsulated Document beside the identifiers."""


def read_profile(text: str) -> Profile:
    """Read a profile.

    Args:
        text: TOML, see the module's text.

    Raises:
        BadProfile: it cannot be read, names what there is not, or keeps what tells who the patient is.
    """
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise BadProfile("The profile is not TOML.", detail=str(fault)) from fault
    unknown = sorted(set(body) - _KEYS)
    if unknown:
        raise BadProfile(f"A profile has {', '.join(sorted(_KEYS))}.", at=unknown[0])
    own = body.get("attributes", {})
    if not isinstance(own, dict):
        raise BadProfile("Attributes are a table of tags and codes.", at="attributes")
    codes = tuple(sorted(_attribute(tag, code) for tag, code in own.items()))
    return Profile(_name(body), _options(body), codes, _faces(body))


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.isascii() or not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
        raise BadProfile(f"A profile has a name of at most {_LONGEST_NAME} ASCII characters.", at="name")
    if "\\" in name:
        raise BadProfile("A backslash would divide the name in two.", at="name")
    return name


def _options(body: dict[str, Any]) -> frozenset[str]:
    options = body.get("options", sorted(CANCER_RESEARCH.options))
    if not isinstance(options, list) or not all(isinstance(option, str) for option in options):
        raise BadProfile("Options are a list of names.", at="options")
    for option in options:
        if option not in COLUMNS or option == "uids":
            raise BadProfile(f"Options are {', '.join(c for c in COLUMNS if c != 'uids')}.", at=f"options: {option}")
    return frozenset(options)


def _faces(body: dict[str, Any]) -> Literal["say", "refuse"]:
    match body.get("faces", CANCER_RESEARCH.faces):
        case "say":
            return "say"
        case "refuse":
            return "refuse"
    raise BadProfile('Faces are one of "say" and "refuse".', at="faces")


def _attribute(tag: str, code: object) -> tuple[int, str]:
    found = _TAG.fullmatch(tag)
    number = int(found[1] + found[2], 16) if found else 0
    if not vr_of(number):
        raise BadProfile(
            "Attributes are named by their tag, such as 0018,1030, as the dictionary of DICOM has it.", at=tag
        )
    if not isinstance(code, str) or code not in _CODES:
        raise BadProfile("Codes are X remove, Z empty, D dummy, U new UID, K keep, C clean.", at=tag)
    if code in "KC" and (number in _NEVER_KEPT or (vr_of(number) in {"UI", "PN"} and code == "K")):
        raise BadProfile("This attribute tells who the patient is, or may; no profile keeps it.", at=tag)
    return number, code
