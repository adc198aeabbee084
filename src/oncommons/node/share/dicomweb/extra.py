"""What needs the extra ``[viewer]``: numpy, pydicom, Pillow and gdcm, loaded when a picture is asked for and not before."""

from __future__ import annotations

import importlib
from types import ModuleType

from oncommons.schema.errors import MissingPackage

_PACKAGES = frozenset({"numpy", "pydicom", "PIL", "gdcm"})


def load_extra(module: str) -> ModuleType:
    """A module of ours that needs the extra.

    Args:
        module: Its dotted name.

    Raises:
        MissingPackage: a package of the extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _PACKAGES:
            raise
        raise MissingPackage(f"Pictures need the package {fault.name}: pip install 'oncommons[viewer]'.") from fault
