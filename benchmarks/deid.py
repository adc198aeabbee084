"""How fast images come in: the complete import of a node, against the machine's limit and the tools of the field.

    python benchmarks/deid.py FOLDER --rounds 3                    a folder of your own
    python benchmarks/deid.py ct mr mr3000 --ctp /opt/ctp          made by benchmarks/corpora.py; with RSNA CTP

Measured on the files of one folder, wall and processor seconds, start-up included:

*   ``limit``: one process reads every file, takes its SHA-256, writes it to a new file and makes it durable.
*   ``oncommons 1`` and ``oncommons 2``: ``oncommons node import`` with so many processes: clean, look again, keep,
    enter in the ledger, index.
*   ``dicognito`` and ``dicom-anonymizer`` (Kitware), installed by this script into an environment of their own.
*   ``CTP``: RSNA's anonymizer as a command (``DAT.jar``) with the script beside it, one thread, if its folder is given.

Our modules are compiled before, as ``pip`` compiles those of the peers when it installs them.
The peers neither check nor index, and do not make their files durable.
"""

from __future__ import annotations

import argparse
import compileall
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

from corpora import CORPORA

import oncommons

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
Measured = tuple[float, float]


def seconds(words: Sequence[str], folder: Path | None = None) -> Measured:
    """Wall and processor seconds of a command; its errors end the benchmark."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed:\n{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def install(folder: Path) -> Path:
    """An environment with the peers; gives the directory of its commands."""
    venv.create(folder, with_pip=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "--quiet", *PEERS], check=True)
    return folder / "bin"


def ways(source: Path, peers: Path, room: Path, ctp: Path | None) -> dict[str, Callable[[], Measured]]:
    """Each way to take in the files, into a fresh directory."""
    command = [sys.executable, "-m", "oncommons", "node"]

    def ours(processes: int) -> Measured:
        node = str(room / "node")
        subprocess.run([*command, "init", node, "--policy", "open"], check=True, capture_output=True)
        words = ["import", str(source), "--dataset", "bench", "--dir", node, "--processes", str(processes), "--json"]
        return seconds([*command, *words])

    def flat() -> Path:
        """Kitware's tool does not look into sub-folders, so it gets all files in one."""
        target = room / "flat"
        target.mkdir()
        for i, path in enumerate(p for p in sorted(source.rglob("*.dcm")) if p.is_file()):
            shutil.copyfile(path, target / f"{i:06d}.dcm")
        return target

    def kitware() -> Measured:
        (room / "out").mkdir()
        return seconds([str(peers / "dicom-anonymizer"), str(flat()), str(room / "out")])

    def dicognito() -> Measured:
        words = [str(peers / "python"), "-m", "dicognito", "--output-directory", str(room / "out"), str(source)]
        return seconds(words)

    def rsna() -> Measured:
        assert ctp is not None
        jar, script, out = str(ctp / "DAT.jar"), str(ctp / "anon.script"), str(room / "out")
        words = ["java", "-jar", jar, "-in", str(source), "-out", out, "-da", script, "-n", "1"]
        measured = seconds(words, ctp)
        made = sum(1 for p in Path(out).rglob("*") if p.is_file())
        if made < len(list(source.rglob("*.dcm"))) / 2:
            raise SystemExit(f"CTP made only {made} files.")
        return measured

    return {
        "limit": lambda: seconds([sys.executable, "-c", LIMIT, str(source), str(room / "copy")]),
        "oncommons 1": lambda: ours(1),
        "oncommons 2": lambda: ours(2),
        "dicognito": dicognito,
        "dicom-anonymizer": kitware,
        **({"CTP": rsna} if ctp else {}),
    }


def measure(source: Path, peers: Path, above: Path, options: argparse.Namespace) -> None:
    """Measure each way so many times and print the best of each."""
    files = [p for p in source.rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 1e6
    best: dict[str, Measured] = {}
    above = (
        above / f"rooms of {source.name}"
    )  # deleted at the end: a file system makes files slowly after it deleted many
    above.mkdir()
    for turn in range(options.rounds):
        for name in ways(source, peers, above, options.ctp):
            room = above / f"{turn} {name}"
            room.mkdir()
            measured = ways(source, peers, room, options.ctp)[name]()
            best[name] = min(best.get(name, measured), measured)
    shutil.rmtree(above)
    ours = best["oncommons 1"][0]
    print(f"\n{source.name}: {len(files):,} files, {size:.0f} MB, best of {options.rounds}\n")
    print(f"{'':<18}{'wall s':>8}{'cpu s':>8}{'files/s':>9}{'MB/s':>7}   wall, oncommons 1 = 1")
    for name, (wall, cpu) in best.items():
        print(f"{name:<18}{wall:>8.2f}{cpu:>8.2f}{len(files) / wall:>9.0f}{size / wall:>7.0f}   {wall / ours:.2f}")
    print(json.dumps({"corpus": source.name, "files": len(files), "best": best}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", help=f"folders, or {', '.join(CORPORA)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ctp", type=Path, help="folder with DAT.jar, its libraries and anon.script")
    options = parser.parse_args()
    compileall.compile_dir(str(Path(oncommons.__file__).parent), quiet=1)
    with tempfile.TemporaryDirectory(prefix="oncommons-deid-") as folder:
        peers = install(Path(folder) / "peers")
        for name in options.corpora:
            source = Path(folder) / name if name in CORPORA else Path(name).resolve()
            if name in CORPORA:
                source.mkdir()
                CORPORA[name](source)
            measure(source, peers, Path(folder), options)


if __name__ == "__main__":
    main()
