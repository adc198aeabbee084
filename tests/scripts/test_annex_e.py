"""Our copy of Table E.1-1 agrees with another that was made by others."""

import runpy
from importlib.util import find_spec
from pathlib import Path

from oncommons.imaging.deid.rules import annex_e

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "annex_e.py"))
NEW_IN_2026D = {0x3004007F}
"""Attributes that edition 2026d of the standard names and 2026c does not."""


def test_two_tables_are_compared(tmp_path):
    path = tmp_path / "fields.py"
    lists = "X_TAGS = [(0x0008, 0x1030), (0x5000, 0, 0xFF00, 0)]\nX_Z_U_STAR_TAGS = [(0x0008, 0x1140)]\nALL_TAGS = []\n"
    path.write_text(lists)
    other = SCRIPT["theirs"](path)
    assert other == {0x00081030: "X", 0x00081140: "X/Z/U*"}
    ours = {0x00081030: "Z", 0x00081140: "X/Z/U", 0x00100010: "Z"}
    assert list(SCRIPT["differences"](ours, other)) == [(0x00081030, "Z", "X"), (0x00100010, "Z", "")]


def test_ours_is_that_of_kitware_and_what_the_newer_edition_adds():
    package = Path(find_spec("dicomanonymizer").origin).parent
    other = SCRIPT["theirs"](package / "dicom_anonymization_databases" / "dicomfields_2026c.py")
    ours = {tag: row["basic"] for tag, row in annex_e().items()}
    assert {tag for tag, *_ in SCRIPT["differences"](ours, other)} == NEW_IN_2026D
