"""How fast a node receives: stock ``storescu`` sends the same files to it, to dcmtk's ``storescp`` and to Orthanc.

    python benchmarks/receiving.py --small FOLDER --large --rounds 3

*   ``oncommons`` is ``oncommons node receive``: it cleans each object, looks again, keeps it durably and enters it in the
    ledger before it answers.
*   ``storescp`` (with ``--fork``, so that it serves several senders at once) and ``Orthanc`` write what comes to the
    disk, as their authors ship them; neither makes it durable or looks into it, but Orthanc indexes it.

Two corpora: small instances, the first 608 files of a folder; and a CT of 400 slices of 512 by 512 pixels that this
script makes.  Each is sent over one association, and over two at the same time with half of the files each.

dcmtk holds small writes back (Nagle's algorithm) unless the variable TCP_NODELAY is set, and then waits for
acknowledgements that the other side's kernel delays by 40 ms.  Stock means that nobody has set it.  The rows called
``tuned`` have it set for the sender and for ``storescp``: what remains is the work that each receiver does.

Wall seconds are those of the senders, start-up included; processor seconds those of the receiver while it received.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

SMALL_FILES, LARGE_FILES, SIDE = 608, 400, 512
DCMTK, ORTHANC = Path("/usr/bin"), Path("/usr/sbin/Orthanc")
WAYS = {"stock": {}, "tuned": {"TCP_NODELAY": "1"}}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A running receiver: its process, its port, and how many objects it has."""

    process: subprocess.Popen[bytes]
    port: int
    has: Callable[[], int]

    def seconds(self) -> float:
        """Processor seconds so far, its ended children included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS


def environment(way: str) -> dict[str, str]:
    return os.environ | WAYS[way]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_for(port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def start_oncommons(room: Path, _way: str) -> Server:
    command, node = [sys.executable, "-m", "oncommons", "node"], str(room / "node")
    subprocess.run([*command, "init", node, "--policy", "open"], check=True, capture_output=True)
    words = ["receive", "--dataset", "bench", "--dir", node, "--host", "127.0.0.1", "--port", "0", "--json"]
    process = subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    told = json.loads(process.stdout.readline())

    def has() -> int:
        quarantined = [p for p in (room / "node" / "quarantine").glob("*") if not p.suffix]
        return sum(1 for _ in (room / "node" / "images").rglob("*.dcm")) + len(quarantined)

    return Server(process, told["port"], has)


def start_storescp(room: Path, way: str) -> Server:
    port, out = free_port(), room / "out"
    out.mkdir()
    process = subprocess.Popen([str(DCMTK / "storescp"), "--fork", "-od", str(out), str(port)], env=environment(way))
    return Server(process, port, lambda: sum(1 for _ in out.iterdir()))


def start_orthanc(room: Path, _way: str) -> Server:
    port, http = free_port(), free_port()
    settings = {
        "DicomPort": port,
        "HttpPort": http,
        "StorageDirectory": str(room / "db"),
        "AuthenticationEnabled": False,
    }
    (room / "orthanc.json").write_text(json.dumps(settings))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([str(ORTHANC), str(room / "orthanc.json")], **quiet)
    wait_for(http)

    def has() -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{http}/statistics") as answer:
            return json.load(answer)["CountInstances"]

    return Server(process, port, has)


START: dict[str, Callable[[Path, str], Server]] = {
    "oncommons": start_oncommons,
    "storescp": start_storescp,
    "Orthanc": start_orthanc,
}


def send(server: Server, folders: Sequence[Path], way: str) -> tuple[float, float]:
    """Send folders at the same time; wall seconds, and processor seconds of the receiver."""
    before, start = server.seconds(), time.perf_counter()
    words = [str(DCMTK / "storescu"), "+sd", "127.0.0.1", str(server.port)]
    senders = [subprocess.Popen([*words, str(folder)], env=environment(way)) for folder in folders]
    if sum(sender.wait() for sender in senders):
        raise SystemExit("a sender failed")
    return time.perf_counter() - start, server.seconds() - before


def measure(name: str, folders: Sequence[Path], way: str) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="oncommons-receiving-") as room:
        server = START[name](Path(room), way)
        try:
            wait_for(server.port)
            measured = send(server, folders, way)
            wanted = sum(1 for folder in folders for _ in folder.iterdir())
            if server.has() != wanted:
                raise SystemExit(f"{name} has {server.has()} of {wanted} objects")
            return measured
        finally:
            server.process.terminate()
            server.process.wait()


def dealt(files: Sequence[Path], room: Path) -> dict[int, list[Path]]:
    """The files in one folder, and dealt over two."""
    for i, path in enumerate(files):
        for folder in ("all", f"half{i % 2}"):
            (room / folder).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, room / folder / f"{i:04}.dcm")
    return {1: [room / "all"], 2: [room / "half0", room / "half1"]}


def large(room: Path) -> list[Path]:
    """A CT of random pixels, as no compression would make it smaller."""
    room.mkdir()
    image = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    image.SeriesInstanceUID, image.Rows, image.Columns = generate_uid(), SIDE, SIDE
    paths = [room / f"{i:04}.dcm" for i in range(LARGE_FILES)]
    for i, path in enumerate(paths):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.InstanceNumber, image.PixelData = i + 1, os.urandom(2 * SIDE * SIDE)
        image.save_as(path, enforce_file_format=True)
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", type=Path, help="folder of small DICOM files; without it, large instances only")
    parser.add_argument("--large", action="store_true", help="send large instances, too")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="oncommons-receiving-") as folder:
        room = Path(folder)
        corpora = {}
        if options.small:
            some = sorted(p for p in options.small.rglob("*.dcm") if p.is_file())[:SMALL_FILES]
            corpora["small"] = dealt(some, room / "small")
        if options.large or not options.small:
            corpora["large"] = dealt(large(room / "made"), room / "large")
        print(f"{'':<7}{'':<7}{'assoc.':>7}  {'':<11}{'wall s':>8}{'cpu s':>8}{'files/s':>9}{'MB/s':>7}   oncommons is")
        for corpus, folders in corpora.items():
            number = sum(1 for _ in folders[1][0].iterdir())
            size = sum(p.stat().st_size for p in folders[1][0].iterdir()) / 1e6
            for way in WAYS:
                for associations, places in folders.items():
                    best = {n: min(measure(n, places, way) for _ in range(options.rounds)) for n in START}
                    for name, (wall, cpu) in best.items():
                        label = (corpus, way, associations, name)
                        ratio = wall / best["oncommons"][0]
                        rows.append([*label, wall, cpu, number / wall, size / wall, ratio])
                        print(
                            f"{label[0]:<7}{label[1]:<7}{associations:>7}  {name:<11}{wall:>8.2f}{cpu:>8.2f}"
                            f"{number / wall:>9.0f}{size / wall:>7.0f}   {ratio:.2f} times as fast",
                            flush=True,
                        )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
