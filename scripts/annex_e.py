"""Compare our copy of Table E.1-1 of PS3.15 with the one that the package dicom-anonymizer (Kitware, BSD) has.

Usage: ``python scripts/annex_e.py DICOMFIELDS``, the path of its ``dicomfields_2026c.py``.

Prints every attribute where the two differ; the exit status is the number of attributes where they contradict each
other.  An attribute that only the newer edition names is no contradiction.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from oncommons.imaging.deid.rules import annex_e

_LIST = "_TAGS"


def theirs(path: Path) -> dict[int, str]:
    """Tag to action, such as ``X/Z/D``; groups 50xx and 60xx are left out.

    Args:
        path: A file with lists named after actions, such as ``X_Z_D_TAGS``, of pairs of group and element.
    """
    lists = {name: tags for name, tags in runpy.run_path(str(path)).items() if name.endswith(_LIST)}
    del lists["ALL" + _LIST]
    return {
        tag[0] << 16 | tag[1]: name.removesuffix(_LIST).replace("_STAR", "*").replace("_", "/")
        for name, tags in lists.items()
        for tag in tags
        if len(tag) == 2  # noqa: PLR2004  a mask of several groups has four numbers
    }


def differences(ours: Mapping[int, str], other: Mapping[int, str]) -> Iterator[tuple[int, str, str]]:
    """Attributes with different actions: tag, our action, the other; empty where one does not name it."""
    for tag in sorted(ours.keys() | other.keys()):
        pair = ours.get(tag, ""), other.get(tag, "")
        if pair[0].rstrip("*") != pair[1].rstrip("*"):
            yield tag, *pair


def main() -> int:
    """Print the differences; how many of them are contradictions."""
    ours = {tag: row["basic"] for tag, row in annex_e().items()}
    found = list(differences(ours, theirs(Path(sys.argv[1]))))
    for tag, mine, other in found:
        print(f"({tag >> 16:04X},{tag & 0xFFFF:04X})  ours {mine or 'not named'}; theirs {other or 'not named'}")
    print(f"{len(ours)} attributes, {len(found)} differences")
    return sum(bool(mine and other) for _, mine, other in found)


if __name__ == "__main__":
    sys.exit(main())
