"""Odd entries of folders: links, pipes, devices, names that no program expects; each function fills a folder."""

import os
import socket
import stat
from pathlib import Path
from struct import pack

from tests.imaging.files import CT, Writer, file
from tests.odd.damaged import elements, good
from tests.odd.unusual import traversal

from oncommons.imaging.syntax import write_file
from oncommons.node.receive.folder import LARGEST_FILE

NAMES = (
    b"new\nline.dcm",
    "кириллица.dcm".encode(),
    b"$(touch outside).dcm",
    b"`touch outside`.dcm",
    b"-rf",
    b"--help.dcm",
    b"; rm x.dcm",
    b"\xff\xfe\x80.dcm",
    b" ",
    b"...",
    b"*?[a].dcm",
    b"[bold]x[/bold].dcm",
    b"\x1b[31mred.dcm",
    b"x" * 255,
    "\u202egnp.dcm".encode(),
)
"""Names of files that some program takes for something else."""


def put(place, name, content):
    """Write a file, by a name in bytes or text, and make its folder."""
    path = place / os.fsdecode(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def odd_names(place):
    """A file of each odd name."""
    for number, name in enumerate(NAMES, 1):
        put(place, name, good(number))


def folder_that_looks_like_a_file(place):
    """A folder named as an image is, one with an image in it and one without."""
    put(place, "x.dcm/inner.dcm", good())
    (place / "empty.dcm").mkdir()


def link_loop(place):
    """Links to themselves, to the folder they are in, and to each other."""
    (place / "loop").symlink_to("loop")
    (place / "here").symlink_to(place)
    (place / "one").symlink_to("two")
    (place / "two").symlink_to("one")


def link_out(place):
    """Links to an image and to a folder of images that lie elsewhere."""
    elsewhere = place.parent / f"{place.name}-elsewhere"
    put(elsewhere, "secret.dcm", good(7))
    (place / "file.dcm").symlink_to(elsewhere / "secret.dcm")
    (place / "folder").symlink_to(elsewhere)


def pipe(place):
    """A pipe that nobody writes to."""
    os.mkfifo(place / "pipe.dcm")


def device(place):
    """A device that never ends; only root can make one."""
    os.mknod(place / "zero.dcm", stat.S_IFCHR | 0o666, os.makedev(1, 5))


def listening_socket(place):
    """A socket, bound by way of an open folder since paths of sockets must be short."""
    here = os.open(place, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"/proc/self/fd/{here}/socket.dcm")
    os.close(here)


def unreadable(place):
    """A file and a folder that nobody may read."""
    put(place, "closed.dcm", good(2)).chmod(0)
    put(place, "closed/inner.dcm", good(3)).parent.chmod(0)


def too_deep(place):
    """A folder so deep that its path is longer than the system takes."""
    here = os.getcwd()  # noqa: PTH109  the path is longer than can be given
    try:
        os.chdir(place)
        for _ in range(20):
            Path("d" * 250).mkdir()
            os.chdir("d" * 250)
        Path("inner.dcm").write_bytes(good(2))
    finally:
        os.chdir(here)


def duplicates(place):
    """The same bytes three times."""
    for name in ("a.dcm", "b.dcm", "c/a.dcm"):
        put(place, name, good())


def sparse(place, size=256 * 1024**2):
    """A multi-frame image, large but for the disk; with 3 GB an import takes as much memory, and longer."""
    rows, columns = 1024, 1024
    frames = size // (2 * rows * columns)
    head = file(
        elements(
            (0x00280008, "IS", str(frames)),
            (0x00280010, "US", rows),
            (0x00280011, "US", columns),
            without={0x7FE00010},
        )
    )
    path = put(
        place, "large.dcm", head + b"\xe0\x7f\x10\x00OW\0\0" + (frames * 2 * rows * columns).to_bytes(4, "little")
    )
    os.truncate(path, path.stat().st_size + frames * 2 * rows * columns)


def sparse_fragments(place, size=256 * 1024**2):
    """A multi-frame image of compressed frames, each with a comment that names the patient."""
    fragment = 1024**2
    frames = size // fragment
    header = elements((0x00280008, "IS", str(frames)), without={0x7FE00010})
    head = write_file(b"1.2.840.10008.1.2.4.70", CT, b"1.2.3.4.5.6", [Writer().dataset(header)])
    comment = b"\xff\xd8\xff\xfe\0\x0cDOE^JANE 1\xff\xda"
    path = put(place, "frames.dcm", head + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + item(0))
    with path.open("ab") as file:
        for _ in range(frames):
            file.write(item(fragment) + comment)
            file.truncate(file.tell() + fragment - len(comment))
            file.seek(0, os.SEEK_END)
        file.write(item(0, 0xE0DD))


def larger_than_any(place):
    """A file that is larger than any that is read, and empty."""
    os.truncate(put(place, "large.dcm", b""), LARGEST_FILE + 1)


def item(length, element=0xE000):
    """The header of an item."""
    return pack("<HHI", 0xFFFE, element, length)


def paths_as_identifiers(place):
    """Two images of a series whose identifiers are paths."""
    for number in (1, 2):
        put(place, f"{number}.dcm", traversal(number))
