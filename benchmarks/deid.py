"""How fast images come in: the complete import of a node, against the machine's limit and the tools of the field.

    python benchmarks/deid.py FOLDER --rounds 3

Measured on the files of one folder, in one process each, wall and processor seconds, start-up included:

*   ``limit``: read every file, take its SHA-256, write it to a new file and make it durable; nothing else is done.
*   ``oncommons``: ``oncommons node import``: clean, look again, keep, enter in the ledger, index.
*   ``dicognito`` and ``dicom-anonymizer`` (Kitware), installed by this script into an environment of their own.

The peers neither check nor index, and do not make their files durable.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

PEERS = ("dicognito==0.19.0", "dicom-anonymizer==2.1.0")
LIMIT = """
import hashlib, os, sys
from pathlib import Path
source, target = Path(sys.argv[1]), Path(sys.argv[2])
target.mkdir()
for i, path in enumerate(p for p in sorted(source.rglob("*")) if p.is_file()):
    raw = path.read_bytes()
    hashlib.sha256(raw).hexdigest()
    with open(target / str(i), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
"""


def seconds(words: Sequence[str]) -> tuple[float, float]:
    """Wall and processor seconds of a command; its errors end the benchmark."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed:\n{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def install(folder: Path) -> Path:
    """An environment with the peers; gives the directory of its commands."""
    venv.create(folder, with_pip=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *PEERS], check=True)
    return folder / "bin"


def ways(source: Path, peers: Path, room: Path) -> dict[str, Callable[[], tuple[float, float]]]:
    """Each way to take in the files, into a fresh directory."""
    command = [sys.executable, "-m", "oncommons", "node"]

    def ours() -> tuple[float, float]:
        node = str(room / "node")
        subprocess.run([*command, "init", node, "--policy", "open"], check=True, capture_output=True)
        return seconds([*command, "import", str(source), "--dataset", "bench", "--dir", node, "--json"])

    def flat() -> Path:
        """Kitware's tool does not look into sub-folders, so it gets all files in one."""
        target = room / "flat"
        target.mkdir()
        for i, path in enumerate(p for p in sorted(source.rglob("*.dcm")) if p.is_file()):
            shutil.copyfile(path, target / f"{i:06d}.dcm")
        return target

    def kitware() -> tuple[float, float]:
        (room / "out").mkdir()
        return seconds([str(peers / "dicom-anonymizer"), str(flat()), str(room / "out")])

    def dicognito() -> tuple[float, float]:
        words = [str(peers / "python"), "-m", "dicognito", "--output-directory", str(room / "out"), str(source)]
        return seconds(words)

    return {
        "limit": lambda: seconds([sys.executable, "-c", LIMIT, str(source), str(room / "copy")]),
        "oncommons": ours,
        "dicognito": dicognito,
        "dicom-anonymizer": kitware,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    files = [p for p in options.folder.rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 1e6
    best: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory(prefix="oncommons-deid-") as folder:
        peers = install(Path(folder) / "peers")
        for _ in range(options.rounds):
            for name in ("limit", "oncommons", "dicognito", "dicom-anonymizer"):
                room = Path(folder) / "room"
                room.mkdir()
                measured = ways(options.folder, peers, room)[name]()
                best[name] = min(best.get(name, measured), measured)
                shutil.rmtree(room)
    print(f"{len(files):,} files, {size:.0f} MB, best of {options.rounds}\n")
    print(f"{'':<18}{'wall s':>8}{'cpu s':>8}{'files/s':>9}   times as long as oncommons")
    for name, (wall, cpu) in best.items():
        print(f"{name:<18}{wall:>8.2f}{cpu:>8.2f}{len(files) / wall:>9.0f}   {wall / best['oncommons'][0]:.2f}")
    print(json.dumps({"files": len(files), "best": best}))


if __name__ == "__main__":
    main()
