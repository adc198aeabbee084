"""Archives made by the library's own writers, whole and broken; members are given as names and bytes."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from struct import pack

from tests.odd import damaged


def zipped(files, method=zipfile.ZIP_DEFLATED, level=None):
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method, compresslevel=level) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files, form=tarfile.PAX_FORMAT):
    """A tar archive; a value may be a type of tar entry instead of bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if len(content) == 1:
                info.type, info.linkname = content, "elsewhere"
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _gzip(content):
    return gzip.compress(content, mtime=0)


PACKERS = {"gz": _gzip, "bz2": bz2.compress, "xz": lzma.compress}
MAKERS = {
    "a.zip": zipped,
    "stored.zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    "bzip2.zip": lambda files: zipped(files, zipfile.ZIP_BZIP2),
    "a.tar": tarred,
    "gnu.tar": lambda files: tarred(files, tarfile.GNU_FORMAT),
    "ustar.tar": lambda files: tarred(files, tarfile.USTAR_FORMAT),
    **{f"a.tar.{end}": lambda files, pack=pack: pack(tarred(files)) for end, pack in PACKERS.items()},
    "a.tgz": lambda files: _gzip(tarred(files)),
}
"""Name of an archive to what makes it."""


MIXED = {
    "a.dcm": damaged.good(1),
    "sub/b.dcm": damaged.good(2),
    "letter.txt": b"Dear Sir or Madam",
    "sub/cut.dcm": damaged.good(3)[:-40],
}
"""Members of which two can be kept, one is no image, and one is damaged."""


def whole():
    """An archive under a name that archives do not have."""
    return zipped(MIXED)


def single():
    """One packed image, in no archive."""
    return _gzip(damaged.good())


def nested():
    """An archive in an archive, and one in that."""
    deepest = zipped({"deep.dcm": damaged.good(5)})
    return zipped({"inner.tar.gz": _gzip(tarred({**MIXED, "deepest.zip": deepest})), "last.dcm": damaged.good(6)})


def locked():
    """A member that needs a password, and one that does not."""
    raw = bytearray(zipped({"a.dcm": damaged.good(1), "b.dcm": damaged.good(2)}))
    raw[raw.index(b"PK\1\2") + 8] |= 1
    return bytes(raw)


def paths():
    """Members whose names are paths out of every folder."""
    names = ("../../../../tmp/outside.dcm", "/tmp/outside.dcm", "C:\\outside.dcm", "~/outside.dcm")
    return tarred({name: damaged.good(number) for number, name in enumerate(names)})


def irregular():
    """Links, a pipe and a device beside an image."""
    entries = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE}
    return tarred({"a.dcm": damaged.good(), **entries})


def cut_zip():
    """A zip that ends early, and so before its list."""
    return zipped(MIXED)[:-100]


def cut_tar():
    """A packed tar that ends in its second member."""
    raw = tarred({"a.dcm": damaged.good(1), "b.dcm": damaged.good(2)})
    packer = zlib.compressobj(wbits=31)
    return packer.compress(raw[: len(damaged.good(1)) + 1400]) + packer.flush(zlib.Z_FULL_FLUSH)


def again(times=1000):
    """A zip whose list names the same bytes again and again."""
    raw = zipped({"a.dcm": damaged.good()})
    start, end = raw.index(b"PK\1\2"), raw.index(b"PK\5\6")
    listed = raw[start:end] * times
    return raw[:start] + listed + raw[end : end + 8] + pack("<2HL", times, times, len(listed)) + raw[end + 16 :]


def _zeros(size):
    """Zeros, and how many; made so that they take no memory here."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    piece = bytes(1024 * 1024)
    start = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return (
        start + (packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)) * (size // len(piece) - 1) + packer.flush()
    )


def bomb_zip(size=1024**3):
    """A member that grows to a gigabyte, and an image."""
    raw = zipped({"bomb.dcm": b"", "a.dcm": damaged.good()}, zipfile.ZIP_STORED)
    packed = _zeros(size)
    at, listed, end = raw.index(b"bomb.dcm") + 8, raw.index(b"PK\1\2"), raw.index(b"PK\5\6")
    second = raw.index(b"PK\1\2", listed + 4)
    first = bytearray(raw[listed:second])
    first[10:12], first[20:28] = pack("<H", zipfile.ZIP_DEFLATED), pack("<2L", len(packed), size)
    moved = bytearray(raw[second:end])
    moved[42:46] = pack("<L", at + len(packed))
    last = bytearray(raw[end:])
    last[16:20] = pack("<L", listed + len(packed))
    return raw[:at] + packed + raw[at:listed] + bytes(first + moved + last)


def bomb_tar(size=256 * 1024**2):
    """The same in a packed tar."""
    head, rest = tarfile.TarInfo("bomb.dcm"), tarred({"a.dcm": damaged.good()})
    head.size = size
    packer, piece, begin = zlib.compressobj(9, wbits=-zlib.MAX_WBITS), bytes(1024 * 1024), head.tobuf()
    start = packer.compress(begin) + packer.flush(zlib.Z_FULL_FLUSH)
    same = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(rest) + packer.flush()
    sum_ = zlib.crc32(begin)
    for _ in range(size // len(piece)):
        sum_ = zlib.crc32(piece, sum_)
    last = pack("<2L", zlib.crc32(rest, sum_), len(begin) + size + len(rest))
    return _gzip(b"")[:10] + start + same * (size // len(piece)) + end + last


def bombs():
    """Four members as large as a member may be, of zeros, and an image."""
    zeros = {f"{number}.dcm": bytes(60 * 1024**2) for number in range(4)}
    return zipped(zeros | {"a.dcm": damaged.good()}, level=1)
