"""Federated cancer questions with answers you can trust.

>>> import oncommons
>>> oncommons.has(sex="F").to_json()
{'field': 'sex', 'in': ['F']}
"""

from importlib.metadata import version

from oncommons.client.builder import Where, between, has, missing, recorded, some
from oncommons.client.connection import Connection, connect
from oncommons.client.frame import to_frame
from oncommons.schema.answer import Answer, Count
from oncommons.schema.errors import OncommonsError

__version__ = version("oncommons")
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
