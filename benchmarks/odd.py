"""What becomes of odd files: ours beside dicognito and Kitware's dicom-anonymizer.

    python benchmarks/odd.py

Each class of ``tests/odd`` is laid in a folder with a good file beside it, and each tool is run on the folder in a
process of its own, for a minute at most.  Told is, of ours, whether the outcome is the one of the table and all counts
add up; of every tool, whether the good file came out, how many MB it took, and whether it had to be killed.  The peers
read no archives, so those classes are tried with ours only.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.odd.cases import ARCHIVED, CASES, Case, counted  # noqa: E402

PEERS = ("dicognito==0.19.0", "dicom-anonymizer==2.1.0")
LONGEST = 60
NEIGHBOUR = 999
"""Instance Number of the good file."""
MEASURED = """
import resource, subprocess, sys
try:
    status = subprocess.run(sys.argv[2:], timeout=float(sys.argv[1]), capture_output=True).returncode
except subprocess.TimeoutExpired:
    status = "hung"
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@dataclass(frozen=True)
class Run:
    """How a tool fared: how it ended, its memory in MB, and whether the good file came out."""

    status: str
    megabytes: int
    good: bool

    def __str__(self) -> str:
        return f"{'good' if self.good else 'LOST'} {self.status:>5} {self.megabytes:>6}"


def run(words: Sequence[object], out: Path) -> Run:
    """Run a tool."""
    command = [sys.executable, "-c", MEASURED, str(LONGEST), *map(str, words)]
    status, megabytes = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return Run(status, int(megabytes), good_is_in(out))


def good_is_in(out: Path) -> bool:
    """Whether the good file came out, whatever it is called now."""
    for path in out.rglob("*"):
        if path.is_file() and path.stat().st_size < 1_000_000:
            try:
                one = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["InstanceNumber"])
            except Exception:  # noqa: BLE001  whatever it is, it is not the good file
                continue
            if one.get("InstanceNumber") == NEIGHBOUR:
                return True
    return False


def ours(place: Path, room: Path) -> tuple[Run, Mapping[str, object]]:
    """The complete import of a node, and what it told."""
    command, node = [sys.executable, "-m", "oncommons", "node"], room / "node"
    subprocess.run([*command, "init", str(node), "--policy", "open"], check=True, capture_output=True)
    told = room / "told.json"
    words = ["sh", "-c", 'exec "$@" > "$0"', told, *command, "import", place, "--dataset", "b", "--dir", node, "--json"]
    found = run(words, node / "images")
    return found, json.loads(told.read_text() or "{}")


def theirs(place: Path, room: Path, peers: Path) -> dict[str, Run]:
    """The peers, with their defaults."""
    for name in ("cognito", "kitware"):
        (room / name).mkdir()
    cognito = [peers / "python", "-m", "dicognito", "--output-directory", room / "cognito", place]
    return {
        "dicognito": run(cognito, room / "cognito"),
        "dicom-anonymizer": run([peers / "dicom-anonymizer", place, room / "kitware"], room / "kitware"),
    }


def one(case: Case, room: Path, peers: Path) -> tuple[bool, dict[str, Run]]:
    """Whether our outcome is right, and how each tool fared."""
    case.lay(room / "x" / "in")
    found, told = ours(room / "x" / "in", room)
    right = bool(told) and counted(told) == case.outcome and told["came"] == case.came
    runs = {"oncommons": found}
    if case not in ARCHIVED:
        flat(room / "x" / "in")
        runs |= theirs(room / "x" / "in", room, peers)
    return right, runs


def flat(place: Path) -> None:
    """The good file in the folder itself too, since dicom-anonymizer does not look into sub-folders."""
    (place / "zzz.dcm").write_bytes((place / "zzz" / "neighbour.dcm").read_bytes())


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    wrong, runs = [], []
    with tempfile.TemporaryDirectory(prefix="oncommons-odd-") as folder:
        venv.create(Path(folder) / "peers", with_pip=True)
        peers = Path(folder) / "peers" / "bin"
        subprocess.run([str(peers / "pip"), "install", "--quiet", *PEERS], check=True)
        for case in (case for case in CASES if case.possible):
            with tempfile.TemporaryDirectory(dir=folder) as room:
                right, found = one(case, Path(room), peers)
            wrong += [] if right else [case.name]
            runs.append(found)
            print(
                f"{case.name:<40}{'right' if right else 'WRONG':>6}" + "".join(f"   {r!s:>18}" for r in found.values())
            )
    print(f"\n{len(runs) - len(wrong)} of {len(runs)} classes have their outcome at oncommons; wrong: {wrong}")
    for name in ("oncommons", "dicognito", "dicom-anonymizer"):
        some = [found[name] for found in runs if name in found]
        lost, hung = sum(not r.good for r in some), sum(r.status == "hung" for r in some)
        print(
            f"{name:<18} the good file lost in {lost} of {len(some)}, hung in {hung}, most MB {max(r.megabytes for r in some)}"
        )


if __name__ == "__main__":
    main()
