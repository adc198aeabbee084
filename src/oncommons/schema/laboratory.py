"""Usual laboratory tests by the names that tables give them: their LOINC codes and the units in which they are asked.

Codes are those of LOINC (Regenstrief Institute, https://loinc.org, free to use with its notice): concentrations in serum
or plasma, and counts in blood.  The names are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TESTS = """
    1742-6  U/L      alanine aminotransferase | ALT, ALAT, GPT, SGPT
    1751-7  g/L      albumin in blood serum | ALBUMIN
    1920-8  U/L      aspartate aminotransferase | AST, ASAT, GOT, SGOT
    1952-1  mg/L     beta-2 microglobulin | B2M, BETA2-MICROGLOBULIN
    1975-2  mg/dL    bilirubin, all of it | BILIRUBIN, TOTAL BILIRUBIN
    1988-5  mg/L     C-reactive protein | CRP, C REACTIVE PROTEIN
    1992-7  pg/mL    calcitonin | CALCITONIN
    17861-6 mg/dL    calcium, all of it | CALCIUM, CA
    2160-0  mg/dL    creatinine | CREATININE, KREATININ, CREA
    2276-4  ng/mL    ferritin | FERRITIN
    2324-2  U/L      gamma-glutamyltransferase | GGT, GAMMA-GT
    2986-8  ng/dL    testosterone, all of it | TESTOSTERONE
    3013-0  ng/mL    thyroglobulin | THYROGLOBULIN
    3016-3  m[IU]/L  thyrotropin | TSH, THYROTROPIN
    6690-2  10*9/L   white blood cells | WBC, LEUKOCYTES, LEUCOCYTES, LEUKOZYTEN
    6768-6  U/L      alkaline phosphatase | ALP, ALKALINE PHOSPHATASE
    718-7   g/dL     haemoglobin | HB, HGB, HEMOGLOBIN, HAEMOGLOBIN
    731-0   10*9/L   lymphocytes | LYMPHOCYTES
    751-8   10*9/L   neutrophils | NEUTROPHILS
    777-3   10*9/L   blood platelets | PLT, PLATELETS, THROMBOCYTES, THROMBOZYTEN
"""


def _read() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    units: dict[str, str] = {}
    names: dict[str, str] = {}
    spellings: dict[str, str] = {}
    for line in _TESTS.strip().splitlines():
        number, unit, rest = line.split(None, 2)
        code, (name, others) = f"LOINC:{number}", rest.split(" | ")
        units[code], names[code] = unit, name
        spellings |= dict.fromkeys([name.upper(), *others.split(", ")], code)
    return units, names, spellings


_UNITS, _NAMES, _SPELLINGS = _read()
LABORATORY_UNITS: Mapping[str, str] = MappingProxyType(_UNITS)
"""Code to the unit (UCUM) in which its values are asked."""
LABORATORY_NAMES: Mapping[str, str] = MappingProxyType(_NAMES)
"""Code to our name for it."""
LABORATORY_SPELLINGS: Mapping[str, str] = MappingProxyType(_SPELLINGS)
"""How tables name it, in capitals, to its code."""


def spellings_of(code: str) -> str:
    """How tables name a test, parted by spaces; empty where it is none of these."""
    return " ".join(text.lower() for text, one in LABORATORY_SPELLINGS.items() if one == code)
