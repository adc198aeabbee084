"""Federated cancer questions with answers you can trust.

>>> import oncommons
>>> oncommons.has(sex="F").to_json()
{'field': 'sex', 'in': ['F']}

A name is loaded when it is first asked for: a node that takes in images needs no client, and starts without one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from oncommons.client.builder import Where, between, has, missing, recorded, some
    from oncommons.client.connection import Connection, connect
    from oncommons.client.frame import to_frame
    from oncommons.schema.answer import Answer, Count
    from oncommons.schema.errors import OncommonsError

    __version__: str

__all__ = [
    "Answer",
    "Connection",
    "Count",
    "OncommonsError",
    "Where",
    "__version__",
    "between",
    "connect",
    "has",
    "missing",
    "recorded",
    "some",
    "to_frame",
]
_PLACES = {
    "Answer": "oncommons.schema.answer",
    "Connection": "oncommons.client.connection",
    "Count": "oncommons.schema.answer",
    "OncommonsError": "oncommons.schema.errors",
    "Where": "oncommons.client.builder",
    "between": "oncommons.client.builder",
    "connect": "oncommons.client.connection",
    "has": "oncommons.client.builder",
    "missing": "oncommons.client.builder",
    "recorded": "oncommons.client.builder",
    "some": "oncommons.client.builder",
    "to_frame": "oncommons.client.frame",
}
"""Name to the module that has it."""


def __getattr__(name: str) -> Any:
    """Load a name when it is first asked for (PEP 562)."""
    if name == "__version__":
        found: Any = import_module("importlib.metadata").version("oncommons")
    elif name in _PLACES:
        found = getattr(import_module(_PLACES[name]), name)
    else:
        raise AttributeError(f"module 'oncommons' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """The names that may be imported."""
    return __all__
