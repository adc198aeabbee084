"""Archives made by the library's own writers, whole and broken; members are given as names and bytes."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
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
