"""Large files by name, in a directory or in an object store such as S3.

A name is a path of its own, such as ``2.25.7/2.25.9.dcm``.  What was put is durable and whole, or is not there.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from oncommons.schema.errors import MissingPackage, NotFound, StorageFailed
from oncommons.storage.files import plain_file_errors, sync, sync_all


class Blobs(Protocol):
    """A place for large files."""

    def put(self, drafts: Mapping[str, Path]) -> None:
        """Move files to their names, durably; a name that is there already gets the new content.

        Raises:
            MachineError: the disk is full or broken, or the store does not answer.
        """

    def open(self, name: str) -> BinaryIO:
        """A file, to be read; it can be searched.

        Raises:
            NotFound: there is none of that name.
            MachineError: it cannot be read.
        """


@dataclass(frozen=True)
class Folder:
    """Files in a directory of this machine.

    Attributes:
        path: The directory; made if need be.  Drafts must lie on the same file system.
    """

    path: Path
    _durable: set[Path] = field(default_factory=set, repr=False, compare=False)
    """Directories of which this process has made durable that they are there."""

    def put(self, drafts: Mapping[str, Path]) -> None:
        """Move files to their names, durably."""
        with plain_file_errors():
            folders = {self.path / within for within in {name.rpartition("/")[0] for name in drafts}}
            if drafts:
                self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._durable.difference_update([folder for folder in folders if _made(folder)])
            sync_all(list(drafts.values()))
            for name, draft in drafts.items():
                os.rename(draft, f"{self.path}/{name}")  # noqa: PTH104  a Path of each takes half as long as the renaming
            for folder in folders | {new.parent for new in folders - self._durable}:
                sync(folder)
            self._durable.update(folders)

    def open(self, name: str) -> BinaryIO:
        """A file, to be read."""
        try:
            with plain_file_errors():
                return (self.path / name).open("rb")
        except StorageFailed as fault:
            if isinstance(fault.__cause__, FileNotFoundError):
                raise NotFound(f"There is no file {name}.") from fault
            raise


def _made(folder: Path) -> bool:
    """Make a directory; whether it was not there before."""
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        return False
    return True


@dataclass(frozen=True)
class Store:
    """Files in an object store, through fsspec.

    Attributes:
        files: An fsspec file system whose ``put_file`` has stored a file when it returns.
        root: Bucket and prefix.
    """

    files: Any
    root: str

    def put(self, drafts: Mapping[str, Path]) -> None:
        """Upload files under their names and take their drafts away."""
        with _plain_errors():
            for name, draft in drafts.items():
                self.files.put_file(str(draft), f"{self.root}/{name}")
        with plain_file_errors():
            for draft in drafts.values():
                draft.unlink()

    def open(self, name: str) -> BinaryIO:
        """A file, to be read in ranges."""
        try:
            with _plain_errors():
                return cast("BinaryIO", self.files.open(f"{self.root}/{name}", "rb"))
        except StorageFailed as fault:
            if isinstance(fault.__cause__, FileNotFoundError):
                raise NotFound(f"There is no file {name}.") from fault
            raise


def blobs_at(place: str) -> Blobs:
    """The place that a path or an address such as ``s3://bucket/athens`` names.

    How to reach a store is told by its own settings, for S3 ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and
    ``AWS_ENDPOINT_URL`` or the files of its command line.

    Raises:
        MissingPackage: the package for such a store is not installed.
        StorageFailed: there is no such kind of store.
    """
    scheme, mark, _ = place.partition("://")
    if not mark:
        return Folder(Path(place))
    try:
        files, root = importlib.import_module("fsspec").core.url_to_fs(place)
    except ImportError as fault:
        raise MissingPackage(f"Images at {scheme}:// need: pip install 'oncommons[s3]'.", detail=str(fault)) from fault
    except (ValueError, OSError) as fault:
        raise StorageFailed(f"The store {scheme}:// cannot be used.", detail=str(fault)) from fault
    return Store(files, root.rstrip("/"))


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Tell whatever a store's own package reports in our own words."""
    try:
        yield
    except Exception as fault:
        raise StorageFailed("The store of the images cannot be used.", detail=repr(fault)) from fault
