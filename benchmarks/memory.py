"""How much memory a node takes for very large input: the most that any of its processes held, and how long it took.

    python benchmarks/memory.py --gigabytes 3

Each row is one real command in a process of its own:

*   ``frames``: a multi-frame image of 3 GB, uncompressed; ``fragments``: the same in compressed frames of 1 MiB;
*   ``bomb``: a deflated object of less than 1 MB that inflates to 600 MB;
*   ``zip``, ``tar`` and ``gz``: the image of 3 GB in an archive;
*   ``again``: the image of 3 GB once more, which is a duplicate;
*   ``release``: an image of 3 GB whose pixels may show text is laid aside, and released by a person;
*   ``check``: the kept files are checked.

The frames are zeros but for a mark that each has; the files are sparse, what is kept of them is not: 15 GB of room are
needed.  ``same`` tells whether the pixel data that are kept or given have the digest of those that came.
Memory is the largest resident set (``ru_maxrss``) in MB of 1,000,000 bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import pack

FRAME, SIDE = 2 * 1024 * 1024, 1024
FRAGMENT = 1024 * 1024
BOMB = 600_000_000
MOST = 150
CT, US = b"1.2.840.10008.5.1.4.1.1.2.1", b"1.2.840.10008.5.1.4.1.1.3.1"
NATIVE, JPEG, DEFLATED = b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.2.4.70", b"1.2.840.10008.1.2.1.99"
METER = """
import resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_maxrss, used.ru_utime + used.ru_stime, time.perf_counter() - began, file=sys.stderr)
"""
"""Runs a command from a small process, so that what its parent holds is not counted."""


@dataclass(frozen=True)
class Row:
    """What one command took.

    Attributes:
        name: What came in.
        outcome: What became of it.
        memory: The most that one process held, in MB.
        processor: Processor seconds.
        wall: Wall seconds.
        same: Whether the pixel data are those that came; ``None`` where there are none.
    """

    name: str
    outcome: str
    memory: float
    processor: float
    wall: float
    same: bool | None = None

    def __str__(self) -> str:
        same = {True: "same", False: "OTHER", None: "-"}[self.same]
        over = " OVER" if self.memory > MOST else ""
        return f"{self.name:<12}{self.outcome:<28}{self.memory:>7.1f} MB {self.processor:>6.1f} s {self.wall:>6.1f} s  {same}{over}"


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """An element in Explicit VR Little Endian."""
    value += b"\0" * (len(value) % 2) if vr in {b"UI", b"OB"} else b" " * (len(value) % 2)
    length = pack("<2xI", len(value)) if vr == b"OB" else pack("<H", len(value))
    return pack("<HH", tag >> 16, tag & 0xFFFF) + vr + length + value


def header(kind: bytes, syntax: bytes, sop: int, frames: int, modality: bytes) -> bytes:
    """A file up to its pixel data, and what stands before its data set apart."""
    uid = b"1.2.999.7.%d" % sop
    meta = element(0x00020001, b"OB", b"\0\1") + element(0x00020002, b"UI", kind) + element(0x00020003, b"UI", uid)
    meta += element(0x00020010, b"UI", syntax)
    return bytes(128) + b"DICM" + element(0x00020000, b"UL", pack("<I", len(meta))) + meta, b"".join(
        (
            element(0x00080016, b"UI", kind),
            element(0x00080018, b"UI", uid),
            element(0x00080020, b"DA", b"20100203"),
            element(0x00080060, b"CS", modality),
            element(0x00100010, b"PN", b"Quackenbush^Zebediah"),
            element(0x00100020, b"LO", b"ZQ-4711-0815"),
            element(0x0020000D, b"UI", b"1.2.999.7"),
            element(0x0020000E, b"UI", b"1.2.999.7.%d.1" % sop),
            element(0x00280002, b"US", pack("<H", 1)),
            element(0x00280004, b"CS", b"MONOCHROME2"),
            element(0x00280008, b"IS", b"%d" % frames),
            element(0x00280010, b"US", pack("<H", SIDE)),
            element(0x00280011, b"US", pack("<H", SIDE)),
            *(element(tag, b"US", pack("<H", n)) for tag, n in ((0x00280100, 16), (0x00280101, 16), (0x00280102, 15))),
            element(0x00280103, b"US", pack("<H", 0)),
        )
    )


def mark(number: int) -> bytes:
    """What one frame has and no other."""
    return hashlib.sha256(b"%d" % number).digest()


def frames(path: Path, size: int, sop: int = 1, kind: bytes = CT, modality: bytes = b"CT") -> str:
    """Write a sparse multi-frame image; the digest of its pixels."""
    count = size // FRAME
    head = b"".join(header(kind, NATIVE, sop, count, modality)) + b"\xe0\x7f\x10\x00OW\0\0" + pack("<I", count * FRAME)
    digest = hashlib.sha256()
    with path.open("wb") as file:
        file.write(head)
        for number in range(count):
            file.write(mark(number))
            file.seek(FRAME - len(mark(number)), os.SEEK_CUR)
            digest.update(mark(number) + bytes(FRAME - len(mark(number))))
        file.truncate(len(head) + count * FRAME)
    return digest.hexdigest()


def fragments(path: Path, size: int) -> str:
    """Write a sparse image of compressed frames (they only begin as such do); the digest of its items."""
    count = size // FRAGMENT
    end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        file.write(b"".join(header(CT, JPEG, 2, count, b"CT")) + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff")
        table = pack("<HHI", 0xFFFE, 0xE000, 0)
        file.write(table)
        digest.update(table)
        for number in range(count):
            head = pack("<HHI", 0xFFFE, 0xE000, FRAGMENT) + b"\xff\xd8\xff\xda" + mark(number).replace(b"\xff", b"\0")
            file.write(head)
            file.seek(FRAGMENT + 8 - len(head), os.SEEK_CUR)
            digest.update(head + bytes(FRAGMENT + 8 - len(head)))
        file.write(end)
        digest.update(end)
    return digest.hexdigest()


def bomb(path: Path) -> None:
    """Write a deflated object that inflates to 600 MB."""
    outside, inside = header(CT, DEFLATED, 3, BOMB // FRAME, b"CT")
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    with path.open("wb") as file:
        file.write(outside + packer.compress(inside + b"\xe0\x7f\x10\x00OW\0\0" + pack("<I", BOMB)))
        for _ in range(BOMB // 1_000_000):
            file.write(packer.compress(bytes(1_000_000)))
        file.write(packer.flush())


def tail_digest(pieces: Iterator[bytes], skip: int) -> str:
    """The digest of what comes after so many bytes."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece[skip:])
        skip = max(0, skip - len(piece))
    return digest.hexdigest()


def read(path: Path) -> Iterator[bytes]:
    """A file, piece by piece."""
    with path.open("rb") as file:
        yield from iter(lambda: file.read(FRAGMENT), b"")


def metered(*words: object) -> tuple[dict, float, float, float]:
    """Run a command of the node to its end: its JSON, MB, processor seconds, wall seconds."""
    command = [sys.executable, "-c", METER, sys.executable, "-m", "oncommons", "node", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, memory, processor, wall = done.stderr.strip().splitlines()[-1].split()
    if code != "0":
        raise SystemExit(done.stdout + done.stderr)
    return json.loads(done.stdout), int(memory) * 1024 / 1e6, float(processor), float(wall)


def told(report: dict) -> str:
    """The counts of an import that are not zero."""
    counts = {**{k: report[k] for k in ("kept", "duplicate", "refused")}, **report["quarantined"]}
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n)


class Bench:
    """One folder of large files and the nodes that take them in.

    Args:
        folder: Where everything lies.
        size: Bytes of the large image.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.image = folder / "frames.dcm"
        self.digest = frames(self.image, size)
        self.nodes = 0

    def node(self) -> Path:
        """A new node; the one before goes."""
        shutil.rmtree(self.folder / f"node{self.nodes}", ignore_errors=True)
        self.nodes += 1
        home = self.folder / f"node{self.nodes}"
        metered("init", home, "--policy", "open")
        return home

    def taken(self, name: str, path: Path, digest: str = "", pixels: int = 0, *, home: Path | None = None) -> Row:
        """Import a file."""
        home = home or self.node()
        report, *used = metered("import", path, "--dataset", "large", "--dir", home)
        return Row(name, told(report), *used, self.same(home, digest, pixels) if digest else None)

    def same(self, home: Path, digest: str, pixels: int) -> bool:
        """Whether the last bytes of the only kept file have a digest."""
        (kept,) = (home / "images").rglob("*.dcm")
        return tail_digest(read(kept), kept.stat().st_size - pixels) == digest

    def folder_rows(self) -> Iterator[Row]:
        """What comes from the disk."""
        pixels = self.size // FRAME * FRAME
        home = self.node()
        yield self.taken("frames", self.image, self.digest, pixels, home=home)
        yield self.taken("again", self.image, self.digest, pixels, home=home)
        _, *used = metered("check", "--dir", home)
        yield Row("check", "", *used)
        path = self.folder / "fragments.dcm"
        digest = fragments(path, self.size)
        yield self.taken("fragments", path, digest, self.size // FRAGMENT * (FRAGMENT + 8) + 16)
        path.unlink()
        bomb(self.folder / "bomb.dcm")
        yield self.taken("bomb", self.folder / "bomb.dcm")

    def released(self) -> Iterator[Row]:
        """What waits for a person, and is released."""
        path, home = self.folder / "ultrasound.dcm", self.node()
        digest = frames(path, self.size, 4, US, b"US")
        yield self.taken("aside", path, home=home)
        path.unlink()
        waiting, *_ = metered("quarantine", "list", "--dir", home)
        report, *used = metered("quarantine", "release", waiting["quarantine"][0]["file"], "--dir", home)
        same = self.same(home, digest, self.size // FRAME * FRAME)
        yield Row("release", report["released"][0]["outcome"], *used, same)

    def archives(self) -> Iterator[Row]:
        """The image in archives."""
        for name, make in {"large.zip": zipped, "large.tar": tarred, "frames.dcm.gz": packed}.items():
            path = self.folder / name
            make(self.image, path)
            yield self.taken(path.suffix[1:], path, self.digest, self.size // FRAME * FRAME)
            path.unlink()


def zipped(image: Path, place: Path) -> None:
    """Put a file into a zip archive."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(image, "frames.dcm")


def tarred(image: Path, place: Path) -> None:
    """Put a file into a tar archive."""
    with tarfile.open(place, "w") as archive:
        archive.add(image, "frames.dcm")


def packed(image: Path, place: Path) -> None:
    """Pack a file with gzip."""
    with image.open("rb") as file, gzip.open(place, "wb", 1) as archive:
        shutil.copyfileobj(file, archive, FRAME)


def main() -> None:
    parser = argparse.ArgumentParser(description="How much memory a node takes for very large input.")
    parser.add_argument("--gigabytes", type=float, default=3, help="bytes of the large image, in 1,000,000,000")
    parser.add_argument("--only", nargs="*", default=[], help="parts: folder, released, archives")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="oncommons-memory-") as folder:
        bench = Bench(Path(folder), int(wanted.gigabytes * 1e9))
        parts = {"folder": bench.folder_rows, "released": bench.released, "archives": bench.archives}
        for name, part in parts.items():
            for row in part() if name in wanted.only or not wanted.only else ():
                print(row, flush=True)


if __name__ == "__main__":
    main()
